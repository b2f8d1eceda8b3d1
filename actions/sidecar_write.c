/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/sidecar_write.h"

#include <math.h>
#include <string.h>

#include "actions/exif_value.h"
#include "actions/metadata_tag.h"
#include "actions/metadata_taken.h"
#include "actions/xmp_fill.h"
#include "actions/xmp_packet.h"

static const ExifName *name_of(ExifTag tag)
{
    for (const ExifName *row = exif_names; row->name; row++)
        if (row->tag == tag.tag && row->type && exif_directory_of(row) == tag.directory)
            return row;
    return NULL;
}

/* Those that XMP calls otherwise; an empty one: it has no place there of its own. */
static const char *other_key(const ExifName *name)
{
    static const char *const keys[][2] = {
        { "Exif.Image.ImageDescription", "Xmp.dc.description" },
        { "Exif.Image.Artist", "Xmp.dc.creator" },
        { "Exif.Image.Copyright", "Xmp.dc.rights" },
        { "Exif.Image.Software", "Xmp.xmp.CreatorTool" },
        { "Exif.Image.DateTime", "Xmp.xmp.ModifyDate" },
        { "Exif.Image.Rating", "Xmp.xmp.Rating" },
        { "Exif.Photo.DateTimeDigitized", "Xmp.xmp.CreateDate" },
        { "Exif.Photo.CameraOwnerName", "Xmp.aux.OwnerName" },
        { "Exif.Photo.BodySerialNumber", "Xmp.aux.SerialNumber" },
        { "Exif.GPSInfo.GPSLatitudeRef", "" },
        { "Exif.GPSInfo.GPSLongitudeRef", "" },
        { "Exif.GPSInfo.GPSVersionID", "" },
        { "Exif.GPSInfo.GPSDateStamp", "" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        if (!strcmp(keys[i][0], name->key))
            return keys[i][1];
    return NULL;
}

/* exiv2's key of the same in XMP; newly allocated, NULL: there is none. */
static char *key_of(const ExifName *name)
{
    static const char *const spaces[] = { "exif", "exifEX", "tiff" };
    const char *other = other_key(name), *last = strrchr(name->key, '.') + 1;

    if (other)
        return *other ? g_strdup(other) : NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(spaces); i++) {
        g_autofree char *key = g_strdup_printf("Xmp.%s.%s", spaces[i], last);
        if (metadata_knows_property(key))
            return g_steal_pointer(&key);
    }
    return NULL;
}

/* ---- values ---- */

/* "2024-05-01T12:00:00" with the offset that EXIF says. */
static char *date_of(Metadata *metadata, const ExifName *name, const char *text)
{
    g_autoptr(GDateTime) date = metadata_date(text);
    g_autofree char *plain = date ? g_date_time_format(date, "%Y-%m-%dT%H:%M:%S") : NULL;
    const char *offset_key =
        g_str_has_suffix(name->key, "DateTimeOriginal")    ? "Exif.Photo.OffsetTimeOriginal"
        : g_str_has_suffix(name->key, "DateTimeDigitized") ? "Exif.Photo.OffsetTimeDigitized"
                                                           : "Exif.Photo.OffsetTime";
    g_autofree char *offset = metadata_text(metadata, offset_key);

    return plain ? g_strconcat(plain, offset, NULL) : g_strdup(text);
}

/* "50/1 48/1 59/2" as 50,48.49166667N. */
static char *degrees_of(Metadata *metadata, const ExifName *name, const char *text)
{
    enum { SIXTY = 60, PARTS = 3 };
    g_autofree char *ref_key = g_strconcat(name->key, "Ref", NULL);
    g_autofree char *ref = metadata_text(metadata, ref_key);
    g_auto(GStrv) words = g_strsplit(text, " ", PARTS);
    double degrees = 0, unit = 1;

    for (char **word = words; *word; word++) {
        int64_t over = 0, under = 1;
        if (!exif_fraction(*word, &over, &under) || !under)
            return NULL;
        degrees += (double) over / (double) under / unit;
        unit *= SIXTY;
    }
    return ref ? g_strdup_printf("%.0f,%.8f%s", floor(degrees), (degrees - floor(degrees)) * SIXTY,
                                 ref)
               : NULL;
}

/* XMP has one time for both, in UTC. NULL: the day is not known. */
static char *gps_time_of(Metadata *metadata, const char *text)
{
    enum { PARTS = 3 };
    g_autofree char *day = metadata_text(metadata, "Exif.GPSInfo.GPSDateStamp");
    g_auto(GStrv) words = g_strsplit(text, " ", PARTS);
    int64_t clock[PARTS] = { 0 }, under = 1;

    for (int i = 0; i < PARTS; i++)
        if (!words[i] || !exif_fraction(words[i], &clock[i], &under) || !under)
            return NULL;
        else
            clock[i] /= under;
    g_strdelimit(day ? day : words[0], ":", '-');
    return day ? g_strdup_printf("%sT%02d:%02d:%02dZ", day, (int) clock[0], (int) clock[1],
                                 (int) clock[2])
               : NULL;
}

/* "48 50 51 50" as 0232. */
static char *version_of(const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    GString *version = g_string_new(NULL);

    for (char **word = words; *word; word++)
        g_string_append_c(version, (char) g_ascii_strtoull(*word, NULL, 10));
    return g_string_free(version, FALSE);
}

static char *value_of(Metadata *metadata, const ExifName *name)
{
    g_autofree char *text = metadata_text(metadata, name->key);

    if (!text)
        return NULL;
    if (g_str_has_suffix(name->key, "GPSTimeStamp"))
        return gps_time_of(metadata, text);
    if (name->kind == EXIF_BYTES && g_str_has_suffix(name->key, "Version"))
        return version_of(text);
    if (strstr(name->key, "DateTime"))
        return date_of(metadata, name, text);
    if (g_str_has_suffix(name->key, "Latitude") || g_str_has_suffix(name->key, "Longitude"))
        return degrees_of(metadata, name, text);
    if (g_str_has_prefix(text, "charset="))
        return g_strdup(strchr(text, ' ') ? strchr(text, ' ') + 1 : "");
    return g_steal_pointer(&text);
}

/* ---- the packet ---- */

/* What XMP says itself was written by the same edit, or is what people wrote. */
static void add_tag(Xmp *xmp, Metadata *metadata, const ExifName *name)
{
    g_autofree char *key = key_of(name);
    g_autofree char *value = key ? value_of(metadata, name) : NULL;
    g_auto(GStrv) texts = g_new0(char *, 2);
    XmpProperty property = { 0 };

    if (!value || !metadata_property(key, &property) || xmp_has(xmp, &property))
        return;
    if (name->kind == EXIF_NUMBERS && property.form == XMP_FORM_SEQ) {
        g_strfreev(texts);
        texts = g_strsplit(value, " ", -1);
    } else {
        texts[0] = g_steal_pointer(&value);
    }
    xmp_put(xmp, &property, (const char *const *) texts);
}

static void add_tags(Xmp *xmp, Metadata *metadata, const GArray *puts)
{
    for (guint i = 0; i < puts->len; i++) {
        const ExifPut *put = &g_array_index(puts, ExifPut, i);
        const ExifName *name = put->value ? name_of(put->tag) : NULL;
        if (name)
            add_tag(xmp, metadata, name);
    }
}

GBytes *sidecar_packet(Metadata *metadata)
{
    const MetadataEdits *edits = metadata_edits(metadata);
    g_autoptr(GBytes) filled = xmp_fill(metadata_blocks(metadata), true, true);
    g_autoptr(Xmp) xmp = filled ? xmp_new(filled) : xmp_new_empty();

    if (!xmp || !xmp_has_rdf(xmp))
        return NULL;
    if (edits)
        add_tags(xmp, metadata, edits->puts);
    if (xmp_is_empty(xmp))
        return NULL;
    g_autoptr(GBytes) packet = xmp_packet(xmp);
    return xmp_packet_wrapped(packet);
}
