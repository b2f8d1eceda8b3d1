/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* probe_result.h - what the probe found out about a file. */
#pragma once

#include "formats/format.h"

typedef enum Completeness {
    COMPLETE_YES,     /* the format's own end marker, sizes and offsets prove it */
    COMPLETE_NO,      /* something is missing, which may still arrive; Probe.missing says what */
    COMPLETE_UNKNOWN, /* the format does not show it, or the file is damaged */
} Completeness;

typedef struct Probe {
    Format format;
    Completeness complete;
    const char *kind; /* a word for people: "JPEG", "camera RAW", "text", "video", "PDF", "empty" */
    const char *missing; /* "its end marker (EOI)"; NULL unless COMPLETE_NO */
} Probe;
