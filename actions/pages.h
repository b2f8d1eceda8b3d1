/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pages.h - files with several pictures, of which a profile takes one or none: the frames of an
 * animation, the pages of a scan. */
#pragma once

#include "actions/image.h"
#include "config/param.h"

/* Settings of a profile, filled from page_params. */
typedef struct PageSettings {
    int pages;
} PageSettings;

extern const Param page_params[];

/* Checks the picture against the settings, and notes of how many it is one. False with *err of kind
 * PICTURE where the profile takes single pictures only. */
bool pages_check(Image *image, const PageSettings *settings, Error **err);
