/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* resample_axis.h - the weights of one direction of resample.c. Pure functions. */
#pragma once

#include "actions/kernel.h"

/* Each result is the sum of `taps` samples from its `first` on, each times its weight; the sum of
 * its weights is 1. */
typedef struct Axis {
    int taps;
    int *first;
    float *weights;
    int stride; /* from the weights of one result to those of the next: what is between is 0 */
} Axis;

/* Of the samples from 0 to `from`, those of `length` from `start` on become `count` results. What
 * lies outside counts for the sample at the edge. Weights come in groups. */
Axis axis_new(int from, double start, double length, int count, Kernel kernel, int group);
void axis_clear(Axis *axis);
