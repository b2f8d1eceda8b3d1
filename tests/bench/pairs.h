/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pairs.h - two ways to do the same with a picture, measured by turns in one process. */
#pragma once

#include "worker/profile.h"

/* Does it once: what it cost, in ms. */
typedef double (*PairsCost)(void *user, const char *picture);

typedef struct Pairs {
    double a, b;  /* medians, in ms */
    double ratio; /* the median of b / a of each round */
} Pairs;

/* Measures both in `rounds` rounds, after some that do not count. Which of them is first changes: a
 * disturbance that lasts meets both. */
Pairs pairs_measure(PairsCost a, void *user_a, PairsCost b, void *user_b, const char *picture,
                    int rounds);

/* Applies the profile to the picture in this process; any error ends the program. */
void pairs_render(const Profile *profile, const char *picture);
