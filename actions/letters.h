/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* letters.h - draws words, with the fonts that the worker may read. Each picture is newly
 * referenced, or NULL with libvips' error set. */
#pragma once

#include "actions/image.h"
#include "actions/libvips.h"
#include "config/param.h"

enum { LETTERS_MAX = 500 }; /* a caption may be a book */

/* Whether none of the words is seen. */
bool letters_are_blank(const char *words);

/* Whether they are at most LETTERS_MAX; *err is of kind PICTURE. */
bool letters_are_few(const char *words, Error **err);

/* Whether it is markup as Pango reads it; else *err is of that kind. */
bool letters_are_markup(const char *words, ErrorKind kind, Error **err);

typedef struct LettersLines {
    int width; /* a longer line is broken there, between words if it can be */
    int align; /* VipsAlign */
    bool markup;
} LettersLines;

/* False with *err, of kind CONFIG, where no family that `font` names is installed, so that letters
 * are those of another font. A family that Fontconfig has another name for (Sans, Arial) lacks
 * nothing; nor does any where no font can be read at all. */
bool letters_have_font(const char *font, Error **err);

/* Notes that of a picture on which letters are drawn. */
void letters_note_font(const char *font, Image *photo);

/* How much of each pixel the letters, `size` pixels high, cover: one band of 8 bits. */
VipsImage *letters_cover(const char *words, const char *font, double size,
                         const LettersLines *lines);
