/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* icc - convert the picture's colours to another colour profile, which the output then carries. */
#include "actions/action.h"
#include "actions/assets.h"
#include "actions/bands.h"
#include "actions/colour.h"
#include "actions/pixels.h"

typedef struct Icc {
    Asset profile;
    int intent;
    bool black_point;
} Icc;

static const Choice intents[] = {
    { "relative", VIPS_INTENT_RELATIVE, "what both have stays exact, the rest is cut to the edge" },
    { "perceptual", VIPS_INTENT_PERCEPTUAL, "all colours come closer, to keep their distances" },
    { "saturation", VIPS_INTENT_SATURATION, "strong colours stay strong, for charts" },
    { "absolute", VIPS_INTENT_ABSOLUTE, "white is the paper's, for proofs" },
    { 0 },
};

static const Param params[] = {
    ICC(Icc, profile, .choices = asset_profiles,
        .help = "the profile to convert to, of RGB or grey"),
    CHOICE(Icc, intent, .def = "relative", .choices = intents,
           .help = "what becomes of colours that the profile does not have"),
    BOOL(Icc, black_point, .def = "yes", .help = "black becomes the darkest that the profile has"),
    { 0 },
};

/* A profile that has one table, the `perceptual` one, is used by that; see colour_intent(). */
static VipsIntent intent_of(const Icc *s, const void *profile, size_t size, const char *perceptual,
                            const char *own)
{
    return colour_intent(profile, size, perceptual, own) == VIPS_INTENT_PERCEPTUAL
               ? VIPS_INTENT_PERCEPTUAL
               : (VipsIntent) s->intent;
}

/* In the space in which profiles meet. What has no profile is sRGB. */
static VipsImage *between_profiles(const Icc *s, VipsImage *in)
{
    bool named = vips_image_get_typeof(in, VIPS_META_ICC_NAME);
    g_autoptr(VipsImage) colours =
        !named && in->Bands == 1 ? bands_grey_as_three(in) : g_object_ref(in);
    g_autoptr(VipsImage) numbers =
        colours ? pixels_in_format(colours, in->BandFmt == VIPS_FORMAT_UCHAR ? VIPS_FORMAT_UCHAR
                                                                             : VIPS_FORMAT_USHORT)
                : NULL;
    const void *profile = NULL;
    VipsImage *out = NULL;
    size_t size = 0;

    if (named && vips_image_get_blob(in, VIPS_META_ICC_NAME, &profile, &size))
        return NULL;
    if (!numbers || vips_icc_import(numbers, &out, "embedded", TRUE, "input_profile", "srgb",
                                    "intent", intent_of(s, profile, size, "A2B0", "A2B1"),
                                    "black_point_compensation", s->black_point, NULL))
        return NULL;
    return out;
}

static VipsImage *colours(const void *settings, VipsImage *in)
{
    const Icc *s = settings;
    g_autoptr(VipsImage) between = between_profiles(s, in);
    size_t size = 0;
    const void *profile = asset_profile(&s->profile, &size);

    return between
               ? colour_export(between, profile, size, in->BandFmt == VIPS_FORMAT_UCHAR ? 8 : 16,
                               intent_of(s, profile, size, "B2A0", "B2A1"), s->black_point)
               : NULL;
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

    if (pixel && !vips_copy(pixel, &srgb, "interpretation", VIPS_INTERPRETATION_sRGB, NULL) &&
        (there = colours(settings, srgb)) && !vips_avg(there, &value, NULL))
        return true;
    vips_error_clear();
    return error_set(
        err, ERROR_CONFIG,
        "give a profile of a display or a printer; one of a scanner says only what its "
        "own colours are",
        "profile = %s: no colour can be converted to it", ((const Icc *) settings)->profile.path);
}

static bool plan(const void *settings, Shape *shape, Error **err G_GNUC_UNUSED)
{
    shape->colours = asset_profile_is_grey(&((const Icc *) settings)->profile) ? 1 : 3;
    return true;
}

const Action action_icc = {
    .name = "icc",
    .group = "colour",
    .summary = "convert the picture's colours to another colour profile",
    .aliases = "profile colour-profile convert-profile colourspace colorspace",
    .example = "icc { profile = display-p3 }",
    .params = params,
    .size = sizeof(Icc),
    .prepare = prepare,
    .plan = plan,
    .colours = colours,
};
