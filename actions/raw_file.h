/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* raw_file.h - a camera's RAW as a picture: one of its previews, or what is developed of it, in
 * half or full size, whichever its settings and the size that is wanted ask for. One thread.
 *
 * With RAW_AUTO it is as large as the sensor's picture; what is opened smaller may be a preview of
 * the same view. Not turned: its orientation is that of the RAW. */
#pragma once

#include "actions/libvips.h"
#include "actions/raw_sensor.h"

/* How the RAW of `source` is read; NULL: by raw_plain. Before the rest. */
void raw_file_set(VipsSource *source, const RawSettings *settings);

/* As a loader opens a file, and what loader_shrink() and loader_memory() ask of it. */
VipsImage *raw_file_open(VipsSource *source, double shrink);
double raw_file_shrink(VipsSource *source, double shrink);
double raw_file_memory(VipsSource *source, double shrink);

/* What a RAW is opened as, for who compares it with what a profile wants. */
typedef struct RawOffer {
    bool preview;       /* the picture is its largest preview */
    bool known;         /* it can be developed instead */
    int width, height;  /* of the preview, as it is seen */
    const char *camera; /* borrowed; NULL: not said */
} RawOffer;

RawOffer raw_file_offer(VipsSource *source);
