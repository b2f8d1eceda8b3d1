/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A template becomes the name or the text of one picture. */
#include <string.h>

#include "actions/template_internal.h"
#include "base/hidden.h"
#include "base/text.h"

enum {
    COMPONENT_MAX = 255,   /* bytes of a name, on every Linux file system */
    SHOWN = 60,            /* characters of a name that a message quotes */
    STEM_MIN = 32,         /* bytes that a name keeps of its picture's, where it is shortened */
    VALUE_MAX = 100,       /* bytes of a title or a caption in a name */
    RESULT_MAX = 64 << 10, /* bytes of a text */
};

typedef struct Filling {
    FactSource source;
    const SourceNames *names;
    GString *out;
    bool is_text; /* not a path: slashes are not special */
    bool markup;
    size_t stem_max;  /* bytes that the picture's stem may take, or a formula that may have it */
    size_t stem_most; /* that the longest one has taken */
    Error **err;
} Filling;

static void filling_clear(Filling *f)
{
    g_string_free(f->out, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Filling, filling_clear)

/* ---- a value in a path ---- */

/* In a name it must not name a directory or break a line. Newly allocated. */
static char *cleaned(const char *text, size_t length)
{
    char *clean = g_strndup(text, length);

    for (char *c = clean; *c; c++)
        if (*c == '/' || g_ascii_iscntrl(*c))
            *c = '_';
    return clean;
}

/* A stem that is too long is cut between two characters; a number of the whole keeps it apart from
 * others that begin like it. */
static void append_stem(Filling *f, const char *stem, size_t length, const char *of)
{
    g_autofree char *tail = g_strdup_printf("~%08x", g_str_hash(of));
    bool whole = length <= f->stem_max;
    size_t cut = whole ? length : text_cut(stem, f->stem_max - strlen(tail));

    f->stem_most = MAX(f->stem_most, MIN(length, f->stem_max));
    g_string_append_len(f->out, stem, (gssize) cut);
    g_string_append(f->out, whole ? "" : tail);
}

/* The names of the source stay as they are: they are names already. */
static void append_name(Filling *f, const Fact *fact, const char *text)
{
    bool cut = fact->flags & FACT_HAS_STEM, extended = fact->flags & FACT_HAS_EXTENSION;
    const char *end = cut && extended ? fact_extension_of(text) : text + strlen(text);

    if (cut)
        append_stem(f, text, (size_t) (end - text), f->names->name);
    g_string_append(f->out, cut ? end : text);
}

/* A title is cut. What may have the picture's name in it must not be: two pictures would get one
 * name. It is shortened as a stem is. */
static void append_clean(Filling *f, const Part *part, const char *text)
{
    const Fact *fact = formula_fact(part->formula);
    bool is_said = formula_is_said(part->formula, VALUE_MAX);
    size_t length = is_said ? text_cut(text, MIN(strlen(text), VALUE_MAX)) : strlen(text);
    g_autofree char *clean = cleaned(text, length);

    if (is_said || (fact && fact->flags & FACT_NOT_OF_PICTURE))
        g_string_append(f->out, clean);
    else
        append_stem(f, clean, length, text);
}

static void append_to_path(Filling *f, const Part *part, const char *text)
{
    const Fact *fact = formula_fact(part->formula);

    if (fact && fact->flags & FACT_IS_NAME)
        append_name(f, fact, text);
    else if (formula_type(part->formula) == VALUE_DATE)
        g_string_append(f->out, text);
    else
        append_clean(f, part, text);
}

/* ---- a value ---- */

static void append(Filling *f, const Part *part, const char *text)
{
    if (!f->is_text) {
        append_to_path(f, part, text);
    } else if (f->markup) {
        g_autofree char *valid = g_utf8_make_valid(text, -1);
        g_autofree char *escaped = g_markup_escape_text(valid, -1);
        g_string_append(f->out, escaped);
    } else {
        g_string_append(f->out, text);
    }
}

static bool missing_value(const Part *part, Error **err)
{
    const char *name = formula_fact(part->formula)->name;
    g_autofree char *fix = g_strdup_printf("write {%s|...} in the profile, with a word for "
                                           "pictures without one, or give the picture one",
                                           name);

    return error_set(err, ERROR_PICTURE, fix, "the picture has no %s for {%s}", name, name);
}

/* A picture that says no date has that of its file. */
static void guess_date(const Filling *f, Value *value)
{
    image_note(f->source.image, "the picture has no date: {taken} is the time of its file");
    value->date = g_date_time_new_from_unix_local(f->names->mtime);
    value->type = VALUE_DATE;
    value->missing = !value->date;
}

/* A formula has an empty list for one that the picture does not say. */
static bool is_empty_list(const Value *value)
{
    return value->type == VALUE_LIST && !value->missing && !*value->list;
}

/* By the camera's clock, where it is a date. */
static bool evaluate(Filling *f, const Part *part, Value *value)
{
    if (!formula_evaluate(part->formula, &f->source, value, f->err))
        return false;
    if (formula_fact(part->formula) && is_empty_list(value))
        value_clear(value);
    if (value->missing && part->guesses)
        guess_date(f, value);
    return !value->missing || part->otherwise || missing_value(part, f->err);
}

static bool fill(Filling *f, const Template *template);

/* An imported file is copied, though it lacks a word of its name: a shot without a number has its
 * stem there. */
static bool fill_unknown(Filling *f, const Part *part)
{
    const Fact *fact = formula_fact(part->formula);
    const char *name = f->names->name;

    if (f->is_text || !image_import(f->source.image))
        return false;
    g_clear_pointer(f->err, error_free);
    if (fact && !strcmp(fact->name, "shot"))
        append_stem(f, name, (size_t) (fact_extension_of(name) - name), name);
    else
        g_string_append(f->out, "unknown");
    return true;
}

static bool fill_value(Filling *f, const Part *part)
{
    g_auto(Value) value = { .missing = true };

    if (!evaluate(f, part, &value))
        return fill_unknown(f, part);
    g_autofree char *text = value_format_apply(part->format, &value);
    if (!*text && part->otherwise)
        return fill(f, part->otherwise);
    append(f, part, text);
    return true;
}

static bool fill(Filling *f, const Template *template)
{
    for (guint i = 0; i < template->parts->len; i++) {
        const Part *part = template_part(template, i);
        if (part->text)
            g_string_append(f->out, part->text);
        else if (!fill_value(f, part))
            return false;
        if (f->out->len > RESULT_MAX)
            return error_set(f->err, ERROR_PICTURE, "shorten it, or leave a value out",
                             "a text of more than 64 KB");
    }
    return true;
}

/* Of the picture as it is now, which is `shape`. */
static Filling filling_new(const Template *template, Image *image, const Shape *shape, Error **err)
{
    return (Filling){
        .source = { .image = image,
                    .shape = shape,
                    .step = image_step(image),
                    .row = template->row },
        .names = image_source_names(image),
        .out = g_string_new(NULL),
        .stem_max = SIZE_MAX,
        .err = err,
    };
}

char *template_text(const Template *template, Image *image, bool markup, Error **err)
{
    const Shape shape = image_shape(image);
    g_auto(Filling) f = filling_new(template, image, &shape, err);

    f.is_text = true;
    f.markup = markup;
    return fill(&f, template) ? g_utf8_make_valid(f.out->str, (gssize) f.out->len) : NULL;
}

/* ---- a path ---- */

/* What a value gives chooses no directory, and is no temporary file of ours. */
static void append_component(GString *path, const char *component)
{
    bool dots = !strcmp(component, ".") || !strcmp(component, "..");
    bool is_ours = g_str_has_prefix(component, HIDDEN_PREFIX);
    size_t taken = dots ? strlen(component) : (size_t) is_ours;

    g_string_append(path, path->len ? "/" : "");
    g_string_append(path, taken > 1 ? "__" : taken ? "_" : "");
    g_string_append(path, component + taken);
}

/* The path without empty components; NULL with *err set where it has no last one. */
static char *clean_path(const char *filled, Error **err)
{
    g_auto(GStrv) components = g_strsplit(filled, "/", -1);
    g_autoptr(GString) path = g_string_new(NULL);
    g_autofree char *shown = text_shorten(filled, SHOWN);
    bool named = false; /* "" has no component at all */

    for (char **c = components; *c; c++) {
        named = **c != '\0';
        if (named)
            append_component(path, *c);
    }
    if (!named) {
        error_set(err, ERROR_PICTURE, "choose another name in the profile",
                  "the name '%s' ends with an empty file name", shown);
        return NULL;
    }
    return g_strdup(path->str);
}

/* Whether a component of the path is too long; to the last one, `room` bytes are added. */
static bool is_too_long(const char *path, size_t room)
{
    for (const char *c = path; *c;) {
        size_t length = strcspn(c, "/");
        if (length + (c[length] ? 0 : room) > COMPONENT_MAX)
            return true;
        c += length + (c[length] == '/');
    }
    return false;
}

/* From at most f->stem_max bytes of the picture's stem. */
static char *path_of(Filling *f, const Template *template)
{
    g_string_truncate(f->out, 0);
    f->stem_most = 0;
    return fill(f, template) ? clean_path(f->out->str, f->err) : NULL;
}

/* The path with as much of the picture's stem as there is room for; NULL where even a short one
 * does not help, or with *err set. */
static char *shortened_path(Filling *f, const Template *template, size_t room)
{
    size_t least = STEM_MIN, too_many = f->stem_most;
    g_autofree char *longest = NULL;

    while (least < too_many) {
        f->stem_max = least + (too_many - least) / 2;
        g_autofree char *path = path_of(f, template);
        if (!path)
            return NULL;
        if (is_too_long(path, room)) {
            too_many = f->stem_max;
            continue;
        }
        least = f->stem_max + 1;
        g_free(longest);
        longest = g_steal_pointer(&path);
    }
    return g_steal_pointer(&longest);
}

/* Appends a component in at most `most` bytes; what is longer is cut before its last `kept` bytes,
 * as a stem is. */
static void append_cut(GString *path, const char *component, size_t most, size_t kept)
{
    size_t length = strlen(component);
    g_autofree char *tail = g_strdup_printf("~%08x", g_str_hash(component));

    g_string_append(path, path->len ? "/" : "");
    if (length <= most) {
        g_string_append(path, component);
        return;
    }
    kept = MIN(kept, most - strlen(tail));
    g_string_append_len(path, component, (gssize) text_cut(component, most - strlen(tail) - kept));
    g_string_append(path, tail);
    g_string_append(path, component + length - kept);
}

/* Each part of it cut: an imported file is copied, however much its name says. */
static char *cut_path(const Filling *f, const char *path, size_t room)
{
    g_auto(GStrv) components = g_strsplit(path, "/", -1);
    GString *cut = g_string_new(NULL);

    for (char **c = components; *c; c++)
        append_cut(cut, *c, COMPONENT_MAX - (c[1] ? 0 : room),
                   c[1] ? 0 : strlen(fact_extension_of(f->names->name)));
    return g_string_free(cut, FALSE);
}

char *template_expand(const Template *template, Image *image, size_t room, Error **err)
{
    const Shape shape = image_shape(image);
    g_auto(Filling) f = filling_new(template, image, &shape, err);
    g_autofree char *path = path_of(&f, template);
    char *shorter = path && is_too_long(path, room) ? shortened_path(&f, template, room) : NULL;

    if (shorter || !path || *err)
        return shorter;
    if (image_import(image))
        return cut_path(&f, path, room);
    return template_check_length(path, err) ? g_steal_pointer(&path) : NULL;
}

bool template_check_length(const char *name, Error **err)
{
    for (const char *c = name; *c;) {
        size_t length = strcspn(c, "/");
        if (length > COMPONENT_MAX)
            return error_set(err, ERROR_PICTURE, "shorten the picture's name or the profile's",
                             "a name of %zu bytes is too long: at most %d", length, COMPONENT_MAX);
        c += length + (c[length] == '/');
    }
    return true;
}
