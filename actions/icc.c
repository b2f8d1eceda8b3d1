/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* icc - convert the picture's colours to another colour space, whose profile the output carries.
 *
 * A picture of CMYK has four bands and no alpha; few steps can follow (ACTION_INKS). */
#include "actions/action.h"
#include "actions/assets.h"
#include "actions/pixels.h"
#include "actions/spaces.h"

typedef struct Icc {
    Asset to;
    int intent;
    bool black_point;
    Asset assume;
} Icc;

static const Choice intents[] = {
    { "relative", VIPS_INTENT_RELATIVE, "what both have stays exact, the rest is cut to the edge" },
    { "perceptual", VIPS_INTENT_PERCEPTUAL, "all colours come closer, to keep their distances" },
    { "saturation", VIPS_INTENT_SATURATION, "strong colours stay strong, for charts" },
    { "absolute", VIPS_INTENT_ABSOLUTE, "white is the paper's, for proofs" },
    { 0 },
};

static const Param params[] = {
    ICC(Icc, to, .also = "profile space", .def = "srgb", .choices = asset_profiles,
        .help = "the colour space, or a file with the profile of RGB, grey or CMYK; CMYK is for "
                "printers: the step is the last one before save, which writes a JPEG or TIFF, and "
                "transparent parts become white"),
    CHOICE(Icc, intent, .def = "relative", .choices = intents,
           .help = "what becomes of colours that the space does not have"),
    BOOL(Icc, black_point, .def = "yes", .help = "black becomes the darkest that the space has"),
    ICC(Icc, assume, .def = "srgb", .choices = asset_profiles,
        .help = "what a picture without a profile is; one of grey is for grey pictures, and those "
                "of colours are sRGB then"),
    { 0 },
};

static VipsImage *colours(const void *settings, VipsImage *in)
{
    const Icc *s = settings;
    SpaceChange change = { .intent = (VipsIntent) s->intent, .black_point = s->black_point };

    change.profile = asset_profile(&s->to, &change.size);
    change.assumed = asset_profile(&s->assume, &change.assumed_size);
    return space_changed(&change, in);
}

/* A picture of CMYK is sRGB when it comes here, by its own profile. */
static bool check_assumed(const Icc *s, Error **err)
{
    return asset_profile_colours(&s->assume) != PIXELS_INKS ||
           error_set(err, ERROR_CONFIG, "give a profile of RGB or grey",
                     "assume = %s: it is for CMYK, and pictures come in as RGB or grey",
                     s->assume.path);
}

/* Profiles that lcms cannot convert to are found before a picture is. */
static bool prepare(void *settings, Error **err)
{
    static const unsigned char grey[] = { 128, 128, 128 };
    g_autoptr(VipsImage) pixel =
        vips_image_new_from_memory_copy(grey, sizeof(grey), 1, 1, 3, VIPS_FORMAT_UCHAR);
    g_autoptr(VipsImage) srgb = NULL;
    g_autoptr(VipsImage) there = NULL;
    double value = 0;

    if (!check_assumed(settings, err))
        return false;
    if (pixel && !vips_copy(pixel, &srgb, "interpretation", VIPS_INTERPRETATION_sRGB, NULL) &&
        (there = colours(settings, srgb)) && !vips_avg(there, &value, NULL))
        return true;
    vips_error_clear();
    return error_set(
        err, ERROR_CONFIG,
        "give a profile of a display or a printer; one of a scanner says only what its "
        "own colours are",
        "to = %s: no colour can be converted to it", ((const Icc *) settings)->to.path);
}

static bool plan(const void *settings, Shape *shape, Error **err G_GNUC_UNUSED)
{
    shape->colours = asset_profile_colours(&((const Icc *) settings)->to);
    shape->alpha &= shape->colours != PIXELS_INKS;
    return true;
}

static bool advise_on(const void *settings, const Shape *shape, Error **err)
{
    const Icc *s = settings;

    return !shape->alpha || asset_profile_colours(&s->to) != PIXELS_INKS ||
           error_set(err, ERROR_CONFIG, "give them another colour before, unless white is right",
                     "the steps before make parts of the picture transparent, and CMYK has no "
                     "transparency: they become white");
}

const Action action_icc = {
    .name = "icc",
    .group = "colour",
    .summary = "convert the picture's colours to another colour space",
    .aliases = "colour-profile profile convert-profile convert-to-profile colourspace colorspace",
    .example = "icc { to = p3 }",
    .params = params,
    .size = sizeof(Icc),
    .flags = ACTION_INKS,
    .advise_on = advise_on,
    .prepare = prepare,
    .plan = plan,
    .colours = colours,
};
