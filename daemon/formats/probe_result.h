/* probe_result.h - what is known of a file after its bytes were looked at. */
#pragma once

#include "formats/format.h"

typedef enum Complete {
    COMPLETE_YES,     /* the format's own end mark, sizes and offsets say so */
    COMPLETE_NO,      /* something is missing; Probe.missing says what */
    COMPLETE_UNKNOWN, /* the format does not tell */
} Complete;

typedef struct Probe {
    Format format;
    Complete complete;
    const char *kind; /* a word for people: "JPEG", "camera RAW", "text", "video", "PDF", "empty" */
    const char *missing; /* "its end mark (EOI)"; NULL unless COMPLETE_NO */
} Probe;
