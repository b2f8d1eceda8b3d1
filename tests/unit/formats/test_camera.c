/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which camera made a picture, and when: of JPEG and HEIF the same, and nothing of what is cut. */
#include <sys/mman.h>

#include "formats/camera.h"
#include "tests/unit/check.h"

#define STAMP "Canon\nR5\n2024:05:01 12:00:00"
#define PUT(bytes, literal)                                                                        \
    g_byte_array_append(bytes, (const guint8 *) (literal), sizeof(literal) - 1)

/* A directory with a maker (its value behind it), a model and the place of EXIF, which has the
 * time. */
static const char exif[] = "II*\0\x08\0\0\0"
                           "\3\0"
                           "\x0f\1\2\0\6\0\0\0\x32\0\0\0"
                           "\x10\1\2\0\3\0\0\0R5\0\0"
                           "\x69\x87\4\0\1\0\0\0\x38\0\0\0"
                           "\0\0\0\0"
                           "Canon\0"
                           "\1\0"
                           "\x03\x90\2\0\x14\0\0\0\x4a\0\0\0"
                           "\0\0\0\0"
                           "2024:05:01 12:00:00";

enum { EXIF_SIZE = sizeof(exif) };

static char *stamp(const void *data, size_t length)
{
    int fd = memfd_create("camera", MFD_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, length), length);
    char *found = camera_stamp(fd);
    close(fd);
    return found;
}

static void number(GByteArray *bytes, unsigned value)
{
    const guint8 big[] = { (guint8) (value >> 24), (guint8) (value >> 16), (guint8) (value >> 8),
                           (guint8) value };

    g_byte_array_append(bytes, big, sizeof(big));
}

static GByteArray *jpeg(void)
{
    GByteArray *bytes = g_byte_array_new();

    PUT(bytes, "\xff\xd8\xff\xe0\0\x06JFIF");
    PUT(bytes, "\xff\xe1\0\x06"
               "XMPX");
    PUT(bytes, "\xff\xe1\0");
    const guint8 length = 2 + 6 + EXIF_SIZE;
    g_byte_array_append(bytes, &length, 1);
    PUT(bytes, "Exif\0\0");
    g_byte_array_append(bytes, (const guint8 *) exif, EXIF_SIZE);
    PUT(bytes, "\xff\xd9");
    return bytes;
}

/* Two items, of which the second is EXIF, behind six bytes. */
static GByteArray *heif(void)
{
    GByteArray *bytes = g_byte_array_new();
    const unsigned items = 8 + 6 + 2 * 20, places = 8 + 8 + 2 * 14;

    PUT(bytes, "\0\0\0\x10"
               "ftypheic\0\0\0\0");
    number(bytes, 12 + items + places);
    PUT(bytes, "meta\0\0\0\0");
    number(bytes, items);
    PUT(bytes, "iinf\0\0\0\0\0\2");
    PUT(bytes, "\0\0\0\x14"
               "infe\2\0\0\0\0\1\0\0hvc1");
    PUT(bytes, "\0\0\0\x14"
               "infe\2\0\0\0\0\2\0\0Exif");
    number(bytes, places);
    PUT(bytes, "iloc\0\0\0\0\x44\0\0\2");
    PUT(bytes, "\0\1\0\0\0\1\0\0\0\x08\0\0\0\x04");
    PUT(bytes, "\0\2\0\0\0\1");
    number(bytes, 16 + 12 + items + places + 8);
    number(bytes, 4 + 6 + EXIF_SIZE);
    number(bytes, 8 + 4 + 6 + EXIF_SIZE);
    PUT(bytes, "mdat\0\0\0\6"
               "Exif\0\0");
    g_byte_array_append(bytes, (const guint8 *) exif, EXIF_SIZE);
    return bytes;
}

static void a_jpeg_and_a_heif_say_the_same(void **state)
{
    g_autoptr(GByteArray) first = jpeg(), second = heif();
    g_autofree char *one = stamp(first->data, first->len);
    g_autofree char *two = stamp(second->data, second->len);

    (void) state;
    assert_string_equal(one, STAMP);
    assert_string_equal(two, STAMP);
}

static void what_is_cut_says_nothing(void **state)
{
    GByteArray *pictures[] = { jpeg(), heif() };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(pictures); i++) {
        for (guint length = 0; length + 4 < pictures[i]->len; length++) {
            g_autofree char *found = stamp(pictures[i]->data, length);
            if (found)
                fail_msg("%u bytes of picture %zu: %s", length, i, found);
        }
        g_byte_array_unref(pictures[i]);
    }
}

/* Whatever stands where a number or a word was. */
static void what_is_damaged_is_read_without_harm(void **state)
{
    GByteArray *pictures[] = { jpeg(), heif() };
    static const guint8 bad[] = { 0, 1, 0x7f, 0xff };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(pictures); i++) {
        for (guint at = 0; at < pictures[i]->len * sizeof(bad); at++) {
            guint8 *byte = &pictures[i]->data[at / sizeof(bad)], was = *byte;
            *byte = bad[at % sizeof(bad)];
            g_free(stamp(pictures[i]->data, pictures[i]->len));
            *byte = was;
        }
        g_byte_array_unref(pictures[i]);
    }
}

static void a_picture_that_lacks_one_of_them_says_nothing(void **state)
{
    static const guint tags[] = { 0x0f, 0x10, 0x69, 0x03 };
    g_autoptr(GByteArray) picture = jpeg();

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(tags); i++) {
        guint at = picture->len - 2 - EXIF_SIZE + (guint[]){ 10, 22, 34, 58 }[i];
        assert_int_equal(picture->data[at], tags[i]);
        picture->data[at] = 0xee;
        g_autofree char *found = stamp(picture->data, picture->len);
        assert_null(found);
        picture->data[at] = (guint8) tags[i];
    }
    g_autofree char *none = stamp("no picture", 10);
    assert_null(none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_jpeg_and_a_heif_say_the_same),
        cmocka_unit_test(what_is_cut_says_nothing),
        cmocka_unit_test(what_is_damaged_is_read_without_harm),
        cmocka_unit_test(a_picture_that_lacks_one_of_them_says_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
