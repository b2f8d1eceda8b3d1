/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/metadata_groups.h"

#include <fnmatch.h>
#include <string.h>

#include "actions/exif_value.h"
#include "actions/iptc.h"
#include "actions/metadata.h"
#include "actions/xmp_names.h"
#include "actions/xmp_tree.h"

#define DC        "http://purl.org/dc/elements/1.1/"
#define XMP       "http://ns.adobe.com/xap/1.0/"
#define XMP_MEDIA "http://ns.adobe.com/xap/1.0/mm/"
#define PHOTOSHOP "http://ns.adobe.com/photoshop/1.0/"
#define EXIF      "http://ns.adobe.com/exif/1.0/"
#define EXIF_AUX  "http://ns.adobe.com/exif/1.0/aux/"
#define EXIF_EX   "http://cipa.jp/exif/1.0/"
#define NOTES     "http://ns.adobe.com/xmp/note/"

/* ---- parts ---- */

static void remove_tags(MetadataEdit *edit, const char *const *keys)
{
    for (; *keys; keys++) {
        const MetadataTag tag = { .exif = metadata_exif_name(*keys) };
        if (tag.exif)
            metadata_edit_remove(edit, &tag);
    }
}

/* Properties: a namespace, and names with spaces around each (NULL: all). */
typedef struct Goes {
    const char *uri, *names;
} Goes;

/* An XmpKeep; a row without a namespace ends the list. */
static bool is_not_in(void *list, const char *uri, const char *name)
{
    g_autofree char *word = g_strdup_printf(" %s ", name);

    for (const Goes *goes = list; goes->uri; goes++)
        if (!strcmp(goes->uri, uri) && (!goes->names || strstr(goes->names, word)))
            return false;
    return true;
}

static void remove_properties(MetadataEdit *edit, const Goes *list)
{
    metadata_edit_filter_xmp(edit, is_not_in, (void *) (guintptr) list);
}

static void change_gps(Exif *exif, void *user G_GNUC_UNUSED)
{
    exif_remove_gps(exif);
}

static void change_pictures(Exif *exif, void *user G_GNUC_UNUSED)
{
    exif_remove_pictures(exif);
}

static void change_notes(Exif *exif, void *user G_GNUC_UNUSED)
{
    static const ExifTag notes = { EXIF_IN_PHOTO, 0x927c }, private = { EXIF_IN_MAIN, 0xc634 };

    exif_remove(exif, notes);
    exif_remove(exif, private);
}

/* ---- groups ---- */

static bool is_nothing(void *user G_GNUC_UNUSED, const char *uri G_GNUC_UNUSED,
                       const char *name G_GNUC_UNUSED)
{
    return false;
}

static bool is_no_dataset(unsigned dataset G_GNUC_UNUSED)
{
    return false;
}

static void remove_exif(MetadataEdit *edit)
{
    metadata_edit_drop_exif(edit);
}

static void remove_iptc(MetadataEdit *edit)
{
    metadata_edit_filter_iptc(edit, is_no_dataset);
}

static void remove_xmp(MetadataEdit *edit)
{
    metadata_edit_filter_xmp(edit, is_nothing, NULL);
}

static void remove_all(MetadataEdit *edit)
{
    remove_exif(edit);
    remove_iptc(edit);
    remove_xmp(edit);
    metadata_edit_drop_others(edit);
}

/* Of EXIF's namespace, of drones and phones: GPSLatitude, GpsLongtitude, gpsTrack. An XmpKeep. */
static bool is_no_gps(void *user G_GNUC_UNUSED, const char *uri G_GNUC_UNUSED, const char *name)
{
    return g_ascii_strncasecmp(name, "gps", strlen("gps")) != 0;
}

/* Places that structures name have them, too. */
static void remove_gps(MetadataEdit *edit)
{
    for (const ExifName *row = exif_names; row->name; row++) {
        const MetadataTag tag = { .exif = row };
        if (exif_directory_of(row) == EXIF_IN_GPS)
            metadata_edit_remove(edit, &tag);
    }
    metadata_edit_exif(edit, change_gps, NULL);
    metadata_edit_filter_xmp(edit, is_no_gps, NULL);
    metadata_edit_filter_fields(edit, is_no_gps, NULL);
}

static void remove_maker(MetadataEdit *edit)
{
    metadata_edit_exif(edit, change_notes, NULL);
}

static bool is_no_device(const char *keyword)
{
    static const char *const words[] = { "Make", "Model", "Software", "Source", NULL };

    return !g_strv_contains(words, keyword);
}

/* A maker's notes have the camera's number, too. */
static void remove_device(MetadataEdit *edit)
{
    static const char *const keys[] = { "Exif.Image.Make",
                                        "Exif.Image.Model",
                                        "Exif.Image.Software",
                                        "Exif.Image.HostComputer",
                                        "Exif.Image.ProcessingSoftware",
                                        "Exif.Photo.BodySerialNumber",
                                        "Exif.Photo.CameraOwnerName",
                                        "Exif.Photo.ImageUniqueID",
                                        "Exif.Photo.LensMake",
                                        "Exif.Photo.LensModel",
                                        "Exif.Photo.LensSerialNumber",
                                        "Exif.Photo.LensSpecification",
                                        NULL };
    static const Goes properties[] = {
        { XMP_TIFF, " Make Model Software " },
        { EXIF, " ImageUniqueID OwnerName SerialNumber " },
        { EXIF_AUX, NULL },
        { EXIF_EX, " BodySerialNumber CameraOwnerName LensMake LensModel LensSerialNumber "
                   "LensSpecification OwnerName SerialNumber " },
        { XMP, " CreatorTool " },
        { NULL, NULL },
    };

    remove_tags(edit, keys);
    remove_properties(edit, properties);
    metadata_edit_filter_texts(edit, is_no_device);
    remove_maker(edit);
}

static void remove_thumbnail(MetadataEdit *edit)
{
    static const Goes properties[] = { { XMP, " Thumbnails " }, { NULL, NULL } };

    metadata_edit_exif(edit, change_pictures, NULL);
    remove_properties(edit, properties);
}

static bool is_no_history(unsigned dataset)
{
    return dataset != IPTC_DATASET(2, 231);
}

static void change_history(Exif *exif, void *user G_GNUC_UNUSED)
{
    static const ExifTag history = { EXIF_IN_MAIN, 0x9213 };

    exif_remove(exif, history);
}

static void remove_history(MetadataEdit *edit)
{
    static const Goes properties[] = {
        { XMP_MEDIA, NULL },
        { PHOTOSHOP, " History DocumentAncestors TextLayers " },
        { NULL, NULL },
    };

    metadata_edit_exif(edit, change_history, NULL);
    remove_properties(edit, properties);
    metadata_edit_filter_iptc(edit, is_no_history);
}

static const MetadataGroup groups[] = {
    { "all", remove_all },       { "gps", remove_gps },
    { "device", remove_device }, { "thumbnail", remove_thumbnail },
    { "maker", remove_maker },   { "history", remove_history },
    { "exif", remove_exif },     { "iptc", remove_iptc },
    { "xmp", remove_xmp },
};

const MetadataGroup *metadata_group_find(const char *word)
{
    for (size_t i = 0; i < G_N_ELEMENTS(groups); i++)
        if (!strcmp(groups[i].word, word))
            return &groups[i];
    return NULL;
}

const char **metadata_group_words(void)
{
    const char **words = g_new0(const char *, G_N_ELEMENTS(groups) + 1);

    for (size_t i = 0; i < G_N_ELEMENTS(groups); i++)
        words[i] = groups[i].word;
    return words;
}

/* ---- patterns ---- */

static bool matches(const char *pattern, const char *block, const char *name)
{
    g_autofree char *whole = g_strconcat(block, name, NULL);

    return !fnmatch(pattern, whole, FNM_CASEFOLD);
}

/* "exif.Artist", "Exif.Image.Artist". */
static void remove_matching_exif(MetadataEdit *edit, const char *pattern)
{
    for (const ExifName *row = exif_names; row->name; row++) {
        const MetadataTag tag = { .exif = row };
        if (row->type && (matches(pattern, "exif.", row->name) || matches(pattern, "", row->key)))
            metadata_edit_remove(edit, &tag);
    }
}

static void remove_matching_iptc(MetadataEdit *edit, const char *pattern)
{
    for (const IptcName *row = iptc_names; row->name; row++) {
        const MetadataTag tag = { .iptc = row };
        if (matches(pattern, "iptc.", row->name) ||
            matches(pattern, "iptc.", row->exiv2 ? row->exiv2 : row->name))
            metadata_edit_remove(edit, &tag);
    }
}

/* An XmpKeep: under each name that its namespace has. */
static bool is_unmatched(void *pattern, const char *uri, const char *name)
{
    for (const XmpName *row = xmp_namespaces; row->name; row++) {
        const char *of = metadata_namespace(row->exiv2 ? row->exiv2 : row->name);
        g_autofree char *tag = g_strconcat("xmp.", row->name, ".", name, NULL);
        if (of && !strcmp(of, uri) && matches(pattern, "", tag))
            return false;
    }
    return true;
}

void metadata_remove_glob(MetadataEdit *edit, const char *pattern)
{
    remove_matching_exif(edit, pattern);
    remove_matching_iptc(edit, pattern);
    metadata_edit_filter_xmp(edit, is_unmatched, (void *) (guintptr) pattern);
}
