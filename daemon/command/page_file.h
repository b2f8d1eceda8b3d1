/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* page_file.h - a page as a file of plain pixels, for a worker to encode, and cells that workers
 * have drawn, which are copied to it byte for byte: no picture is decoded here. Main thread. */
#pragma once

#include <stdint.h>

#include "base/error.h"

typedef struct PageFile {
    int fd; /* -1: closed */
    int width, height;
    int64_t pixels; /* where they begin */
} PageFile;

/* Makes a TIFF of that size, which must not be there: each byte of its RGB is `value`. */
bool page_file_new(const char *path, int width, int height, unsigned char value, PageFile *page,
                   Error **err);
void page_file_close(PageFile *page);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PageFile, page_file_close)

/* Where a cell lies on a page, wholly. */
typedef struct PageArea {
    int x, y, width, height;
} PageArea;

/* Copies a PPM of exactly the area's size to it. Another file is refused. */
bool page_file_lay(const PageFile *page, const char *cell, const PageArea *area, Error **err);
