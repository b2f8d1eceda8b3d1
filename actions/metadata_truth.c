/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/metadata_truth.h"

#include <string.h>

#include "actions/exif.h"
#include "actions/image_resources.h"
#include "actions/iptc.h"
#include "actions/metadata_regions.h"
#include "actions/xmp.h"

#define EXIF      "http://ns.adobe.com/exif/1.0/"
#define XMP       "http://ns.adobe.com/xap/1.0/"
#define CAMERA    "http://ns.google.com/photos/1.0/camera/"
#define CONTAINER "http://ns.google.com/photos/1.0/container/"
#define PANORAMA  "http://ns.google.com/photos/1.0/panorama/"

typedef struct Truth {
    const MetadataChange *change;
    MetadataDropped dropped;
    void *user;
} Truth;

static void tell(const Truth *truth, const char *what)
{
    truth->dropped(truth->user, what);
}

/* ---- EXIF ---- */

static void state_size(Exif *exif, const MetadataChange *change)
{
    static const ExifTag widths[] = { { EXIF_IN_MAIN, 0x0100 },
                                      { EXIF_IN_PHOTO, 0xa002 },
                                      { EXIF_IN_INTEROP, 0x1001 } };
    static const ExifTag heights[] = { { EXIF_IN_MAIN, 0x0101 },
                                       { EXIF_IN_PHOTO, 0xa003 },
                                       { EXIF_IN_INTEROP, 0x1002 } };

    for (size_t i = 0; i < G_N_ELEMENTS(widths); i++) {
        exif_set_number(exif, widths[i], (uint32_t) change->saved_width);
        exif_set_number(exif, heights[i], (uint32_t) change->saved_height);
    }
}

/* An edit that makes EXIF does not know the size. */
static bool has_no_size(const Exif *exif)
{
    static const ExifTag width = { EXIF_IN_PHOTO, 0xa002 };
    uint32_t said = 0;

    return exif_number(exif, width, &said) && !said;
}

static void remove_places(Exif *exif)
{
    static const ExifTag subject_area = { EXIF_IN_PHOTO, 0x9214 },
                         subject_location = { EXIF_IN_PHOTO, 0xa214 };

    exif_remove(exif, subject_area);
    exif_remove(exif, subject_location);
}

/* As ColorSpace of EXIF and XMP numbers what the new file is in; 0: as the old one said. */
static unsigned space_of(const MetadataChange *change)
{
    enum { SRGB = 1, UNCALIBRATED = 65535 };

    return change->inks ? UNCALIBRATED : change->srgb ? SRGB : 0;
}

/* Cameras state Adobe RGB in two entries. */
static void state_space(Exif *exif, unsigned number)
{
    static const ExifTag space = { EXIF_IN_PHOTO, 0xa001 }, index = { EXIF_IN_INTEROP, 0x0001 };

    exif_set_number(exif, space, number);
    exif_remove(exif, index);
}

static GBytes *true_exif(GBytes *bytes, const MetadataChange *change)
{
    static const ExifTag orientation = { EXIF_IN_MAIN, 0x0112 };
    g_autoptr(Exif) exif = exif_new(bytes);
    uint32_t said = 0;

    if (!exif)
        return NULL;
    if (exif_number(exif, orientation, &said) && said != (uint32_t) change->orientation)
        exif_set_number(exif, orientation, (uint32_t) change->orientation);
    if (space_of(change))
        state_space(exif, space_of(change));
    if (change->pixels || has_no_size(exif))
        state_size(exif, change);
    if (change->pixels)
        exif_remove_pictures(exif);
    if (change->pixels && (change->turned > 1 || metadata_change_resizes(change)))
        remove_places(exif);
    return exif_bytes(exif);
}

/* ---- XMP: what goes ---- */

/* Properties of a namespace. `name`: the only one, or where it ends in * those that begin so; NULL:
 * all. */
typedef struct Goes {
    const char *uri, *name;
    const char *what; /* it speaks of, for the result; NULL: not worth a word */
} Goes;

static bool is_meant(const Goes *goes, const char *uri, const char *name)
{
    size_t length = goes->name ? strlen(goes->name) : 0;

    if (strcmp(goes->uri, uri) != 0 || !goes->name)
        return !strcmp(goes->uri, uri);
    if (goes->name[length - 1] == '*')
        return !strncmp(goes->name, name, length - 1);
    return !strcmp(goes->name, name);
}

/* What lies behind the pixels of the original: no encoder of ours writes it. */
static const Goes promises[] = {
    { CAMERA, "MotionPhoto*", "motion photo" },
    { CAMERA, "MicroVideo*", "motion photo" },
    { "http://ns.oplus.com/photos/1.0/camera/", "*", "motion photo" },
    { "http://ns.xiaomi.com/photos/1.0/camera/", "*", "motion photo" },
    { CONTAINER, "Directory", NULL }, /* on_item() names its items */
    { "http://ns.google.com/photos/dd/1.0/container/", "*", "depth map" },
    { "http://ns.google.com/photos/dd/1.0/device/", "*", "depth map" },
    { "http://ns.adobe.com/hdr-gain-map/1.0/", NULL, "gain map" },
    { "http://ns.apple.com/HDRGainMap/1.0/", NULL, "gain map" },
    { "http://ns.apple.com/pixeldatainfo/1.0/", NULL, "gain map" },
    { "http://purl.org/dc/terms/", "provenance", "content credentials" },
    { "http://ns.adobe.com/xmp/note/", "HasExtendedXMP", NULL },
};

/* Copies of the old picture, and what was measured in it. */
static const Goes old_pixels[] = {
    { XMP, "Thumbnails", NULL },
    { "http://ns.google.com/photos/1.0/image/", NULL, NULL },
    { "http://ns.google.com/photos/1.0/depthmap/", NULL, "depth map" },
};

/* Places in the old picture. */
static const Goes old_places[] = {
    { EXIF, "SubjectArea", NULL },
    { EXIF, "SubjectLocation", NULL },
    { "http://ns.acdsee.com/regions/", NULL, "regions" },
    { "http://ns.apple.com/faceinfo/1.0/", NULL, "regions" },
    { "http://iptc.org/std/Iptc4xmpExt/2008-02-29/", "ImageRegion", "regions" },
};

/* Regions that metadata_regions_change() cannot take along without knowing what is seen. */
static const Goes old_regions[] = {
    { "http://www.metadataworkinggroup.com/schemas/regions/", NULL, "regions" },
    { "http://ns.microsoft.com/photo/1.2/", "RegionInfo", "regions" },
    { PANORAMA, NULL, "panorama" },
};

static bool stays(const Truth *truth, const Goes *list, size_t count, const char *uri,
                  const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (is_meant(&list[i], uri, name)) {
            if (list[i].what)
                tell(truth, list[i].what);
            return false;
        }
    return true;
}

static bool is_true(void *user, const char *uri, const char *name)
{
    const Truth *truth = user;
    const MetadataChange *change = truth->change;
    bool moved = change->pixels && (change->turned > 1 || metadata_change_resizes(change));

    return stays(truth, promises, G_N_ELEMENTS(promises), uri, name) &&
           (!change->pixels || stays(truth, old_pixels, G_N_ELEMENTS(old_pixels), uri, name)) &&
           (!moved || stays(truth, old_places, G_N_ELEMENTS(old_places), uri, name)) &&
           (!change->pixels || change->known ||
            stays(truth, old_regions, G_N_ELEMENTS(old_regions), uri, name));
}

/* What an item of Google's directory is: the film, the gain map. */
static bool on_item(void *user, XmpNode *item)
{
    static const char item_uri[] = "http://ns.google.com/photos/1.0/container/item/";
    static const struct {
        const char *semantic, *what;
    } words[] = { { "MotionPhoto", "motion photo" },
                  { "GainMap", "gain map" },
                  { "Depth", "depth map" } };
    g_autofree char *semantic = xmp_node_text(item, item_uri, "Semantic");

    for (size_t i = 0; semantic && i < G_N_ELEMENTS(words); i++)
        if (!strcmp(semantic, words[i].semantic))
            tell(user, words[i].what);
    return true;
}

/* ---- XMP: what becomes right ---- */

static void state_number(Xmp *xmp, const char *uri, const char *name, double number)
{
    g_autofree char *text = g_strdup_printf("%.0f", number);

    xmp_set_text(xmp, uri, name, text);
}

/* A panorama's numbers are pixels of the sphere, of which a part is seen. */
static void change_panorama(Xmp *xmp, const MetadataChange *change)
{
    static const char *const sphere[] = { "FullPanoWidthPixels", "FullPanoHeightPixels" };
    static const char *const corner[] = { "CroppedAreaLeftPixels", "CroppedAreaTopPixels" };
    const double cut_off[] = { change->left * change->whole_width,
                               change->top * change->whole_height };
    const double scale[] = { change->saved_width / (change->width * change->whole_width),
                             change->saved_height / (change->height * change->whole_height) };

    for (size_t i = 0; i < G_N_ELEMENTS(sphere); i++) {
        g_autofree char *full = xmp_text(xmp, PANORAMA, sphere[i]);
        g_autofree char *from = xmp_text(xmp, PANORAMA, corner[i]);
        if (full)
            state_number(xmp, PANORAMA, sphere[i], g_ascii_strtod(full, NULL) * scale[i]);
        if (from)
            state_number(xmp, PANORAMA, corner[i],
                         (g_ascii_strtod(from, NULL) + cut_off[i]) * scale[i]);
    }
    state_number(xmp, PANORAMA, "CroppedAreaImageWidthPixels", change->saved_width);
    state_number(xmp, PANORAMA, "CroppedAreaImageHeightPixels", change->saved_height);
}

static void state_pixels(Xmp *xmp, const MetadataChange *change)
{
    state_number(xmp, XMP_TIFF, "Orientation", change->orientation);
    state_number(xmp, XMP_TIFF, "ImageWidth", change->saved_width);
    state_number(xmp, XMP_TIFF, "ImageLength", change->saved_height);
    state_number(xmp, EXIF, "PixelXDimension", change->saved_width);
    state_number(xmp, EXIF, "PixelYDimension", change->saved_height);
    if (!change->known)
        return;
    metadata_regions_change(xmp, change);
    change_panorama(xmp, change);
}

static GBytes *true_xmp(GBytes *bytes, const Truth *truth)
{
    g_autoptr(Xmp) xmp = xmp_new(bytes);

    if (!xmp && !truth->change->pixels)
        return g_bytes_ref(bytes);
    if (!xmp) {
        tell(truth, "XMP that cannot be read");
        return NULL;
    }
    xmp_each(xmp, CONTAINER, "Item", on_item, (void *) (guintptr) truth);
    xmp_each(xmp, XMP_RDF, "li", on_item, (void *) (guintptr) truth);
    bool removed = xmp_filter(xmp, is_true, (void *) (guintptr) truth);
    if (!removed && !truth->change->pixels && !space_of(truth->change))
        return g_bytes_ref(bytes);
    if (space_of(truth->change))
        state_number(xmp, EXIF, "ColorSpace", space_of(truth->change));
    if (truth->change->pixels)
        state_pixels(xmp, truth->change);
    return removed && xmp_is_empty(xmp) ? NULL : xmp_packet(xmp);
}

/* ---- IPTC and Photoshop's block ---- */

static bool dataset_is_true(unsigned dataset)
{
    enum {
        ORIENTATION = IPTC_DATASET(2, 131),
        PREVIEW = IPTC_DATASET(2, 200),
        PREVIEW_END = IPTC_DATASET(2, 202)
    };

    return dataset != ORIENTATION && (dataset < PREVIEW || dataset > PREVIEW_END);
}

/* Guides, paths and slices lie in the old picture; EXIF and XMP are blocks of their own. */
static bool resource_is_true(unsigned id)
{
    enum {
        GUIDES = 1032,
        THUMBNAIL_OLD = 1033,
        THUMBNAIL = 1036,
        SLICES = 1050,
        EXIF_DATA = 1058,
        EXIF_MORE = 1059,
        XMP_DATA = 1060,
        PATHS = 2000,
        PATHS_END = 2999
    };

    return id != GUIDES && id != THUMBNAIL_OLD && id != THUMBNAIL && id != SLICES &&
           id != EXIF_DATA && id != EXIF_MORE && id != XMP_DATA && (id < PATHS || id > PATHS_END);
}

/* ---- all of it ---- */

void metadata_truth(MetadataBlocks *blocks, const MetadataChange *change, MetadataDropped dropped,
                    void *user)
{
    const Truth truth = { change, dropped, user };

    if (blocks->exif)
        blocks_replace(&blocks->exif, true_exif(blocks->exif, change));
    if (blocks->xmp)
        blocks_replace(&blocks->xmp, true_xmp(blocks->xmp, &truth));
    if (blocks->iptc && change->pixels)
        blocks_replace(&blocks->iptc, iptc_filter(blocks->iptc, dataset_is_true));
    if (blocks->photoshop && change->pixels)
        blocks_replace(&blocks->photoshop,
                       image_resources_filter(blocks->photoshop, resource_is_true));
}
