/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/resample_grey.h"

#include <string.h>

enum { LANES = 4 };

typedef float Four __attribute__((vector_size(LANES * sizeof(float))));
typedef int32_t Whole __attribute__((vector_size(LANES * sizeof(float))));
typedef uint16_t Values __attribute__((vector_size(LANES * sizeof(uint16_t))));

static Four load(const float *from)
{
    Four four;

    memcpy(&four, from, sizeof(four));
    return four;
}

static Four chosen(Four a, Four b, Whole first)
{
    return (Four) (((Whole) a & first) | ((Whole) b & ~first));
}

static Four limited(Four four)
{
    const Four black = { 0 }, white = black + UINT16_MAX;

    four = chosen(four, white, four < white);
    return chosen(four, black, four > black);
}

void grey_read(const uint16_t *from, size_t count, float *line)
{
    size_t x = 0;

    for (; x + LANES <= count; x += LANES) {
        Values values;
        memcpy(&values, from + x, sizeof(values));
        const Four four = __builtin_convertvector(__builtin_convertvector(values, Whole), Four);
        memcpy(line + x, &four, sizeof(four));
    }
    for (; x < count; x++)
        line[x] = from[x];
}

static Four product(const float *from, const float *weights, int taps)
{
    Four sum = { 0 };

    for (int i = 0; i < taps; i += GREY_GROUP)
        sum += load(from + i) * load(weights + i);
    return sum;
}

/* Four sums, each of four numbers. */
static Four sums(const Four of[LANES])
{
    const Four ab = __builtin_shufflevector(of[0], of[1], 0, 4, 1, 5) +
                    __builtin_shufflevector(of[0], of[1], 2, 6, 3, 7);
    const Four cd = __builtin_shufflevector(of[2], of[3], 0, 4, 1, 5) +
                    __builtin_shufflevector(of[2], of[3], 2, 6, 3, 7);

    return __builtin_shufflevector(ab, cd, 0, 1, 4, 5) +
           __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
}

void grey_across(const float *line, const Axis *axis, int count, float *to)
{
    for (int x = 0; x < count; x += LANES) {
        Four each[LANES];
        for (int i = 0; i < LANES; i++) {
            int at = x + i < count ? x + i : count - 1;
            each[i] = product(line + axis->first[at], axis->weights + (size_t) at * axis->stride,
                              axis->stride);
        }
        const Four four = limited(sums(each));
        memcpy(to + x, &four, sizeof(four));
    }
}

void grey_down(const float *const *rows, const float *weights, int taps, size_t count, uint16_t *to)
{
    for (size_t x = 0; x < count; x += GREY_SPARE) {
        Four left = { 0 }, right = { 0 };
        for (int i = 0; i < taps; i++) {
            left += weights[i] * load(rows[i] + x);
            right += weights[i] * load(rows[i] + x + LANES);
        }
        const Whole halves[] = { __builtin_convertvector(limited(left) + 0.5F, Whole),
                                 __builtin_convertvector(limited(right) + 0.5F, Whole) };
        int whole[GREY_SPARE];
        memcpy(whole, halves, sizeof(whole));
        for (size_t i = 0; i < GREY_SPARE && x + i < count; i++)
            to[x + i] = (uint16_t) whole[i];
    }
}
