/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/tiff_cells.h"

#include "actions/damage.h"

enum {
    /* A strip that is larger is read in blocks of rows of this size, where libtiff can. */
    STRIP_MAX = 4 * 1024 * 1024,
    /* Tiles may reach beyond the picture, but not without end. */
    TILES_MAX = 64 * 1024 * 1024,
};

/* ---- reading ---- */

/* Most packings can only be unpacked from the beginning of a strip on, row after row. */
static bool read_rows(TiffCells *cells, uint32_t top, unsigned char *to)
{
    uint32_t first = top - top % cells->strip_rows;
    uint32_t end = MIN(top + cells->height, cells->kind->height);
    uint32_t y = cells->next_row >= first && cells->next_row <= top ? cells->next_row : first;

    for (; y < end; y++) {
        cells->next_row = y;
        if (TIFFReadScanline(cells->file->tiff, to + (y < top ? 0 : (y - top) * cells->row_bytes),
                             y, 0) < 0)
            return false;
    }
    cells->next_row = end;
    return true;
}

static bool read_one(TiffCells *cells, uint32_t x, uint32_t y, unsigned plane, unsigned char *to)
{
    tmsize_t done = 0;

    if (cells->by_rows)
        return read_rows(cells, y, to);
    if (cells->tiled)
        done = TIFFReadEncodedTile(cells->file->tiff,
                                   TIFFComputeTile(cells->file->tiff, x, y, 0, (uint16_t) plane),
                                   to, (tmsize_t) cells->bytes);
    else
        done = TIFFReadEncodedStrip(cells->file->tiff,
                                    TIFFComputeStrip(cells->file->tiff, y, (uint16_t) plane), to,
                                    (tmsize_t) cells->bytes);
    uint32_t rows = MIN(cells->height, cells->kind->height - y);
    if (done >= 0 && (size_t) done < rows * cells->row_bytes)
        vips_error("tiff", "a part of the picture is too short");
    return done >= 0 && (size_t) done >= rows * cells->row_bytes;
}

/* libtiff gives the last row first. */
static void turn_rows(uint32_t *raster, uint32_t width, uint32_t rows)
{
    for (uint32_t y = 0; y < rows / 2; y++)
        for (uint32_t x = 0; x < width; x++) {
            uint32_t *upper = raster + (size_t) y * width + x;
            uint32_t *lower = raster + (size_t) (rows - 1 - y) * width + x;
            uint32_t swap = *upper;
            *upper = *lower;
            *lower = swap;
        }
}

static bool read_by_libtiff(TiffCells *cells, uint32_t x, uint32_t y, unsigned char *to)
{
    uint32_t *raster = (uint32_t *) (void *) to;
    uint32_t rows = cells->tiled ? cells->height : MIN(cells->height, cells->kind->height - y);

    if (!(cells->tiled ? TIFFReadRGBATileExt(cells->file->tiff, x, y, raster, 1)
                       : TIFFReadRGBAStripExt(cells->file->tiff, y, raster, 1)))
        return false;
    turn_rows(raster, cells->width, rows);
    for (size_t i = 0; i < (size_t) rows * cells->width; i++)
        raster[i] = GUINT32_TO_LE(raster[i]);
    return true;
}

unsigned char *tiff_cells_at(const TiffCells *cells, unsigned column, unsigned plane)
{
    return cells->row + ((size_t) plane * cells->across + column) * cells->bytes;
}

/* Whether a plane has a colour or alpha, and not something that is left out. */
static bool is_used(const TiffCells *cells, unsigned plane)
{
    return cells->planes == 1 || plane < cells->kind->colours || (int) plane == cells->kind->alpha;
}

static bool read_cell(TiffCells *cells, unsigned column, uint32_t top, unsigned plane)
{
    uint32_t x = column * cells->width;
    unsigned char *to = tiff_cells_at(cells, column, plane);

    cells->file->complained = false;
    return (cells->kind->way == TIFF_BY_LIBTIFF ? read_by_libtiff(cells, x, top, to)
                                                : read_one(cells, x, top, plane, to)) &&
           !cells->file->complained;
}

/* Where these decoders fail or complain, it is damage, unless the kind was refused before. */
static void report_damage(const TiffCells *cells, int64_t top)
{
    uint16_t compression = COMPRESSION_NONE;

    damage_note_source();
    TIFFGetField(cells->file->tiff, TIFFTAG_COMPRESSION, &compression);
    if ((compression == COMPRESSION_JPEG || compression == COMPRESSION_CCITTRLE ||
         compression == COMPRESSION_CCITTFAX3 || compression == COMPRESSION_CCITTFAX4))
        damage_report("TIFF", top ? DAMAGE_DATA : DAMAGE_FIT, 0,
                      (double) top / cells->kind->height);
}

static size_t cells_size(const TiffCells *cells)
{
    return (size_t) cells->across * cells->planes * cells->bytes;
}

/* Exchanges the block with the one before. */
static void take_last(TiffCells *cells)
{
    unsigned char *row = cells->row;
    int64_t loaded = cells->loaded;

    cells->row = cells->last_row;
    cells->loaded = cells->last_loaded;
    cells->last_row = row;
    cells->last_loaded = loaded;
}

bool tiff_cells_read(TiffCells *cells, int64_t y)
{
    int64_t top = y - y % cells->height;
    bool fine = true;

    if (cells->loaded == top)
        return true;
    if (cells->by_rows)
        take_last(cells);
    if (cells->loaded == top)
        return true;
    cells->loaded = -1;
    if (!cells->row && !(cells->row = vips_malloc(NULL, cells_size(cells))))
        return false;
    for (unsigned plane = 0; plane < cells->planes; plane++)
        for (unsigned column = 0; fine && is_used(cells, plane) && column < cells->across; column++)
            fine = read_cell(cells, column, (uint32_t) top, plane);
    if (fine) {
        cells->loaded = top;
        return true;
    }
    tiff_refuse_unread(cells->file->tiff);
    report_damage(cells, top);
    return false;
}

/* ---- their size ---- */

static void set_tile_size(TiffCells *cells)
{
    TIFFGetField(cells->file->tiff, TIFFTAG_TILEWIDTH, &cells->width);
    TIFFGetField(cells->file->tiff, TIFFTAG_TILELENGTH, &cells->height);
    cells->row_bytes = (size_t) TIFFTileRowSize(cells->file->tiff);
    cells->bytes = (size_t) TIFFTileSize(cells->file->tiff);
}

/* Planes apart would be unpacked from their beginning for each row; some packings know no rows. */
static bool can_read_rows(const TiffCells *cells)
{
    uint16_t compression = COMPRESSION_NONE;

    TIFFGetField(cells->file->tiff, TIFFTAG_COMPRESSION, &compression);
    return cells->planes == 1 && cells->kind->way != TIFF_BY_LIBTIFF &&
           compression != COMPRESSION_JBIG && compression != COMPRESSION_LERC &&
           compression != COMPRESSION_WEBP && compression != COMPRESSION_LZMA;
}

static void set_strip_size(TiffCells *cells)
{
    uint32_t rows = cells->kind->height;

    TIFFGetFieldDefaulted(cells->file->tiff, TIFFTAG_ROWSPERSTRIP, &rows);
    cells->width = cells->kind->width;
    cells->height = CLAMP(rows, 1, cells->kind->height);
    cells->row_bytes = (size_t) TIFFScanlineSize(cells->file->tiff);
    cells->bytes = (size_t) TIFFStripSize(cells->file->tiff);
    cells->by_rows = cells->bytes > STRIP_MAX && can_read_rows(cells);
    cells->strip_rows = cells->height;
    if (cells->by_rows) {
        cells->height = (uint32_t) CLAMP(STRIP_MAX / cells->row_bytes, 1, cells->kind->height);
        cells->bytes = cells->height * cells->row_bytes;
    }
}

bool tiff_cells_begin(TiffCells *cells, TiffFile *file, const TiffKind *kind)
{
    cells->file = file;
    cells->kind = kind;
    cells->loaded = cells->last_loaded = -1;

    cells->tiled = TIFFIsTiled(cells->file->tiff);
    cells->planes = kind->apart && kind->way != TIFF_BY_LIBTIFF ? kind->samples : 1;
    if (cells->tiled)
        set_tile_size(cells);
    else
        set_strip_size(cells);
    if (kind->way == TIFF_BY_LIBTIFF) {
        cells->row_bytes = (size_t) cells->width * 4;
        cells->bytes = cells->row_bytes * cells->height;
    }
    if (!cells->width || !cells->height || !cells->row_bytes ||
        cells->bytes / cells->row_bytes < cells->height) {
        vips_error("tiff", "its strips or tiles have no size");
        return false;
    }
    cells->across = (kind->width + cells->width - 1) / cells->width;
    double all = (double) cells->across * cells->planes * (double) cells->bytes;
    double picture = (double) kind->width * kind->height * kind->samples * kind->numbers.bits / 8;
    if (all > MAX(2 * picture, 0) + TILES_MAX) {
        vips_error("tiff", "its tiles are far larger than the picture");
        return false;
    }
    return true;
}

int64_t tiff_cells_memory(const TiffCells *cells)
{
    int64_t size = (int64_t) cells_size(cells);

    /* libtiff has the packed bytes too, and what it makes colours of */
    if (cells->by_rows)
        return 2 * size +
               (int64_t) MIN(TIFFGetStrileByteCount(cells->file->tiff, 0), INT64_MAX / 2);
    return cells->kind->way == TIFF_BY_LIBTIFF ? 3 * size : 2 * size;
}

void tiff_cells_clear(TiffCells *cells)
{
    g_clear_pointer(&cells->row, g_free);
    g_clear_pointer(&cells->last_row, g_free);
}
