/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Our own reader of BMP, where it ends: a file that is cut, and a header that claims much. Which
 * pixels it reads, tests/system/bmp.py compares. */
#include <string.h>

#include "tests/actions/check.h"
#include "tests/actions/desk.h"

enum { WIDTH = 5, HEIGHT = 4, HEADERS = 54, COLOUR = 4, STRIDE = 16 };

/* Reads the first `size` bytes to the last pixel; true, or why not. */
static bool is_read(const GByteArray *file, guint size, Error **err)
{
    static const Limits limits = { .accept = FORMATS_TRUSTED };
    g_autoptr(Image) image = image_open(picture_bytes(file->data, size), &limits, NULL, NULL, err);

    return image && image_to_memory(image, err);
}

static void le(GByteArray *file, uint32_t value, guint length)
{
    for (guint i = 0; i < length; i++) {
        guint8 byte = (guint8) (value >> (8 * i));
        g_byte_array_append(file, &byte, 1);
    }
}

/* The headers of a picture of this size, and a palette of one colour where it has one. */
static GByteArray *begun(unsigned width, unsigned height, unsigned bits, unsigned compression)
{
    GByteArray *file = g_byte_array_new();
    unsigned colours = bits <= 8 ? 1 : 0;

    g_byte_array_append(file, (const guint8 *) "BM", 2);
    le(file, 0, 4);
    le(file, 0, 4);
    le(file, HEADERS + colours * COLOUR, 4);
    le(file, HEADERS - 14, 4);
    le(file, width, 4);
    le(file, height, 4);
    le(file, 1, 2);
    le(file, bits, 2);
    le(file, compression, 4);
    for (int i = 0; i < 3; i++)
        le(file, 0, 4);
    le(file, colours, 4);
    le(file, 0, 4);
    le(file, 0, colours * COLOUR);
    return file;
}

static void a_bmp_that_is_cut_says_in_which_row(void **state)
{
    g_autoptr(GByteArray) file = begun(WIDTH, HEIGHT, 24, 0);

    (void) state;
    for (guint i = 0; i < HEIGHT * STRIDE; i++)
        le(file, i, 1);
    for (guint size = 18; size < file->len; size++) {
        g_autoptr(Error) error = NULL;
        guint row = size < HEADERS ? 0 : (size - HEADERS) / STRIDE + 1;
        g_autofree char *words = g_strdup_printf("in the middle of row %u of %d", row, HEIGHT);

        if (size + 1 == file->len) { /* only padding is missing */
            assert_true(is_read(file, size, &error));
            continue;
        }
        assert_false(is_read(file, size, &error));
        assert_int_equal(error->kind, ERROR_PICTURE);
        if (!strstr(error->what, size < HEADERS ? "the file ends in its header" : words))
            fail_msg("%u bytes: %s", size, error->what);
    }
}

static void a_bmp_of_run_lengths_is_whole_or_an_error(void **state)
{
    static const guint8 codes[] = {
        5, 1, 0, 0, 0, 5, 1, 2, 3, 4, 5, 0, 0, 2, 1, 1, 4, 7, 0, 0, 0, 1
    };
    g_autoptr(GByteArray) file = begun(WIDTH, HEIGHT, 8, 1);

    (void) state;
    g_byte_array_append(file, codes, sizeof(codes));
    for (guint size = HEADERS + COLOUR; size <= file->len; size++) {
        g_autoptr(Error) error = NULL;
        bool whole = is_read(file, size, &error);

        if (whole != (size == file->len))
            fail_msg("%u of %u bytes: %s", size, file->len, error ? error->what : "it is read");
        if (!whole && !strstr(error->what, "the file ends in the middle of row"))
            fail_msg("%u bytes: %s", size, error->what);
    }
}

/* 100 million pixels in 60 bytes, as an end marker may say: only what is used is allocated. */
static void a_size_that_is_only_claimed_costs_nothing(void **state)
{
    static const Limits limits = { .accept = FORMATS_TRUSTED, .max_pixels = 200 };
    g_autoptr(GByteArray) vast = begun(60000, 60000, 8, 1);
    g_autoptr(GByteArray) large = begun(10000, 10000, 8, 1);
    g_autoptr(Error) error = NULL;

    (void) state;
    le(vast, 0x100, 2);
    assert_null(image_open(picture_bytes(vast->data, vast->len), &limits, NULL, NULL, &error));
    assert_non_null(strstr(error->what, "60000 x 60000 pixels are 3600 MP"));
    g_clear_pointer(&error, error_free);

    le(large, 0x100, 2);
    size_t before = vips_tracked_get_mem();
    g_autoptr(Image) image =
        image_open(picture_bytes(large->data, large->len), &limits, NULL, NULL, &error);
    assert_non_null(image);
    assert_int_equal(image_width(image), 10000);
    assert_in_range(vips_tracked_get_mem() - before, 0, 1 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bmp_that_is_cut_says_in_which_row),
        cmocka_unit_test(a_bmp_of_run_lengths_is_whole_or_an_error),
        cmocka_unit_test(a_size_that_is_only_claimed_costs_nothing),
    };
    g_autoptr(Error) error = NULL;

    if (!libvips_start("test_bmp", &error))
        return 1;
    int failed = cmocka_run_group_tests_name("bmp", tests, NULL, NULL);
    libvips_stop();
    return failed;
}
