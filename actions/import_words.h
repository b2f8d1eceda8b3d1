/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* import_words.h - what an import says of a file or a medium, beside what they say themselves. All
 * texts are borrowed. */
#pragma once

#include "actions/calendar.h"

/* Of a file. */
typedef struct ImportWords {
    const char *card;           /* {card}; "": none */
    const char *assignment;     /* {assignment}; NULL: none */
    const char *camera, *owner; /* of the `camera` with its serial number; NULL: what it says */
    const CalendarShift *clock; /* what is added to the clock of that camera; NULL: nothing */
    int day_starts;             /* minutes after midnight */
    int64_t size;               /* bytes of the file */
    int64_t number;             /* {seq.card}; 0: none was drawn */
} ImportWords;

/* Of a medium; "" where it says none. */
typedef struct MediumWords {
    const char *label, *uuid, *maker;
    int64_t size; /* bytes; 0: not known */
    bool removable;
} MediumWords;
