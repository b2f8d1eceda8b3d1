/* probe.h - what a file is and whether it is all there, from its bytes alone.
 *
 * Our own table of magic bytes decides; a name or its extension never does. Nothing is decoded:
 * the marks at the end of the format and the offsets inside it are looked at with pread(2). */
#pragma once

#include <stdbool.h>

typedef enum Format {
    FORMAT_NONE, /* not a picture that we know; see Probe.kind */
    FORMAT_JPEG,
    FORMAT_PNG,
    FORMAT_WEBP,
    FORMAT_GIF,
    FORMAT_TIFF,
    FORMAT_HEIF, /* HEIC and AVIF */
    FORMAT_RAW,  /* camera RAW, CR2, CR3, NEF, ARW, DNG, RAF, ORF, RW2, ...: never taken for a TIFF
                  */
} Format;

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

/* Whether pictures of this format are worked on. */
bool format_accepted(Format format);
