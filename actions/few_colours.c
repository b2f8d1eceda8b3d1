/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/few_colours.h"

#include <stdint.h>
#include <string.h>

#define MARK "hotfolder-few-colours"

enum { SLOTS = 1024, FREE = -1, ALPHA = 3 };

struct FewColours {
    int width, bands, rows;
    unsigned grey_bits;                /* so far; 0: it is of a palette */
    unsigned count;                    /* of colours */
    uint32_t colours[FEW_COLOURS_MAX]; /* the bytes of a pixel */
    int slots[SLOTS];                  /* numbers of colours by their hash, or FREE */
    uint32_t last;                     /* a colour that has a number */
    unsigned last_number;
    unsigned char renumbered[FEW_COLOURS_MAX];
    unsigned char *numbers; /* of each pixel; a grey has itself */
    unsigned char *row;
};

void few_colours_mark(VipsImage *image)
{
    vips_image_set_int(image, MARK, 1);
}

bool few_colours_marked(const VipsImage *image)
{
    return vips_image_get_typeof(image, MARK) != 0;
}

FewColours *few_colours_new(VipsImage *pixels)
{
    enum { GREY_ALPHA = 2 };
    g_autoptr(FewColours) few = g_new0(FewColours, 1);
    bool profile = vips_image_get_typeof(pixels, VIPS_META_ICC_NAME) != 0;

    few->numbers = g_try_malloc((size_t) pixels->Xsize * pixels->Ysize);
    if (!few->numbers || pixels->BandFmt != VIPS_FORMAT_UCHAR ||
        (pixels->Bands == GREY_ALPHA && profile))
        return NULL;
    few->row = g_malloc((size_t) pixels->Xsize);
    few->width = pixels->Xsize;
    few->bands = pixels->Bands;
    few->grey_bits = pixels->Bands == 1;
    for (int i = 0; i < SLOTS; i++)
        few->slots[i] = FREE;
    return g_steal_pointer(&few);
}

void few_colours_free(FewColours *few)
{
    if (!few)
        return;
    g_free(few->numbers);
    g_free(few->row);
    g_free(few);
}

/* ---- taking rows ---- */

static uint32_t colour_at(const FewColours *few, const unsigned char *pixel)
{
    uint32_t colour = 0;

    memcpy(&colour, pixel, (size_t) few->bands);
    return colour;
}

/* Makes `last` the colour; false where it would be one too many. */
static bool find(FewColours *few, uint32_t colour)
{
    unsigned slot = colour * 2654435761U >> 22;

    while (few->slots[slot] != FREE && few->colours[few->slots[slot]] != colour)
        slot = (slot + 1) % SLOTS;
    if (few->slots[slot] == FREE) {
        if (few->count == FEW_COLOURS_MAX)
            return false;
        few->colours[few->count] = colour;
        few->slots[slot] = (int) few->count++;
    }
    few->last = colour;
    few->last_number = (unsigned) few->slots[slot];
    return true;
}

static bool add_colours(FewColours *few, const unsigned char *row, unsigned char *numbers)
{
    for (int x = 0; x < few->width; x++, row += few->bands) {
        uint32_t colour = colour_at(few, row);
        if ((colour != few->last || !few->count) && !find(few, colour))
            return false;
        numbers[x] = (unsigned char) few->last_number;
    }
    return true;
}

/* Of so many bits, white is 255 and the others are in equal steps. */
static bool is_grey_of(unsigned bits, unsigned value)
{
    return value % (255 / ((1U << bits) - 1)) == 0;
}

static bool add_greys(FewColours *few, const unsigned char *row)
{
    enum { MOST = 4 };
    bool seen[256] = { false };

    for (int x = 0; x < few->width; x++)
        seen[row[x]] = true;
    for (unsigned value = 0; value < 256; value++)
        while (seen[value] && !is_grey_of(few->grey_bits, value))
            if ((few->grey_bits *= 2) > MOST)
                return false;
    return true;
}

bool few_colours_add(FewColours *few, const unsigned char *row)
{
    unsigned char *numbers = few->numbers + (size_t) few->rows * few->width;

    if (few->grey_bits ? !add_greys(few, row) : !add_colours(few, row, numbers))
        return false;
    if (few->grey_bits)
        memcpy(numbers, row, (size_t) few->width);
    few->rows++;
    return true;
}

/* ---- giving them ---- */

int few_colours_rows(const FewColours *few)
{
    return few->rows;
}

static const unsigned char *numbers_of(const FewColours *few, int row)
{
    return few->numbers + (size_t) row * few->width;
}

const unsigned char *few_colours_numbers(FewColours *few, int row)
{
    enum { BITS = 8 };
    const unsigned char *numbers = numbers_of(few, row);

    for (int x = 0; x < few->width; x++)
        few->row[x] =
            few->grey_bits ? numbers[x] >> (BITS - few->grey_bits) : few->renumbered[numbers[x]];
    return few->row;
}

void few_colours_pixels(const FewColours *few, int row, unsigned char *pixels)
{
    const unsigned char *numbers = numbers_of(few, row);

    for (int x = 0; x < few->width; x++, pixels += few->bands) {
        const uint32_t colour = few->grey_bits ? 0 : few->colours[numbers[x]];
        memcpy(pixels, few->grey_bits ? &numbers[x] : (const unsigned char *) &colour,
               (size_t) few->bands);
    }
}

static void set_rgba(const FewColours *few, uint32_t colour, unsigned char rgba[4])
{
    unsigned char bytes[4];
    bool grey = few->bands < ALPHA;

    memcpy(bytes, &colour, sizeof(bytes));
    for (int i = 0; i < ALPHA; i++)
        rgba[i] = bytes[grey ? 0 : i];
    rgba[ALPHA] = few->bands % 2 ? 255 : bytes[few->bands - 1];
}

unsigned few_colours_palette(FewColours *few, unsigned char rgba[FEW_COLOURS_MAX][4],
                             unsigned *count)
{
    unsigned number = 0;

    *count = few->count;
    if (few->grey_bits)
        return few->grey_bits;
    for (int opaque = 0; opaque < 2; opaque++)
        for (unsigned i = 0; i < few->count; i++) {
            unsigned char one[4];
            set_rgba(few, few->colours[i], one);
            if ((one[ALPHA] == 255) != (opaque == 1))
                continue;
            memcpy(rgba[number], one, sizeof(one));
            few->renumbered[i] = (unsigned char) number++;
        }
    return number <= 2 ? 1 : number <= 4 ? 2 : number <= 16 ? 4 : 8;
}
