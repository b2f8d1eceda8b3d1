/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/template_tokens.h"

#include <string.h>

#include "actions/metadata_taken.h"
#include "base/text.h"

enum { VALUE_MAX = 100 }; /* bytes of a title or a caption in a name */

const char *template_extension_of(const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot && dot != name ? dot : name + strlen(name);
}

/* Appends untrusted text: in a name it must not name a directory or break a line. */
static void append_clean(Filling *f, const char *text)
{
    for (; *text; text++) {
        bool special = *text == '/' || g_ascii_iscntrl(*text);
        g_string_append_c(f->name, special && !f->is_text ? '_' : *text);
    }
}

/* A stem that is too long is cut between two characters; a number of its whole name keeps it apart
 * from others that begin like it. */
static bool fill_stem(Filling *f, const char *argument G_GNUC_UNUSED, Error **err G_GNUC_UNUSED)
{
    const char *name = f->names->name;
    size_t length = (size_t) (template_extension_of(name) - name);
    g_autofree char *tail = g_strdup_printf("~%08x", g_str_hash(name));
    bool whole = length <= f->stem_max;
    size_t cut = whole ? length : text_cut(name, f->stem_max - strlen(tail));

    g_string_append_len(f->name, name, (gssize) cut);
    g_string_append(f->name, whole ? "" : tail);
    return true;
}

static bool fill_ext(Filling *f, const char *argument G_GNUC_UNUSED, Error **err G_GNUC_UNUSED)
{
    const char *extension = template_extension_of(f->names->name);

    g_string_append(f->name, *extension ? extension + 1 : "");
    return true;
}

static bool fill_name(Filling *f, const char *argument, Error **err)
{
    fill_stem(f, argument, err);
    g_string_append(f->name, template_extension_of(f->names->name));
    return true;
}

static bool fill_dir(Filling *f, const char *argument G_GNUC_UNUSED, Error **err G_GNUC_UNUSED)
{
    g_string_append(f->name, f->names->dir);
    return true;
}

static bool fill_folder(Filling *f, const char *argument G_GNUC_UNUSED, Error **err G_GNUC_UNUSED)
{
    append_clean(f, f->names->folder);
    return true;
}

static bool fill_profile(Filling *f, const char *argument G_GNUC_UNUSED, Error **err G_GNUC_UNUSED)
{
    append_clean(f, f->names->profile);
    return true;
}

static bool fill_width(Filling *f, const char *argument G_GNUC_UNUSED, Error **err G_GNUC_UNUSED)
{
    g_string_append_printf(f->name, "%d", image_width(f->image));
    return true;
}

static bool fill_height(Filling *f, const char *argument G_GNUC_UNUSED, Error **err G_GNUC_UNUSED)
{
    g_string_append_printf(f->name, "%d", image_height(f->image));
    return true;
}

static void append_date(Filling *f, GDateTime *when, const char *format)
{
    g_autofree char *text =
        when ? g_date_time_format(when, format ? format : TEMPLATE_DATE_FORMAT) : NULL;

    g_string_append(f->name, text ? text : "undated");
}

static bool fill_date(Filling *f, const char *argument, Error **err G_GNUC_UNUSED)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_local();

    append_date(f, now, argument);
    return true;
}

/* By the camera's clock. */
static bool fill_taken(Filling *f, const char *argument, Error **err)
{
    Metadata *metadata = image_metadata(f->image, err);
    g_autoptr(GDateTime) taken = metadata ? metadata_taken(metadata) : NULL;

    if (!metadata)
        return false;
    if (!taken && f->otherwise) {
        g_string_append(f->name, f->otherwise);
        return true;
    }
    if (!taken) {
        image_note(f->image, "the picture has no date: {taken} is the time of its file");
        taken = g_date_time_new_from_unix_local(f->names->mtime);
    }
    append_date(f, taken, argument);
    return true;
}

static bool missing_value(const Filling *f, Error **err)
{
    const char *word = f->token->word;
    g_autofree char *fix =
        g_strdup_printf("write {%s|...} in the profile, with a word for pictures "
                        "without one, or give the picture one",
                        word);

    return error_set(err, ERROR_PICTURE, fix, "the picture has no %s for {%s}", word, word);
}

/* A text that the picture says of itself; in a name shortened to what that can hold. */
static bool fill_value(Filling *f, const char *argument G_GNUC_UNUSED, Error **err)
{
    Metadata *metadata = image_metadata(f->image, err);
    g_autofree char *value = metadata ? metadata_value(metadata, f->token->word) : NULL;

    if (!metadata || (!value && !f->otherwise))
        return metadata && missing_value(f, err);
    if (value && !f->is_text)
        value[text_cut(value, MIN(strlen(value), VALUE_MAX))] = '\0';
    if (value)
        append_clean(f, value);
    else
        g_string_append(f->name, f->otherwise);
    return true;
}

static bool fill_seq(Filling *f, const char *argument, Error **err)
{
    const Outputs *outputs = image_outputs(f->image);
    int64_t number = 0;

    if (!outputs->sequence(outputs->user, &number, err))
        return false;
    g_string_append_printf(f->name, "%0*" G_GINT64_FORMAT,
                           argument ? (int) g_ascii_strtoll(argument, NULL, 10) : 1, number);
    return true;
}

const TemplateToken template_tokens[] = {
    { "stem", ARGUMENT_NONE, false, false, TEMPLATE_SAME_FOR_PICTURE, fill_stem },
    { "ext", ARGUMENT_NONE, true, false, TEMPLATE_SAME_FOR_PICTURE, fill_ext },
    { "name", ARGUMENT_NONE, true, false, TEMPLATE_SAME_FOR_PICTURE, fill_name },
    { "dir", ARGUMENT_NONE, false, false, TEMPLATE_SAME_FOR_PICTURE, fill_dir },
    { "folder", ARGUMENT_NONE, false, false, TEMPLATE_SAME_FOR_PROFILE, fill_folder },
    { "profile", ARGUMENT_NONE, false, false, TEMPLATE_SAME_FOR_PROFILE, fill_profile },
    { "width", ARGUMENT_NONE, false, false, TEMPLATE_SAME_FOR_OUTPUT, fill_width },
    { "height", ARGUMENT_NONE, false, false, TEMPLATE_SAME_FOR_OUTPUT, fill_height },
    { "date", ARGUMENT_FORMAT, false, false, TEMPLATE_SAME_FOR_OUTPUT, fill_date },
    { "taken", ARGUMENT_FORMAT, false, true, TEMPLATE_SAME_FOR_PICTURE, fill_taken },
    { "seq", ARGUMENT_DIGITS, false, false, TEMPLATE_SAME_FOR_PICTURE, fill_seq },
    { "title", ARGUMENT_NONE, false, true, TEMPLATE_SAME_FOR_PICTURE, fill_value },
    { "caption", ARGUMENT_NONE, false, true, TEMPLATE_SAME_FOR_PICTURE, fill_value },
    { "author", ARGUMENT_NONE, false, true, TEMPLATE_SAME_FOR_PICTURE, fill_value },
    { "copyright", ARGUMENT_NONE, false, true, TEMPLATE_SAME_FOR_PICTURE, fill_value },
    { "keywords", ARGUMENT_NONE, false, true, TEMPLATE_SAME_FOR_PICTURE, fill_value },
    { 0 },
};
