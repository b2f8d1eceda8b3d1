/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pages.h - files with several pictures, of which a profile takes one, all or none: the frames of
 * an animation, the pages of a scan. One thread. */
#pragma once

#include "actions/image.h"
#include "config/param.h"

/* What a profile does with them; the first is the default. */
enum { PAGES_FIRST, PAGES_ALL, PAGES_REJECT };
extern const Choice page_choices[];

/* Checks a picture that is taken alone against that, and notes of how many it is one, unless only
 * its whole file is `copied`. False with *err of kind PICTURE where the profile takes single
 * pictures only. */
bool pages_check(Image *image, int pages, bool copied, Error **err);

/* All pictures of a file. */
typedef struct Pages Pages;

/* Finds those of the file of `image` (borrowed, for as long as they are used). *pages is NULL where
 * it has one, or is of a format of which only the first is read. False with *err of kind PICTURE
 * where the file ends in the middle of them. */
bool pages_open(Image *image, Pages **pages, Error **err);
void pages_free(Pages *pages);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Pages, pages_free)

int pages_count(const Pages *pages);

/* One of them, from 0 on, with its header: its size and what it says of itself. The caller's; it
 * may be asked for its pixels only where `pixels` is set, which is called for one after the other,
 * after their memory was requested. NULL with *err set, which names it where that is known. */
Image *pages_picture(Pages *pages, int number, bool pixels, Error **err);

/* Bytes that reading all of them holds, besides what one of them uses. */
double pages_memory(const Pages *pages);

/* Says in *err which of them could not be done. Returns false. */
bool pages_blame(const Pages *pages, int number, Error **err);

/* Whether pictures of `pixels` together may be made of the first `count` of them. */
bool pages_check_size(const Pages *pages, int count, double pixels, Error **err);

/* Completes all outputs, after the last picture. */
bool pages_end(Pages *pages, Error **err);
