/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* tiff_cells.h - the strips or tiles of a TIFF, unpacked by libtiff: cells of one size, some of
 * them beside each other. One row of cells is in memory, plane by plane. Used by one thread at a
 * time. */
#pragma once

#include "actions/tiff_file.h"
#include "actions/tiff_kind.h"

typedef struct TiffCells {
    TiffFile *file; /* borrowed, as the kind of its picture */
    const TiffKind *kind;
    bool by_rows;        /* a cell is a block of rows, of one strip or several */
    uint32_t strip_rows; /* in a strip */
    uint32_t next_row;   /* that libtiff would unpack without beginning the strip again */
    bool tiled;
    unsigned across, planes;
    uint32_t width, height;  /* of a cell */
    size_t row_bytes, bytes; /* of a row of a cell, and of a cell */
    unsigned char *row;      /* of cells; NULL until they are read */
    int64_t loaded;          /* the first row of pixels in it; -1: none */
    unsigned char *last_row; /* with by_rows: the block before, which a slower thread may need */
    int64_t last_loaded;
} TiffCells;

/* Finds out their size. False with libvips' error set where they have none, or one that is far
 * larger than the picture. */
bool tiff_cells_begin(TiffCells *cells, TiffFile *file, const TiffKind *kind);

void tiff_cells_clear(TiffCells *cells);

/* Reads the cells in which row `y` of the picture lies, unless they are there. False with libvips'
 * error set, and the damage reported. */
bool tiff_cells_read(TiffCells *cells, int64_t y);

/* Where the bytes of a cell that was read begin. */
unsigned char *tiff_cells_at(const TiffCells *cells, unsigned column, unsigned plane);

/* Bytes of memory that reading uses. */
int64_t tiff_cells_memory(const TiffCells *cells);
