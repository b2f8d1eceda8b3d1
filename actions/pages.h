/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pages.h - files with several pictures, of which a profile takes one or none: the frames of an
 * animation, the pages of a scan. */
#pragma once

#include "actions/image.h"
#include "config/param.h"

/* What a profile does with them; the first is the default. */
enum { PAGES_FIRST, PAGES_REJECT };
extern const Choice page_choices[];

/* Checks the picture against that, and notes of how many it is one. False with *err of kind
 * PICTURE where the profile takes single pictures only. */
bool pages_check(Image *image, int pages, Error **err);
