/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/load_tiff.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "actions/damage.h"
#include "actions/few_colours.h"
#include "actions/tiff_cells.h"
#include "formats/tiff.h"

enum { ROWS_AT_ONCE = 16, PALETTE_BANDS = 3 };

/* Of one picture. Rows are read by one thread at a time: libvips_in_order() has a lock. */
typedef struct Tiff {
    TiffFile file;
    TiffKind kind;
    TiffCells cells;
    int bands; /* of its pixels */
    uint8_t (*palette)[PALETTE_BANDS];
} Tiff;

static void tiff_free(void *data)
{
    Tiff *tiff = data;

    tiff_file_close(&tiff->file);
    tiff_cells_clear(&tiff->cells);
    g_free(tiff->palette);
    g_free(tiff);
}

/* Goes to the page that is the picture; the number of all. */
static int find_page(TiffFile *file)
{
    enum { BUDGET = 64 * 1024 * 1024 };
    g_autofree Bytes *bytes = g_new(Bytes, 1);

    if (!bytes_begin(bytes, VIPS_CONNECTION(file->source)->descriptor, BUDGET)) {
        vips_error_system(errno, "tiff", "cannot read the file");
        return 0;
    }
    TiffPages pages = tiff_pages(bytes);
    return TIFFSetDirectory(file->tiff, (tdir_t) pages.chosen) ? (int) MAX(1, pages.directories)
                                                               : 0;
}

/* ---- pixels ---- */

/* Where a sample of row y begins: its row in a cell, its number there, and the step to the next. */
typedef struct Place {
    const unsigned char *row;
    size_t first, step;
} Place;

static Place place_of(const Tiff *tiff, unsigned column, uint32_t y, unsigned sample)
{
    unsigned plane = tiff->cells.planes > 1 ? sample : 0;
    unsigned together = tiff->kind.way == TIFF_BY_LIBTIFF ? 4 : tiff->kind.samples;

    return (Place){ .row = tiff_cells_at(&tiff->cells, column, plane) +
                           y % tiff->cells.height * tiff->cells.row_bytes,
                    .first = tiff->cells.planes > 1 ? 0 : sample,
                    .step = tiff->cells.planes > 1 ? 1 : together };
}

/* A run of pixels of one row: `count` of them from number `skip` of a cell. */
typedef struct Run {
    unsigned column;
    uint32_t y;
    size_t skip, count;
} Run;

static void put_plain(const Tiff *tiff, const Run *run, unsigned char *to)
{
    size_t size = vips_format_sizeof_unsafe(samples_format(&tiff->kind.numbers));

    for (int band = 0; band < tiff->bands; band++) {
        bool alpha = band == (int) tiff->kind.colours;
        Samples numbers = tiff->kind.numbers;
        Place place = place_of(tiff, run->column, run->y,
                               alpha ? (unsigned) tiff->kind.alpha : (unsigned) band);
        if (alpha && numbers.white < numbers.black)
            numbers = (Samples){ numbers.kind, numbers.bits, numbers.white, numbers.black };
        samples_convert(&numbers, place.row, place.first + run->skip * place.step, place.step,
                        to + band * size, (size_t) tiff->bands, run->count);
    }
    if (tiff->kind.alpha >= 0 && tiff->kind.premultiplied)
        samples_unpremultiply(samples_format(&tiff->kind.numbers), to, tiff->bands, run->count);
}

static void put_palette(const Tiff *tiff, const Run *run, unsigned char *to)
{
    Place place = place_of(tiff, run->column, run->y, 0);

    for (size_t i = 0; i < run->count; i++) {
        double number = samples_value(&tiff->kind.numbers, place.row,
                                      place.first + (run->skip + i) * place.step);
        memcpy(to + i * PALETTE_BANDS, tiff->palette[(size_t) number], PALETTE_BANDS);
    }
}

static double lab_value(const TiffKind *kind, int band, double number)
{
    double unit = kind->numbers.bits == 8 ? 1 : 256;

    if (kind->numbers.kind == SAMPLE_FLOAT) /* as libvips writes them: from 0 to 100, and a and b */
        return number;
    if (band == 0)
        return number * 100 / (kind->offset_ab && unit > 1 ? 65280 : kind->numbers.white);
    if (kind->offset_ab)
        return number / unit - 128;
    return (number > kind->numbers.white / 2 ? number - kind->numbers.white - 1 : number) / unit;
}

/* One pixel; a and b are missing where there is only the lightness. */
static void lab_pixel(const Tiff *tiff, const Run *run, size_t i, double lab[PALETTE_BANDS])
{
    for (unsigned band = 0; band < PALETTE_BANDS; band++) {
        Place place = place_of(tiff, run->column, run->y, MIN(band, tiff->kind.colours - 1));
        double number = samples_value(&tiff->kind.numbers, place.row,
                                      place.first + (run->skip + i) * place.step);
        lab[band] = band < tiff->kind.colours ? lab_value(&tiff->kind, (int) band, number) : 0;
    }
}

static void put_lab(const Tiff *tiff, const Run *run, uint16_t *to)
{
    double lab[PALETTE_BANDS];

    for (size_t i = 0; i < run->count; i++) {
        lab_pixel(tiff, run, i, lab);
        samples_srgb_of_lab(lab, to + i * PALETTE_BANDS);
    }
}

static void put(const Tiff *tiff, const Run *run, void *to)
{
    if (tiff->kind.way == TIFF_PALETTE)
        put_palette(tiff, run, to);
    else if (tiff->kind.way == TIFF_LAB)
        put_lab(tiff, run, to);
    else
        put_plain(tiff, run, to);
}

/* ---- what is white ---- */

static void measure_run(const Tiff *tiff, const Run *run, TiffExtent *extent)
{
    for (unsigned sample = 0; sample < tiff->kind.colours; sample++) {
        Place place = place_of(tiff, run->column, run->y, sample);
        for (size_t i = 0; i < run->count; i++) {
            double value =
                samples_value(&tiff->kind.numbers, place.row, place.first + i * place.step);
            if (isnan(value))
                continue;
            extent->least = MIN(extent->least, value);
            extent->most = MAX(extent->most, value);
            extent->count++;
            extent->above += value > 1;
            extent->below += value < 0;
        }
    }
}

/* Reads all pixels once more than otherwise. */
static bool find_white(Tiff *tiff)
{
    TiffExtent extent = { .least = G_MAXDOUBLE, .most = -G_MAXDOUBLE };

    for (uint32_t y = 0; y < tiff->kind.height; y++) {
        if (!tiff_cells_read(&tiff->cells, y))
            return false;
        for (unsigned column = 0; column < tiff->cells.across; column++) {
            uint32_t left = column * tiff->cells.width;
            Run run = { column, y, 0, MIN(tiff->cells.width, tiff->kind.width - left) };
            measure_run(tiff, &run, &extent);
        }
    }
    return tiff_set_white(&tiff->kind, &extent);
}

/* ---- as an image of libvips ---- */

static int generate(VipsRegion *out, void *seq G_GNUC_UNUSED, void *a, void *b G_GNUC_UNUSED,
                    gboolean *stop G_GNUC_UNUSED)
{
    Tiff *tiff = a;
    const VipsRect *area = &out->valid;

    if (tiff->kind.unsure && !find_white(tiff))
        return -1;
    for (int y = area->top; y < VIPS_RECT_BOTTOM(area); y++) {
        if (!tiff_cells_read(&tiff->cells, y))
            return -1;
        for (int x = area->left; x < VIPS_RECT_RIGHT(area);) {
            int column = x / (int) tiff->cells.width;
            int skip = x % (int) tiff->cells.width;
            int count = MIN((int) tiff->cells.width - skip, VIPS_RECT_RIGHT(area) - x);
            Run run = { (unsigned) column, (uint32_t) y, (size_t) skip, (size_t) count };
            put(tiff, &run, VIPS_REGION_ADDR(out, x, y));
            x += count;
        }
    }
    return 0;
}

/* Writers of 8 bits put them into the upper half, or into both. */
static bool read_palette(Tiff *tiff)
{
    uint16_t *tables[PALETTE_BANDS];
    size_t count = (size_t) 1 << tiff->kind.numbers.bits;
    unsigned all = 0, low = 0;

    if (!TIFFGetField(tiff->file.tiff, TIFFTAG_COLORMAP, &tables[0], &tables[1], &tables[2])) {
        vips_error("tiff", "its palette is missing");
        return false;
    }
    for (size_t i = 0; i < count * PALETTE_BANDS; i++) {
        all |= tables[i % PALETTE_BANDS][i / PALETTE_BANDS];
        low |= tables[i % PALETTE_BANDS][i / PALETTE_BANDS] & 255U;
    }
    tiff->palette = g_malloc(count * PALETTE_BANDS);
    for (size_t i = 0; i < count * PALETTE_BANDS; i++) {
        unsigned value = tables[i % PALETTE_BANDS][i / PALETTE_BANDS];
        tiff->palette[i / PALETTE_BANDS][i % PALETTE_BANDS] = (uint8_t) (all < 256 ? value
                                                                         : low ? (value + 128) / 257
                                                                               : value >> 8);
    }
    return true;
}

static void copy_blob(TIFF *tiff, uint32_t tag, VipsImage *image, const char *field)
{
    uint32_t size = 0;
    void *bytes = NULL;

    if (TIFFGetField(tiff, tag, &size, &bytes) && size && bytes)
        vips_image_set_blob_copy(image, field, bytes, size);
}

static void copy_metadata(TIFF *tiff, int pages, VipsImage *image)
{
    uint16_t orientation = 1;
    const char *text = NULL;

    copy_blob(tiff, TIFFTAG_XMLPACKET, image, VIPS_META_XMP_NAME);
    copy_blob(tiff, TIFFTAG_RICHTIFFIPTC, image, VIPS_META_IPTC_NAME);
    copy_blob(tiff, TIFFTAG_PHOTOSHOP, image, VIPS_META_PHOTOSHOP_NAME);
    if (TIFFGetField(tiff, TIFFTAG_IMAGEDESCRIPTION, &text))
        vips_image_set_string(image, VIPS_META_IMAGEDESCRIPTION, text);
    TIFFGetField(tiff, TIFFTAG_ORIENTATION, &orientation);
    if (orientation >= 1 && orientation <= 8)
        vips_image_set_int(image, VIPS_META_ORIENTATION, orientation);
    vips_image_set_int(image, VIPS_META_N_PAGES, pages);
}

static void copy_resolution(TIFF *tiff, VipsImage *image)
{
    float across = 0, down = 0;
    uint16_t unit = RESUNIT_NONE;
    double per_mm = 1;

    TIFFGetFieldDefaulted(tiff, TIFFTAG_RESOLUTIONUNIT, &unit);
    if (!TIFFGetField(tiff, TIFFTAG_XRESOLUTION, &across) ||
        !TIFFGetField(tiff, TIFFTAG_YRESOLUTION, &down) || !(across > 0) || !(down > 0))
        return;
    if (unit != RESUNIT_NONE) {
        per_mm = unit == RESUNIT_CENTIMETER ? 10 : 25.4;
        vips_image_set_string(image, VIPS_META_RESOLUTION_UNIT,
                              unit == RESUNIT_CENTIMETER ? "cm" : "in");
    }
    image->Xres = across / per_mm;
    image->Yres = down / per_mm;
}

/* In the words of image.c, where libvips says it of other formats. */
static bool check_size(const TiffKind *kind)
{
    if (kind->width <= VIPS_MAX_COORD && kind->height <= VIPS_MAX_COORD)
        return true;
    damage_refuse(g_strdup("it is more than 10000000 pixels wide or high"),
                  "make the picture smaller first");
    return false;
}

/* Goes to the page at `directory`; 0: to the one that is the picture. The number of all, 1 where it
 * is not asked for, or 0 with libvips' error set. */
static int go_to_page(TiffFile *file, uint64_t directory)
{
    file->directory = directory;
    if (!tiff_file_open(file))
        return 0;
    return directory ? 1 : find_page(file);
}

static bool read_header(Tiff *tiff, uint64_t directory, VipsImage *image)
{
    TiffKind *kind = &tiff->kind;
    int pages = go_to_page(&tiff->file, directory);

    if (!pages || !tiff_kind(tiff->file.tiff, kind) || !check_size(kind) ||
        !tiff_cells_begin(&tiff->cells, &tiff->file, kind) ||
        (kind->way == TIFF_PALETTE && !read_palette(tiff)))
        return false;
    tiff->bands = kind->way == TIFF_PALETTE || kind->way == TIFF_LAB
                      ? PALETTE_BANDS
                      : (int) kind->colours + (kind->alpha >= 0);
    VipsBandFormat format = kind->way == TIFF_PALETTE ? VIPS_FORMAT_UCHAR
                            : kind->way == TIFF_LAB   ? VIPS_FORMAT_USHORT
                                                      : samples_format(&kind->numbers);
    vips_image_init_fields(image, (int) kind->width, (int) kind->height, tiff->bands, format,
                           VIPS_CODING_NONE, kind->type, 1, 1);
    if (kind->way == TIFF_PALETTE || kind->numbers.bits < 8)
        few_colours_mark(image);
    if (kind->numbers.bits == 1 && kind->way != TIFF_PALETTE && tiff->bands == 1)
        vips_image_set_int(image, LOAD_TIFF_BILEVEL, 1);
    copy_metadata(tiff->file.tiff, pages, image);
    if (kind->way != TIFF_LAB)
        copy_blob(tiff->file.tiff, TIFFTAG_ICCPROFILE, image, VIPS_META_ICC_NAME);
    copy_resolution(tiff->file.tiff, image);
    TIFFSetField(tiff->file.tiff, TIFFTAG_ORIENTATION,
                 ORIENTATION_TOPLEFT); /* libtiff turns nothing */
    return true;
}

VipsImage *load_tiff(VipsSource *source)
{
    return load_tiff_page(source, 0);
}

VipsImage *load_tiff_page(VipsSource *source, uint64_t directory)
{
    Tiff *tiff = g_new0(Tiff, 1);
    g_autoptr(VipsImage) image = vips_image_new();
    VipsImage *rows = NULL;

    tiff->file.source = g_object_ref(source);
    g_object_set_data_full(G_OBJECT(image), "tiff", tiff, tiff_free);
    if (!read_header(tiff, directory, image) ||
        vips_image_pipelinev(image, VIPS_DEMAND_STYLE_THINSTRIP, NULL) ||
        vips_image_generate(image, NULL, generate, NULL, tiff, NULL) ||
        !(rows = libvips_in_order(image, ROWS_AT_ONCE)))
        return NULL;
    int64_t *memory = g_new(int64_t, 1);
    *memory = tiff_cells_memory(&tiff->cells);
    g_object_set_data_full(G_OBJECT(rows), "tiff-memory", memory, g_free);
    return rows;
}

int64_t load_tiff_memory(VipsImage *image)
{
    const int64_t *memory = g_object_get_data(G_OBJECT(image), "tiff-memory");

    return memory ? *memory : 0;
}

bool load_tiff_knows(unsigned compression)
{
    return TIFFIsCODECConfigured((uint16_t) compression);
}
