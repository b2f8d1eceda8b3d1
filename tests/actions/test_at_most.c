/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which qualities are tried until a picture has at most a number of bytes. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actions/at_most.h"
#include "tests/actions/check.h"
#include "tests/actions/pictures.h"

static int encodes, tried[101]; /* how often each quality was */
static int rough;               /* of the encodes: those with the least effort */

/* The linker has every encode counted here. */
/* NOLINTBEGIN(bugprone-reserved-identifier, readability-identifier-naming): its own names */
bool __real_encode(VipsImage *pixels, const Encoding *encoding, const MetadataBlocks *blocks,
                   int fd, Error **err);
bool __wrap_encode(VipsImage *pixels, const Encoding *encoding, const MetadataBlocks *blocks,
                   int fd, Error **err);

bool __wrap_encode(VipsImage *pixels, const Encoding *encoding, const MetadataBlocks *blocks,
                   int fd, Error **err)
{
    encodes++;
    rough += encoding->effort == 1;
    tried[encoding->quality]++;
    return __real_encode(pixels, encoding, blocks, fd, err);
}
/* NOLINTEND(bugprone-reserved-identifier, readability-identifier-naming) */

/* Whether a photo with at most this quality fits into `most` bytes. */
static bool fits(int quality, int64_t most, Error **err)
{
    const Encoding encoding = { .format = FORMAT_JPEG, .quality = quality };
    const MetadataBlocks blocks = { 0 };
    g_autoptr(VipsImage) photo = picture_photo(60, 40);
    int fd = picture_bytes("", 0);

    encodes = rough = 0;
    memset(tried, 0, sizeof(tried));
    bool fit = at_most_encode(photo, &encoding, &blocks, most, fd, err);
    close(fd);
    return fit;
}

static void no_quality_is_tried_twice_where_none_fits(void **state)
{
    static const int highest[] = { 1, 2, 3, 4, 40, 80, 0 };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(highest); i++) {
        g_autoptr(Error) error = NULL;
        assert_false(fits(highest[i], 100, &error));
        assert_true(g_str_has_prefix(error->what, "at_most = 100B is too little for this picture"));
        assert_int_equal(tried[1], 1);
        for (size_t quality = 0; quality < G_N_ELEMENTS(tried); quality++)
            assert_true(tried[quality] <= 1);
    }
}

static void a_quality_that_fits_at_once_is_encoded_once(void **state)
{
    g_autoptr(Error) error = NULL;

    (void) state;
    assert_true(fits(1, 100000, &error));
    assert_int_equal(encodes, 1);
}

static int64_t size_of(int fd)
{
    struct stat made;

    assert_int_equal(fstat(fd, &made), 0);
    return made.st_size;
}

/* How many bytes the picture has with this quality. */
static int64_t size_with(VipsImage *picture, Format format, int quality)
{
    const Encoding encoding = { .format = format, .quality = quality };
    const MetadataBlocks blocks = { 0 };
    g_autoptr(Error) error = NULL;
    int fd = picture_bytes("", 0);

    assert_true(__real_encode(picture, &encoding, &blocks, fd, &error));
    int64_t size = size_of(fd);
    close(fd);
    return size;
}

/* Where the size has room for a twentieth more than one quality takes; says how many encodes with
 * the effort of the profile that took. */
static int is_filled(VipsImage *picture, Format format, int quality)
{
    const Encoding encoding = { .format = format };
    const MetadataBlocks blocks = { 0 };
    const int64_t most = size_with(picture, format, quality) * 21 / 20;
    g_autoptr(Error) error = NULL;
    int fd = picture_bytes("", 0);

    encodes = rough = 0;
    assert_true(at_most_encode(picture, &encoding, &blocks, most, fd, &error));
    assert_in_range(size_of(fd), most * 85 / 100, most);
    assert_in_range(encodes, 1, AT_MOST_ENCODES);
    close(fd);
    return encodes - rough;
}

static void few_encodes_fill_what_is_allowed(void **state)
{
    static const Format formats[] = { FORMAT_JPEG, FORMAT_WEBP, FORMAT_AVIF, FORMAT_JXL,
                                      FORMAT_JP2 };
    static const int qualities[] = { 25, 45, 60, 75, 90 };
    g_autoptr(VipsImage) photo = picture_photo(240, 160);

    (void) state;
    for (size_t f = 0; f < G_N_ELEMENTS(formats); f++) {
        int all = 0;
        for (size_t i = 0; i < G_N_ELEMENTS(qualities); i++)
            all += is_filled(photo, formats[f], qualities[i]);
        assert_in_range(all, 1, 4 * G_N_ELEMENTS(qualities));
        if (formats[f] == FORMAT_AVIF)
            assert_in_range(all, 1, 5 * G_N_ELEMENTS(qualities) / 2);
    }
}

/* Colours that flow into each other, as of a sky: few numbers of `seed`, enlarged. */
static VipsImage *smooth(int seed)
{
    g_autoptr(VipsImage) grey = NULL;
    g_autoptr(VipsImage) bands = NULL;
    g_autoptr(VipsImage) few = NULL;
    g_autoptr(VipsImage) large = NULL;
    VipsImage *out = NULL;

    assert_int_equal(
        vips_gaussnoise(&grey, 24, 6, "mean", 128.0, "sigma", 50.0, "seed", seed, NULL), 0);
    assert_int_equal(vips_bandfold(grey, &bands, "factor", 3, NULL), 0);
    assert_int_equal(vips_cast_uchar(bands, &few, NULL), 0);
    assert_int_equal(vips_resize(few, &large, 50, NULL), 0);
    assert_int_equal(vips_copy(large, &out, "interpretation", VIPS_INTERPRETATION_sRGB, NULL), 0);
    return out;
}

static void is_filled_with(VipsImage *picture, const Encoding *encoding, int64_t most)
{
    const MetadataBlocks blocks = { 0 };
    g_autoptr(Error) error = NULL;
    int fd = picture_bytes("", 0);

    encodes = 0;
    assert_true(at_most_encode(picture, encoding, &blocks, most, fd, &error));
    if (size_of(fd) < most * 85 / 100 || size_of(fd) > most || encodes > AT_MOST_ENCODES)
        fail_msg("%ld of %ld bytes, effort = %d, %d encodes", (long) size_of(fd), (long) most,
                 encoding->effort, encodes);
    close(fd);
}

/* Whatever lies between the sizes of two qualities. */
static void sizes_are_filled(VipsImage *picture, const Encoding *encoding, int from, int to)
{
    const int64_t highest = size_with(picture, encoding->format, to);

    for (int64_t most = size_with(picture, encoding->format, from); most < highest;
         most += most / 9)
        is_filled_with(picture, encoding, most);
}

/* From 90 on AVIF has full colours: a smooth picture becomes twice as large there. */
static void an_avif_of_a_smooth_picture_fills_what_is_allowed(void **state)
{
    (void) state;
    for (int seed = 1; seed <= 3; seed++) {
        g_autoptr(VipsImage) picture = smooth(seed);
        for (int effort = 0; effort <= 1; effort++)
            sizes_are_filled(picture, &(Encoding){ .format = FORMAT_AVIF, .effort = effort }, 60,
                             90);
    }
}

/* The same of JPEG, and a photo becomes 1.6 times as large. */
static void a_jpeg_of_a_photo_fills_what_is_allowed(void **state)
{
    g_autoptr(VipsImage) photo = picture_photo(480, 320);

    (void) state;
    sizes_are_filled(photo, &(Encoding){ .format = FORMAT_JPEG }, 75, 98);
}

/* Near 100 JPEG XL grows by a half with a quality. */
static void a_jpeg_xl_of_a_smooth_picture_fills_what_is_allowed(void **state)
{
    g_autoptr(VipsImage) picture = smooth(1);
    g_autoptr(VipsImage) photo = picture_photo(240, 160);

    (void) state;
    sizes_are_filled(picture, &(Encoding){ .format = FORMAT_JXL }, 90, 100);
    sizes_are_filled(photo, &(Encoding){ .format = FORMAT_JXL }, 90, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_quality_is_tried_twice_where_none_fits),
        cmocka_unit_test(a_quality_that_fits_at_once_is_encoded_once),
        cmocka_unit_test(few_encodes_fill_what_is_allowed),
        cmocka_unit_test(an_avif_of_a_smooth_picture_fills_what_is_allowed),
        cmocka_unit_test(a_jpeg_of_a_photo_fills_what_is_allowed),
        cmocka_unit_test(a_jpeg_xl_of_a_smooth_picture_fills_what_is_allowed),
    };
    g_autoptr(Error) error = NULL;

    if (!libvips_start("test_at_most", &error) ||
        !libvips_make_ready("VipsForeignSave", "jxlsave_target"))
        return 1;
    int failed = cmocka_run_group_tests_name("at_most", tests, NULL, NULL);
    libvips_stop();
    return failed;
}
