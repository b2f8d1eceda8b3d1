/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the steps before have made of the picture, and what its file holds. */
#include "actions/exif_tree.h"
#include "actions/facts_readers.h"
#include "actions/profile_name.h"

/* ---- its size and shape ---- */

bool fact_read_width(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                     Error **err G_GNUC_UNUSED)
{
    return fact_set_number(value, source->shape->width);
}

bool fact_read_height(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                      Error **err G_GNUC_UNUSED)
{
    return fact_set_number(value, source->shape->height);
}

bool fact_read_shorter(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                       Error **err G_GNUC_UNUSED)
{
    return fact_set_number(value, MIN(source->shape->width, source->shape->height));
}

bool fact_read_longer(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                      Error **err G_GNUC_UNUSED)
{
    return fact_set_number(value, MAX(source->shape->width, source->shape->height));
}

bool fact_read_pixels(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                      Error **err G_GNUC_UNUSED)
{
    return fact_set_number(value, (double) source->shape->width * source->shape->height);
}

bool fact_read_aspect(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                      Error **err G_GNUC_UNUSED)
{
    return fact_set_number(value, (double) source->shape->width / source->shape->height);
}

bool fact_read_landscape(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                         Error **err G_GNUC_UNUSED)
{
    return fact_set_truth(value, source->shape->width > source->shape->height);
}

bool fact_read_portrait(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                        Error **err G_GNUC_UNUSED)
{
    return fact_set_truth(value, source->shape->width < source->shape->height);
}

bool fact_read_square(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                      Error **err G_GNUC_UNUSED)
{
    return fact_set_truth(value, source->shape->width == source->shape->height);
}

/* ---- its pixels ---- */

bool fact_read_alpha(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                     Error **err G_GNUC_UNUSED)
{
    return fact_set_truth(value, source->shape->alpha);
}

bool fact_read_grey(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                    Error **err G_GNUC_UNUSED)
{
    return fact_set_truth(value, source->shape->colours == 1);
}

bool fact_read_depth(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                     Error **err G_GNUC_UNUSED)
{
    enum { BYTE = 8 };

    return fact_set_number(value, (double) vips_format_sizeof_unsafe(source->shape->format) * BYTE);
}

/* Numbers without a profile are read as sRGB. */
bool fact_read_space(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                     Error **err G_GNUC_UNUSED)
{
    size_t size = 0;
    const void *profile = image_profile(source->image, &size);
    char *name = profile ? profile_name(profile, size) : NULL;

    return fact_set_text(value, name ? name : g_strdup("sRGB"));
}

/* ---- its file ---- */

bool fact_read_dpi(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                   Error **err)
{
    const double inch = 2.54;
    Metadata *metadata = image_metadata(source->image, err);

    if (!metadata)
        return false;
    const Density density = exif_tree_density_of(metadata_blocks(metadata));
    if (density.unit < DENSITY_INCH)
        return true;
    return fact_set_number(value, density.unit == DENSITY_CM ? density.x * inch : density.x);
}

bool fact_read_format(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                      Error **err G_GNUC_UNUSED)
{
    return fact_set_text(value, g_strdup(format_word(image_source_format(source->image))));
}

bool fact_read_pages(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                     Error **err G_GNUC_UNUSED)
{
    const char *word = NULL;

    return fact_set_number(value, image_pages(source->image, &word));
}

bool fact_read_source_width(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                            Error **err G_GNUC_UNUSED)
{
    int width = 0, height = 0;

    image_source_size(source->image, &width, &height);
    return fact_set_number(value, width);
}

bool fact_read_source_height(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                             Error **err G_GNUC_UNUSED)
{
    int width = 0, height = 0;

    image_source_size(source->image, &width, &height);
    return fact_set_number(value, height);
}
