/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sums of bytes are those of whole numbers, whatever the processor: to the bit as its weights have
 * them, and those weights are what they were made of. */
#include <glib.h>
#include <math.h>

#include "actions/resample_axis.h"
#include "actions/resample_bytes.h"
#include "tests/actions/check.h"

enum { PIXELS = 97, COUNTS = 5, BLACK_TO_WHITE = 255 };

static const int counts[COUNTS] = { 1, 3, 40, 97, 230 };

static int value_of(int64_t sum, int shift, int white)
{
    int64_t rounded = (sum + (INT64_C(1) << (shift - 1))) >> shift;

    return (int) CLAMP(rounded, 0, white);
}

/* Noise, and black beside white. */
static void fill(uint8_t *row, size_t count)
{
    for (size_t i = 0; i < count; i++)
        row[i] = (uint8_t) (i % 3 ? g_random_int_range(0, BLACK_TO_WHITE + 1)
                                  : (int) (i / 7 % 2) * BLACK_TO_WHITE);
}

static void weights_agree(const ByteWeights *made, const Axis *axis, int count)
{
    double one = ldexp(1, made->bits);

    for (int x = 0; x < count; x++) {
        double sum = 0;
        for (int i = 0; i < axis->taps; i++) {
            double weight = made->weights[x * made->taps + i] / one;
            sum += weight;
            assert_true(fabs(weight - (double) axis->weights[x * axis->taps + i]) <= 1.01 / one);
        }
        assert_true(fabs(sum - 1) <= 1.01 / one);
    }
}

static void across_agrees(const uint8_t *row, int bands, int count)
{
    Axis axis = axis_new(PIXELS, 0.3, PIXELS - 1, count, KERNEL_LANCZOS3, 1);
    ByteWeights by = byte_weights_across(axis.first, axis.weights, axis.taps, count, bands);
    g_autofree int16_t *made = g_new0(int16_t, count * bands + BYTES_SPARE);

    weights_agree(&by, &axis, count);
    byte_sums()->across[bands > 1](row, &by, count, made);
    for (int x = 0; x < count * bands; x++) {
        int64_t sum = 0;
        for (int i = 0; i < axis.taps; i++)
            sum += (int64_t) row[(axis.first[x / bands] + i) * bands + x % bands] *
                   by.weights[x / bands * by.taps + i];
        assert_int_equal(made[x],
                         value_of(sum, by.bits - BYTES_MORE, BLACK_TO_WHITE << BYTES_MORE));
    }
    byte_weights_clear(&by);
    axis_clear(&axis);
}

static void rows_become_shorter_and_longer(void **state)
{
    g_autofree uint8_t *row = g_malloc0(3 * PIXELS + BYTES_SPARE);

    (void) state;
    fill(row, (size_t) 3 * PIXELS);
    for (int i = 0; i < COUNTS; i++) {
        across_agrees(row, 1, counts[i]);
        across_agrees(row, 3, counts[i]);
    }
}

static void down_agrees(const int16_t *rows, size_t stride, int count)
{
    Axis axis = axis_new(PIXELS, 0, PIXELS, count, KERNEL_LANCZOS3, 1);
    ByteWeights by = byte_weights_down(axis.first, axis.weights, axis.taps, count);
    g_autofree const int16_t **taps = g_new(const int16_t *, by.taps);
    g_autofree uint8_t *made = g_malloc(stride);

    weights_agree(&by, &axis, count);
    for (int y = 0; y < count; y++) {
        for (int i = 0; i < by.taps; i++)
            taps[i] = rows + stride * (size_t) (axis.first[y] + MIN(i, axis.taps - 1));
        byte_sums()->down(taps, &by, y, stride, made);
        for (size_t x = 0; x < stride; x++) {
            int64_t sum = 0;
            for (int i = 0; i < by.taps; i++)
                sum += (int64_t) taps[i][x] * by.weights[y * by.taps + i];
            assert_int_equal(made[x], value_of(sum, by.bits + BYTES_MORE, BLACK_TO_WHITE));
        }
    }
    byte_weights_clear(&by);
    axis_clear(&axis);
}

static void rows_are_joined_to_fewer_and_more(void **state)
{
    enum { STRIDE = 53 };
    g_autofree int16_t *rows = g_new(int16_t, STRIDE * PIXELS);

    (void) state;
    for (int i = 0; i < STRIDE * PIXELS; i++)
        rows[i] = (int16_t) g_random_int_range(0, (BLACK_TO_WHITE << BYTES_MORE) + 1);
    for (int i = 0; i < COUNTS; i++)
        down_agrees(rows, STRIDE, counts[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_become_shorter_and_longer),
        cmocka_unit_test(rows_are_joined_to_fewer_and_more),
    };

    g_random_set_seed(23);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
