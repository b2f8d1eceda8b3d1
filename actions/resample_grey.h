/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* resample_grey.h - the sums of weighted pixels that resample.c makes of pictures of one band of 16
 * bits: of values beside each other, where other pictures have bands. No state. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "actions/resample_axis.h"

enum {
    GREY_GROUP = 4, /* weights across come in groups */
    GREY_SPARE = 8, /* values of a row that are read or written behind its last one */
};

/* `count` values as floats. */
void grey_read(const uint16_t *from, size_t count, float *line);

/* Such a row becomes `count` values between black and white. What lies behind its last one counts
 * for nothing, and is finite. */
void grey_across(const float *line, const Axis *axis, int count, float *to);

/* Rows, each times its weight, become `count` values. */
void grey_down(const float *const *rows, const float *weights, int taps, size_t count,
               uint16_t *to);
