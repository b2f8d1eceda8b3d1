/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* import_name.h - `name` and `when` of an import: the name of what it copies, and which media it
 * takes. One thread. */
#pragma once

#include "actions/formula.h"
#include "actions/template.h"

/* The text of `name`, newly allocated. It ends in .{ext} or in {name}, since each file of a shot
 * keeps its own extension, and a date in it has a |. NULL with *err of kind CONFIG. */
Template *import_name_new(const char *text, Error **err);

/* The name of the file that `image` is (image_imported()), without its extension; newly allocated.
 * There is room behind it for what IMPORT_NAME_ROOM says. A value that is missing, and has no |, is
 * "unknown"; a missing {shot} is the stem of the file. NULL with *err of kind PICTURE. */
enum { IMPORT_NAME_ROOM = 16 + 9 }; /* bytes of a tail, and of what keeps two names apart */
char *import_name_of(const Template *template, Image *image, Error **err);

/* The text of `when`, "{matches(label, 'EOS*')}": yes or no; newly allocated. NULL with *err of
 * kind CONFIG. */
Formula *import_when_new(const char *text, Error **err);

/* Whether the medium fits. False with *err of kind CONFIG where that cannot be computed. */
bool import_when_fits(const Formula *formula, const MediumWords *medium, bool *fits, Error **err);
