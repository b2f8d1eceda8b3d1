/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/template.h"

#include <string.h>

#include "actions/template_internal.h"
#include "base/hidden.h"
#include "base/text.h"

enum {
    SHOWN = 120,    /* characters of a name that a message quotes */
    DEPTH_MAX = 32, /* of what stands behind a | inside of what stands behind a | */
};

/* ---- compiling ---- */

typedef struct Compiler {
    FactsOf of;
    TemplateKind kind;
    unsigned depth;
    const char *text; /* all of it */
    const char *at;
    Error **err;
} Compiler;

static bool mistake(const Compiler *c, const char *at, const char *fix, const char *what)
{
    return error_set(c->err, ERROR_CONFIG, fix, "column %u: %s", value_column(c->text, 1, at),
                     what);
}

static Template *compile(Compiler *c);

static void part_clear(void *data)
{
    Part *part = data;

    g_free(part->text);
    formula_free(part->formula);
    value_format_free(part->format);
    g_free(part->format_text);
    template_free(part->otherwise);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Part, part_clear)

/* Behind a colon, to the next | or }. */
static bool read_format(Compiler *c, Part *part)
{
    if (*c->at != ':')
        return true;
    size_t length = strcspn(++c->at, "|}");
    part->format_text = g_strndup(c->at, length);
    part->format = value_format_new(part->format_text, value_column(c->text, 1, c->at),
                                    formula_type(part->formula), c->err);
    c->at += length;
    return part->format;
}

/* A format may leave nothing of a text. */
static bool may_be_empty(const Part *part)
{
    ValueType type = formula_type(part->formula);

    return formula_may_be_missing(part->formula) ||
           (part->format && (type == VALUE_TEXT || type == VALUE_LIST));
}

/* In a text nothing may stand behind the | of every value: a program that lets each one be missing
 * need not know which of them are always there. */
static bool takes_otherwise(const Compiler *c, const Part *part)
{
    bool nothing = c->kind == TEMPLATE_TEXT && c->at[1] == '}';

    return may_be_empty(part) || (nothing && formula_fact(part->formula));
}

static bool refuse_otherwise(const Compiler *c, const Part *part)
{
    g_autofree char *shown = text_shorten(formula_text(part->formula), SHOWN);
    g_autofree char *what = g_strdup_printf("every picture has a {%s}", shown);

    if (!formula_fact(part->formula))
        return mistake(c, c->at,
                       "remove the | and what follows it; inside of the formula write "
                       "default(title, stem) for a value that may be missing",
                       "a | stands behind one value only, not behind a formula");
    return mistake(c, c->at, "remove the | and what follows it", what);
}

/* Behind a |, to the } of the value. */
static bool read_otherwise(Compiler *c, Part *part)
{
    if (*c->at != '|')
        return true;
    if (!takes_otherwise(c, part))
        return refuse_otherwise(c, part);
    if (++c->depth > DEPTH_MAX)
        return mistake(c, c->at, "write fewer of them", "too many | inside of each other");
    c->at++;
    part->otherwise = compile(c);
    c->depth--;
    return part->otherwise;
}

/* A name has to have some date. */
static bool guesses(const Compiler *c, const Part *part)
{
    const Fact *fact = formula_fact(part->formula);

    return c->kind == TEMPLATE_PATH && c->of == FACTS_OF_PICTURES && fact &&
           fact->flags & FACT_GUESSED && !part->otherwise;
}

/* What stands between the braces: a formula, its format behind a colon, and behind a | what is
 * written where there is no such value. c->at is behind the {. */
static bool read_value(Compiler *c, Part *part)
{
    const char *open = c->at - 1;
    bool closed = strchr(c->at, '}'); /* else it is no use to look at what it may mean */

    if (closed)
        part->formula =
            formula_new_of(c->of, c->at, value_column(c->text, 1, c->at), &c->at, c->err);
    if (closed && (!part->formula || !read_format(c, part) || !read_otherwise(c, part)))
        return false;
    if (!closed || *c->at != '}')
        return mistake(c, open, "close it with }, or write {{ for a literal {",
                       "a { has no matching }");
    c->at++;
    part->guesses = guesses(c, part);
    return true;
}

static bool add_value(Compiler *c, Template *template)
{
    g_auto(Part) part = { 0 };

    if (!read_value(c, &part))
        return false;
    g_array_append_val(template->parts, part);
    part = (Part){ 0 };
    return true;
}

static void add_text(Template *template, GString *text)
{
    const Part part = { .text = g_strdup(text->str) };

    if (text->len)
        g_array_append_val(template->parts, part);
    else
        g_free(part.text);
    g_string_truncate(text, 0);
}

/* Compiles one piece: a doubled brace, a value, or a character. */
static bool compile_next(Compiler *c, Template *template, GString *text)
{
    bool doubled = (*c->at == '{' || *c->at == '}') && c->at[1] == *c->at;

    if (*c->at == '}' && !doubled)
        return mistake(c, c->at, "write {stem} for a value, or }} for a literal }",
                       "a } has no matching {");
    if (*c->at != '{' || doubled) {
        g_string_append_c(text, *c->at);
        c->at += doubled ? 2 : 1;
        return true;
    }
    c->at++;
    add_text(template, text);
    return add_value(c, template);
}

/* Up to the end, or, behind a |, to the } that closes the value. */
static Template *compile(Compiler *c)
{
    g_autoptr(Template) template = g_new0(Template, 1);
    g_autoptr(GString) text = g_string_new(NULL);

    template->kind = c->kind;
    template->parts = g_array_new(FALSE, FALSE, sizeof(Part));
    g_array_set_clear_func(template->parts, part_clear);
    while (*c->at && !(c->depth && *c->at == '}'))
        if (!compile_next(c, template, text))
            return NULL;
    add_text(template, text);
    return g_steal_pointer(&template);
}

/* What a part could become; newly allocated. */
static char *sample_of(const Part *part)
{
    g_auto(Value) some = { .type = VALUE_DATE, .date = g_date_time_new_utc(2000, 1, 2, 3, 4, 5) };

    if (part->text)
        return g_strdup(part->text);
    if (formula_type(part->formula) != VALUE_DATE)
        return g_strdup("x");
    return value_format_apply(part->format, &some);
}

/* With `otherwise`, as it is where the picture says nothing. Newly allocated. */
static char *sample(const Template *template, bool otherwise)
{
    GString *name = g_string_new(NULL);

    for (guint i = 0; i < template->parts->len; i++) {
        const Part *part = template_part(template, i);
        g_autofree char *text =
            otherwise && part->otherwise ? sample(part->otherwise, true) : sample_of(part);
        g_string_append(name, text);
    }
    return g_string_free(name, FALSE);
}

/* `at`: where in `text`, the name as it is written; NULL: only what it becomes is wrong. */
static bool misnamed(Error **err, const char *text, const char *at, const char *fix,
                     const char *what)
{
    return error_set(err, ERROR_CONFIG, fix, "column %u: %s", value_column(text, 1, at ? at : text),
                     what);
}

/* Those of `path`, which `text` may become. */
static bool check_components(const char *text, const char *path, Error **err)
{
    g_auto(GStrv) components = g_strsplit(path, "/", -1);

    for (char **c = components; *c; c++) {
        bool hidden = g_str_has_prefix(*c, HIDDEN_PREFIX);
        g_autofree char *what = g_strdup_printf(
            hidden ? "'%s' begins like a temporary file of hotfolder" : "'%s' as a directory", *c);
        if (!strcmp(*c, "..") || !strcmp(*c, "."))
            return misnamed(err, text, strstr(text, *c),
                            "remove it: an output stays below its directory", what);
        if (hidden)
            return misnamed(err, text, strstr(text, HIDDEN_PREFIX), "choose another name", what);
    }
    return true;
}

/* Checks what is wrong whatever is filled in. */
static bool check_path(const char *text, const char *path, Error **err)
{
    if (!*path)
        return misnamed(err, text, text, "give one, as in {dir}/{stem}.jpg", "an empty name");
    if (*path == '/')
        return misnamed(err, text, text,
                        "remove the first /: names are relative to the folder's output",
                        "an absolute path");
    if (g_str_has_suffix(path, "/"))
        return misnamed(err, text, strrchr(text, '/'), "add a name, as in {dir}/{stem}.jpg",
                        "a directory without a file name");
    return check_components(text, path, err);
}

static bool check_bytes(const char *text, Error **err)
{
    for (const char *c = text; *c; c++)
        if (g_ascii_iscntrl(*c))
            return misnamed(err, text, c, "remove them", "line breaks or other control characters");
    return true;
}

/* Says which setting it is about. */
static void name_setting(Error *error, const char *row, const char *text)
{
    g_autofree char *shown = text_value(text, SHOWN);
    g_autofree char *what = g_steal_pointer(&error->what);

    error->what = g_strdup_printf("%s = \"%s\", %s", row, *text ? shown : "", what);
}

Template *template_new_of(FactsOf of, TemplateKind kind, const char *row, const char *text,
                          Error **err)
{
    Compiler c = { .of = of, .kind = kind, .text = text, .at = text, .err = err };
    g_autoptr(Template) template = compile(&c);

    if (!template) {
        name_setting(*err, row, text);
        return NULL;
    }
    g_autofree char *path = sample(template, false), *bare = sample(template, true);
    if (kind == TEMPLATE_PATH && (!check_bytes(text, err) || !check_path(text, path, err) ||
                                  !check_components(text, bare, err))) {
        name_setting(*err, row, text);
        return NULL;
    }
    template->row = g_strdup(row);
    return g_steal_pointer(&template);
}

Template *template_new(TemplateKind kind, const char *row, const char *text, Error **err)
{
    return template_new_of(FACTS_OF_PICTURES, kind, row, text, err);
}

void template_free(Template *template)
{
    if (!template)
        return;
    g_array_unref(template->parts);
    g_free(template->row);
    g_free(template);
}

/* ---- what is known of it ---- */

static const Part *last_part(const Template *template)
{
    return template_part(template, template->parts->len - 1);
}

bool template_has_extension(const Template *template)
{
    const Part *last = last_part(template);
    const Fact *fact = last->text ? NULL : formula_fact(last->formula);

    return last->text || (fact && fact->flags & FACT_HAS_EXTENSION);
}

const char *template_last_text(const Template *template)
{
    const Part *last = last_part(template);

    return last->text ? last->text : "";
}

FactScope template_scope(const Template *template)
{
    FactScope scope = FACT_OF_PROFILE;

    for (guint i = 0; i < template->parts->len; i++) {
        const Part *part = template_part(template, i);
        if (part->formula)
            scope = MAX(scope, formula_scope(part->formula));
        if (part->otherwise)
            scope = MAX(scope, template_scope(part->otherwise));
    }
    return scope;
}

void template_facts(const Template *template, GPtrArray *found)
{
    for (guint i = 0; i < template->parts->len; i++) {
        const Part *part = template_part(template, i);
        if (part->formula)
            formula_facts(part->formula, found);
        if (part->otherwise)
            template_facts(part->otherwise, found);
    }
}

bool template_guesses_date(const Template *template)
{
    for (guint i = 0; i < template->parts->len; i++) {
        const Part *part = template_part(template, i);
        if (part->guesses || (part->otherwise && template_guesses_date(part->otherwise)))
            return true;
    }
    return false;
}

char *template_sample(const Template *template)
{
    return sample(template, false);
}

/* ---- what two of them have in common ---- */

/* Names have no such characters. */
enum { VALUE_BEGINS = 1, VALUE_ENDS = 2 };

/* Slashes that follow each other are one. */
static void add_path_key(GString *key, const char *text)
{
    for (; *text; text++)
        if (*text != '/' || !g_str_has_suffix(key->str, "/"))
            g_string_append_c(key, *text);
}

static bool is_of_word(char c)
{
    return g_ascii_isalnum(c) || c == '_' || c == '\'';
}

/* Without the blanks that part no words, and in small letters, but for texts in quotes. */
static void add_formula_key(GString *key, const char *text)
{
    char before = '\0';
    bool quoted = false;

    for (; *text; before = *text++) {
        const char *next = text + strspn(text, " \t");
        quoted ^= *text == '\'';
        if (quoted)
            g_string_append_c(key, *text);
        else if (next == text)
            g_string_append_c(key, g_ascii_tolower(*text));
        else if (is_of_word(before) && is_of_word(*next))
            g_string_append_c(key, ' ');
    }
}

static void add_key(GString *key, const Template *template)
{
    for (guint i = 0; i < template->parts->len; i++) {
        const Part *part = template_part(template, i);
        if (part->text) {
            add_path_key(key, part->text);
            continue;
        }
        g_string_append_c(key, VALUE_BEGINS);
        add_formula_key(key, formula_text(part->formula));
        g_string_append_printf(key, ":%s|", part->format_text ? part->format_text : "");
        if (part->otherwise)
            add_key(key, part->otherwise);
        g_string_append_c(key, VALUE_ENDS);
    }
}

char *template_key(const Template *template)
{
    GString *key = g_string_new(NULL);

    add_key(key, template);
    return g_string_free(key, FALSE);
}
