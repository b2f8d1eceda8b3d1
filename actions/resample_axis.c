/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/resample_axis.h"

#include <math.h>

/* How far the filter reaches in samples: it is stretched over those of a smaller result. */
typedef struct Filter {
    Kernel kernel;
    double stretch, reach;
} Filter;

static Filter filter_of(Kernel kernel, double factor)
{
    Kernel own = kernel_of(kernel, factor > 1);
    double stretch = own == KERNEL_NEAREST ? 1 : MAX(1, factor);

    return (Filter){ own, stretch, kernel_reach(own) * stretch };
}

/* A sample as far away as the filter reaches has no weight, but of KERNEL_NEAREST. */
static int taps_of(const Filter *filter, int from)
{
    double all = ceil(2 * filter->reach);

    return (int) MIN(from, filter->kernel == KERNEL_NEAREST ? all + 1 : all);
}

static void set_weights(Axis *axis, const Filter *filter, int from, int number, double centre)
{
    bool ends = filter->kernel == KERNEL_NEAREST;
    double low = centre - filter->reach, high = centre + filter->reach, sum = 0;
    int start = (int) (ends ? ceil(low) : floor(low) + 1);
    int end = (int) (ends ? floor(high) : ceil(high) - 1);
    int first = CLAMP(start, 0, from - axis->taps);
    float *weights = axis->weights + (size_t) number * axis->stride;

    axis->first[number] = first;
    for (int i = start; i <= end; i++)
        sum += kernel_weight(filter->kernel, (i - centre) / filter->stretch);
    for (int i = start; i <= end; i++)
        weights[CLAMP(i - first, 0, axis->taps - 1)] +=
            (float) (kernel_weight(filter->kernel, (i - centre) / filter->stretch) / sum);
}

Axis axis_new(int from, double start, double length, int count, Kernel kernel, int group)
{
    double factor = length / count;
    const Filter filter = filter_of(kernel, factor);
    Axis axis = { .taps = taps_of(&filter, from) };

    axis.stride = (axis.taps + group - 1) / group * group;
    axis.first = g_new(int, count);
    axis.weights = g_new0(float, (size_t) count *axis.stride);
    for (int i = 0; i < count; i++)
        set_weights(&axis, &filter, from, i, start + (i + 0.5) * factor - 0.5);
    return axis;
}

void axis_clear(Axis *axis)
{
    g_clear_pointer(&axis->first, g_free);
    g_clear_pointer(&axis->weights, g_free);
}
