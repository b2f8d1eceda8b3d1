/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What decoders say, as people read it. */
#include <glib.h>
#include <stdbool.h>

#include "actions/decoder_words.h"
#include "tests/actions/check.h"

static void becomes(const char *message, const char *expected, bool is_known)
{
    const char *fix = NULL;
    g_autofree char *words = decoder_words(message, &fix);

    assert_string_equal(words, expected);
    assert_int_equal(fix != NULL, is_known);
}

static void remarks_and_names_of_programs_are_left_out(void **state)
{
    (void) state;
    becomes("VipsJpeg: Corrupt JPEG data: 87 extraneous bytes before marker 0x1c\n"
            "VipsJpeg: Unsupported marker type 0x1c\nvips2png: unable to write to target 7\n",
            "Unsupported marker type 0x1c", false);
    becomes("tiff: Incorrect count\ntiff: Incorrect count\ntiff: zero size (of 3)\n",
            "Incorrect count; zero size (of 3)", false);
    becomes("", "", false);
}

static void a_remark_is_shown_where_nothing_else_is(void **state)
{
    (void) state;
    becomes("source: bad seek to 99\n", "source: bad seek to 99", false);
}

static void a_known_reason_is_a_sentence_about_the_picture(void **state)
{
    (void) state;
    becomes("source: bad seek to 7627044\nheif: Invalid input: No 'meta' box (2.104)\n",
            "the picture is damaged: the part that describes it is missing", true);
    becomes(
        "heif: Memory allocation error: Security limit exceeded: Image size 17000x17000 exceeds "
        "the maximum image size 16384x16384\n (6.1000)\n",
        "it is larger than hotfolder reads: Image size 17000x17000 exceeds the maximum image "
        "size 16384x16384",
        true);
    becomes("IHDR: CRC error\n",
            "the PNG is damaged: a part of it does not fit its check sum: IHDR: CRC error", true);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(remarks_and_names_of_programs_are_left_out),
        cmocka_unit_test(a_remark_is_shown_where_nothing_else_is),
        cmocka_unit_test(a_known_reason_is_a_sentence_about_the_picture),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
