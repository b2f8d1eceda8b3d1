/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/bands.h"

#include "actions/pixels.h"
#include "actions/samples.h"

VipsImage *bands_first(VipsImage *in, int count)
{
    VipsImage *out = NULL;

    if (in->Bands == count)
        return g_object_ref(in);
    return vips_extract_band(in, &out, 0, "n", count, NULL) ? NULL : out;
}

VipsImage *bands_colours(VipsImage *pixels)
{
    return bands_first(pixels, pixels_colours(pixels));
}

VipsImage *bands_without_profile(VipsImage *in)
{
    VipsImage *out = NULL;

    if (vips_copy(in, &out, NULL))
        return NULL;
    vips_image_remove(out, VIPS_META_ICC_NAME);
    return out;
}

/* Joined bands have the fields of all of them: the profile of `in` is not to come back. */
VipsImage *bands_with_alpha(VipsImage *colours, VipsImage *in, int from)
{
    g_autoptr(VipsImage) band = NULL;
    g_autoptr(VipsImage) plain = NULL;
    g_autoptr(VipsImage) alpha = NULL;
    VipsImage *out = NULL;

    if (in->Bands == from)
        return g_object_ref(colours);
    if (vips_extract_band(in, &band, from, NULL) || !(plain = bands_without_profile(band)) ||
        !(alpha = pixels_in_format(plain, colours->BandFmt)) ||
        vips_bandjoin2(colours, alpha, &out, NULL))
        return NULL;
    return out;
}

/* `in`, whose bands became others, as what it is now. */
static VipsImage *as_pixels(VipsImage *in)
{
    VipsInterpretation type =
        pixels_colours(in) == PIXELS_INKS ? in->Type : pixels_type(in->BandFmt, in->Bands);
    VipsImage *out = NULL;

    return vips_copy(in, &out, "interpretation", type, NULL) ? NULL : out;
}

VipsImage *bands_grey_as_three(VipsImage *grey)
{
    g_autoptr(VipsImage) one = bands_first(grey, 1);
    g_autoptr(VipsImage) three = NULL;
    g_autoptr(VipsImage) joined = NULL;
    VipsImage *bands[] = { one, one, one };

    if (!one || vips_bandjoin(bands, &three, G_N_ELEMENTS(bands), NULL) ||
        !(joined = bands_with_alpha(three, grey, 1)))
        return NULL;
    return as_pixels(joined);
}

/* ---- premultiplied ---- */

static bool has_alpha(const VipsImage *pixels)
{
    return pixels->Bands > pixels_colours(pixels);
}

VipsImage *bands_premultiplied(VipsImage *pixels)
{
    VipsImage *out = NULL;

    if (!has_alpha(pixels))
        return g_object_ref(pixels);
    return vips_premultiply(pixels, &out, "max_alpha", pixels_white(pixels), NULL) ? NULL : out;
}

VipsImage *bands_unpremultiplied(VipsImage *pixels)
{
    VipsImage *out = NULL;
    double white =
        pixels->Type == VIPS_INTERPRETATION_sRGB || pixels->Type == VIPS_INTERPRETATION_B_W
            ? samples_white(VIPS_FORMAT_UCHAR)
            : samples_white(VIPS_FORMAT_FLOAT);

    if (!has_alpha(pixels))
        return g_object_ref(pixels);
    return vips_unpremultiply(pixels, &out, "max_alpha", white, NULL) ? NULL : out;
}

/* ---- results ---- */

VipsImage *bands_rounded(VipsImage *in, VipsBandFormat format)
{
    g_autoptr(VipsImage) whole = NULL;
    g_autoptr(VipsImage) cast = NULL;
    bool is_float = vips_band_format_isfloat(in->BandFmt) && format != VIPS_FORMAT_FLOAT;

    if (is_float ? vips_rint(in, &whole, NULL) : vips_copy(in, &whole, NULL))
        return NULL;
    return vips_cast(whole, &cast, format, NULL) ? NULL : as_pixels(cast);
}

/* ---- two pictures ---- */

typedef struct Mix {
    VipsBandFormat format;
    int bands, colours;
    int other_bands; /* one more where the mask is among them */
    double white, amount;
} Mix;

static double alpha_at(const Mix *mix, const void *pixels, size_t at)
{
    return mix->bands == mix->colours
               ? 1
               : samples_get(mix->format, pixels, at + mix->colours) / mix->white;
}

static double amount_at(const Mix *mix, const void *other, size_t at)
{
    if (mix->other_bands == mix->bands)
        return mix->amount;
    return mix->amount * samples_get(mix->format, other, at + mix->bands) / mix->white;
}

/* Each colour counts as much as it shows. */
static void mix_pixel(const Mix *mix, const void *from, size_t at, const void *other,
                      size_t other_at, void *to)
{
    double amount = amount_at(mix, other, other_at);
    double before = (1 - amount) * alpha_at(mix, from, at);
    double after = amount * alpha_at(mix, other, other_at);
    double sum = before + after;

    for (int band = 0; band < mix->colours; band++)
        samples_put(mix->format, to, at + band,
                    sum > 0 ? (before * samples_get(mix->format, from, at + band) +
                               after * samples_get(mix->format, other, other_at + band)) /
                                  sum
                            : 0);
    if (mix->bands > mix->colours)
        samples_put(mix->format, to, at + mix->colours, sum * mix->white);
}

static void mix_run(const PixelsRun *run, const void *state)
{
    const Mix *mix = state;

    for (size_t i = 0; i < (size_t) run->count; i++)
        mix_pixel(mix, run->from, i * (size_t) mix->bands, run->other,
                  i * (size_t) mix->other_bands, run->to);
}

/* With as many bands as both have together. */
static VipsImage *widened(VipsImage *pixels, int colours, bool alpha)
{
    g_autoptr(VipsImage) three =
        pixels_colours(pixels) < colours ? bands_grey_as_three(pixels) : g_object_ref(pixels);
    VipsImage *out = NULL;

    if (!three || has_alpha(three) || !alpha)
        return g_steal_pointer(&three);
    return vips_addalpha(three, &out, NULL) ? NULL : out;
}

/* The mask as one more band. */
static VipsImage *masked(VipsImage *pixels, VipsImage *mask)
{
    g_autoptr(VipsImage) band = mask ? pixels_in_format(mask, pixels->BandFmt) : NULL;
    VipsImage *out = NULL;

    if (!mask)
        return g_object_ref(pixels);
    return band && !vips_bandjoin2(pixels, band, &out, NULL) ? out : NULL;
}

VipsImage *bands_mixed(VipsImage *before, VipsImage *after, double amount, VipsImage *mask)
{
    int colours = MAX(pixels_colours(before), pixels_colours(after));
    bool alpha = has_alpha(before) || has_alpha(after);
    g_autoptr(VipsImage) from = widened(before, colours, alpha);
    g_autoptr(VipsImage) to = widened(after, colours, alpha);
    g_autoptr(VipsImage) other = to ? masked(to, mask) : NULL;

    if (!from || !other)
        return NULL;
    g_assert(from->Xsize == other->Xsize && from->Ysize == other->Ysize);
    const Mix mix = { before->BandFmt, colours + alpha,      colours,
                      other->Bands,    pixels_white(before), amount };
    return pixels_map(from, other, mix.bands, mix.format, mix_run, &mix, sizeof(mix));
}
