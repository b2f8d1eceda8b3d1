/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* image_place.h - which of several pictures of a file a picture is. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Which of several pictures of a file, all of which go through a profile, one after the other. */
typedef struct ImagePlace {
    int number, count;   /* from 0 on; a count of 0: it stands alone */
    const char *word;    /* what one is called: "frame"; static */
    bool animated;       /* a frame of an animation, else a page */
    int delay_ms, loop;  /* of an animation: until the next one; how often all are shown, 0: ever */
    uint64_t directory;  /* of a TIFF: where its directory lies; 0: it stands alone */
    GHashTable *outputs; /* that get all of them: of a step's key to what encode_pages.h knows */
} ImagePlace;
