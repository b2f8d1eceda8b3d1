/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* resample_bytes.h - the sums of weighted pixels that resample.c makes of pictures of one or three
 * bands of 8 bits, for each processor. All of them give the same. No state. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
    BYTES_MORE = 6,   /* bits of a value between both directions */
    BYTES_SPARE = 64, /* values of a row that are read or written behind its last one */
};

/* Result i is the sum of `taps` pixels from first[i] on, each times its weight. */
typedef struct ByteWeights {
    int taps, bits; /* weights have a sum of 1 << bits */
    const int *first;
    int16_t *weights; /* `taps` of each result */
} ByteWeights;

typedef struct ByteSums {
    /* A row of one band, or of three, becomes `count` pixels with more bits, between black and
     * white. Up to BYTES_SPARE more values are read, and written. */
    void (*across[2])(const uint8_t *row, const ByteWeights *weights, int count, int16_t *to);

    /* An even number of such rows becomes `count` values of one. */
    void (*down)(const int16_t *const *rows, const ByteWeights *weights, int number, size_t count,
                 uint8_t *to);
} ByteSums;

/* For this processor. */
const ByteSums *byte_sums(void);

/* Both directions' own: so many results of `taps` weights with a sum of 1. `first` stays the
 * caller's. */
ByteWeights byte_weights_across(const int *first, const float *weights, int taps, int count,
                                int bands);
ByteWeights byte_weights_down(const int *first, const float *weights, int taps, int count);
void byte_weights_clear(ByteWeights *weights);
