/* probe.h - what a file is and whether it is all there, from its bytes alone.
 *
 * Our own table of magic bytes decides; a name or its extension never does. Nothing is decoded:
 * the marks at the end of the format and the offsets inside it are looked at with pread(2). */
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

/* False with errno set when fd cannot be read. A complete picture costs a few KB of reading (a GIF:
 * all of it), one without its end mark at most 64 MB. */
bool probe_file(int fd, Probe *probe);

/* Why such a file is not read where it lies: of kind IMAGE. Returns false. */
bool probe_refuse(const Probe *probe, Error **err);
