/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* tag - write what a picture says of itself: a title, keywords, whose it is; or all that a template
 * has. */
#include <string.h>

#include "actions/action.h"
#include "actions/assets.h"
#include "actions/metadata_edit.h"
#include "actions/metadata_template.h"
#include "actions/template.h"

typedef struct Tag {
    char *name;
    Texts value;
    bool overwrite;
    Asset template;
    const MetadataTag *tag; /* of name; made by prepare(), as the next is */
    GPtrArray *values;      /* of Template */
} Tag;

static const Param params[] = {
    TEXT(Tag, name, .def = "", .fixed = "the profile says which tag is written",
         .help = "which one: title, caption, keywords, author, copyright, rating or another name "
                 "of the values, which is written into XMP, and into IPTC and EXIF where the "
                 "picture has them; or one tag, as exif.Artist, iptc.By-line, xmp.dc.creator; a "
                 "language may follow, as title-de"),
    LIST(Tag, value, .def = "",
         .help = "what it says, with {stem} {taken:%Y} and the other values of a name; += adds to "
                 "a list what it does not have; an empty text removes the tag"),
    BOOL(Tag, overwrite, .def = "yes",
         .help = "whether it is written where the picture says something already"),
    XMPFILE(Tag, template, .def = "none", .zero = "none",
            .help = "a file of XMP, as Photo Mechanic, Bridge and Lightroom write it, of which "
                    "all is written that describes a picture; in place of name and value"),
    { 0 },
};

/* ---- before any picture ---- */

static bool check_value(const MetadataTag *tag, const char *text, Error **err)
{
    g_autoptr(Error) why = NULL;
    g_autoptr(Template) template = template_new(TEMPLATE_TEXT, "value", text, err);

    if (!template)
        return false;
    if (!*text || strpbrk(text, "{}") || metadata_tag_check(tag, text, &why))
        return true;
    return error_set(err, ERROR_CONFIG, why->fix, "%s", why->what);
}

static bool check_one(const Tag *s, Error **err)
{
    const MetadataTag *tag = metadata_tag_find(s->name, err);

    if (!tag)
        return false;
    if (!s->value.items && !s->value.replace)
        return error_set(err, ERROR_CONFIG, "write what it says; value = \"\" removes the tag",
                         "value is missing");
    bool many = s->value.items && s->value.items[0] && (s->value.items[1] || !s->value.replace);
    if (many && !tag->list)
        return error_set(err, ERROR_CONFIG, "write one text, with =", "`%s` is no list", s->name);
    for (char **text = s->value.items; text && *text; text++)
        if (!check_value(tag, *text, err))
            return false;
    return true;
}

static bool check(const void *settings, Error **err)
{
    const Tag *s = settings;
    bool template = s->template.path && *s->template.path;

    if (template == (*s->name != '\0'))
        return error_set(err, ERROR_CONFIG, "write name and value, or a template",
                         template ? "it has a name and a template, too"
                                  : "it has neither a name nor a template");
    return template || check_one(s, err);
}

static bool prepare(void *settings, Error **err)
{
    Tag *s = settings;

    if (!*s->name)
        return true;
    s->tag = metadata_tag_find(s->name, err);
    s->values = g_ptr_array_new_with_free_func((GDestroyNotify) template_free);
    for (char **text = s->value.items; s->tag && text && *text; text++) {
        Template *template = template_new(TEMPLATE_TEXT, "value", *text, err);
        if (!template)
            return false;
        g_ptr_array_add(s->values, template);
    }
    return s->tag;
}

static void release(void *settings)
{
    g_clear_pointer(&((Tag *) settings)->values, g_ptr_array_unref);
}

/* ---- a picture ---- */

/* Newly allocated; NULL with *err set. */
static GStrv texts_for(const Tag *s, Image *image, Error **err)
{
    g_autoptr(GStrvBuilder) texts = g_strv_builder_new();

    for (guint i = 0; i < s->values->len; i++) {
        g_autofree char *text = template_text(s->values->pdata[i], image, false, err);
        if (!text)
            return NULL;
        g_strv_builder_add(texts, text);
    }
    return g_strv_builder_end(texts);
}

static bool write_one(const Tag *s, Image *image, MetadataEdit *edit, Error **err)
{
    bool append = !s->value.replace;
    g_auto(GStrv) texts = NULL;

    if (!s->overwrite && !append && metadata_edit_has(edit, s->tag))
        return true;
    texts = texts_for(s, image, err);
    if (!texts)
        return false;
    const char *const *given = (const char *const *) texts;
    if (!(append ? metadata_edit_append(edit, s->tag, given, err)
                 : metadata_edit_set(edit, s->tag, given, err)))
        return false;
    if (s->tag->iptc && metadata_edit_has_cut(edit))
        image_note(image, "`%s` was cut to %zu bytes, which is all that IPTC holds", s->name,
                   s->tag->iptc->most);
    return true;
}

static bool apply(const void *settings, Image *image, Error **err)
{
    const Tag *s = settings;
    Metadata *metadata = image_metadata(image, err), *edited = NULL;
    g_autoptr(MetadataEdit) edit = metadata ? metadata_edit_new(metadata) : NULL;

    if (!edit)
        return false;
    if (s->tag ? !write_one(s, image, edit, err)
               : !metadata_template_write(edit, asset_xmp(&s->template), s->overwrite, err))
        return false;
    edited = metadata_edit_end(edit, err);
    if (edited)
        image_set_metadata(image, edited);
    return edited;
}

const Action action_tag = {
    .name = "tag",
    .group = "metadata",
    .summary = "write what the picture says of itself: title, keywords, author, rights",
    .aliases =
        "write-tag set-tag metadata-template iptc-template stationery-pad keywords copyright "
        "author creator rating",
    .example = "tag { name = keywords value += { beach, \"{taken:%Y|}\" } }",
    .params = params,
    .size = sizeof(Tag),
    .flags = ACTION_METADATA | ACTION_LEAVES | ACTION_INKS,
    .check = check,
    .prepare = prepare,
    .release = release,
    .apply = apply,
};
