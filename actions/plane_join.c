/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/plane_join.h"

#include <glib.h>
#include <stddef.h>
#include <string.h>

#if defined(__SSE2__) && !defined(PLANE_JOIN_PORTABLE)
#define PLANE_JOIN_X86 1
#include "actions/sums_x86.h"
#else
#define PLANE_JOIN_X86 0
#endif

enum {
    DOWN_SHIFT = 14 - JOIN_MORE,
    ACROSS_SHIFT = 14 + JOIN_MORE,
};

/* ---- any processor ---- */

/* `row` as if it began with the first sample. */
static uint8_t join_one(const int16_t *row, const JoinWeights *weights, int at)
{
    const int16_t *each = weights->weights + (size_t) at * (size_t) weights->taps;
    const int16_t *from = row + weights->first[at];
    int sum = 1 << (ACROSS_SHIFT - 1);

    for (int i = 0; i < weights->taps; i++)
        sum += from[i] * each[i];
    return (uint8_t) CLAMP(sum >> ACROSS_SHIFT, 0, 255);
}

#if PLANE_JOIN_X86

/* ---- SSE2, which every x86-64 has ---- */

enum {
    COLUMNS = 16,            /* that are joined together */
    LOADED = 2 * JOIN_GROUP, /* weights at once */
};

/* Two samples that stand above each other, of each of eight columns, times their weights. */
static inline void add_pair(const uint8_t *upper, const uint8_t *lower, __m128i weights,
                            __m128i sums[4])
{
    const __m128i zero = _mm_setzero_si128();
    __m128i a = _mm_loadu_si128((const __m128i *) (const void *) upper);
    __m128i b = _mm_loadu_si128((const __m128i *) (const void *) lower);
    __m128i left = _mm_unpacklo_epi8(a, b), right = _mm_unpackhi_epi8(a, b);

    sums[0] = _mm_add_epi32(sums[0], _mm_madd_epi16(_mm_unpacklo_epi8(left, zero), weights));
    sums[1] = _mm_add_epi32(sums[1], _mm_madd_epi16(_mm_unpackhi_epi8(left, zero), weights));
    sums[2] = _mm_add_epi32(sums[2], _mm_madd_epi16(_mm_unpacklo_epi8(right, zero), weights));
    sums[3] = _mm_add_epi32(sums[3], _mm_madd_epi16(_mm_unpackhi_epi8(right, zero), weights));
}

static void rows_sse2(const uint8_t *const *rows, const int16_t *weights, int taps, int count,
                      int16_t *to)
{
    const __m128i half = _mm_set1_epi32(1 << (DOWN_SHIFT - 1));

    for (int x = 0; x < count; x += COLUMNS) {
        __m128i sums[4] = { half, half, half, half };
        for (int i = 0; i < taps; i += 2) {
            uint32_t pair = (uint16_t) weights[i] | (uint32_t) (uint16_t) weights[i + 1] << 16;
            add_pair(rows[i] + x, rows[i + 1] + x, _mm_set1_epi32((int) pair), sums);
        }
        for (int i = 0; i < 4; i++)
            sums[i] = _mm_srai_epi32(sums[i], DOWN_SHIFT);
        __m128i *out = (__m128i *) (void *) (to + x);
        _mm_storeu_si128(out, _mm_packs_epi32(sums[0], sums[1]));
        _mm_storeu_si128(out + 1, _mm_packs_epi32(sums[2], sums[3]));
    }
}

static inline __m128i product(const int16_t *from, const int16_t *weights, ptrdiff_t taps)
{
    __m128i sum = _mm_setzero_si128();
    ptrdiff_t i = 0;

    for (; i + LOADED <= taps; i += LOADED)
        sum = _mm_add_epi32(
            sum, _mm_madd_epi16(_mm_loadu_si128((const __m128i *) (const void *) (from + i)),
                                _mm_loadu_si128((const __m128i *) (const void *) (weights + i))));
    if (i < taps)
        sum = _mm_add_epi32(
            sum, _mm_madd_epi16(_mm_loadl_epi64((const __m128i *) (const void *) (from + i)),
                                _mm_loadl_epi64((const __m128i *) (const void *) (weights + i))));
    return sum;
}

/* Four sums as results. */
static inline uint32_t rounded(__m128i sums)
{
    __m128i half = _mm_set1_epi32(1 << (ACROSS_SHIFT - 1));
    __m128i parts = _mm_srai_epi32(_mm_add_epi32(sums, half), ACROSS_SHIFT);
    __m128i words = _mm_packs_epi32(parts, parts);

    return (uint32_t) _mm_cvtsi128_si32(_mm_packus_epi16(words, words));
}

static void columns_sse2(const int16_t *row, const JoinWeights *weights, int count, uint8_t *to)
{
    const int16_t *by = weights->weights;
    ptrdiff_t taps = weights->taps;
    int x = 0;

    row -= weights->low;
    for (; x + 4 <= count; x += 4, by += 4 * taps) {
        const int *first = weights->first + x;
        uint32_t four = rounded(sums_sse2(product(row + first[0], by, taps),
                                          product(row + first[1], by + taps, taps),
                                          product(row + first[2], by + 2 * taps, taps),
                                          product(row + first[3], by + 3 * taps, taps)));
        memcpy(to + x, &four, sizeof(four));
    }
    for (; x < count; x++)
        to[x] = join_one(row, weights, x);
}

#ifdef PLANE_JOIN_SSE2

const PlaneJoin *plane_join(void)
{
    static const PlaneJoin sse2 = { rows_sse2, columns_sse2 };

    return &sse2;
}

#else

/* ---- AVX2: the same, twice as wide ---- */

enum {
    COLUMNS_AVX2 = 2 * COLUMNS,
    WIDE = 2 * LOADED,
};

static AVX2 inline __m256i wide(const void *from)
{
    return _mm256_loadu_si256((const __m256i *) from);
}

/* As add_pair(), in each half. */
static AVX2 inline void add_pair_avx2(const uint8_t *upper, const uint8_t *lower, __m256i weights,
                                      __m256i sums[4])
{
    const __m256i zero = _mm256_setzero_si256();
    __m256i a = wide(upper), b = wide(lower);
    __m256i left = _mm256_unpacklo_epi8(a, b), right = _mm256_unpackhi_epi8(a, b);

    sums[0] =
        _mm256_add_epi32(sums[0], _mm256_madd_epi16(_mm256_unpacklo_epi8(left, zero), weights));
    sums[1] =
        _mm256_add_epi32(sums[1], _mm256_madd_epi16(_mm256_unpackhi_epi8(left, zero), weights));
    sums[2] =
        _mm256_add_epi32(sums[2], _mm256_madd_epi16(_mm256_unpacklo_epi8(right, zero), weights));
    sums[3] =
        _mm256_add_epi32(sums[3], _mm256_madd_epi16(_mm256_unpackhi_epi8(right, zero), weights));
}

static AVX2 void rows_avx2(const uint8_t *const *rows, const int16_t *weights, int taps, int count,
                           int16_t *to)
{
    const __m256i half = _mm256_set1_epi32(1 << (DOWN_SHIFT - 1));

    for (int x = 0; x < count; x += COLUMNS_AVX2) {
        __m256i sums[4] = { half, half, half, half };
        for (int i = 0; i < taps; i += 2) {
            int32_t pair;
            memcpy(&pair, weights + i, sizeof(pair));
            add_pair_avx2(rows[i] + x, rows[i + 1] + x, _mm256_set1_epi32(pair), sums);
        }
        __m256i left = _mm256_packs_epi32(_mm256_srai_epi32(sums[0], DOWN_SHIFT),
                                          _mm256_srai_epi32(sums[1], DOWN_SHIFT));
        __m256i right = _mm256_packs_epi32(_mm256_srai_epi32(sums[2], DOWN_SHIFT),
                                           _mm256_srai_epi32(sums[3], DOWN_SHIFT));
        __m256i *out = (__m256i *) (void *) (to + x);
        _mm256_storeu_si256(out, _mm256_permute2x128_si256(left, right, 0x20));
        _mm256_storeu_si256(out + 1, _mm256_permute2x128_si256(left, right, 0x31));
    }
}

/* As product(), of eight numbers; groups that are left over are added to the first four. */
static AVX2 inline __m256i product_avx2(const int16_t *from, const int16_t *weights, ptrdiff_t taps)
{
    __m256i sum = _mm256_setzero_si256();
    ptrdiff_t i = 0;

    for (; i + WIDE <= taps; i += WIDE)
        sum = _mm256_add_epi32(sum, _mm256_madd_epi16(wide(from + i), wide(weights + i)));
    if (i < taps)
        sum =
            _mm256_add_epi32(sum, _mm256_zextsi128_si256(product(from + i, weights + i, taps - i)));
    return sum;
}

static AVX2 void columns_avx2(const int16_t *row, const JoinWeights *weights, int count,
                              uint8_t *to)
{
    const int16_t *by = weights->weights;
    ptrdiff_t taps = weights->taps;
    int x = 0;

    if (taps < WIDE) {
        columns_sse2(row, weights, count, to);
        return;
    }
    row -= weights->low;
    for (; x + 4 <= count; x += 4, by += 4 * taps) {
        const int *first = weights->first + x;
        uint32_t four = rounded(sums_avx2(product_avx2(row + first[0], by, taps),
                                          product_avx2(row + first[1], by + taps, taps),
                                          product_avx2(row + first[2], by + 2 * taps, taps),
                                          product_avx2(row + first[3], by + 3 * taps, taps)));
        memcpy(to + x, &four, sizeof(four));
    }
    for (; x < count; x++)
        to[x] = join_one(row, weights, x);
}

const PlaneJoin *plane_join(void)
{
    static const PlaneJoin sse2 = { rows_sse2, columns_sse2 }, avx2 = { rows_avx2, columns_avx2 };

    return __builtin_cpu_supports("avx2") ? &avx2 : &sse2;
}

#endif

#else

static void rows_plain(const uint8_t *const *rows, const int16_t *weights, int taps, int count,
                       int16_t *to)
{
    for (int x = 0; x < count; x++) {
        int sum = 1 << (DOWN_SHIFT - 1);
        for (int i = 0; i < taps; i++)
            sum += rows[i][x] * weights[i];
        to[x] = (int16_t) CLAMP(sum >> DOWN_SHIFT, G_MININT16, G_MAXINT16);
    }
}

static void columns_plain(const int16_t *row, const JoinWeights *weights, int count, uint8_t *to)
{
    for (int x = 0; x < count; x++)
        to[x] = join_one(row - weights->low, weights, x);
}

const PlaneJoin *plane_join(void)
{
    static const PlaneJoin plain = { rows_plain, columns_plain };

    return &plain;
}

#endif
