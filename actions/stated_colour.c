/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/stated_colour.h"

#include <stdlib.h>
#include <string.h>

#include "actions/nclx.h"
#include "actions/png_colour.h"
#include "actions/tone_map.h"

#define NOTE "hotfolder-colour-note"

static bool has_profile(const VipsImage *image)
{
    return vips_image_get_typeof(image, VIPS_META_ICC_NAME) != 0;
}

/* A CMYK picture keeps its own. */
static void attach(VipsImage *image, const char *name, const Primaries *primaries,
                   const ToneCurve *curve)
{
    int colours = image->Bands - vips_image_hasalpha(image);
    size_t size = 0;
    g_autofree void *profile = image->Type == VIPS_INTERPRETATION_CMYK ? NULL
                               : colours >= 3 ? rgb_profile_new(name, primaries, curve, &size)
                                              : grey_profile_new(name, curve, &size);

    if (profile)
        vips_image_set_blob_copy(image, VIPS_META_ICC_NAME, profile, size);
}

/* ---- numbers of H.273 ---- */

static VipsImage *mapped(VipsImage *image, CicpKind kind, Cicp cicp)
{
    g_autoptr(VipsImage) in = image;
    VipsImage *out = tone_map(in, kind, cicp_primaries(cicp));

    if (!out)
        return NULL;
    vips_image_remove(out, VIPS_META_ICC_NAME);
    vips_image_set_string(out, NOTE,
                          kind == CICP_PQ ? "high dynamic range (PQ) was brought into sRGB"
                                          : "high dynamic range (HLG) was brought into sRGB");
    return out;
}

static VipsImage *attach_cicp(VipsImage *image, Cicp cicp)
{
    CicpKind kind = cicp_kind(cicp);

    switch (kind) {
    case CICP_UNKNOWN:
        return image;
    case CICP_SRGB:
        vips_image_remove(image, VIPS_META_ICC_NAME);
        return image;
    case CICP_RGB:
        attach(image, cicp_name(cicp), cicp_primaries(cicp), cicp_curve(cicp));
        return image;
    case CICP_PQ:
    case CICP_HLG:
        return mapped(image, kind, cicp);
    }
    g_assert_not_reached();
}

/* ---- EXIF ---- */

static const char *field(const VipsImage *image, const char *name)
{
    const char *text = NULL;

    if (!vips_image_get_typeof(image, name))
        return "";
    if (vips_image_get_string(image, name, &text)) {
        vips_error_clear();
        return "";
    }
    return text;
}

/* Cameras write ColorSpace 65535, "uncalibrated", and R03; some programs the 2 that EXIF does not
 * define. */
static bool is_adobe_rgb(const VipsImage *image)
{
    enum { SRGB = 1, ADOBE = 2 };
    long space = strtol(field(image, "exif-ifd2-ColorSpace"), NULL, 10);

    return space == ADOBE ||
           (space != SRGB &&
            g_str_has_prefix(field(image, "exif-ifd4-InteroperabilityIndex"), "R03"));
}

static void attach_adobe_rgb(VipsImage *image)
{
    if (image->Bands >= 3)
        attach(image, "compatible with Adobe RGB (1998)", &primaries_adobe_rgb, &curve_adobe_rgb);
}

static VipsImage *attach_exif(VipsImage *image)
{
    if (!has_profile(image) && is_adobe_rgb(image))
        attach_adobe_rgb(image);
    return image;
}

/* ---- formats ---- */

static VipsImage *attach_png(VipsImage *image, int fd)
{
    const PngColour colour = png_colour_read(fd);
    const ToneCurve curve = { colour.exponent, 1, 0, 0, 0 };

    if (colour.has_cicp)
        return attach_cicp(image, colour.cicp);
    if (has_profile(image) || colour.has_srgb)
        return image;
    if (!colour.has_gamma && !colour.has_primaries)
        return attach_exif(image);
    if (!png_colour_is_srgb(&colour))
        attach(image, "RGB as the PNG says (gAMA, cHRM)",
               colour.has_primaries ? &colour.primaries : &primaries_srgb,
               colour.has_gamma ? &curve : &curve_srgb);
    return image;
}

static VipsImage *attach_heif(VipsImage *image, int fd)
{
    Nclx nclx;

    if (has_profile(image))
        return image;
    if (nclx_read(fd, &nclx) && cicp_kind(nclx.cicp) != CICP_UNKNOWN)
        return attach_cicp(image, nclx.cicp);
    return attach_exif(image);
}

VipsImage *stated_colour_attach(VipsImage *image, Format format, int fd)
{
    if (format == FORMAT_PNG)
        return attach_png(image, fd);
    if (format == FORMAT_HEIF || format == FORMAT_AVIF)
        return attach_heif(image, fd);
    return attach_exif(image);
}

const char *stated_colour_note(const VipsImage *image)
{
    const char *note = field(image, NOTE);

    return *note ? note : NULL;
}
