/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/resample_bytes.h"

#include <glib.h>
#include <math.h>
#include <string.h>

#if defined(__SSE2__) && !defined(RESAMPLE_BYTES_PORTABLE)
#define RESAMPLE_BYTES_X86 1
#include "actions/sums_x86.h"
#else
#define RESAMPLE_BYTES_X86 0
#endif

enum { WHITE = 255 << BYTES_MORE };

/* ---- weights ---- */

/* As many bits as the largest weight has room for, and a sum of 32 bits for all of them. */
static int bits_of(const float *weights, size_t count, int most)
{
    float largest = 0;
    int bits = most;

    for (size_t i = 0; i < count; i++)
        largest = fmaxf(largest, fabsf(weights[i]));
    while (ldexp(largest, bits) > INT16_MAX - 1)
        bits--;
    return bits;
}

/* What rounding leaves of a weight is added to the next: it does not add up. */
static void round_weights(const float *exact, int taps, int bits, int16_t *weights)
{
    double sum = 0;
    long given = 0;

    for (int i = 0; i < taps; i++) {
        sum += exact[i];
        long now = lrint(ldexp(sum, bits));
        weights[i] = (int16_t) (now - given);
        given = now;
    }
}

/* Weights come in groups; those that are too many are 0. */
static ByteWeights weights_new(const int *first, const float *weights, int taps, int count,
                               int group, int most)
{
    int all = (taps + group - 1) / group * group;
    ByteWeights made = { .taps = all,
                         .bits = bits_of(weights, (size_t) count * (size_t) taps, most),
                         .first = first,
                         .weights = g_new0(int16_t, (size_t) count * (size_t) all) };

    for (int i = 0; i < count; i++)
        round_weights(weights + (size_t) i * (size_t) taps, taps, made.bits,
                      made.weights + (size_t) i * (size_t) all);
    return made;
}

enum { GROUP = 4, GROUP_GREY = 16, ACROSS_BITS = 20, DOWN_BITS = 16 };

ByteWeights byte_weights_across(const int *first, const float *weights, int taps, int count,
                                int bands)
{
    return weights_new(first, weights, taps, count, bands == 1 ? GROUP_GREY : GROUP, ACROSS_BITS);
}

ByteWeights byte_weights_down(const int *first, const float *weights, int taps, int count)
{
    return weights_new(first, weights, taps, count, 2, DOWN_BITS);
}

void byte_weights_clear(ByteWeights *weights)
{
    g_clear_pointer(&weights->weights, g_free);
}

static const int16_t *weights_at(const ByteWeights *weights, int number)
{
    return weights->weights + (size_t) number * (size_t) weights->taps;
}

/* ---- any processor ---- */

static void down_plain(const int16_t *const *rows, const ByteWeights *weights, int number,
                       size_t from, size_t count, uint8_t *to)
{
    const int16_t *each = weights_at(weights, number);
    int shift = weights->bits + BYTES_MORE;

    for (size_t x = from; x < count; x++) {
        int sum = 1 << (shift - 1);
        for (int i = 0; i < weights->taps; i++)
            sum += rows[i][x] * each[i];
        to[x] = (uint8_t) CLAMP(sum >> shift, 0, UINT8_MAX);
    }
}

#if RESAMPLE_BYTES_X86

/* ---- SSE2, which every x86-64 has ---- */

static inline __m128i load(const void *from)
{
    return _mm_loadu_si128((const __m128i *) from);
}

static inline int32_t load_32(const void *from)
{
    int32_t four;

    memcpy(&four, from, sizeof(four));
    return four;
}

/* Sums as values with more bits: four of 16 bits. */
static inline __m128i more_bits(__m128i sums, int bits)
{
    const __m128i zero = _mm_setzero_si128(), white = _mm_set1_epi16(WHITE);
    int shift = bits - BYTES_MORE;
    __m128i half = _mm_set1_epi32(1 << (shift - 1));
    __m128i parts = _mm_sra_epi32(_mm_add_epi32(sums, half), _mm_cvtsi32_si128(shift));

    return _mm_min_epi16(_mm_max_epi16(_mm_packs_epi32(parts, parts), zero), white);
}

static inline __m128i product_1(const uint8_t *from, const int16_t *weights, int taps)
{
    enum { STEP = 8 };
    const __m128i zero = _mm_setzero_si128();
    __m128i sum = zero;

    for (int i = 0; i < taps; i += STEP) {
        __m128i values = _mm_loadl_epi64((const __m128i *) (const void *) (from + i));
        sum =
            _mm_add_epi32(sum, _mm_madd_epi16(_mm_unpacklo_epi8(values, zero), load(weights + i)));
    }
    return sum;
}

static void across_1(const uint8_t *row, const ByteWeights *weights, int count, int16_t *to)
{
    for (int x = 0; x < count; x += 4) {
        __m128i sums[4];
        for (int i = 0; i < 4; i++) {
            int at = MIN(x + i, count - 1);
            sums[i] = product_1(row + weights->first[at], weights_at(weights, at), weights->taps);
        }
        __m128i four = more_bits(sums_sse2(sums[0], sums[1], sums[2], sums[3]), weights->bits);
        _mm_storel_epi64((__m128i *) (void *) (to + x), four);
    }
}

/* Two pixels, band beside band, times their weights. */
static void across_3(const uint8_t *row, const ByteWeights *weights, int count, int16_t *to)
{
    const __m128i zero = _mm_setzero_si128();

    for (int x = 0; x < count; x++) {
        const uint8_t *from = row + 3 * (size_t) weights->first[x];
        const int16_t *each = weights_at(weights, x);
        __m128i sum = zero;
        for (int i = 0; i < weights->taps; i += 2, from += 6) {
            __m128i bands = _mm_unpacklo_epi8(_mm_cvtsi32_si128(load_32(from)),
                                              _mm_cvtsi32_si128(load_32(from + 3)));
            sum = _mm_add_epi32(sum, _mm_madd_epi16(_mm_unpacklo_epi8(bands, zero),
                                                    _mm_set1_epi32(load_32(each + i))));
        }
        _mm_storel_epi64((__m128i *) (void *) (to + 3 * (size_t) x), more_bits(sum, weights->bits));
    }
}

static void down_sse2(const int16_t *const *rows, const ByteWeights *weights, int number,
                      size_t count, uint8_t *to)
{
    enum { COLUMNS = 8 };
    const int16_t *each = weights_at(weights, number);
    int shift = weights->bits + BYTES_MORE;
    const __m128i half = _mm_set1_epi32(1 << (shift - 1)), by = _mm_cvtsi32_si128(shift);
    size_t x = 0;

    for (; x + COLUMNS <= count; x += COLUMNS) {
        __m128i left = half, right = half;
        for (int i = 0; i < weights->taps; i += 2) {
            __m128i a = load(rows[i] + x), b = load(rows[i + 1] + x);
            __m128i pair = _mm_set1_epi32(load_32(each + i));
            left = _mm_add_epi32(left, _mm_madd_epi16(_mm_unpacklo_epi16(a, b), pair));
            right = _mm_add_epi32(right, _mm_madd_epi16(_mm_unpackhi_epi16(a, b), pair));
        }
        __m128i words = _mm_packs_epi32(_mm_sra_epi32(left, by), _mm_sra_epi32(right, by));
        _mm_storel_epi64((__m128i *) (void *) (to + x), _mm_packus_epi16(words, words));
    }
    down_plain(rows, weights, number, x, count, to);
}

#ifdef RESAMPLE_BYTES_SSE2

const ByteSums *byte_sums(void)
{
    static const ByteSums sse2 = { { across_1, across_3 }, down_sse2 };

    return &sse2;
}

#else

/* ---- AVX2 ---- */

static AVX2 inline __m256i wide(const void *from)
{
    return _mm256_loadu_si256((const __m256i *) from);
}

static AVX2 inline __m256i product_1_avx2(const uint8_t *from, const int16_t *weights, int taps)
{
    __m256i sum = _mm256_setzero_si256();

    for (int i = 0; i < taps; i += GROUP_GREY)
        sum = _mm256_add_epi32(
            sum, _mm256_madd_epi16(_mm256_cvtepu8_epi16(load(from + i)), wide(weights + i)));
    return sum;
}

static AVX2 void across_1_avx2(const uint8_t *row, const ByteWeights *weights, int count,
                               int16_t *to)
{
    for (int x = 0; x < count; x += 4) {
        __m256i sums[4];
        for (int i = 0; i < 4; i++) {
            int at = MIN(x + i, count - 1);
            sums[i] =
                product_1_avx2(row + weights->first[at], weights_at(weights, at), weights->taps);
        }
        __m128i four = more_bits(sums_avx2(sums[0], sums[1], sums[2], sums[3]), weights->bits);
        _mm_storel_epi64((__m128i *) (void *) (to + x), four);
    }
}

/* Four pixels: two in each half, band beside band, times their weights. */
static AVX2 void across_3_avx2(const uint8_t *row, const ByteWeights *weights, int count,
                               int16_t *to)
{
    enum { STEP = 3 * GROUP };
    const __m256i bands =
        _mm256_setr_epi8(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1, 6, -1, 9, -1, 7,
                         -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1);
    const __m256i pairs = _mm256_setr_epi8(0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6,
                                           7, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7);

    for (int x = 0; x < count; x++) {
        const uint8_t *from = row + 3 * (size_t) weights->first[x];
        const int16_t *each = weights_at(weights, x);
        __m256i sum = _mm256_setzero_si256();
        for (int i = 0; i < weights->taps; i += GROUP, from += STEP) {
            int64_t four;
            memcpy(&four, each + i, sizeof(four));
            __m256i values = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(load(from)), bands);
            __m256i by = _mm256_shuffle_epi8(_mm256_set1_epi64x(four), pairs);
            sum = _mm256_add_epi32(sum, _mm256_madd_epi16(values, by));
        }
        __m128i all = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
        _mm_storel_epi64((__m128i *) (void *) (to + 3 * (size_t) x), more_bits(all, weights->bits));
    }
}

static AVX2 void down_avx2(const int16_t *const *rows, const ByteWeights *weights, int number,
                           size_t count, uint8_t *to)
{
    enum { COLUMNS = 16, HALVES = 0x08 };
    const int16_t *each = weights_at(weights, number);
    int shift = weights->bits + BYTES_MORE;
    const __m256i half = _mm256_set1_epi32(1 << (shift - 1));
    const __m128i by = _mm_cvtsi32_si128(shift);
    size_t x = 0;

    for (; x + COLUMNS <= count; x += COLUMNS) {
        __m256i left = half, right = half;
        for (int i = 0; i < weights->taps; i += 2) {
            __m256i a = wide(rows[i] + x), b = wide(rows[i + 1] + x);
            __m256i pair = _mm256_set1_epi32(load_32(each + i));
            left = _mm256_add_epi32(left, _mm256_madd_epi16(_mm256_unpacklo_epi16(a, b), pair));
            right = _mm256_add_epi32(right, _mm256_madd_epi16(_mm256_unpackhi_epi16(a, b), pair));
        }
        __m256i words = _mm256_packs_epi32(_mm256_sra_epi32(left, by), _mm256_sra_epi32(right, by));
        __m256i bytes = _mm256_permute4x64_epi64(_mm256_packus_epi16(words, words), HALVES);
        _mm_storeu_si128((__m128i *) (void *) (to + x), _mm256_castsi256_si128(bytes));
    }
    down_plain(rows, weights, number, x, count, to);
}

const ByteSums *byte_sums(void)
{
    static const ByteSums sse2 = { { across_1, across_3 }, down_sse2 };
    static const ByteSums avx2 = { { across_1_avx2, across_3_avx2 }, down_avx2 };

    return __builtin_cpu_supports("avx2") ? &avx2 : &sse2;
}

#endif

#else

static void across_plain(const uint8_t *row, const ByteWeights *weights, int bands, int count,
                         int16_t *to)
{
    int shift = weights->bits - BYTES_MORE;

    for (int x = 0; x < count; x++) {
        const uint8_t *from = row + (size_t) bands * (size_t) weights->first[x];
        const int16_t *each = weights_at(weights, x);
        for (int band = 0; band < bands; band++) {
            int sum = 1 << (shift - 1);
            for (int i = 0; i < weights->taps; i++)
                sum += from[i * bands + band] * each[i];
            *to++ = (int16_t) CLAMP(sum >> shift, 0, WHITE);
        }
    }
}

static void across_1(const uint8_t *row, const ByteWeights *weights, int count, int16_t *to)
{
    across_plain(row, weights, 1, count, to);
}

static void across_3(const uint8_t *row, const ByteWeights *weights, int count, int16_t *to)
{
    across_plain(row, weights, 3, count, to);
}

static void down_any(const int16_t *const *rows, const ByteWeights *weights, int number,
                     size_t count, uint8_t *to)
{
    down_plain(rows, weights, number, 0, count, to);
}

const ByteSums *byte_sums(void)
{
    static const ByteSums plain = { { across_1, across_3 }, down_any };

    return &plain;
}

#endif
