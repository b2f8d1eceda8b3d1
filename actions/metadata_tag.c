/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/metadata_tag.h"

#include <string.h>

#include "actions/exif_value.h"
#include "actions/facts_raw.h"
#include "actions/metadata.h"
#include "actions/xmp_names.h"
#include "base/text.h"

/* ---- properties of XMP ---- */

/* What standards call the namespaces that exiv2 names otherwise. */
static const char *usual_prefix(const char *prefix)
{
    return !strcmp(prefix, "iptc")      ? "Iptc4xmpCore"
           : !strcmp(prefix, "iptcExt") ? "Iptc4xmpExt"
                                        : prefix;
}

static const char *namespace_of(const char *prefix)
{
    for (const XmpName *row = xmp_namespaces; row->name; row++)
        if (!strcmp(row->name, prefix))
            return metadata_namespace(row->exiv2 ? row->exiv2 : row->name);
    return NULL;
}

static XmpForm form_of(const char *type)
{
    return !g_strcmp0(type, "XmpBag")    ? XMP_FORM_BAG
           : !g_strcmp0(type, "XmpSeq")  ? XMP_FORM_SEQ
           : !g_strcmp0(type, "LangAlt") ? XMP_FORM_LANGUAGES
                                         : XMP_FORM_TEXT;
}

/* "Flash/exif:Fired": sets both parts. */
static bool split_field(char *name, XmpProperty *property)
{
    char *slash = strchr(name, '/'), *colon = slash ? strchr(slash, ':') : NULL;

    property->name = name;
    if (!colon)
        return !slash;
    *slash = *colon = '\0';
    property->field_prefix = slash + 1;
    property->field_uri = namespace_of(slash + 1);
    property->field = colon + 1;
    return property->field_uri;
}

static bool split_property(const char *key, XmpProperty *property)
{
    g_auto(GStrv) parts = g_strsplit(key, ".", 3);
    const char *uri = g_strv_length(parts) == 3 ? metadata_namespace(parts[1]) : NULL;

    if (!uri || !*parts[2])
        return false;
    *property = (XmpProperty){ .uri = uri, .form = form_of(metadata_tag_type(key)) };
    property->prefix = g_intern_string(usual_prefix(parts[1]));
    return split_field(g_strdup(parts[2]), property);
}

/* Each key once: its parts are never freed. */
bool metadata_property(const char *key, XmpProperty *property)
{
    static GHashTable *known;

    if (!known)
        known = g_hash_table_new(g_str_hash, g_str_equal);
    const XmpProperty *found = g_hash_table_lookup(known, key);
    if (!found && split_property(key, property)) {
        g_hash_table_insert(known, g_strdup(key), g_memdup2(property, sizeof(*property)));
        return true;
    }
    if (found)
        *property = *found;
    return found;
}

const ExifName *metadata_exif_name(const char *key)
{
    for (const ExifName *row = exif_names; row->name; row++)
        if (!strcmp(row->key, key))
            return row;
    return NULL;
}

/* ---- names ---- */

static bool cannot_be_written(const char *name, const char *why, Error **err)
{
    return error_set(err, ERROR_CONFIG, why, "`%s` cannot be written", name);
}

/* Its form, and those of names that are lists. */
static bool is_list(const MetadataTag *tag)
{
    return tag->xmp && !tag->property.field &&
           (tag->property.form == XMP_FORM_BAG || tag->property.form == XMP_FORM_SEQ);
}

static bool find_raw(const char *name, MetadataTag *tag, Error **err)
{
    const Fact *fact = fact_find(FACTS_OF_PICTURES, name, err);

    if (!fact)
        return false;
    const RawTag raw = fact_raw_tag(fact);
    tag->exif = raw.exif;
    tag->iptc = raw.iptc;
    if (!raw.iptc && g_str_has_prefix(raw.key, "Xmp.")) {
        tag->xmp = metadata_property(raw.key, &tag->property);
        return tag->xmp ||
               cannot_be_written(name, "write one with a namespace that exiv2 knows", err);
    }
    if (raw.iptc)
        return true;
    if (!raw.exif)
        return cannot_be_written(name,
                                 "write one of EXIF's own tags: a maker's notes and the tags "
                                 "of RAW belong to the camera",
                                 err);
    return raw.exif->type ||
           cannot_be_written(name, "leave it to hotfolder: it says how the pixels are stored", err);
}

static char *meant_by(const char *name)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    for (const MetadataName *row = metadata_names; row->name; row++)
        g_ptr_array_add(names, (char *) (guintptr) row->name);
    g_ptr_array_add(names, NULL);
    return g_strdup(text_closest(name, (const char *const *) names->pdata));
}

static bool unknown(const char *name, Error **err)
{
    g_autofree char *meant = meant_by(name);
    g_autofree char *fix = meant ? g_strdup_printf("did you mean %s?", meant) : NULL;

    return error_set(err, ERROR_CONFIG,
                     fix ? fix
                         : "write title, caption, keywords, author, copyright or another name of "
                           "the manual, or one as exif.Artist, iptc.By-line or xmp.dc.creator",
                     "there is no tag '%s'", name);
}

static bool find_friendly(const char *name, MetadataTag *tag, Error **err)
{
    XmpProperty first = { 0 };

    tag->friendly = metadata_name_find(name);
    if (!tag->friendly)
        return unknown(name, err);
    const char *key = tag->friendly->sources[0].tag;
    if (g_str_has_prefix(key, "Xmp.") && metadata_property(key, &first))
        tag->property = first;
    return true;
}

static bool find_plain(const char *name, MetadataTag *tag, Error **err)
{
    return fact_is_raw(name) ? find_raw(name, tag, err) : find_friendly(name, tag, err);
}

/* Where the language of a name begins: -de, -de-CH; NULL: it has none. */
static const char *language_in(const char *name)
{
    const char *point = strrchr(name, '.'), *hyphen = strchr(point ? point : name, '-');
    size_t letters = 0;

    if (!hyphen)
        return NULL;
    while (g_ascii_isalpha(hyphen[1 + letters]))
        letters++;
    bool ends = !hyphen[1 + letters] || hyphen[1 + letters] == '-';
    return (letters == 2 || letters == 3) && ends ? hyphen : NULL;
}

/* One that names a language of a property that has languages. */
static bool find_language(const char *name, MetadataTag *tag)
{
    const char *hyphen = language_in(name);
    g_autofree char *stem = hyphen ? g_strndup(name, (gsize) (hyphen - name)) : NULL;
    g_autoptr(Error) ignored = NULL;
    MetadataTag of = { 0 };

    if (!stem || !find_plain(stem, &of, &ignored) || of.property.form != XMP_FORM_LANGUAGES)
        return false;
    *tag = (MetadataTag){ .xmp = true, .property = of.property };
    tag->property.language = g_intern_string(hyphen + 1);
    return true;
}

const MetadataTag *metadata_tag_find(const char *name, Error **err)
{
    static GHashTable *found; /* name -> MetadataTag; never freed: steps hold them */
    g_autofree char *lower = fact_is_raw(name) ? g_strdup(name) : g_ascii_strdown(name, -1);
    MetadataTag tag = { 0 };

    if (!found)
        found = g_hash_table_new(g_str_hash, g_str_equal);
    const MetadataTag *known = g_hash_table_lookup(found, name);
    if (known)
        return known;
    if (!find_language(name, &tag) && !find_plain(lower, &tag, err))
        return NULL;
    tag.name = g_strdup(name);
    tag.list = tag.iptc ? tag.iptc->many
                        : is_list(&tag) || (tag.friendly && (tag.property.form == XMP_FORM_BAG ||
                                                             tag.property.form == XMP_FORM_SEQ));
    MetadataTag *kept = g_memdup2(&tag, sizeof(tag));
    g_hash_table_insert(found, (char *) (guintptr) kept->name, kept);
    return kept;
}

/* ---- values ---- */

static bool check_friendly(const MetadataTag *tag, const char *text, Error **err)
{
    int64_t over = 0, under = 0;
    bool number = exif_fraction(text, &over, &under);
    bool ok = tag->friendly->kind == METADATA_TEXT || number;
    const char *fix = "write a number";

    if (tag->friendly->kind == METADATA_WHOLE) {
        ok = number && under == 1;
        fix = "write a whole number";
    }
    if (tag->friendly->kind == METADATA_TRUTH) {
        ok = number || !g_ascii_strcasecmp(text, "yes") || !g_ascii_strcasecmp(text, "no");
        fix = "write yes, no or a number";
    }
    return ok || error_set(err, ERROR_PICTURE, fix, "`%s` cannot be \"%s\"", tag->name, text);
}

bool metadata_tag_check(const MetadataTag *tag, const char *text, Error **err)
{
    ExifPut put = { 0 };

    if (tag->friendly)
        return check_friendly(tag, text, err);
    if (!tag->exif || !exif_value(tag->exif, text, true, &put, err))
        return !tag->exif;
    g_bytes_unref(put.value);
    return true;
}
