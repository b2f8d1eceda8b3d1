/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rename_tag - move what one tag says to another one. */
#include <string.h>

#include "actions/action.h"
#include "actions/facts_raw.h"
#include "actions/metadata_edit.h"
#include "actions/value_format.h"

typedef struct RenameTag {
    char *from, *to;
} RenameTag;

static const Param params[] = {
    TEXT(RenameTag, from, .fixed = "the profile says which tag moves",
         .help = "the tag that goes: a name as that of tag"),
    TEXT(RenameTag, to, .fixed = "the profile says where it moves",
         .help = "the tag that gets what it says; where it says nothing, this one stays; one that "
                 "holds a single text gets a list as one, with \"; \" between"),
    { 0 },
};

static bool check(const void *settings, Error **err)
{
    const RenameTag *s = settings;
    const MetadataTag *from = metadata_tag_find(s->from, err);
    const MetadataTag *to = from ? metadata_tag_find(s->to, err) : NULL;

    if (!to)
        return false;
    return from != to ||
           error_set(err, ERROR_CONFIG, "write two tags", "from and to are the same: %s", s->to);
}

static GStrv language_texts(Metadata *metadata, const XmpProperty *property)
{
    GBytes *packet = metadata_blocks(metadata)->xmp;
    g_autoptr(Xmp) xmp = packet ? xmp_new(packet) : NULL;
    g_autofree char *text = xmp ? xmp_language_text(xmp, property) : NULL;
    char *texts[] = { text, NULL };

    return text ? g_strdupv(texts) : NULL;
}

/* A fraction stays one; of all else what a name of it says. Newly allocated; NULL where it says
 * nothing. */
static GStrv texts_of(const MetadataTag *tag, Image *image, Metadata *metadata)
{
    const Fact *fact = tag->friendly ? NULL : fact_raw(tag->name);
    const FactSource source = { .image = image };
    g_auto(Value) value = { .missing = true };
    const char *one[] = { NULL, NULL };

    if (tag->friendly)
        return metadata_values(metadata, tag->friendly->name);
    if (tag->iptc)
        return metadata_dataset(metadata, tag->iptc->dataset);
    if (!fact) /* a language */
        return language_texts(metadata, &tag->property);
    if (!tag->exif)
        return metadata_texts(metadata, fact_raw_tag(fact).key);
    g_autofree char *raw = metadata_text(metadata, tag->exif->key);
    if (!raw || !fact->read(fact, &source, &value, NULL) || value.missing)
        return NULL;
    g_autofree char *text = value.type == VALUE_TEXT ? g_strdup(value.text) : NULL;
    one[0] = text ? text : raw;
    return g_strdupv((char **) (guintptr) one);
}

/* Nothing of a list is lost where it moves to a tag that is none. */
static bool move(MetadataEdit *edit, const MetadataTag *to, const char *const *texts, Error **err)
{
    g_autofree char *all = to->list ? NULL : g_strjoinv("; ", (char **) (guintptr) texts);

    return all ? metadata_edit_set_text(edit, to, all, err)
               : metadata_edit_set(edit, to, texts, err);
}

static bool apply(const void *settings, Image *image, Error **err)
{
    const RenameTag *s = settings;
    const MetadataTag *from = metadata_tag_find(s->from, err), *to = metadata_tag_find(s->to, err);
    Metadata *metadata = from && to ? image_metadata(image, err) : NULL;
    g_auto(GStrv) texts = metadata ? texts_of(from, image, metadata) : NULL;

    if (!texts)
        return metadata;
    g_autoptr(MetadataEdit) edit = metadata_edit_new(metadata);
    metadata_edit_remove(edit, from);
    if (!move(edit, to, (const char *const *) texts, err))
        return false;
    Metadata *edited = metadata_edit_end(edit, err);
    if (edited)
        image_set_metadata(image, edited);
    return edited;
}

const Action action_rename_tag = {
    .name = "rename_tag",
    .group = "metadata",
    .summary = "move what one tag says to another one",
    .aliases = "rename-tag move-tag",
    .example = "rename_tag { from = headline to = title }",
    .params = params,
    .size = sizeof(RenameTag),
    .flags = ACTION_METADATA | ACTION_LEAVES | ACTION_INKS,
    .check = check,
    .apply = apply,
};
