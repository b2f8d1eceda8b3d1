/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/raw_file.h"

#include <math.h>
#include <string.h>

#include "actions/blocks_raw.h"
#include "actions/damage.h"
#include "actions/file_window.h"
#include "actions/load_jpeg.h"
#include "actions/raw_previews.h"
#include "actions/spaces.h"

#define RAW "hotfolder-raw"

enum { ROWS_AT_ONCE = 16, FIRST_SIDEWAYS = 5 };

typedef struct RawFile {
    RawSettings settings;
    RawSensor sensor;
    GArray *previews; /* of RawPreview, the smallest first */
    MetadataBlocks blocks;
} RawFile;

/* ---- a file ---- */

static void raw_free(void *data)
{
    RawFile *raw = data;

    raw_sensor_clear(&raw->sensor);
    g_array_unref(raw->previews);
    metadata_blocks_clear(&raw->blocks);
    g_free(raw);
}

/* As far as it can be read. */
static void read_parts(RawFile *raw, int fd)
{
    enum { BUDGET = 64 * 1024 * 1024 };
    Bytes bytes;

    if (!bytes_begin(&bytes, fd, BUDGET)) {
        raw->previews = g_array_new(FALSE, FALSE, sizeof(RawPreview));
        return;
    }
    raw->previews = raw_previews_find(&bytes);
    blocks_raw_read(&bytes, &raw->blocks);
}

void raw_file_set(VipsSource *source, const RawSettings *settings)
{
    RawFile *raw = g_new0(RawFile, 1);
    int fd = VIPS_CONNECTION(source)->descriptor;

    raw->settings = settings ? *settings : raw_plain;
    read_parts(raw, fd);
    raw_sensor_read(fd, &raw->settings, &raw->sensor);
    if (!raw->sensor.camera)
        raw->sensor.camera = blocks_raw_camera(&raw->blocks);
    g_object_set_data_full(G_OBJECT(source), RAW, raw, raw_free);
}

static RawFile *raw_of(VipsSource *source)
{
    RawFile *raw = g_object_get_data(G_OBJECT(source), RAW);

    if (raw)
        return raw;
    raw_file_set(source, NULL);
    return g_object_get_data(G_OBJECT(source), RAW);
}

/* ---- what it becomes ---- */

static const RawPreview *largest(const RawFile *raw)
{
    return raw->previews->len ? &g_array_index(raw->previews, RawPreview, raw->previews->len - 1)
                              : NULL;
}

static bool is_preview(const RawFile *raw)
{
    return largest(raw) && (raw->settings.use == RAW_PREVIEW ||
                            (raw->settings.use == RAW_AUTO && raw->sensor.state == RAW_UNKNOWN));
}

/* A way to make the picture. */
typedef struct Way {
    const RawPreview *preview; /* NULL: it is developed */
    bool half;
    int shrink; /* by which libjpeg makes a preview smaller */
    double by;  /* how many times smaller than the picture it is */
} Way;

static int jpeg_shrink(double shrink)
{
    return shrink >= 16 ? 8 : shrink >= 8 ? 4 : shrink >= 4 ? 2 : 1;
}

static Way of_preview(const RawPreview *preview, double by, double shrink)
{
    int again = jpeg_shrink(shrink / by);

    return (Way){ .preview = preview, .shrink = again, .by = by * again };
}

/* Whether it shows what the sensor has seen, lying as that. */
static bool shows_the_same(const RawPreview *preview, const RawSize *full)
{
    const double most = 0.01; /* cameras cut some rows off */
    double ratio =
        (double) preview->width * full->height / ((double) preview->height * full->width);

    return fabs(ratio - 1) <= most;
}

static double times(const RawSize *full, int width, int height)
{
    return MAX((double) full->width / width, (double) full->height / height);
}

/* The cheapest that is large enough. */
static Way cheapest(const RawFile *raw, double shrink)
{
    const RawSize *full = &raw->sensor.full, *half = &raw->sensor.half;
    bool suits = raw_settings_suit_preview(&raw->settings);

    for (guint i = 0; suits && i < raw->previews->len; i++) {
        const RawPreview *preview = &g_array_index(raw->previews, RawPreview, i);
        double by = times(full, preview->width, preview->height);
        if (by <= shrink && shows_the_same(preview, full))
            return of_preview(preview, by, shrink);
    }
    double by = times(full, half->width, half->height);
    return by <= shrink ? (Way){ .half = true, .by = by } : (Way){ .by = 1 };
}

static Way way_of(const RawFile *raw, double shrink)
{
    if (is_preview(raw))
        return of_preview(largest(raw), 1, shrink);
    if (raw->settings.use == RAW_HALF)
        return (Way){ .half = true, .by = 1 };
    if (raw->settings.use == RAW_FULL || raw->sensor.state != RAW_KNOWN)
        return (Way){ .by = 1 };
    return cheapest(raw, shrink);
}

double raw_file_shrink(VipsSource *source, double shrink)
{
    return way_of(raw_of(source), shrink).by;
}

/* Of a progressive JPEG, libjpeg keeps all numbers: two bytes for each value. */
double raw_file_memory(VipsSource *source, double shrink)
{
    enum { COLOURS = 3, NUMBER = 2 };
    const RawFile *raw = raw_of(source);
    const Way way = way_of(raw, shrink);
    const RawPreview *preview = way.preview;

    if (!preview)
        return way.half ? raw->sensor.half.memory : raw->sensor.full.memory;
    return preview->progressive ? (double) preview->width * preview->height * COLOURS * NUMBER : 0;
}

/* ---- what cannot be read ---- */

static void *refuse_damaged(void)
{
    damage_refuse(g_strdup("the camera RAW is damaged: what it says of its pixels cannot be read"),
                  "copy it again from where it came");
    vips_error("raw", "damaged");
    return NULL;
}

static void *refuse_unknown(const RawFile *raw)
{
    const char *camera = raw->sensor.camera ? raw->sensor.camera : "it does not name itself";

    if (largest(raw))
        damage_refuse(
            g_strdup_printf("%s does not know the camera, %s: its RAW cannot be developed",
                            raw_sensor_library(), camera),
            "set `use = preview` in the profile's `raw`, or convert it to DNG");
    else
        damage_refuse(g_strdup_printf("%s does not know the camera, %s, and its RAW has no preview",
                                      raw_sensor_library(), camera),
                      "let the camera save a JPEG beside it, or convert it to DNG");
    vips_error("raw", "unknown");
    return NULL;
}

/* ---- a preview ---- */

/* Where cameras have turned it already, it lies otherwise than the sensor. */
static int preview_orientation(const RawFile *raw, const RawPreview *preview)
{
    const RawSize *full = &raw->sensor.full;
    int orientation = raw->sensor.orientation;
    bool upright = orientation >= FIRST_SIDEWAYS && full->width > full->height &&
                   preview->height > preview->width;

    return upright ? 1 : orientation;
}

/* Its own metadata gives way to the RAW's; its colour profile stays. */
static void take_metadata(const RawFile *raw, VipsImage *image)
{
    static const char *const fields[] = { VIPS_META_EXIF_NAME, VIPS_META_XMP_NAME,
                                          VIPS_META_IPTC_NAME, VIPS_META_PHOTOSHOP_NAME };
    g_auto(GStrv) names = vips_image_get_fields(image);
    size_t size = 0;

    for (char **name = names; *name; name++)
        if (g_str_has_prefix(*name, "exif-"))
            vips_image_remove(image, *name);
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
        vips_image_remove(image, fields[i]);
    if (!raw->blocks.exif)
        return;
    const void *exif = g_bytes_get_data(raw->blocks.exif, &size);
    vips_image_set_blob_copy(image, VIPS_META_EXIF_NAME, exif, size);
}

static VipsImage *open_preview(const RawFile *raw, VipsSource *source, const Way *way)
{
    const RawPreview *preview = way->preview;
    g_autoptr(VipsSource) window = file_window_new(source, preview->at, preview->length);
    g_autoptr(VipsImage) jpeg = load_jpeg(window, way->shrink);
    VipsImage *out = NULL;

    if (!jpeg || vips_copy(jpeg, &out, NULL))
        return NULL;
    take_metadata(raw, out);
    int orientation = preview_orientation(raw, preview);
    if (orientation)
        vips_image_set_int(out, VIPS_META_ORIENTATION, orientation);
    return out;
}

/* ---- what is developed ---- */

/* Of one picture; threads share it. */
typedef struct Developed {
    VipsSource *source;
    RawSettings settings;
    bool half;
    GMutex lock;
    RawPixels pixels; /* once the first row is asked for, until the last is handed on */
} Developed;

static void developed_free(void *data)
{
    Developed *developed = data;

    raw_pixels_clear(&developed->pixels);
    g_object_unref(developed->source);
    g_mutex_clear(&developed->lock);
    g_free(developed);
}

static bool is_developed(Developed *developed, const VipsImage *image)
{
    RawPixels *pixels = &developed->pixels;

    if (pixels->values)
        return true;
    if (!raw_sensor_develop(VIPS_CONNECTION(developed->source)->descriptor, &developed->settings,
                            developed->half, pixels))
        return false;
    if (pixels->width == image->Xsize && pixels->height == image->Ysize &&
        pixels->colours == image->Bands)
        return true;
    raw_pixels_clear(pixels);
    vips_error("raw", "the file has changed since its header was read");
    return false;
}

static void hand_on(const Developed *developed, VipsRegion *out)
{
    const VipsRect *area = &out->valid;
    size_t pixel = VIPS_IMAGE_SIZEOF_PEL(out->im);
    const char *values = developed->pixels.values;

    for (int y = area->top; y < VIPS_RECT_BOTTOM(area); y++)
        memcpy(VIPS_REGION_ADDR(out, area->left, y),
               values + ((size_t) y * (size_t) out->im->Xsize + (size_t) area->left) * pixel,
               (size_t) area->width * pixel);
}

static int generate(VipsRegion *out, void *seq G_GNUC_UNUSED, void *a, void *b G_GNUC_UNUSED,
                    gboolean *stop G_GNUC_UNUSED)
{
    Developed *developed = a;

    g_mutex_lock(&developed->lock);
    bool made = is_developed(developed, out->im);
    if (made)
        hand_on(developed, out);
    if (made && VIPS_RECT_BOTTOM(&out->valid) == out->im->Ysize)
        raw_pixels_clear(&developed->pixels);
    g_mutex_unlock(&developed->lock);
    return made ? 0 : -1;
}

static VipsInterpretation kind_of(const RawFile *raw)
{
    bool deep = raw->settings.depth > 8;

    if (raw->sensor.colours == 1)
        return deep ? VIPS_INTERPRETATION_GREY16 : VIPS_INTERPRETATION_B_W;
    return deep ? VIPS_INTERPRETATION_RGB16 : VIPS_INTERPRETATION_sRGB;
}

/* LibRaw gives all spaces the same curve, which looks right as that of sRGB; that of Adobe RGB is
 * next to it. */
static void attach_space(VipsImage *image, int space)
{
    size_t size = 0;
    g_autofree void *profile = space == SPACE_SRGB       ? NULL
                               : space == SPACE_PROPHOTO ? space_profile_of_srgb_curve(space, &size)
                                                         : space_profile(space, &size);

    if (profile)
        vips_image_set_blob_copy(image, VIPS_META_ICC_NAME, profile, size);
}

static VipsImage *open_developed(const RawFile *raw, VipsSource *source, const Way *way)
{
    const RawSize *size = way->half ? &raw->sensor.half : &raw->sensor.full;
    g_autoptr(VipsImage) image = vips_image_new();
    Developed *developed = g_new0(Developed, 1);
    VipsImage *rows = NULL;

    developed->source = g_object_ref(source);
    developed->settings = raw->settings;
    developed->half = way->half;
    g_mutex_init(&developed->lock);
    g_object_set_data_full(G_OBJECT(image), "raw", developed, developed_free);
    vips_image_init_fields(image, size->width, size->height, raw->sensor.colours,
                           raw->settings.depth > 8 ? VIPS_FORMAT_USHORT : VIPS_FORMAT_UCHAR,
                           VIPS_CODING_NONE, kind_of(raw), 1, 1);
    if (raw->sensor.colours > 1)
        attach_space(image, raw->settings.space);
    vips_image_set_int(image, VIPS_META_ORIENTATION, raw->sensor.orientation);
    if (vips_image_pipelinev(image, VIPS_DEMAND_STYLE_THINSTRIP, NULL) ||
        vips_image_generate(image, NULL, generate, NULL, developed, NULL) ||
        !(rows = libvips_in_order(image, ROWS_AT_ONCE)))
        return NULL;
    return rows;
}

VipsImage *raw_file_open(VipsSource *source, double shrink)
{
    const RawFile *raw = raw_of(source);
    const Way way = way_of(raw, shrink);

    if (way.preview)
        return open_preview(raw, source, &way);
    if (raw->sensor.state == RAW_KNOWN)
        return open_developed(raw, source, &way);
    return raw->sensor.state == RAW_DAMAGED ? refuse_damaged() : refuse_unknown(raw);
}

RawOffer raw_file_offer(VipsSource *source)
{
    const RawFile *raw = raw_of(source);
    const RawPreview *preview = largest(raw);
    RawOffer offer = { .preview = is_preview(raw),
                       .known = raw->sensor.state == RAW_KNOWN,
                       .camera = raw->sensor.camera };

    if (!preview)
        return offer;
    bool sideways = preview_orientation(raw, preview) >= FIRST_SIDEWAYS;
    offer.width = sideways ? preview->height : preview->width;
    offer.height = sideways ? preview->width : preview->height;
    return offer;
}
