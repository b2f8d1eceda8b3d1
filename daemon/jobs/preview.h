/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* preview.h - a small JPEG of one file, made by a worker: upright, in sRGB, without metadata, never
 * larger than the picture in the file. One thread for each process. */
#pragma once

#include "daemon/jobs/budget.h"
#include "daemon/process/process.h"

enum { PREVIEW_SIZE_MIN = 64, PREVIEW_SIZE_MAX = 2560 }; /* pixels */

typedef struct PreviewFile {
    int fd;        /* open for reading */
    Limits limits; /* what the file may be, and cost */
    int size;      /* pixels of the longer side at most */
    bool fonts;    /* its format may draw text (settings_draw_text()) */
    bool isolate;  /* its worker reads no other file */
} PreviewFile;

/* What a worker of previews is started with; newly allocated. */
Settings *preview_settings(bool fonts);

/* Makes it within `deadline_ms` on clock_ms(); newly referenced. The memory that its pixels take is
 * taken of the budget only while no picture waits for that, and at most a quarter of it. NULL with
 * an error of kind PICTURE: none can be made of this file; TRANSIENT: memory or time did not
 * suffice; ENVIRONMENT: no worker can be started. */
GBytes *preview_make(Process *process, Settings *settings, Budget *budget, const PreviewFile *file,
                     int64_t deadline_ms, Error **err);
