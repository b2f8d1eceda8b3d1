/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Planes are resampled as a reckoning in double precision has it, whatever the size, the step, the
 * place and the part that is seen. */
#include <glib.h>
#include <math.h>
#include <string.h>

#include "actions/plane_scale.h"
#include "tests/actions/check.h"

enum { MOST = 96 };

typedef struct Sample {
    Plane plane;
    uint8_t *memory;
} Sample;

static void sample_clear(Sample *sample)
{
    g_free(sample->memory);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Sample, sample_clear)

static Sample sample_new(int width, int height)
{
    size_t stride = ((size_t) width + 15) / 16 * 16;
    Sample sample = { .memory = g_malloc0(stride * (size_t) height + PLANES_SPARE) };

    sample.plane = (Plane){ sample.memory, stride, width, height, 1, 1 };
    return sample;
}

static void fill(const Plane *plane, GRand *random)
{
    bool noise = g_rand_boolean(random);

    for (int y = 0; y < plane->height; y++)
        for (int x = 0; x < plane->width; x++) {
            int value = noise ? g_rand_int_range(random, 0, 256) : (x / 5 + y / 3) % 2 * 255;
            plane->samples[(size_t) y * plane->stride + (size_t) x] = (uint8_t) value;
        }
}

/* ---- the reckoning ---- */

static double lanczos(double x)
{
    const double a = fabs(x) * G_PI;

    return a == 0 ? 1 : fabs(x) >= 3 ? 0 : 3 * sin(a) * sin(a / 3) / (a * a);
}

static double weight(PlaneFilter filter, double x, double stretch)
{
    switch (filter) {
    case PLANE_LANCZOS:
        return lanczos(x / stretch);
    case PLANE_AVERAGE:
        return fabs(x) < stretch / 2;
    case PLANE_LINEAR:
        return MAX(0, 1 - fabs(x) / stretch);
    }
    g_assert_not_reached();
}

typedef struct Reckoned {
    double sum, weights;
} Reckoned;

static void add_row(Reckoned *all, const Plane *in, const PlaneAxis *across, double x, int row,
                    double by)
{
    double stretch = MAX(1, across->step);

    for (int i = (int) floor(x - 3 * stretch) - 1; i <= x + 3 * stretch + 1; i++) {
        double much = weight(across->filter, i + 0.5 - x, stretch) * by;
        int seen = CLAMP(i, across->low, across->high - 1);
        all->sum += much * in->samples[(size_t) row * in->stride + (size_t) seen];
        all->weights += much;
    }
}

static double reckoned(const Plane *in, const PlaneAxis *across, const PlaneAxis *down, int i,
                       int j)
{
    double x = across->start + (i + 0.5) * across->step, y = down->start + (j + 0.5) * down->step;
    double stretch = MAX(1, down->step);
    Reckoned all = { 0 };

    for (int row = (int) floor(y - 3 * stretch) - 1; row <= y + 3 * stretch + 1; row++)
        add_row(&all, in, across, x, CLAMP(row, down->low, down->high - 1),
                weight(down->filter, row + 0.5 - y, stretch));
    return CLAMP(all.sum / all.weights, 0, 255);
}

/* Rounded once, but for what 14 bits of a weight and 6 of a sum leave open. */
static void agrees(const Plane *in, const PlaneAxis *across, const PlaneAxis *down)
{
    const double rounding = 0.5, open = 0.06;
    g_auto(Sample) out = sample_new(across->count, down->count);

    plane_scale(in, 1, across, down, &out.plane);
    for (int j = 0; j < down->count; j++)
        for (int i = 0; i < across->count; i++) {
            double wanted = reckoned(in, across, down, i, j);
            int got = out.plane.samples[(size_t) j * out.plane.stride + (size_t) i];
            if (fabs(got - wanted) > rounding + open)
                fail_msg("%d, %d of %d x %d from %d x %d by %g x %g: %d, not %g", i, j,
                         across->count, down->count, in->width, in->height, across->step,
                         down->step, got, wanted);
        }
}

/* ---- */

/* Of a plane of `length` samples, a part of which is seen, or all. */
static PlaneAxis any_axis(GRand *random, int length)
{
    bool all = g_rand_boolean(random);
    int low = all ? 0 : g_rand_int_range(random, 0, length);
    int high = all ? length : g_rand_int_range(random, low + 1, length + 1);
    double step = exp(g_rand_double_range(random, -0.8, 2.6));

    return (PlaneAxis){ .start = low + g_rand_double_range(random, -1, 1),
                        .step = step,
                        .count = (int) MAX(1, (high - low) / step),
                        .low = low,
                        .high = high };
}

static void any_size_from_any_place_is_as_reckoned(void **state)
{
    enum { TIMES = 150 };
    GRand *random = g_rand_new_with_seed(20);

    (void) state;
    for (int i = 0; i < TIMES; i++) {
        g_auto(Sample) in =
            sample_new(g_rand_int_range(random, 1, MOST), g_rand_int_range(random, 1, MOST));
        const PlaneAxis across = any_axis(random, in.plane.width);
        const PlaneAxis down = any_axis(random, in.plane.height);
        fill(&in.plane, random);
        agrees(&in.plane, &across, &down);
    }
    g_rand_free(random);
}

static void colour_is_halved_and_doubled_as_reckoned(void **state)
{
    GRand *random = g_rand_new_with_seed(21);

    (void) state;
    for (int length = 1; length < 40; length += 3) {
        g_auto(Sample) in = sample_new(length, length);
        const PlaneAxis half = { PLANE_AVERAGE, 0, 2, (length + 1) / 2, 0, length };
        const PlaneAxis twice = { PLANE_LINEAR, 0, 0.5, 2 * length, 0, length };
        fill(&in.plane, random);
        agrees(&in.plane, &half, &half);
        agrees(&in.plane, &twice, &half);
        agrees(&in.plane, &twice, &twice);
    }
    g_rand_free(random);
}

static void whole_samples_are_copied(void **state)
{
    GRand *random = g_rand_new_with_seed(22);
    g_auto(Sample) in = sample_new(61, 43);
    const PlaneAxis across = { PLANE_LANCZOS, 7, 1, 50, 0, 61 };
    const PlaneAxis down = { PLANE_LANCZOS, 3, 1, 40, 0, 43 };
    const PlaneAxis between = { PLANE_LANCZOS, 2.5, 1, 40, 0, 43 };
    const PlaneAxis before = { PLANE_LANCZOS, -1, 1, 43, 0, 43 };

    (void) state;
    fill(&in.plane, random);
    g_rand_free(random);
    agrees(&in.plane, &across, &between);
    agrees(&in.plane, &across, &before);
    g_auto(Sample) out = sample_new(50, 40);
    plane_scale(&in.plane, 1, &across, &down, &out.plane);
    for (size_t y = 0; y < 40; y++)
        assert_memory_equal(out.plane.samples + y * out.plane.stride,
                            in.plane.samples + (y + 3) * in.plane.stride + 7, 50);
}

static void a_plane_of_one_value_keeps_it(void **state)
{
    g_auto(Sample) in = sample_new(50, 50);

    (void) state;
    for (int value = 0; value < 256; value += 5) {
        const PlaneAxis axis = { PLANE_LANCZOS, 0.3, 1 + value / 20.0, 4, 0, 50 };
        g_auto(Sample) out = sample_new(4, 4);
        memset(in.memory, value, in.plane.stride * 50);
        plane_scale(&in.plane, 1, &axis, &axis, &out.plane);
        for (size_t i = 0; i < 4; i++)
            assert_int_equal(out.plane.samples[i * out.plane.stride + i], value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_size_from_any_place_is_as_reckoned),
        cmocka_unit_test(colour_is_halved_and_doubled_as_reckoned),
        cmocka_unit_test(whole_samples_are_copied),
        cmocka_unit_test(a_plane_of_one_value_keeps_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
