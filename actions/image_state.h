/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* image_state.h - what a picture on its way is, for image.c, image_pixels.c and pages.c alone. */
#pragma once

#include "actions/image_place.h"
#include "actions/libvips.h"
#include "actions/loader.h"
#include "actions/metadata.h"
#include "actions/metadata_change.h"
#include "formats/limits.h"

/* What steps have made of it so far. */
struct ImageState {
    VipsImage *pixels;     /* NULL until an action uses them */
    bool turned;           /* the pixels are upright; before that, as the file stores them */
    VipsImage *upright;    /* the same turned, of a picture that no step has changed; or NULL */
    bool touched;          /* a step changes the picture: it is saved upright */
    bool changed;          /* a step has: one that scales to the same size has not */
    bool in_memory;        /* pixels are in memory */
    bool forked;           /* since then a step has read each of them more than once */
    Metadata *metadata;    /* that a step has edited; NULL: that of the file */
    GBytes *jpeg;          /* the pixels as they are now, as a step has coded them; or NULL */
    unsigned dpi;          /* that a step gave it; 0: none did */
    MetadataChange change; /* what of the original is seen */
};

struct Image {
    struct Image *file_of; /* of one of several pictures: the file's, which has the notes */
    ImagePlace place;
    const struct SourceNames *names;
    const struct Outputs *outputs;
    const struct ImportWords *import; /* NULL: it is of no import */
    const Loader *loader;
    Probe probe; /* of the file */
    VipsSource *source;
    VipsImage *file;         /* its header is read; pixels may be read from it once */
    VipsImage *working;      /* the same as image_pixels() promises pixels, not turned */
    VipsImage *small;        /* the same, smaller and in memory, for more than one use; or NULL */
    double shrink;           /* how many times smaller that may be */
    struct ImageState state; /* all that a branch leaves as it was */
    bool memory_requested;   /* once for each picture */
    unsigned step;           /* that is done now, from 0 */
    double step_memory;      /* bytes that its steps use */
    Limits limits;
    const ImageSidecar *sidecar; /* of the file; NULL: it has none */
    Metadata *metadata;          /* of both; NULL until it is asked for */
    char *hash;                  /* of its bytes; NULL until it is asked for */
    bool extras_noted;
    GString *notes; /* of all outputs; "; " between them; NULL: none */
};
