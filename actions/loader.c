/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/loader.h"

#include <errno.h>
#include <unistd.h>

#include "actions/damage.h"
#include "actions/few_colours.h"
#include "actions/gif_data.h"
#include "actions/heif_check.h"
#include "actions/heif_pixels.h"
#include "actions/heif_turn.h"
#include "actions/jp2_check.h"
#include "actions/jxl_check.h"
#include "actions/late_exif.h"
#include "actions/load_bmp.h"
#include "actions/load_jpeg.h"
#include "actions/load_tiff.h"
#include "actions/raw_file.h"
#include "actions/stated_colour.h"
#include "actions/tiff_check.h"
#include "actions/webp_alpha.h"
#include "actions/webp_check.h"
#include "formats/probe.h"

enum { PDF_DPI = 300 }; /* common for printing */

struct Loader {
    Format format;
    Format nearest;        /* what it is saved as by default */
    Format joined;         /* the same of files of several pictures; NONE: only the first is read */
    const char *operation; /* libvips' name of it; NULL: it is our own */
    const char *blocked;   /* the class of an operation that libvips does not trust, or NULL */
    VipsImage *(*open)(VipsSource *source, double shrink);
};

#define COMMON "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_TRUNCATED

/* libjpeg shrinks by averaging blocks, which is a touch too sharp: at least a factor of two is left
 * for the real filter, as vips_thumbnail() does it. */
static int jpeg_shrink(double shrink)
{
    return shrink >= 16 ? 8 : shrink >= 8 ? 4 : shrink >= 4 ? 2 : 1;
}

static VipsImage *open_jpeg(VipsSource *source, double shrink)
{
    return load_jpeg(source, jpeg_shrink(shrink));
}

/* As its IHDR says, which the decoder has read. */
static bool is_png_of_few_colours(int fd)
{
    enum { BITS_AT = 24, TYPE_AT = 25, PALETTE = 3 };
    unsigned char head[TYPE_AT + 1];

    return pread(fd, head, sizeof(head), 0) == (ssize_t) sizeof(head) &&
           (head[BITS_AT] < 8 || head[TYPE_AT] == PALETTE);
}

static VipsImage *open_png(VipsSource *source, double shrink G_GNUC_UNUSED)
{
    VipsImage *image = NULL;

    if (vips_pngload_source(source, &image, COMMON, NULL))
        return NULL;
    if (is_png_of_few_colours(VIPS_CONNECTION(source)->descriptor))
        few_colours_mark(image);
    late_exif_add(image, VIPS_CONNECTION(source)->descriptor);
    return image;
}

enum { FIRST_PAGE = 1, ALL_PAGES = -1 };

static VipsImage *load_webp(VipsSource *source, double shrink, int pages)
{
    g_autoptr(VipsSource) flagged = webp_alpha_source(VIPS_CONNECTION(source)->descriptor);
    VipsImage *image = NULL;

    return vips_webpload_source(flagged ? flagged : source, &image, COMMON, "scale",
                                1 / MAX(1, shrink), "n", pages, NULL)
               ? NULL
               : image;
}

static VipsImage *open_webp(VipsSource *source, double shrink)
{
    return load_webp(source, shrink, FIRST_PAGE);
}

/* to libvips a missing end mark is missing data, which is looked for elsewhere */
static VipsImage *load_gif(VipsSource *source, int pages)
{
    VipsImage *image = NULL;

    if (vips_gifload_source(source, &image, "access", VIPS_ACCESS_SEQUENTIAL, "n", pages, NULL))
        return NULL;
    few_colours_mark(image);
    return image;
}

static VipsImage *open_gif(VipsSource *source, double shrink G_GNUC_UNUSED)
{
    if (!gif_data_is_whole(VIPS_CONNECTION(source)->descriptor)) {
        vips_error("gif", "pixels are missing");
        return NULL;
    }
    return load_gif(source, FIRST_PAGE);
}

static VipsImage *open_tiff(VipsSource *source, double shrink G_GNUC_UNUSED)
{
    return load_tiff(source);
}

/* libvips 8.14 frees the bytes of a HEIC's colour profile, EXIF and XMP with the loaded image,
 * while the copies of it that we save still point to them. */
static void copy_metadata(VipsImage *image)
{
    static const char *const fields[] = { VIPS_META_ICC_NAME, VIPS_META_EXIF_NAME,
                                          VIPS_META_XMP_NAME };

    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
        const void *bytes = NULL;
        size_t size = 0;
        if (vips_image_get_typeof(image, fields[i]) &&
            !vips_image_get_blob(image, fields[i], &bytes, &size))
            vips_image_set_blob_copy(image, fields[i], bytes, size);
    }
}

static VipsImage *open_heif(VipsSource *source, double shrink G_GNUC_UNUSED)
{
    int fd = VIPS_CONNECTION(source)->descriptor;
    int orientation = heif_turn_orientation(fd);
    g_autoptr(VipsSource) stored = orientation > 1 ? heif_turn_without(fd) : g_object_ref(source);
    VipsImage *image = NULL;

    if (vips_heifload_source(stored, &image, COMMON, NULL))
        return NULL;
    copy_metadata(image);
    vips_autorot_remove_angle(image); /* EXIF's, which setting EXIF parsed: information only */
    if (orientation > 1)
        vips_image_set_int(image, VIPS_META_ORIENTATION, orientation);
    return heif_pixels(image, fd);
}

static VipsImage *open_bmp(VipsSource *source, double shrink G_GNUC_UNUSED)
{
    return load_bmp(source);
}

static VipsImage *open_jxl(VipsSource *source, double shrink G_GNUC_UNUSED)
{
    VipsImage *image = NULL;

    if (vips_jxlload_source(source, &image, COMMON, NULL))
        return NULL;
    if (vips_image_get_n_pages(image) == 1 && !jxl_check(VIPS_CONNECTION(source)->descriptor)) {
        vips_error("jxl", "refused");
        g_object_unref(image);
        return NULL;
    }
    vips_autorot_remove_angle(image); /* libjxl has turned the pixels */
    return image;
}

static VipsImage *open_jp2(VipsSource *source, double shrink G_GNUC_UNUSED)
{
    VipsImage *image = NULL;

    if (!jp2_check(VIPS_CONNECTION(source)->descriptor)) {
        vips_error("jp2", "refused");
        return NULL;
    }
    return vips_jp2kload_source(source, &image, COMMON, NULL) ? NULL : image;
}

static VipsImage *open_svg(VipsSource *source, double shrink)
{
    VipsImage *image = NULL;

    return vips_svgload_source(source, &image, COMMON, "scale", 1 / MAX(1, shrink), NULL) ? NULL
                                                                                          : image;
}

static VipsImage *load_pdf(VipsSource *source, double shrink, int page)
{
    VipsImage *image = NULL;

    return vips_pdfload_source(source, &image, COMMON, "dpi", (double) PDF_DPI, "scale",
                               1 / MAX(1, shrink), "page", page, NULL)
               ? NULL
               : image;
}

static VipsImage *open_pdf(VipsSource *source, double shrink)
{
    return load_pdf(source, shrink, 0);
}

static const Loader loaders[] = {
    { FORMAT_JPEG, FORMAT_JPEG, FORMAT_NONE, "jpegload_source", NULL, open_jpeg },
    { FORMAT_PNG, FORMAT_PNG, FORMAT_NONE, "pngload_source", NULL, open_png },
    { FORMAT_WEBP, FORMAT_WEBP, FORMAT_WEBP, "webpload_source", NULL, open_webp },
    { FORMAT_GIF, FORMAT_PNG, FORMAT_GIF, "gifload_source", NULL, open_gif },
    { FORMAT_TIFF, FORMAT_TIFF, FORMAT_TIFF, NULL, NULL, open_tiff },
    { FORMAT_HEIF, FORMAT_JPEG, FORMAT_NONE, "heifload_source", NULL, open_heif },
    { FORMAT_AVIF, FORMAT_AVIF, FORMAT_NONE, "heifload_source", NULL, open_heif },
    { FORMAT_BMP, FORMAT_PNG, FORMAT_NONE, NULL, NULL, open_bmp },
    { FORMAT_JXL, FORMAT_JPEG, FORMAT_NONE, "jxlload_source", "VipsForeignLoadJxl", open_jxl },
    { FORMAT_JP2, FORMAT_JPEG, FORMAT_NONE, "jp2kload_source", "VipsForeignLoadJp2k", open_jp2 },
    { FORMAT_SVG, FORMAT_PNG, FORMAT_NONE, "svgload_source", "VipsForeignLoadSvg", open_svg },
    { FORMAT_PDF, FORMAT_PNG, FORMAT_TIFF, "pdfload_source", "VipsForeignLoadPdf", open_pdf },
    { FORMAT_RAW, FORMAT_JPEG, FORMAT_NONE, NULL, NULL, raw_file_open },
};

static const Loader *find_by_format(Format format)
{
    for (size_t i = 0; i < G_N_ELEMENTS(loaders); i++)
        if (loaders[i].format == format)
            return &loaders[i];
    return NULL;
}

bool loader_make_ready(Format format)
{
    const Loader *loader = find_by_format(format);

    return loader &&
           (!loader->operation || libvips_make_ready("VipsForeignLoad", loader->operation));
}

const Loader *loader_find(int fd, unsigned accept, Probe *probe, Error **err)
{
    if (!probe_file(fd, probe)) {
        error_errno(err, errno, "cannot read the picture");
        return NULL;
    }

    const Loader *loader = find_by_format(probe->format);
    if (loader && (accept & FORMAT_BIT(probe->format)))
        return loader;
    probe_refusal(probe, NULL, accept, err);
    return NULL;
}

static VipsSource *source_of(VipsImage *image)
{
    return g_object_get_data(G_OBJECT(image), "source");
}

static int descriptor_of(VipsImage *image)
{
    return VIPS_CONNECTION(source_of(image))->descriptor;
}

/* Whether the coded data is whole, where the decoder itself would not say; of a TIFF that of the
 * page at `directory`. */
static bool is_whole(Format format, int fd, const uint64_t *directory)
{
    if (format == FORMAT_WEBP)
        return webp_check(fd);
    if (format == FORMAT_TIFF)
        return tiff_check(fd, directory ? *directory : 0);
    return (format != FORMAT_HEIF && format != FORMAT_AVIF) || heif_check(fd, format_name(format));
}

/* Once, before the first row is decoded: by then the memory for that is there. */
static bool check_once(const Loader *loader, VipsImage *image)
{
    if (g_object_get_data(G_OBJECT(image), "checked"))
        return true;
    g_object_set_data(G_OBJECT(image), "checked", image);
    return is_whole(loader->format, descriptor_of(image),
                    g_object_get_data(G_OBJECT(image), "directory"));
}

/* Decoding has failed in row `top`. libwebp and libheif decode all rows at once; a TIFF that fails
 * in the first may be of a kind that is not read. */
static void report_rows(const Loader *loader, VipsImage *image, int top)
{
    bool by_rows = loader->format == FORMAT_PNG || (loader->format == FORMAT_TIFF && top > 0);
    double share = loader->format == FORMAT_WEBP ? webp_share(descriptor_of(image))
                                                 : (double) top / image->Ysize;

    if (by_rows || loader->format == FORMAT_WEBP)
        damage_report(format_name(loader->format), by_rows || share > 0 ? DAMAGE_DATA : DAMAGE_FIT,
                      0, share);
}

/* Hands rows on, and reports where they end: a step or an encoder, which only passes the error on,
 * is not to blame. */
static int hand_on(VipsRegion *out, void *seq, void *a G_GNUC_UNUSED, void *loader,
                   gboolean *stop G_GNUC_UNUSED)
{
    VipsRegion *in = seq;
    VipsRect *area = &out->valid;

    if (!check_once(loader, out->im)) {
        damage_note_source();
        return -1;
    }
    if (vips_region_prepare(in, area)) {
        damage_note_source();
        report_rows(loader, out->im, area->top);
        return -1;
    }
    return vips_region_region(out, in, area, area->left, area->top);
}

/* The same picture, of which a message can say what is missing or damaged. Takes over `image`. */
static VipsImage *with_damage_reported(const Loader *loader, VipsImage *image, VipsSource *source)
{
    g_autoptr(VipsImage) in = image;
    g_autoptr(VipsImage) out = vips_image_new();

    if (vips_image_pipelinev(out, VIPS_DEMAND_STYLE_THINSTRIP, in, NULL) ||
        vips_image_generate(out, vips_start_one, hand_on, vips_stop_one, in,
                            (gpointer) (uintptr_t) loader))
        return NULL;
    g_object_set_data_full(G_OBJECT(out), "file", g_steal_pointer(&in), g_object_unref);
    g_object_set_data_full(G_OBJECT(out), "source", g_object_ref(source), g_object_unref);
    return g_steal_pointer(&out);
}

static VipsImage *open_page(const Loader *loader, VipsSource *source, const LoaderPage *page,
                            double shrink)
{
    if (!page)
        return loader->open(source, shrink);
    return loader->format == FORMAT_TIFF ? load_tiff_page(source, page->directory)
                                         : load_pdf(source, shrink, page->number);
}

/* `page` NULL: the one that is the picture. */
static VipsImage *open_reported(const Loader *loader, VipsSource *source, const LoaderPage *page,
                                double shrink)
{
    if (loader->blocked && loader_make_ready(loader->format))
        vips_operation_block_set(loader->blocked, FALSE);
    VipsImage *image = open_page(loader, source, page, shrink);
    if (loader->blocked)
        vips_operation_block_set(loader->blocked, TRUE);
    if (image && loader->format != FORMAT_JPEG) /* its loader reports it */
        image = with_damage_reported(loader, image, source);
    if (image && page)
        g_object_set_data_full(G_OBJECT(image), "directory",
                               g_memdup2(&page->directory, sizeof(page->directory)), g_free);
    return image ? stated_colour_attach(image, loader->format, VIPS_CONNECTION(source)->descriptor)
                 : NULL;
}

VipsImage *loader_open(const Loader *loader, VipsSource *source, double shrink)
{
    return open_reported(loader, source, NULL, shrink);
}

VipsImage *loader_open_page(const Loader *loader, VipsSource *source, LoaderPage page,
                            double shrink)
{
    return open_reported(loader, source, &page, shrink);
}

VipsImage *loader_open_frames(const Loader *loader, VipsSource *source)
{
    int fd = VIPS_CONNECTION(source)->descriptor;
    VipsImage *frames = loader->format == FORMAT_GIF ? load_gif(source, ALL_PAGES)
                                                     : load_webp(source, 1, ALL_PAGES);

    return frames ? stated_colour_attach(frames, loader->format, fd) : NULL;
}

/* Measured with pictures of 12 and 48 megapixels, 8 bits and 3 bands, as the worker's peak above
 * its 34 MB: AVIF 6.6 to 6.9 bytes a pixel, and 2.1 more while its data is checked, HEIC 7.6
 * to 8.7, GIF 5.2 to 5.8, JPEG XL 5.9 to 6.3, JPEG 2000 1.3 to 2.8, progressive JPEG 2.9 to 3.1
 * (twice that without subsampling), interlaced PNG all of its values and a sixth, WebP 7.5, and
 * next to nothing when it is scaled while it is decoded. All others work row by row; a TIFF's
 * strips and tiles are counted by themselves. */
static double bytes_a_pixel(const Loader *loader, const VipsImage *file, double weight,
                            double shrink)
{
    bool whole = vips_image_get_typeof(file, "interlaced") != 0;
    double values = 1.2 * (double) VIPS_IMAGE_SIZEOF_PEL(file);

    switch (loader->format) {
    case FORMAT_JPEG:
        return whole ? 6 : 0;
    case FORMAT_PNG:
        return whole ? values / weight : 0;
    case FORMAT_WEBP:
    case FORMAT_SVG:
    case FORMAT_PDF:
        return 8 / (MAX(1, shrink) * MAX(1, shrink));
    case FORMAT_GIF:
    case FORMAT_JXL:
        return 7;
    case FORMAT_JP2:
        return 3;
    case FORMAT_HEIF:
        return 9;
    case FORMAT_AVIF:
        return 12;
    case FORMAT_BMP:
        return (double) LOAD_BMP_ROW_BYTES / file->Xsize;
    case FORMAT_TIFF: /* see loader_memory() */
    case FORMAT_RAW:  /* the same */
    case FORMAT_PPM:
    case FORMAT_NONE:
    case FORMAT_COUNT:
        break;
    }
    g_assert_not_reached();
}

int64_t loader_memory(const Loader *loader, VipsImage *file, double shrink)
{
    double pixels = (double) file->Xsize * file->Ysize;
    double weight = MAX(1, (double) VIPS_IMAGE_SIZEOF_PEL(file) / 3); /* 16 bits, 4 bands */

    if (loader->format == FORMAT_TIFF)
        return load_tiff_memory(g_object_get_data(G_OBJECT(file), "file"));
    if (loader->format == FORMAT_RAW)
        return (int64_t) raw_file_memory(source_of(file), shrink);
    return (int64_t) (pixels * weight * bytes_a_pixel(loader, file, weight, shrink));
}

double loader_shrink(const Loader *loader, VipsImage *file, double shrink)
{
    switch ((int) loader->format) {
    case FORMAT_JPEG:
        return jpeg_shrink(shrink);
    case FORMAT_WEBP:
    case FORMAT_SVG:
    case FORMAT_PDF:
        return MAX(1, shrink);
    case FORMAT_RAW:
        return raw_file_shrink(source_of(file), shrink);
    default:
        return 1;
    }
}

Format loader_format(const Loader *loader)
{
    return loader->format;
}

Format loader_output_format(const Loader *loader, bool several)
{
    return several ? loader->joined : loader->nearest;
}
