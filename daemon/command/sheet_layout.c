/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/sheet_layout.h"

#include <math.h>
#include <string.h>

#include "config/length.h"

enum {
    SIDE_MIN = 64,    /* pixels of a page */
    SIDE_MAX = 65000, /* as a JPEG takes them */
    PICTURE_MIN = 16, /* pixels that a picture has across and down at least */
    LETTERS_MIN = 6,  /* pixels */
};

static const double pixels_max = 4e8; /* of a page: A0 of 300 dpi has 140 million */

/* Shares of the page's shorter side; of letters, of width and height together. */
static const double margin_share = 0.04, gap_share = 0.015;
static const double header_share = 0.0095, letters_share = 0.006;
static const double letters_of_cell = 0.07; /* of a cell's width, at most */
static const double caption_height = 2.8;   /* of letters: two lines, and none of a third one */

/* ---- the page ---- */

typedef struct PageName {
    const char *word;
    double width_mm, height_mm;
} PageName;

static const PageName page_names[] = {
    { "a4", 210, 297 },
    { "a3", 297, 420 },
    { "letter", 215.9, 279.4 },
};

static int pixels_of(const Length *length, int dpi)
{
    Length copy = *length;

    length_finish(&copy, OF_WIDTH, 0, 0, dpi);
    return (int) lround(copy.px);
}

static bool has_unit(const char *text)
{
    return *text && !g_ascii_isdigit(text[strlen(text) - 1]);
}

/* A width without a unit has that of the height: "297x210mm". */
static bool read_sides(const char *text, const char *sign, int dpi, int *width, int *height)
{
    g_autofree char *first = g_strndup(text, (gsize) (sign - text));
    const char *second = sign + 1, *unit = second + strspn(second, "0123456789.");
    g_autofree char *whole = g_strconcat(first, has_unit(first) ? "" : unit, NULL);
    Length across = { 0 }, down = { 0 };

    if (length_read(whole, 1, &across) || length_read(second, 1, &down) ||
        across.unit == LENGTH_PERCENT || down.unit == LENGTH_PERCENT)
        return false;
    *width = pixels_of(&across, dpi);
    *height = pixels_of(&down, dpi);
    return true;
}

static bool read_named(const char *text, SheetSize *size)
{
    for (size_t i = 0; i < G_N_ELEMENTS(page_names); i++) {
        const Length width = { page_names[i].width_mm, LENGTH_MM, 0 };
        const Length height = { page_names[i].height_mm, LENGTH_MM, 0 };
        if (g_ascii_strcasecmp(text, page_names[i].word) != 0)
            continue;
        size->width = pixels_of(&width, size->dpi);
        size->height = pixels_of(&height, size->dpi);
        return true;
    }
    return false;
}

bool sheet_read_page(const char *text, SheetSize *size, Error **err)
{
    bool read = read_named(text, size);

    /* "px" has the sign too */
    for (const char *sign = strchr(text, 'x'); sign && !read; sign = strchr(sign + 1, 'x'))
        read = read_sides(text, sign, size->dpi, &size->width, &size->height);
    if (!read)
        return error_set(err, ERROR_CONFIG,
                         "give a4, a3, letter, or width x height as in 297x210mm or 2480x3508",
                         "no such page");
    if (size->width < SIDE_MIN || size->height < SIDE_MIN)
        return error_set(err, ERROR_CONFIG, "make it larger, or give more --dpi",
                         "the page is too small: %d x %d pixels", size->width, size->height);
    if (size->width > SIDE_MAX || size->height > SIDE_MAX ||
        (double) size->width * size->height > pixels_max)
        return error_set(err, ERROR_CONFIG, "make it smaller, or give less --dpi",
                         "the page is too large: %d x %d pixels", size->width, size->height);
    return true;
}

/* ---- the cells ---- */

static int share_of(double share, int whole)
{
    return (int) floor(share * whole);
}

/* Of `count` cells beside each other, with a gap between them. */
static int side_of(int room, int count, int gap)
{
    return (room - (count - 1) * gap) / count;
}

static bool refuse_small(const SheetLayout *layout, Error **err)
{
    return error_set(err, ERROR_CONFIG, "give fewer columns or rows, or a larger page",
                     "%d columns and %d rows leave no room for pictures on a page of %d x %d "
                     "pixels",
                     layout->columns, layout->rows, layout->width, layout->height);
}

/* Letters of the caption and what they leave of the cell. */
static void divide_cell(SheetLayout *layout, int sides)
{
    double most = fmin(letters_share * sides, letters_of_cell * layout->cell_width);

    layout->letters = MAX(LETTERS_MIN, (int) floor(most));
    layout->picture_height = layout->cell_height - (int) ceil(caption_height * layout->letters);
}

bool sheet_layout(const SheetSize *size, SheetLayout *layout, Error **err)
{
    int shorter = MIN(size->width, size->height), gap = share_of(gap_share, shorter);

    *layout = (SheetLayout){ .width = size->width,
                             .height = size->height,
                             .dpi = size->dpi,
                             .columns = size->columns,
                             .rows = size->rows,
                             .margin = share_of(margin_share, shorter) };
    layout->header_letters =
        size->has_header ? MAX(LETTERS_MIN, share_of(header_share, size->width + size->height)) : 0;
    int header = 2 * layout->header_letters;
    layout->cell_width = side_of(size->width - 2 * layout->margin, size->columns, gap);
    layout->cell_height = side_of(size->height - 2 * layout->margin - header, size->rows, gap);
    layout->across = layout->cell_width + gap;
    layout->down = layout->cell_height + gap;
    layout->left = (size->width - layout->across * size->columns + gap) / 2;
    layout->top = layout->margin + header;
    layout->picture_height = layout->cell_height;
    if (size->has_captions)
        divide_cell(layout, size->width + size->height);
    return (layout->cell_width >= PICTURE_MIN && layout->picture_height >= PICTURE_MIN) ||
           refuse_small(layout, err);
}

unsigned sheet_cells(const SheetLayout *layout)
{
    return (unsigned) layout->columns * (unsigned) layout->rows;
}

SheetPoint sheet_cell(const SheetLayout *layout, unsigned picture)
{
    unsigned at = picture % sheet_cells(layout), columns = (unsigned) layout->columns;

    return (SheetPoint){ layout->left + (int) (at % columns) * layout->across,
                         layout->top + (int) (at / columns) * layout->down };
}

unsigned sheet_pages(const SheetLayout *layout, unsigned pictures)
{
    return (pictures + sheet_cells(layout) - 1) / sheet_cells(layout);
}

char *sheet_name(const char *output, unsigned page, unsigned pages)
{
    const char *slash = strrchr(output, '/'), *dot = strrchr(slash ? slash : output, '.');
    int stem = dot ? (int) (dot - output) : (int) strlen(output);

    if (pages == 1)
        return g_strdup(output);
    return g_strdup_printf("%.*s-%u%s", stem, output, page, output + stem);
}
