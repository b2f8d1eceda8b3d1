/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a tag is: in which of XMP, IPTC and EXIF it stands. */
#include <string.h>

#include "actions/exif_value.h"
#include "actions/iptc_dates.h"
#include "actions/metadata_edit_internal.h"
#include "actions/metadata_texts.h"

/* ---- friendly names ---- */

/* What XMP has for a text of that kind; newly allocated. */
static char *xmp_text_of(MetadataKind kind, const char *text)
{
    int64_t over = 0, under = 1;
    bool number = kind != METADATA_TEXT && exif_fraction(text, &over, &under);

    if (kind == METADATA_TRUTH)
        return g_strdup(number ? (over & 1 ? "True" : "False")
                               : (g_ascii_strcasecmp(text, "yes") ? "False" : "True"));
    return kind == METADATA_FRACTION && number
               ? g_strdup_printf("%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT, over, under)
               : g_strdup(text);
}

static void put_friendly_xmp(MetadataEdit *edit, const MetadataName *name, const char *key,
                             const char *const *texts, bool append)
{
    XmpProperty property = { 0 };
    g_autofree char *only = xmp_text_of(name->kind, texts[0]);
    const char *const one[] = { only, NULL };

    if (!metadata_property(key, &property))
        return;
    bool first = !strcmp(name->sources[0].tag ? name->sources[0].tag : "", key);
    if (first || edit_has_property(edit, &property))
        edit_put_property(edit, &property, name->kind == METADATA_TEXT ? texts : one, append);
}

static bool gets_exif(MetadataEdit *edit, const MetadataName *name, const ExifName *exif)
{
    return name->exif == METADATA_EXIF_ALWAYS ||
           (name->exif == METADATA_EXIF_BLOCK && (edit->edits.exif || edit_sets_exif(edit))) ||
           edit_has_exif(edit, exif);
}

/* The first of several tags of EXIF is the one that counts. */
static bool is_first_exif(const MetadataName *name, const MetadataSource *source)
{
    const MetadataSource *first = name->sources;

    while (!first->tag || !g_str_has_prefix(first->tag, "Exif."))
        first++;
    return first == source;
}

static bool put_friendly_exif(MetadataEdit *edit, const MetadataName *name,
                              const MetadataSource *source, const char *const *texts, Error **err)
{
    const ExifName *exif = metadata_exif_name(source->tag);
    const char *const yes[] = { "1", NULL }, *const no[] = { "0", NULL };

    if (!exif ||
        !(is_first_exif(name, source) ? gets_exif(edit, name, exif) : edit_has_exif(edit, exif)))
        return true;
    if (name->kind == METADATA_TRUTH && !g_ascii_isdigit(*texts[0]))
        texts = g_ascii_strcasecmp(texts[0], "yes") ? no : yes;
    if (name->exif == METADATA_EXIF_TAG && *texts[0] == '-')
        edit_take_exif(edit, exif); /* it has no place for -1 */
    else
        return edit_put_exif(edit, exif, texts, err);
    return true;
}

static bool is_source(const MetadataSource *source)
{
    return source->tag || source->dataset;
}

static void put_friendly_dataset(MetadataEdit *edit, const MetadataSource *source,
                                 const char *const *texts, const char *const *added)
{
    if (!source->dataset || !edit->blocks.iptc)
        return;
    if (added && edit_has_dataset(edit, source->dataset))
        edit_append_dataset(edit, source->dataset, source->most, added);
    else
        edit_put_dataset(edit, source->dataset, source->most, texts);
}

/* What EXIF cannot hold is refused before anything changes. A block that does not have the list yet
 * gets all of it, `texts`; `added` (NULL: the list is new) is what the picture does not say. */
static bool put_whole(MetadataEdit *edit, const MetadataName *name, const char *const *texts,
                      const char *const *added, Error **err)
{
    for (const MetadataSource *s = name->sources; is_source(s); s++)
        if (s->tag && g_str_has_prefix(s->tag, "Exif.") &&
            !put_friendly_exif(edit, name, s, texts, err))
            return false;
    for (const MetadataSource *s = name->sources; is_source(s); s++) {
        if (s->tag && g_str_has_prefix(s->tag, "Xmp."))
            put_friendly_xmp(edit, name, s->tag, texts, added != NULL);
        put_friendly_dataset(edit, s, texts, added);
    }
    return true;
}

static bool put_friendly(MetadataEdit *edit, const MetadataName *name, const char *const *texts,
                         bool append, Error **err)
{
    g_auto(GStrv) old = append ? metadata_values(edit->metadata, name->name) : NULL;
    g_auto(GStrv) all = texts_joined((const char *const *) old, texts);

    return put_whole(edit, name, (const char *const *) all, append ? texts : NULL, err);
}

static void take_source(MetadataEdit *edit, const MetadataSource *source)
{
    XmpProperty property = { 0 };
    const ExifName *exif = source->tag ? metadata_exif_name(source->tag) : NULL;

    if (source->dataset)
        edit_take_dataset(edit, source->dataset);
    else if (exif)
        edit_take_exif(edit, exif);
    else if (metadata_property(source->tag, &property))
        edit_take_property(edit, &property);
}

static bool has_source(MetadataEdit *edit, const MetadataSource *source)
{
    XmpProperty property = { 0 };
    const ExifName *exif = source->tag ? metadata_exif_name(source->tag) : NULL;

    return source->dataset ? edit_has_dataset(edit, source->dataset)
           : exif          ? edit_has_exif(edit, exif)
                  : metadata_property(source->tag, &property) && edit_has_property(edit, &property);
}

/* ---- tags ---- */

void metadata_edit_remove(MetadataEdit *edit, const MetadataTag *tag)
{
    if (tag->exif)
        edit_take_exif(edit, tag->exif);
    else if (tag->iptc)
        edit_take_dataset(edit, tag->iptc->dataset);
    else if (tag->xmp)
        edit_take_property(edit, &tag->property);
    for (const MetadataSource *s = tag->friendly ? tag->friendly->sources : NULL; s && is_source(s);
         s++)
        take_source(edit, s);
}

bool metadata_edit_has(MetadataEdit *edit, const MetadataTag *tag)
{
    bool has = false;

    if (tag->exif)
        return edit_has_exif(edit, tag->exif);
    if (tag->iptc)
        return edit_has_dataset(edit, tag->iptc->dataset);
    if (tag->xmp)
        return edit_has_property(edit, &tag->property);
    for (const MetadataSource *s = tag->friendly->sources; !has && is_source(s); s++)
        has = has_source(edit, s);
    return has;
}

static bool check_all(const MetadataTag *tag, const char *const *texts, Error **err)
{
    for (; *texts; texts++)
        if (!metadata_tag_check(tag, *texts, err))
            return false;
    return true;
}

static void put_iptc(MetadataEdit *edit, const IptcName *name, const char *const *texts,
                     bool append)
{
    g_auto(GStrv) forms = iptc_forms(name->dataset, texts);

    if (append && name->many)
        edit_append_dataset(edit, name->dataset, name->most, (const char *const *) forms);
    else
        edit_put_dataset(edit, name->dataset, name->most, (const char *const *) forms);
}

static bool put(MetadataEdit *edit, const MetadataTag *tag, const char *const *texts, bool append,
                Error **err)
{
    g_auto(GStrv) given = texts_said(texts, tag->list);
    const char *const *kept = (const char *const *) given;

    if (!check_all(tag, kept, err))
        return false;
    if (!*kept && !append)
        metadata_edit_remove(edit, tag);
    if (!*kept)
        return true;
    edit->exif_asked |= tag->exif != NULL;
    if (tag->friendly)
        return put_friendly(edit, tag->friendly, kept, append, err);
    if (tag->exif)
        return edit_put_exif(edit, tag->exif, kept, err);
    if (tag->iptc)
        put_iptc(edit, tag->iptc, kept, append);
    else
        edit_put_property(edit, &tag->property, kept, append);
    return true;
}

bool metadata_edit_set(MetadataEdit *edit, const MetadataTag *tag, const char *const *texts,
                       Error **err)
{
    return put(edit, tag, texts, false, err);
}

bool metadata_edit_set_text(MetadataEdit *edit, const MetadataTag *tag, const char *text,
                            Error **err)
{
    const char *const texts[] = { text, NULL };

    return put(edit, tag, texts, false, err);
}

bool metadata_edit_append(MetadataEdit *edit, const MetadataTag *tag, const char *const *texts,
                          Error **err)
{
    return put(edit, tag, texts, true, err);
}

bool metadata_edit_has_cut(const MetadataEdit *edit)
{
    return edit->cut;
}
