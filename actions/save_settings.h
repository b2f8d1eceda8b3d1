/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* save_settings.h - the settings of the action `save`, and how they go together. One thread. */
#pragma once

#include "actions/encoding.h"
#include "actions/spaces.h"
#include "actions/template.h"
#include "config/param.h"

typedef struct Save {
    char *name;
    int format;
    int quality;
    int64_t at_most; /* bytes; 0: any number */
    int exists;
    int metadata;
    int space;
    Colour background;
    bool lossless, near_lossless;
    int alpha_quality;
    bool progressive;
    int subsampling;
    bool trellis, scans;
    int effort;
    int palette;
    int colours;
    int dither;
    int compression;
    bool tiles, pyramid;
    int larger;
    int dpi;            /* 0: as the picture says */
    int mtime;          /* MTIME_... */
    Template *template; /* of name; made by prepare() */
} Save;

enum { LARGER_ORIGINAL, LARGER_ACCEPT };
enum { MTIME_NOW, MTIME_SOURCE, MTIME_TAKEN };

/* The value of `format` that is none: the picture's own bytes. */
enum { SAVE_ORIGINAL = FORMAT_COUNT };

extern const Param save_params[];

/* Whether each option has an effect in the format, where that is known; else false with *err. */
bool save_advise(const Save *save, const Template *template, Error **err);

/* The action's check(). */
bool save_check(const void *settings, Error **err);

/* The name as it is filled in, newly allocated; NULL with *err of kind CONFIG where the settings
 * that no formula gives are wrong. */
Template *save_template(const Save *save, Error **err);

/* The format that the profile alone decides, by the end of the name or by `format`; FORMAT_NONE:
 * the picture does. SAVE_ORIGINAL stays. */
Format save_known_format(const Save *save, const Template *template);

/* What follows the last dot of a name; "" where there is none. */
const char *save_extension(const char *name);

/* Whether it says how to encode, beside a quality: then save must not keep the original's bytes. */
bool save_says_how(const Save *save);

/* What encode() gets. */
Encoding save_encoding(const Save *save, Format format);
