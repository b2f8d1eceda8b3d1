/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/template.h"

#include <string.h>

#include "base/text.h"

enum {
    COMPONENT_MAX = 255, /* bytes of a name, on every Linux file system */
    SHOWN = 60,          /* characters of a name that a message quotes */
    DIGITS_MAX = 18,     /* of a number; an int64_t has no more */
    TOKENS_MAX = 32,     /* for the list that a guess is made from */
    STEM_MIN = 32, /* bytes that a name keeps of its picture's, where it has to be shortened */
};

typedef struct Part {
    const TemplateToken *token; /* NULL: text */
    char *text;                 /* of the template, or the token's argument */
    char *otherwise;            /* what stands behind the token's |, or NULL */
} Part;

struct Template {
    TemplateKind kind;
    GArray *parts; /* of Part */
};

/* ---- compiling ---- */

static bool unknown_token(const char *word, Error **err)
{
    const char *words[TOKENS_MAX] = { NULL };
    g_autofree char *shown = text_shorten(word, SHOWN);
    g_autofree char *fix = NULL;

    for (size_t i = 0; i + 1 < TOKENS_MAX && template_tokens[i].word; i++)
        words[i] = template_tokens[i].word;

    const char *meant = text_closest(word, words);
    if (meant) {
        fix = g_strdup_printf("did you mean {%s}?", meant);
    } else {
        g_autofree char *all = g_strjoinv("} {", (char **) (void *) words);
        fix = g_strdup_printf("choose one of: {%s}", all);
    }
    return error_set(err, ERROR_CONFIG, fix, "unknown token {%s}", shown);
}

/* A date's format: GLib's, except what gives slashes or line breaks or depends on the locale. */
static bool check_format(const char *format, Error **err)
{
    g_autoptr(GDateTime) some = g_date_time_new_utc(2000, 1, 2, 3, 4, 5);
    bool text = g_utf8_validate(format, -1, NULL); /* names are bytes, but GLib formats texts */
    g_autofree char *tried = text ? g_date_time_format(some, format) : NULL;
    const char *fix = "give %Y (year), %m (month), %d (day), %H (hour), %M (minute), %S (second), "
                      "%j (day of the year), %V (week)";

    for (const char *c = strchr(format, '%'); tried && c; c = c[1] ? strchr(c + 2, '%') : NULL)
        if (!c[1] || strchr("cDnrtxX", c[1]))
            g_clear_pointer(&tried, g_free);
    if (tried && *tried)
        return true;
    g_autofree char *shown = text_escape(format);
    return error_set(err, ERROR_CONFIG, fix, "'%s' is not a date format", shown);
}

static bool check_digits(const char *text, Error **err)
{
    char *end = NULL;
    gint64 count = g_ascii_strtoll(text, &end, 10);

    if (g_ascii_isdigit(*text) && !*end && count >= 1 && count <= DIGITS_MAX)
        return true;
    return error_set(err, ERROR_CONFIG, "give 1 to 18 digits, as in {seq:4}",
                     "'%s' is not a number of digits", text);
}

static bool check_argument(const TemplateToken *token, const char *argument, Error **err)
{
    if (!argument)
        return true;
    switch (token->takes) {
    case ARGUMENT_FORMAT:
        return check_format(argument, err);
    case ARGUMENT_DIGITS:
        return check_digits(argument, err);
    case ARGUMENT_NONE:
        break;
    }
    return error_set(err, ERROR_CONFIG, "remove the colon and what follows it",
                     "{%s} takes nothing after a colon", token->word);
}

static void add_part(Template *template, const TemplateToken *token, const char *text,
                     const char *otherwise)
{
    Part part = { token, g_strdup(text), g_strdup(otherwise) };

    g_array_append_val(template->parts, part);
}

static bool check_otherwise(const TemplateToken *token, const char *otherwise, Error **err)
{
    return !otherwise || token->may_be_missing ||
           error_set(err, ERROR_CONFIG, "remove the | and what follows it",
                     "every picture has a {%s}", token->word);
}

/* What stands between the braces: a word, its argument after a colon, and after | what is written
 * for a picture that has no such value. */
static bool add_token(Template *template, const char *inside, Error **err)
{
    g_auto(GStrv) choices = g_strsplit(inside, "|", 2);
    g_auto(GStrv) halves = g_strsplit(choices[0] ? choices[0] : "", ":", 2);
    const char *word = halves[0] ? halves[0] : "";
    const char *argument = halves[0] ? halves[1] : NULL;
    const char *otherwise = choices[0] ? choices[1] : NULL;

    for (const TemplateToken *token = template_tokens; token->word; token++)
        if (!strcmp(token->word, word)) {
            if (!check_argument(token, argument, err) || !check_otherwise(token, otherwise, err))
                return false;
            add_part(template, token, argument, otherwise);
            return true;
        }
    return unknown_token(word, err);
}

static void add_text(Template *template, GString *text)
{
    if (text->len)
        add_part(template, NULL, text->str, NULL);
    g_string_truncate(text, 0);
}

/* Compiles one piece of the template at *at: a doubled brace, a token, or a character. */
static bool compile_next(Template *template, const char **at, GString *text, Error **err)
{
    const char *c = *at;
    const char *close = NULL;

    if ((*c == '{' || *c == '}') && c[1] == *c) {
        g_string_append_c(text, *c);
        *at = c + 2;
        return true;
    }
    if (*c == '}')
        return error_set(err, ERROR_CONFIG, "write {token}, or }} for a literal }",
                         "a } has no matching {");
    if (*c != '{') {
        g_string_append_c(text, *c);
        *at = c + 1;
        return true;
    }
    close = c + strcspn(c, "}");
    if (!*close)
        return error_set(err, ERROR_CONFIG, "close it with }, or write {{ for a literal {",
                         "a { has no matching }");
    g_autofree char *inside = g_strndup(c + 1, (gsize) (close - c - 1));
    *at = close + 1;
    add_text(template, text);
    return add_token(template, inside, err);
}

/* Checks what is wrong whatever the tokens are filled with. */
static bool check_path(const char *text, Error **err)
{
    g_auto(GStrv) components = g_strsplit(text, "/", -1);

    if (!*text)
        return error_set(err, ERROR_CONFIG, "give one, as in {dir}/{stem}.jpg", "an empty name");
    if (*text == '/')
        return error_set(err, ERROR_CONFIG,
                         "remove the first /: names are relative to the folder's output",
                         "an absolute path");
    if (g_str_has_suffix(text, "/"))
        return error_set(err, ERROR_CONFIG, "add a name, as in {dir}/{stem}.jpg",
                         "a directory without a file name");
    for (const char *c = text; *c; c++)
        if (g_ascii_iscntrl(*c))
            return error_set(err, ERROR_CONFIG, "remove them",
                             "line breaks or other control characters");
    for (char **c = components; *c; c++)
        if (!strcmp(*c, "..") || !strcmp(*c, "."))
            return error_set(err, ERROR_CONFIG, "remove it: an output stays below its directory",
                             "'%s' as a directory", *c);
    return true;
}

static bool compile(Template *template, const char *text, Error **err)
{
    g_autoptr(GString) literal = g_string_new(NULL);

    if (template->kind == TEMPLATE_PATH && !check_path(text, err))
        return false;
    while (*text)
        if (!compile_next(template, &text, literal, err))
            return false;
    add_text(template, literal);
    return true;
}

static void part_clear(void *part)
{
    g_free(((Part *) part)->text);
    g_free(((Part *) part)->otherwise);
}

Template *template_new(TemplateKind kind, const char *row, const char *text, Error **err)
{
    g_autoptr(Template) template = g_new0(Template, 1);
    g_autofree char *shown = NULL;

    template->kind = kind;
    template->parts = g_array_new(FALSE, FALSE, sizeof(Part));
    g_array_set_clear_func(template->parts, part_clear);
    if (compile(template, text, err))
        return g_steal_pointer(&template);

    shown = text_value(text, SHOWN);
    g_autofree char *what = g_steal_pointer(&(*err)->what);
    (*err)->what = g_strdup_printf("%s = %s: %s", row, shown, what);
    return NULL;
}

void template_free(Template *template)
{
    if (!template)
        return;
    g_array_unref(template->parts);
    g_free(template);
}

/* ---- filling ---- */

/* The path without empty components; NULL with *err set where it would leave the directory. */
static char *clean_path(const char *filled, Error **err)
{
    g_auto(GStrv) components = g_strsplit(filled, "/", -1);
    g_autoptr(GString) path = g_string_new(NULL);
    g_autofree char *shown = text_shorten(filled, SHOWN);
    bool named = false; /* "" has no component at all */

    for (char **c = components; *c; c++) {
        named = **c != '\0';
        if (!strcmp(*c, ".") || !strcmp(*c, "..")) {
            error_set(err, ERROR_CONFIG,
                      "rename the picture, or choose another name in the profile",
                      "the name '%s' would leave its directory", shown);
            return NULL;
        }
        if (named)
            g_string_append_printf(path, "%s%s", path->len ? "/" : "", *c);
    }
    if (!named) {
        error_set(err, ERROR_CONFIG, "choose another name in the profile",
                  "the name '%s' ends with an empty file name", shown);
        return NULL;
    }
    return g_strdup(path->str);
}

/* Appends the value of a part to what is filled. */
static bool fill_part(Filling *filling, const Part *part, bool markup, Error **err)
{
    size_t before = filling->name->len;

    if (!part->token->fill(filling, part->text, err))
        return false;
    if (!markup)
        return true;
    g_autofree char *value = g_utf8_make_valid(filling->name->str + before, -1);
    g_autofree char *escaped = g_markup_escape_text(value, -1);
    g_string_truncate(filling->name, before);
    g_string_append(filling->name, escaped);
    return true;
}

/* All parts, with at most `stem_max` bytes of the picture's stem; newly allocated. */
static char *filled(const Template *template, Image *image, size_t stem_max, bool markup,
                    Error **err)
{
    g_autoptr(GString) name = g_string_new(NULL);
    Filling filling = { .image = image,
                        .names = image_source_names(image),
                        .name = name,
                        .is_text = template->kind == TEMPLATE_TEXT,
                        .stem_max = stem_max };

    for (guint i = 0; i < template->parts->len; i++) {
        const Part *part = &g_array_index(template->parts, Part, i);
        filling.token = part->token;
        filling.otherwise = part->otherwise;
        if (!part->token)
            g_string_append(name, part->text);
        else if (!fill_part(&filling, part, markup, err))
            return NULL;
    }
    return g_strdup(name->str);
}

char *template_text(const Template *template, Image *image, bool markup, Error **err)
{
    g_autofree char *text = filled(template, image, SIZE_MAX, markup, err);

    return text ? g_utf8_make_valid(text, -1) : NULL;
}

/* As template_expand(), from at most `stem_max` bytes of the picture's stem. */
static char *fill(const Template *template, Image *image, size_t stem_max, Error **err)
{
    g_autofree char *name = filled(template, image, stem_max, false, err);

    return name ? clean_path(name, err) : NULL;
}

/* By how many bytes a component of the path is too long; to the last one, `room` are added. */
static size_t excess_of(const char *path, size_t room)
{
    size_t excess = 0;

    for (const char *c = path; *c;) {
        size_t length = strcspn(c, "/");
        size_t whole = length + (c[length] ? 0 : room);
        excess = MAX(excess, whole - MIN(whole, COMPONENT_MAX));
        c += length + (c[length] == '/');
    }
    return excess;
}

char *template_expand(const Template *template, Image *image, size_t room, Error **err)
{
    const char *source = image_source_names(image)->name;
    size_t stem_max = (size_t) (template_extension_of(source) - source), excess = 0;
    g_autofree char *path = fill(template, image, stem_max, err);

    while (path && (excess = excess_of(path, room)) && stem_max >= STEM_MIN + excess) {
        stem_max -= excess;
        g_free(path);
        path = fill(template, image, stem_max, err);
    }
    return path && template_check_length(path, err) ? g_steal_pointer(&path) : NULL;
}

static const Part *last_part(const Template *template)
{
    return &g_array_index(template->parts, Part, template->parts->len - 1);
}

bool template_has_extension(const Template *template)
{
    const Part *last = last_part(template);

    return !last->token || last->token->extension;
}

TemplateScope template_scope(const Template *template)
{
    TemplateScope scope = TEMPLATE_SAME_FOR_PROFILE;

    for (guint i = 0; i < template->parts->len; i++) {
        const Part *part = &g_array_index(template->parts, Part, i);
        if (part->token)
            scope = MAX(scope, part->token->scope);
    }
    return scope;
}

bool template_guesses_date(const Template *template)
{
    for (guint i = 0; i < template->parts->len; i++) {
        const Part *part = &g_array_index(template->parts, Part, i);
        if (part->token && !strcmp(part->token->word, "taken") && !part->otherwise)
            return true;
    }
    return false;
}

/* What a part could become; newly allocated. */
static char *sample_of(const Part *part)
{
    g_autoptr(GDateTime) some = g_date_time_new_utc(2000, 1, 2, 3, 4, 5);

    if (!part->token)
        return g_strdup(part->text);
    if (part->token->takes != ARGUMENT_FORMAT)
        return g_strdup("x");
    return g_date_time_format(some, part->text ? part->text : TEMPLATE_DATE_FORMAT);
}

char *template_sample(const Template *template)
{
    GString *name = g_string_new(NULL);

    for (guint i = 0; i < template->parts->len; i++) {
        g_autofree char *text = sample_of(&g_array_index(template->parts, Part, i));
        g_string_append(name, text);
    }
    return g_string_free(name, FALSE);
}

const char *template_last_text(const Template *template)
{
    const Part *last = last_part(template);

    return last->token ? "" : last->text;
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
