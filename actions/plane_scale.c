/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/plane_scale.h"

#include <math.h>
#include <string.h>

#include "actions/lanczos.h"
#include "actions/libvips.h"

#if defined(__SSE2__) && !defined(PLANE_SCALE_PORTABLE)
#define PLANE_SCALE_SSE2 1
#include <emmintrin.h>
#else
#define PLANE_SCALE_SSE2 0
#endif

enum {
    ONE = 1 << 14, /* the sum of weights */
    MORE = 6,      /* bits of a sample between both passes */
    DOWN_SHIFT = 14 - MORE,
    ACROSS_SHIFT = 14 + MORE,
    BLOCK = PLANES_SPARE, /* samples that are read together */
    GROUP = 4,            /* weights of the second pass come in groups */
};

/* ---- weights ---- */

/* Result i is the sum of `taps` samples from first[i] on, each times its weight. */
typedef struct Weights {
    int taps, low, high; /* samples that any result uses: low to high - 1 */
    int *first;
    int16_t *weights; /* `taps` of each result */
} Weights;

static void weights_clear(Weights *weights)
{
    g_clear_pointer(&weights->first, g_free);
    g_clear_pointer(&weights->weights, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Weights, weights_clear)

static double filtered(PlaneFilter filter, double x, double stretch)
{
    x = fabs(x) / stretch;
    switch (filter) {
    case PLANE_LANCZOS:
        return lanczos(x);
    case PLANE_AVERAGE:
        return x < 0.5 ? 1 : 0;
    case PLANE_LINEAR:
        return x < 1 ? 1 - x : 0;
    }
    g_assert_not_reached();
}

/* How far a filter reaches, in samples. */
static double reach(PlaneFilter filter, double stretch)
{
    return (filter == PLANE_LANCZOS ? LANCZOS_LOBES : filter == PLANE_AVERAGE ? 0.5 : 1) * stretch;
}

/* A result that lies on a sample, and is as wide, is that sample. */
static bool copies(const PlaneAxis *axis)
{
    return axis->filter == PLANE_LANCZOS && axis->step == 1 && axis->start == floor(axis->start);
}

static int taps_of(const PlaneAxis *axis, int multiple)
{
    double stretch = MAX(1, axis->step);
    int taps = copies(axis) ? 1 : (int) ceil(2 * reach(axis->filter, stretch)) + 1;

    return (MIN(taps, axis->high - axis->low) + multiple - 1) / multiple * multiple;
}

/* Rounded weights whose sum is exactly ONE: the largest takes what rounding left. */
static void round_weights(const double *exact, int taps, int16_t *weights)
{
    double sum = 0;
    int rest = ONE, largest = 0;

    for (int i = 0; i < taps; i++)
        sum += exact[i];
    for (int i = 0; i < taps; i++) {
        weights[i] = (int16_t) lrint(exact[i] / sum * ONE);
        rest -= weights[i];
        largest = weights[i] > weights[largest] ? i : largest;
    }
    weights[largest] = (int16_t) (weights[largest] + rest);
}

/* The weights of the result whose middle lies at `at`. */
static void weigh(const PlaneAxis *axis, double at, int taps, int first, double *exact)
{
    double stretch = MAX(1, axis->step), far = reach(axis->filter, stretch);
    int from = (int) floor(at - far), to = (int) ceil(at + far);

    memset(exact, 0, (size_t) taps * sizeof(*exact));
    for (int i = from; i <= to; i++) {
        int seen = CLAMP(i, axis->low, axis->high - 1);
        double weight = filtered(axis->filter, i + 0.5 - at, stretch);
        if (weight != 0)
            exact[CLAMP(seen - first, 0, taps - 1)] += weight;
    }
}

static Weights weights_new(int count, int taps)
{
    size_t all = (size_t) count * (size_t) taps;

    return (Weights){
        .taps = taps, .low = G_MAXINT, .first = g_new(int, count), .weights = g_new0(int16_t, all)
    };
}

/* The first sample of the result whose middle lies at `at`; all `taps` of it are seen, if so many
 * are. */
static int first_of(const PlaneAxis *axis, double at, int taps)
{
    double far = reach(axis->filter, MAX(1, axis->step));
    double first = copies(axis) ? floor(at) : ceil(at - far - 0.5);

    return (int) MAX(axis->low, MIN(first, axis->high - taps));
}

/* `multiple` of taps; those that are too many have no weight. */
static Weights weights_of(const PlaneAxis *axis, int multiple)
{
    int taps = taps_of(axis, multiple);
    Weights made = weights_new(axis->count, taps);
    g_autofree double *exact = g_malloc_n((size_t) taps, sizeof(*exact));

    for (int i = 0; i < axis->count; i++) {
        double at = axis->start + (i + 0.5) * axis->step;
        int first = first_of(axis, at, taps);
        made.first[i] = first;
        weigh(axis, at, taps, first, exact);
        round_weights(exact, taps, made.weights + (size_t) i * (size_t) taps);
        made.low = MIN(made.low, first);
        made.high = MAX(made.high, MIN(first + taps, axis->high));
    }
    return made;
}

/* ---- the first pass: rows become one row of more bits ---- */

#if PLANE_SCALE_SSE2

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

static void join_rows(const uint8_t *const *rows, const int16_t *weights, int taps, int count,
                      int16_t *to)
{
    const __m128i half = _mm_set1_epi32(1 << (DOWN_SHIFT - 1));

    for (int x = 0; x < count; x += BLOCK) {
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

/* Four sums, each of four numbers. */
static inline __m128i sums_of(const __m128i of[4])
{
    __m128i a = _mm_add_epi32(_mm_unpacklo_epi32(of[0], of[1]), _mm_unpackhi_epi32(of[0], of[1]));
    __m128i b = _mm_add_epi32(_mm_unpacklo_epi32(of[2], of[3]), _mm_unpackhi_epi32(of[2], of[3]));

    return _mm_add_epi32(_mm_unpacklo_epi64(a, b), _mm_unpackhi_epi64(a, b));
}

static inline __m128i product(const int16_t *from, const int16_t *weights, int taps)
{
    __m128i sum = _mm_setzero_si128();
    int i = 0;

    for (; i + 2 * GROUP <= taps; i += 2 * GROUP)
        sum = _mm_add_epi32(
            sum, _mm_madd_epi16(_mm_loadu_si128((const __m128i *) (const void *) (from + i)),
                                _mm_loadu_si128((const __m128i *) (const void *) (weights + i))));
    if (i < taps)
        sum = _mm_add_epi32(
            sum, _mm_madd_epi16(_mm_loadl_epi64((const __m128i *) (const void *) (from + i)),
                                _mm_loadl_epi64((const __m128i *) (const void *) (weights + i))));
    return sum;
}

/* Four results; those that are not wanted are the last wanted one. */
static inline uint32_t join_four(const int16_t *row, const Weights *weights, int at)
{
    __m128i products[4];

    for (int i = 0; i < 4; i++)
        products[i] =
            product(row + weights->first[at + i] - weights->low,
                    weights->weights + (size_t) (at + i) * (size_t) weights->taps, weights->taps);
    __m128i sums = _mm_add_epi32(sums_of(products), _mm_set1_epi32(1 << (ACROSS_SHIFT - 1)));
    __m128i words = _mm_packs_epi32(_mm_srai_epi32(sums, ACROSS_SHIFT), _mm_setzero_si128());
    return (uint32_t) _mm_cvtsi128_si32(_mm_packus_epi16(words, words));
}

#else

static void join_rows(const uint8_t *const *rows, const int16_t *weights, int taps, int count,
                      int16_t *to)
{
    for (int x = 0; x < count; x++) {
        int sum = 1 << (DOWN_SHIFT - 1);
        for (int i = 0; i < taps; i++)
            sum += rows[i][x] * weights[i];
        to[x] = (int16_t) CLAMP(sum >> DOWN_SHIFT, G_MININT16, G_MAXINT16);
    }
}

#endif

/* ---- the second pass: one row becomes results ---- */

static uint8_t join_one(const int16_t *row, const Weights *weights, int at)
{
    const int16_t *each = weights->weights + (size_t) at * (size_t) weights->taps;
    const int16_t *from = row + weights->first[at] - weights->low;
    int sum = 1 << (ACROSS_SHIFT - 1);

    for (int i = 0; i < weights->taps; i++)
        sum += from[i] * each[i];
    return (uint8_t) CLAMP(sum >> ACROSS_SHIFT, 0, 255);
}

static void join_columns(const int16_t *row, const Weights *weights, int count, uint8_t *to)
{
    int x = 0;

#if PLANE_SCALE_SSE2
    for (; x + 4 <= count; x += 4) {
        uint32_t four = join_four(row, weights, x);
        memcpy(to + x, &four, sizeof(four));
    }
#endif
    for (; x < count; x++)
        to[x] = join_one(row, weights, x);
}

/* ---- both ---- */

static bool is_copy(const PlaneAxis *across, const PlaneAxis *down)
{
    int left = (int) across->start, top = (int) down->start;

    return copies(across) && copies(down) && left >= across->low && top >= down->low &&
           left + across->count <= across->high && top + down->count <= down->high;
}

static void copy(const Plane *in, const PlaneAxis *across, const PlaneAxis *down, const Plane *out)
{
    for (int y = 0; y < down->count; y++)
        memcpy(out->samples + (size_t) y * out->stride,
               in->samples + ((size_t) down->start + (size_t) y) * in->stride +
                   (size_t) across->start,
               (size_t) across->count);
}

/* The rows of one result, from column `left` on; those behind the last row have no weight. */
static void find_rows(const Plane *in, const Weights *down, int at, int left, const uint8_t **rows)
{
    for (int i = 0; i < down->taps; i++)
        rows[i] =
            in->samples + (size_t) MIN(down->first[at] + i, down->high - 1) * in->stride + left;
}

void plane_scale(const Plane *in, const PlaneAxis *across, const PlaneAxis *down, const Plane *out)
{
    if (is_copy(across, down)) {
        copy(in, across, down, out);
        return;
    }
    g_auto(Weights) columns = weights_of(across, GROUP);
    g_auto(Weights) lines = weights_of(down, 2);
    int count = columns.high - columns.low;
    g_autofree int16_t *row = g_new0(int16_t, count + columns.taps + 2 * BLOCK);
    g_autofree const uint8_t **rows = g_new(const uint8_t *, lines.taps);
    for (int y = 0; y < down->count; y++) {
        find_rows(in, &lines, y, columns.low, rows);
        join_rows(rows, lines.weights + (size_t) y * (size_t) lines.taps, lines.taps, count, row);
        join_columns(row, &columns, across->count, out->samples + (size_t) y * out->stride);
    }
}
