/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What histograms count, and what follows from it; tests/foreign compares whole pictures. */
#include <math.h>

#include "actions/histogram.h"
#include "actions/pixels.h"
#include "tests/actions/check.h"

#define NEAR(a, b) assert_true(fabs((a) - (b)) < 1e-9)

/* A row of pixels of these samples. */
static VipsImage *row(const void *samples, size_t size, int width, int bands, VipsBandFormat format)
{
    g_autoptr(VipsImage) raw =
        vips_image_new_from_memory_copy(samples, size, width, 1, bands, format);
    VipsImage *out = NULL;

    if (!raw || vips_copy(raw, &out, "interpretation", pixels_type(format, bands), NULL))
        fail_msg("%s", vips_error_buffer());
    return out;
}

static void every_band_counts_by_itself_and_together(void **state)
{
    static const uint8_t samples[] = { 0, 10, 20, 0, 10, 30, 5, 10, 20 };
    g_autoptr(VipsImage) pixels = row(samples, sizeof(samples), 3, 3, VIPS_FORMAT_UCHAR);
    g_autoptr(Histogram) histogram = histogram_new(pixels);

    (void) state;
    assert_int_equal(histogram_values(histogram), 256);
    assert_int_equal(histogram_bands(histogram), 3);
    assert_int_equal(histogram_counts(histogram, 0)[0], 2);
    assert_int_equal(histogram_counts(histogram, 0)[5], 1);
    assert_int_equal(histogram_counts(histogram, 1)[10], 3);
    assert_int_equal(histogram_counts(histogram, HISTOGRAM_ALL)[20], 2);
    NEAR(histogram_mean(histogram, 0), 5.0 / 3 / 255);
    NEAR(histogram_luma(histogram),
         (19595 * 5.0 / 3 + 38470 * 10.0 + 7471 * 70.0 / 3) / 65536 / 255);
}

static void what_is_transparent_does_not_count(void **state)
{
    static const uint16_t samples[] = { 65535, 0, 100, 1, 300, 65535 };
    g_autoptr(VipsImage) pixels = row(samples, sizeof(samples), 3, 2, VIPS_FORMAT_USHORT);
    g_autoptr(Histogram) histogram = histogram_new(pixels);
    double low = 0, high = 0;

    (void) state;
    assert_int_equal(histogram_values(histogram), 65536);
    assert_int_equal(histogram_counts(histogram, 0)[65535], 0);
    NEAR(histogram_mean(histogram, 0), 200.0 / 65535);
    assert_true(histogram_bounds(histogram, 0, 0, &low, &high));
    NEAR(low, 100.0 / 65535);
    NEAR(high, 300.0 / 65535);
}

static void floats_beyond_black_and_white_count_as_those(void **state)
{
    static const float samples[] = { -5, 1e9F, 100.4F };
    g_autoptr(VipsImage) pixels = row(samples, sizeof(samples), 3, 1, VIPS_FORMAT_FLOAT);
    g_autoptr(Histogram) histogram = histogram_new(pixels);

    (void) state;
    assert_int_equal(histogram_counts(histogram, 0)[0], 1);
    assert_int_equal(histogram_counts(histogram, 0)[100], 1);
    assert_int_equal(histogram_counts(histogram, 0)[65535], 1);
    NEAR(histogram_luma(histogram), histogram_mean(histogram, 0));
}

static void a_cutoff_takes_whole_values_away_at_both_ends(void **state)
{
    static const uint8_t samples[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 9 };
    g_autoptr(VipsImage) pixels = row(samples, sizeof(samples), 10, 1, VIPS_FORMAT_UCHAR);
    g_autoptr(Histogram) histogram = histogram_new(pixels);
    double low = 0, high = 0;

    (void) state;
    assert_true(histogram_bounds(histogram, 0, 10, &low, &high));
    NEAR(low, 2.0 / 255);
    NEAR(high, 9.0 / 255);
    assert_true(histogram_bounds(histogram, 0, 29, &low, &high)); /* two, not three */
    NEAR(low, 3.0 / 255);
    NEAR(high, 8.0 / 255);
    assert_false(histogram_bounds(histogram, 0, 50, &low, &high));
}

static void one_value_has_no_bounds(void **state)
{
    static const uint8_t samples[] = { 7, 7, 7, 0 };
    g_autoptr(VipsImage) flat = row(samples, 3, 3, 1, VIPS_FORMAT_UCHAR);
    g_autoptr(VipsImage) clear = row(samples + 2, 2, 1, 2, VIPS_FORMAT_UCHAR);
    g_autoptr(Histogram) of_flat = histogram_new(flat);
    g_autoptr(Histogram) of_nothing = histogram_new(clear);
    double low = 0, high = 0;

    (void) state;
    assert_false(histogram_bounds(of_flat, 0, 0, &low, &high));
    assert_false(histogram_bounds(of_nothing, 0, 0, &low, &high));
    NEAR(histogram_luma(of_nothing), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_band_counts_by_itself_and_together),
        cmocka_unit_test(what_is_transparent_does_not_count),
        cmocka_unit_test(floats_beyond_black_and_white_count_as_those),
        cmocka_unit_test(a_cutoff_takes_whole_values_away_at_both_ends),
        cmocka_unit_test(one_value_has_no_bounds),
    };
    g_autoptr(Error) error = NULL;

    if (!libvips_start("test_histogram", &error))
        return 1;
    int failed = cmocka_run_group_tests_name("histogram", tests, NULL, NULL);
    libvips_stop();
    return failed;
}
