/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sheet_layout.h - where pictures and their captions lie on the pages of a sheet, in pixels: only
 * arithmetic. Any thread. */
#pragma once

#include "base/error.h"

/* What a person asks for. */
typedef struct SheetSize {
    int columns, rows, dpi;
    int width, height; /* of the page */
    bool has_header, has_captions;
} SheetSize;

typedef struct SheetLayout {
    int width, height, dpi; /* of the page */
    int columns, rows;
    int left, top;    /* of the first cell */
    int across, down; /* from a cell to the next one */
    int cell_width, cell_height;
    int picture_height; /* of the cell's upper part; the caption is below it */
    int letters;        /* height of the caption's; it has two lines */
    int margin;         /* around the page; the header begins there */
    int header_letters; /* 0: there is no header */
} SheetLayout;

typedef struct SheetPoint {
    int x, y;
} SheetPoint;

/* Reads "a4", "a3", "letter", "297x210mm" or "2480x3508" into width and height, with dpi pixels to
 * an inch. False with *err of kind CONFIG. */
bool sheet_read_page(const char *text, SheetSize *size, Error **err);

/* False with *err of kind CONFIG where a cell would have no room for a picture. */
bool sheet_layout(const SheetSize *size, SheetLayout *layout, Error **err);

/* The upper left corner of the cell of a picture on its page; `picture` counts from 0 through all
 * pages. */
SheetPoint sheet_cell(const SheetLayout *layout, unsigned picture);

unsigned sheet_cells(const SheetLayout *layout);                    /* of a page */
unsigned sheet_pages(const SheetLayout *layout, unsigned pictures); /* as many as they need */

/* The file of a page, from 1: `output` itself where there is one page, else NAME-2.jpg. Newly
 * allocated. */
char *sheet_name(const char *output, unsigned page, unsigned pages);
