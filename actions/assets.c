/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/assets.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actions/asset_file.h"
#include "actions/bands.h"
#include "actions/colour.h"
#include "actions/pixels.h"
#include "actions/samples.h"
#include "actions/spaces.h"
#include "actions/xmp.h"

enum { FILE_MAX = 16 << 20 };

static Asset *asset_of(const Param *param, void *settings)
{
    return (void *) ((char *) settings + param->offset);
}

static bool is_file(const Asset *asset)
{
    return asset->path && *asset->path == '/';
}

/* Makes an error about the file one of the profile. Returns false. */
static bool as_profile_error(const Param *param, const Asset *asset, Error **err)
{
    g_autofree char *what = (*err)->what;

    (*err)->kind = ERROR_CONFIG;
    (*err)->what = g_strdup_printf("%s = %s: %s", param->name, asset->path, what);
    return false;
}

/* ---- pictures ---- */

/* libvips joins the metadata of both, and the photo must not get those of what is laid over it. */
static void remove_metadata(VipsImage *image)
{
    g_auto(GStrv) fields = vips_image_get_fields(image);

    for (char **field = fields; *field; field++)
        vips_image_remove(image, *field);
}

static bool is_grey(VipsImage *rgba)
{
    size_t values = (size_t) rgba->Xsize * rgba->Ysize * rgba->Bands;
    const uint8_t *pixels = VIPS_IMAGE_ADDR(rgba, 0, 0);

    for (size_t i = 0; i < values; i += rgba->Bands)
        if (pixels[i] != pixels[i + 1] || pixels[i] != pixels[i + 2])
            return false;
    return true;
}

static VipsImage *rgba_in_memory(VipsImage *pixels)
{
    g_autoptr(VipsImage) srgb = colour_srgb(pixels);
    g_autoptr(VipsImage) bytes = srgb ? pixels_in_format(srgb, VIPS_FORMAT_UCHAR) : NULL;
    g_autoptr(VipsImage) rgba = NULL;

    if (!bytes || (vips_image_hasalpha(bytes) ? vips_copy(bytes, &rgba, NULL)
                                              : vips_addalpha(bytes, &rgba, NULL)))
        return NULL;
    return pixels_in_memory(rgba);
}

/* The last two bands: all colours are the same. */
static VipsImage *grey_and_alpha(VipsImage *rgba)
{
    enum { BLUE = 2 };
    g_autoptr(VipsImage) bands = NULL;
    g_autoptr(VipsImage) grey = NULL;

    if (vips_extract_band(rgba, &bands, BLUE, "n", 2, NULL) ||
        vips_copy(bands, &grey, "interpretation", VIPS_INTERPRETATION_B_W, NULL))
        return NULL;
    return pixels_in_memory(grey);
}

static VipsImage *overlay(VipsImage *pixels)
{
    g_autoptr(VipsImage) rgba = rgba_in_memory(pixels);

    return rgba && is_grey(rgba) ? grey_and_alpha(rgba) : g_steal_pointer(&rgba);
}

/* What is transparent is black. */
static VipsImage *mask(VipsImage *pixels)
{
    static const double black[3] = { 0 };
    g_autoptr(VipsImage) flat = pixels_flattened(pixels, black);
    g_autoptr(VipsImage) grey = flat ? colour_grey(flat, colour_luma_709) : NULL;
    g_autoptr(VipsImage) plain = grey ? colour_in_srgb(grey) : NULL;
    g_autoptr(VipsImage) bytes = plain ? pixels_in_format(plain, VIPS_FORMAT_UCHAR) : NULL;

    return bytes ? pixels_in_memory(bytes) : NULL;
}

static bool read_picture(const Param *param, Asset *asset, Error **err)
{
    g_autoptr(Image) image = asset_file_open(asset->fd, err);
    VipsImage *pixels = image ? image_pixels(image, err) : NULL;

    asset->opened = false; /* it was taken over */
    if (!pixels)
        return false;
    asset->content = param->type == PARAM_MASK ? mask(pixels) : overlay(pixels);
    if (!asset->content)
        return libvips_error(err, "read it");
    remove_metadata(asset->content);
    return true;
}

/* ---- colour profiles ---- */

enum { HEADER = 128, SPACE = 16, SIGNATURE = 36 }; /* of a profile: ICC.1:2022, 7.2 */

static bool is_usable(const char *bytes, size_t size, Error **err)
{
    if (size < HEADER || memcmp(bytes + SIGNATURE, "acsp", 4) != 0)
        return error_set(err, ERROR_CONFIG, "give a file that ends in .icc or .icm",
                         "it is no colour profile");
    if (!memcmp(bytes + SPACE, "RGB ", 4) || !memcmp(bytes + SPACE, "GRAY", 4) ||
        !memcmp(bytes + SPACE, "CMYK", 4))
        return true;
    return error_set(err, ERROR_CONFIG, "give a profile of RGB, grey or CMYK",
                     "it is for %.4s, and pictures here are RGB, grey or CMYK", bytes + SPACE);
}

static bool read_all(int fd, GByteArray *bytes, Error **err)
{
    struct stat st;
    size_t have = 0;
    ssize_t got = 1;

    if (fstat(fd, &st) || st.st_size > FILE_MAX)
        return error_set(err, ERROR_CONFIG, "give a smaller file",
                         "it has more than %d MB, too many for such a file", FILE_MAX >> 20);
    g_byte_array_set_size(bytes, (guint) st.st_size);
    while (have < bytes->len && (got = read(fd, bytes->data + have, bytes->len - have)) > 0)
        have += (size_t) got;
    g_byte_array_set_size(bytes, (guint) have);
    return got >= 0 || error_errno(err, errno, "cannot read it");
}

static bool read_profile(Asset *asset, Error **err)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();

    if (!read_all(asset->fd, bytes, err) || !is_usable((const char *) bytes->data, bytes->len, err))
        return false;
    asset->content = g_byte_array_free_to_bytes(g_steal_pointer(&bytes));
    return true;
}

/* ---- XMP ---- */

static bool read_xmp(Asset *asset, Error **err)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();

    if (!read_all(asset->fd, bytes, err))
        return false;
    g_autoptr(GBytes) packet = g_byte_array_free_to_bytes(g_steal_pointer(&bytes));
    g_autoptr(Xmp) xmp = xmp_new(packet);
    if (!xmp || !xmp_has_rdf(xmp))
        return error_set(err, ERROR_CONFIG,
                         "give a file that Lightroom, Bridge or Photo Mechanic saved as .xmp",
                         "it is no XMP");
    asset->content = g_steal_pointer(&packet);
    return true;
}

const Choice asset_profiles[] = { SPACE_CHOICES, { 0 } };

static bool make_profile(const Param *param, Asset *asset, Error **err)
{
    const Choice *choice = param->choices;
    void *bytes = NULL;
    size_t size = 0;

    while (strcmp(choice->word, asset->path) != 0)
        choice++;
    bytes = space_profile(choice->value, &size);
    asset->content = bytes ? g_bytes_new_take(bytes, size) : NULL;
    return bytes || error_set(err, ERROR_INTERNAL, NULL, "it cannot be made");
}

/* ---- all of a step ---- */

/* Of TILES and TRACK, which may be directories. */
static bool is_several(const Param *param)
{
    return param->type == PARAM_TILES || param->type == PARAM_TRACK;
}

static bool open_several(const Param *param, Asset *asset, Error **err)
{
    if (param->type == PARAM_TILES)
        asset->content = tiles_open(asset->path, err);
    else
        asset->content = track_open(asset->path, err);
    return asset->content || as_profile_error(param, asset, err);
}

static bool read_several(const Param *param, Asset *asset, Error **err)
{
    return param->type == PARAM_TILES ? tiles_read(asset->content, err)
                                      : track_read(asset->content, err);
}

bool assets_open(const Param *params, void *settings, Error **err)
{
    for (; params->type != PARAM_END; params++) {
        Asset *asset = param_is_asset(params) ? asset_of(params, settings) : NULL;
        if (!asset || !is_file(asset))
            continue;
        if (is_several(params)) {
            if (!open_several(params, asset, err))
                return false;
            continue;
        }
        asset->fd = open(asset->path, O_RDONLY | O_CLOEXEC);
        asset->opened = asset->fd >= 0;
        if (!asset->opened)
            return error_errno(err, errno, "cannot open %s = '%s'", params->name, asset->path);
    }
    return true;
}

static bool read_one(const Param *param, Asset *asset, Error **err)
{
    if (!is_file(asset)) /* the action draws what a word of another type is */
        return param->type != PARAM_ICC || make_profile(param, asset, err);
    if (param->type == PARAM_XMP)
        return read_xmp(asset, err);
    return param->type == PARAM_ICC ? read_profile(asset, err) : read_picture(param, asset, err);
}

bool assets_read(const Param *params, void *settings, Error **err)
{
    for (; params->type != PARAM_END; params++) {
        Asset *asset = param_is_asset(params) ? asset_of(params, settings) : NULL;
        if (asset && is_several(params) && asset->content && !read_several(params, asset, err))
            return as_profile_error(params, asset, err);
        if (!asset || !asset->path || asset->content || (is_file(asset) && !asset->opened))
            continue;
        if (!read_one(params, asset, err))
            return as_profile_error(params, asset, err);
    }
    return true;
}

static void free_content(const Param *param, Asset *asset)
{
    if (!asset->content)
        return;
    if (param->type == PARAM_ICC || param->type == PARAM_XMP)
        g_bytes_unref(asset->content);
    else if (param->type == PARAM_TILES)
        tiles_free(asset->content);
    else if (param->type == PARAM_TRACK)
        track_free(asset->content);
    else
        g_object_unref(asset->content);
    asset->content = NULL;
}

void assets_release(const Param *params, void *settings)
{
    for (; params->type != PARAM_END; params++) {
        Asset *asset = param_is_asset(params) ? asset_of(params, settings) : NULL;
        if (!asset)
            continue;
        free_content(params, asset);
        if (asset->opened)
            close(asset->fd);
        asset->opened = false;
    }
}

GBytes *asset_xmp(const Asset *asset)
{
    return asset->content;
}

VipsImage *asset_picture(const Asset *asset)
{
    return asset->content;
}

int asset_word(const Asset *asset, const Choice *choices)
{
    for (const Choice *choice = choices; asset->path && choice->word; choice++)
        if (!strcmp(choice->word, asset->path))
            return choice->value;
    return -1;
}

const Tiles *asset_tiles(const Asset *asset)
{
    return asset->content;
}

const Track *asset_track(const Asset *asset)
{
    return asset->content;
}

const void *asset_profile(const Asset *asset, size_t *size)
{
    return asset->content ? g_bytes_get_data(asset->content, size) : NULL;
}

int asset_profile_colours(const Asset *asset)
{
    enum { RGB = 3 };
    size_t size = 0;
    const char *profile = asset_profile(asset, &size);

    if (!profile)
        return RGB;
    return !memcmp(profile + SPACE, "GRAY", 4)   ? 1
           : !memcmp(profile + SPACE, "CMYK", 4) ? PIXELS_INKS
                                                 : RGB;
}
