/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sequence.h - the numbers of a picture, 1, 2, 3, ...: drawn once, when it is taken into the
 * ledger, in the order of arrival. */
#pragma once

#include <stdint.h>

enum {
    SEQUENCE_OF_SHOT = -1
}; /* as `folder` of an offer: those of the other picture of its shot */

typedef struct Sequence {
    int64_t folder; /* among all pictures that its folder ever had; 0: it has no numbers */
    int64_t day;    /* among those that came to its folder on the same local day */
    int64_t run;    /* among those of all folders since the service, or the batch, was started */
    int date;       /* clock_local_day() of that day; 0: not known */
} Sequence;
