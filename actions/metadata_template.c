/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/metadata_template.h"

#include <string.h>

#include "actions/sidecar.h"
#include "actions/xmp.h"

#define XMP_BASE "http://ns.adobe.com/xap/1.0/"

/* When the template was made, and by what; and what the camera said of another photo. */
static bool is_of_template(const char *uri, const char *name)
{
    static const char *const cameras[] = { "http://ns.adobe.com/tiff/1.0/",
                                           "http://ns.adobe.com/exif/1.0/",
                                           "http://ns.adobe.com/exif/1.0/aux/",
                                           "http://cipa.jp/exif/1.0/", NULL };
    static const char *const names[] = { "CreatorTool", "CreateDate", "ModifyDate", "MetadataDate",
                                         NULL };

    return g_strv_contains(cameras, uri) ||
           (!strcmp(uri, XMP_BASE) && g_strv_contains(names, name));
}

typedef struct Taking {
    MetadataEdit *edit;
    bool overwrite;
    GHashTable *taken; /* "URI name" of each property, as a set */
} Taking;

static char *key_of(const char *uri, const char *name)
{
    return g_strdup_printf("%s %s", uri, name);
}

/* An XmpKeep, of the template's. A structure counts as a whole. */
static bool takes(void *user, const char *uri, const char *name)
{
    const Taking *taking = user;
    const XmpProperty property = { .uri = uri, .name = name };
    const MetadataTag tag = { .xmp = true, .property = property };

    if (!*uri || !sidecar_is_of_photo(uri, name) || is_of_template(uri, name) ||
        (!taking->overwrite && metadata_edit_has(taking->edit, &tag)))
        return false;
    g_hash_table_add(taking->taken, key_of(uri, name));
    return true;
}

/* An XmpKeep, of the picture's own. */
static bool stays(void *user, const char *uri, const char *name)
{
    const Taking *taking = user;
    g_autofree char *key = key_of(uri, name);

    return !g_hash_table_contains(taking->taken, key);
}

/* Whether the friendly name is one of a property that was taken. */
static bool is_taken(const Taking *taking, const MetadataTag *tag)
{
    g_autofree char *key = tag->property.uri ? key_of(tag->property.uri, tag->property.name) : NULL;

    return key && !tag->property.field && g_hash_table_contains(taking->taken, key);
}

/* Into IPTC and EXIF. Where they say something that XMP does not, the picture has it. */
static bool write_friendly(const Taking *taking, Metadata *said, Error **err)
{
    for (const MetadataName *row = metadata_names; row->name; row++) {
        const MetadataTag *tag = metadata_tag_find(row->name, err);
        g_auto(GStrv) texts =
            tag && is_taken(taking, tag) ? metadata_values(said, row->name) : NULL;
        if (!tag)
            return false;
        if (texts && !metadata_edit_set(taking->edit, tag, (const char *const *) texts, err))
            return false;
    }
    return true;
}

/* What the picture says outside of XMP is not overwritten, either. */
static void leave_said(const Taking *taking)
{
    for (const MetadataName *row = metadata_names; row->name; row++) {
        const MetadataTag *tag = metadata_tag_find(row->name, NULL);
        if (!tag || !is_taken(taking, tag) || !metadata_edit_has(taking->edit, tag))
            continue;
        g_autofree char *key = key_of(tag->property.uri, tag->property.name);
        g_hash_table_remove(taking->taken, key);
    }
}

/* An XmpKeep, of the template's: what is left of it. */
static bool is_wanted(void *user, const char *uri, const char *name)
{
    return !stays(user, uri, name);
}

static Metadata *metadata_of(const Xmp *xmp)
{
    MetadataBlocks blocks = { .xmp = xmp_packet(xmp) };

    return metadata_new(&blocks);
}

bool metadata_template_write(MetadataEdit *edit, GBytes *packet, bool overwrite, Error **err)
{
    g_autoptr(Xmp) xmp = xmp_new(packet);
    g_autoptr(GHashTable) taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    Taking taking = { edit, overwrite, taken };

    if (!xmp)
        return error_set(err, ERROR_PICTURE, "write it again", "the template cannot be read");
    xmp_filter(xmp, takes, &taking);
    if (!overwrite)
        leave_said(&taking);
    xmp_filter(xmp, is_wanted, &taking);
    xmp_keep_properties(xmp);
    if (!g_hash_table_size(taken))
        return true;
    g_autoptr(Metadata) said = metadata_of(xmp);
    if (!write_friendly(&taking, said, err))
        return false;
    g_autofree char *descriptions = xmp_descriptions(xmp);
    metadata_edit_add_xmp(edit, descriptions, stays, &taking);
    return true;
}
