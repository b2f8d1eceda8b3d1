/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the picture says of itself, in the order of metadata.h. What a camera leaves at zero for
 * "unknown" is missing. */
#include <math.h>
#include <string.h>

#include "actions/facts_readers.h"
#include "actions/imported.h"
#include "actions/metadata_taken.h"

/* ---- texts and dates ---- */

bool fact_read_taken(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                     Error **err)
{
    const ImportWords *import = image_import(source->image);
    Metadata *metadata = image_metadata(source->image, err);

    return metadata && fact_set_date(value, import ? imported_taken(metadata, import)
                                                   : metadata_taken(metadata));
}

bool fact_read_text(const Fact *fact, const FactSource *source, Value *value, Error **err)
{
    Metadata *metadata = image_metadata(source->image, err);

    return metadata && fact_set_text(value, metadata_value(metadata, fact->name));
}

bool fact_read_list(const Fact *fact, const FactSource *source, Value *value, Error **err)
{
    Metadata *metadata = image_metadata(source->image, err);

    return metadata && fact_set_list(value, metadata_values(metadata, fact->name));
}

/* ---- the camera ---- */

/* Behind the name of a maker: people leave it out. */
static bool is_company_word(const char *word)
{
    static const char *const words[] = { "corporation", "corp",    "company",      "co",
                                         "ltd",         "inc",     "imaging",      "electronics",
                                         "optical",     "techwin", "technologies", "camera",
                                         "ag",          "gmbh",    "eastman",      NULL };
    g_autofree char *lower = g_ascii_strdown(word, -1);

    return g_strv_contains(words, lower);
}

/* Whether the model begins with that word, and not with a longer one. */
static bool begins_with(const char *model, const char *word)
{
    size_t length = strlen(word);

    return length && !g_ascii_strncasecmp(model, word, length) && !g_ascii_isalpha(model[length]);
}

/* NIKON of NIKON CORPORATION before a D850, and nothing before a NIKON D850. */
static char *camera_of(const char *make, const char *model)
{
    g_auto(GStrv) words = g_strsplit_set(make, " ,.", -1);
    GString *camera = g_string_new(NULL);

    for (char **word = words; *word; word++) {
        if (begins_with(model, *word)) {
            g_string_truncate(camera, 0);
            break;
        }
        if (**word && !is_company_word(*word))
            g_string_append_printf(camera, "%s ", *word);
    }
    g_string_append(camera, model);
    return g_string_free(camera, FALSE);
}

bool fact_read_camera(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                      Error **err)
{
    const ImportWords *import = image_import(source->image);
    Metadata *metadata = image_metadata(source->image, err);

    if (!metadata)
        return false;
    if (import && import->camera)
        return fact_set_text(value, g_strdup(import->camera));
    g_autofree char *make = metadata_value(metadata, "make");
    g_autofree char *model = metadata_value(metadata, "model");
    return fact_set_text(value, model ? camera_of(make ? make : "", model) : NULL);
}

bool fact_read_owner(const Fact *fact, const FactSource *source, Value *value, Error **err)
{
    const ImportWords *import = image_import(source->image);

    return import && import->owner ? fact_set_text(value, g_strdup(import->owner))
                                   : fact_read_text(fact, source, value, err);
}

/* ---- numbers ---- */

/* The number at *at, "28/10" or "2.8", which moves behind it; false where there is none. */
static bool take_number(const char **at, double *number)
{
    char *end = NULL;
    double under = 1;

    if (!g_ascii_isdigit(**at) && !strchr("+-.", **at))
        return false;
    *number = g_ascii_strtod(*at, &end);
    if (*end == '/')
        under = g_ascii_strtod(end + 1, &end);
    *number /= under;
    bool taken = end != *at && isfinite(*number);
    *at = end;
    return taken;
}

bool fact_number_of(const char *text, double *number)
{
    return *text && take_number(&text, number);
}

static bool read_number(const FactSource *source, const char *name, double *number, bool *said,
                        Error **err)
{
    Metadata *metadata = image_metadata(source->image, err);
    g_autofree char *text = metadata ? metadata_value(metadata, name) : NULL;

    *said = text && fact_number_of(text, number);
    return metadata;
}

bool fact_read_number(const Fact *fact, const FactSource *source, Value *value, Error **err)
{
    double number = 0;
    bool said = false;

    return read_number(source, fact->name, &number, &said, err) &&
           (!said || fact_set_number(value, number));
}

bool fact_read_positive(const Fact *fact, const FactSource *source, Value *value, Error **err)
{
    double number = 0;
    bool said = false;

    return read_number(source, fact->name, &number, &said, err) &&
           (!said || number <= 0 || fact_set_number(value, number));
}

bool fact_read_shutter(const Fact *fact, const FactSource *source, Value *value, Error **err)
{
    value->fraction = true;
    return fact_read_positive(fact, source, value, err);
}

/* EXIF has 16 bits for it: a larger one says 65535, and the true one elsewhere. */
bool fact_read_iso(const Fact *fact, const FactSource *source, Value *value, Error **err)
{
    static const char *const large[] = { "Exif.Photo.RecommendedExposureIndex",
                                         "Exif.Photo.StandardOutputSensitivity",
                                         "Exif.Photo.ISOSpeed" };
    double number = 0;

    if (!fact_read_positive(fact, source, value, err))
        return false;
    Metadata *metadata = image_metadata(source->image, err);
    bool short_of_bits = value->missing || value->number == UINT16_MAX;
    for (size_t i = 0; metadata && short_of_bits && i < G_N_ELEMENTS(large); i++) {
        g_autofree char *text = metadata_text(metadata, large[i]);
        if (text && fact_number_of(text, &number) && number > 0)
            return fact_set_number(value, number);
    }
    return metadata;
}

/* The lowest bit of EXIF's, or XMP's word. */
bool fact_read_flash(const Fact *fact, const FactSource *source, Value *value, Error **err)
{
    Metadata *metadata = image_metadata(source->image, err);
    g_autofree char *text = metadata ? metadata_value(metadata, fact->name) : NULL;
    double number = 0;

    if (!text)
        return metadata;
    if (fact_number_of(text, &number))
        return fact_set_truth(value, fmod(number, 2) == 1);
    return fact_set_truth(value, !g_ascii_strcasecmp(text, "true"));
}

/* EXIF's of the date; else the fraction of the second in XMP's. */
bool fact_read_subsec(const Fact *fact, const FactSource *source, Value *value, Error **err)
{
    static const char *const dates[] = { "Xmp.exif.DateTimeOriginal", "Xmp.photoshop.DateCreated",
                                         "Xmp.xmp.CreateDate" };

    if (!fact_read_text(fact, source, value, err) || !value->missing)
        return !value->missing;
    Metadata *metadata = image_metadata(source->image, err);
    for (size_t i = 0; i < G_N_ELEMENTS(dates); i++) {
        g_autofree char *date = metadata_text(metadata, dates[i]);
        const char *point = date ? strrchr(date, '.') : NULL;
        size_t digits = point ? strspn(point + 1, "0123456789") : 0;
        if (digits)
            return fact_set_text_of(value, point + 1, digits);
    }
    return true;
}

/* ---- the place ---- */

/* Degrees, minutes and seconds with blanks or commas between them, as many as there are. */
static bool take_degrees(const char *text, double *degrees)
{
    enum { PARTS = 3, SIXTY = 60 };
    double part = 0, unit = 1;
    int parts = 0;

    for (*degrees = 0; parts < PARTS && take_number(&text, &part); parts++) {
        *degrees += part / unit;
        unit *= SIXTY;
        text += strspn(text, ", ");
        if (!*text)
            return true;
    }
    return parts > 0 && strchr("NSEWnsew", *text);
}

/* With the letter of its side. */
static bool sided_degrees(const char *text, char side, double *degrees)
{
    char letter = g_ascii_toupper(side);

    if (!letter || !strchr("NSEW", letter) || !take_degrees(text, degrees))
        return false;
    if (letter == 'S' || letter == 'W')
        *degrees = -*degrees;
    return true;
}

/* One of XMP, which ends in its side: 50,4.5N; else of EXIF, which has it in another tag. */
static bool degrees_of(Metadata *metadata, const char *name, double *degrees)
{
    g_autofree char *tag = g_strconcat("Exif.GPSInfo.", name, NULL);
    g_autofree char *side_tag = g_strconcat(tag, "Ref", NULL);
    g_autofree char *xmp_tag = g_strconcat("Xmp.exif.", name, NULL);
    g_autofree char *xmp = metadata_text(metadata, xmp_tag);
    g_autofree char *exif = metadata_text(metadata, tag);
    g_autofree char *side = metadata_text(metadata, side_tag);

    return (xmp && sided_degrees(xmp, xmp[strlen(xmp) - 1], degrees)) ||
           (exif && side && sided_degrees(exif, *side, degrees));
}

static bool read_degrees(const char *name, double most, const FactSource *source, Value *value,
                         Error **err)
{
    Metadata *metadata = image_metadata(source->image, err);
    double degrees = 0;

    if (metadata && degrees_of(metadata, name, &degrees) && fabs(degrees) <= most)
        fact_set_number(value, degrees);
    return metadata;
}

bool fact_read_latitude(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                        Error **err)
{
    const double pole = 90;

    return read_degrees("GPSLatitude", pole, source, value, err);
}

bool fact_read_longitude(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                         Error **err)
{
    const double date_line = 180;

    return read_degrees("GPSLongitude", date_line, source, value, err);
}

/* Above the sea; the reference says whether it is below. */
bool fact_read_altitude(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                        Error **err)
{
    static const char *const tags[][2] = {
        { "Xmp.exif.GPSAltitude", "Xmp.exif.GPSAltitudeRef" },
        { "Exif.GPSInfo.GPSAltitude", "Exif.GPSInfo.GPSAltitudeRef" },
    };
    Metadata *metadata = image_metadata(source->image, err);
    double metres = 0;

    for (size_t i = 0; metadata && value->missing && i < G_N_ELEMENTS(tags); i++) {
        g_autofree char *text = metadata_text(metadata, tags[i][0]);
        g_autofree char *reference = metadata_text(metadata, tags[i][1]);
        if (text && fact_number_of(text, &metres))
            fact_set_number(value, reference && *reference == '1' ? -metres : metres);
    }
    return metadata;
}
