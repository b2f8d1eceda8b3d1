/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* plane_join.h - the sums of weighted samples that plane_scale.c is made of, for each processor.
 * All of them give the same. No state. */
#pragma once

#include <stdint.h>

enum {
    JOIN_ONE = 1 << 14, /* the sum of weights */
    JOIN_MORE = 6,      /* bits of a sample between both passes */
    JOIN_GROUP = 4,     /* weights of the second pass come in groups */
};

/* Result i is the sum of `taps` samples from first[i] on, each times its weight. */
typedef struct JoinWeights {
    int taps, low, high; /* samples that any result uses: low to high - 1 */
    int *first;
    int16_t *weights; /* `taps` of each result */
} JoinWeights;

typedef struct PlaneJoin {
    /* The first pass: `count` columns of an even number of rows become one row of more bits. Up to
     * PLANES_SPARE more columns are read, and written. */
    void (*rows)(const uint8_t *const *rows, const int16_t *weights, int taps, int count,
                 int16_t *to);

    /* The second pass: such a row, which begins with sample `low`, becomes `count` results. Up to
     * PLANES_SPARE more of its numbers are read. */
    void (*columns)(const int16_t *row, const JoinWeights *weights, int count, uint8_t *to);
} PlaneJoin;

/* For this processor. */
const PlaneJoin *plane_join(void);
