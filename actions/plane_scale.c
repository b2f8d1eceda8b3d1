/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/plane_scale.h"

#include <math.h>
#include <string.h>

#include "actions/lanczos.h"
#include "actions/libvips.h"
#include "actions/plane_join.h"

/* ---- weights ---- */

static void weights_clear(JoinWeights *weights)
{
    g_clear_pointer(&weights->first, g_free);
    g_clear_pointer(&weights->weights, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(JoinWeights, weights_clear)

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

/* Rounded weights whose sum is exactly JOIN_ONE: the largest takes what rounding left. */
static void round_weights(const double *exact, int taps, int16_t *weights)
{
    double sum = 0;
    int rest = JOIN_ONE, largest = 0;

    for (int i = 0; i < taps; i++)
        sum += exact[i];
    for (int i = 0; i < taps; i++) {
        weights[i] = (int16_t) lrint(exact[i] / sum * JOIN_ONE);
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

static JoinWeights weights_new(int count, int taps)
{
    size_t all = (size_t) count * (size_t) taps;

    return (JoinWeights){
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
static JoinWeights weights_of(const PlaneAxis *axis, int multiple)
{
    int taps = taps_of(axis, multiple);
    JoinWeights made = weights_new(axis->count, taps);
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
static void find_rows(const Plane *in, const JoinWeights *down, int at, int left,
                      const uint8_t **rows)
{
    for (int i = 0; i < down->taps; i++)
        rows[i] =
            in->samples + (size_t) MIN(down->first[at] + i, down->high - 1) * in->stride + left;
}

static void resample(const Plane *in, const JoinWeights *columns, const JoinWeights *lines,
                     const PlaneAxis *across, const PlaneAxis *down, const Plane *out)
{
    int count = columns->high - columns->low;
    g_autofree int16_t *row = g_new0(int16_t, count + columns->taps + 2 * PLANES_SPARE);
    g_autofree const uint8_t **rows = g_new(const uint8_t *, lines->taps);
    const PlaneJoin *join = plane_join();

    for (int y = 0; y < down->count; y++) {
        const int16_t *weights = lines->weights + (size_t) y * (size_t) lines->taps;
        find_rows(in, lines, y, columns->low, rows);
        join->rows(rows, weights, lines->taps, count, row);
        join->columns(row, columns, across->count, out->samples + (size_t) y * out->stride);
    }
}

void plane_scale(const Plane *in, int count, const PlaneAxis *across, const PlaneAxis *down,
                 const Plane *out)
{
    if (is_copy(across, down)) {
        for (int i = 0; i < count; i++)
            copy(&in[i], across, down, &out[i]);
        return;
    }
    g_auto(JoinWeights) columns = weights_of(across, JOIN_GROUP);
    g_auto(JoinWeights) lines = weights_of(down, 2);
    for (int i = 0; i < count; i++)
        resample(&in[i], &columns, &lines, across, down, &out[i]);
}
