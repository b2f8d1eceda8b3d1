/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* kinds.h - a small picture of every kind that steps work on. */
#pragma once

#include "actions/image.h"

typedef struct Picture {
    const char *name;
    int width, height, bands;
    VipsBandFormat format;
    const char *suffix; /* of its file */
    bool has_profile, inks;
    int deep; /* the number of the same picture with 16 bits; 0: it is not of a pair */
    GBytes *bytes;
} Picture;

extern Picture pictures[];
extern const size_t picture_count;

/* Makes all of their files; frees them. */
void kinds_make(void);
void kinds_free(void);

/* The picture, read; fails the test where it cannot be. The caller's. */
Image *kinds_open(const Picture *picture, const Outputs *outputs);
