/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/conf_parser.h"

#include <string.h>

#include "base/text.h"
#include "config/conf_errors.h"

enum { KNOWN_MAX = 256 }; /* names that a guess considers or a message lists */

const Token *parser_peek(const Parser *parser, guint ahead)
{
    guint last = parser->tokens->len - 1;

    return &g_array_index(parser->tokens, Token, MIN(parser->at + ahead, last));
}

const Token *parser_advance(Parser *parser)
{
    const Token *token = parser_peek(parser, 0);

    if (token->type != TOKEN_END)
        parser->at++;
    return token;
}

const Token *parser_previous(const Parser *parser)
{
    return &g_array_index(parser->tokens, Token, parser->at - 1);
}

char *parser_slice(const Parser *parser, size_t start, size_t end)
{
    return g_strndup(parser->source + start, end - start);
}

char *parser_quote(const Parser *parser, const Token *token)
{
    g_autofree char *raw = parser_slice(parser, token->start, token->end);

    return text_shorten(raw, SHOWN);
}

static bool token_says(const Parser *parser, const Token *token, const char *word)
{
    return token->type == TOKEN_WORD && token->end - token->start == strlen(word) &&
           !memcmp(parser->source + token->start, word, strlen(word));
}

static void blank(const Parser *parser, size_t start, size_t end)
{
    for (char *c = parser->conftext->text + start; c < parser->conftext->text + end; c++)
        if (*c != '\n')
            *c = ' ';
}

void parser_blank_statement(const Parser *parser, const Token *first)
{
    blank(parser, first->start, parser_peek(parser, 0)->start);
}

static void add_error(const Parser *parser, int line, const char *fix, const char *what)
{
    const char *file = NULL;
    int number = 0;

    conftext_position(parser->conftext, line, &file, &number);
    conf_add_error(parser->errors, file, number, fix, "%s", what);
}

void parser_report(const Parser *parser, int line, const char *fix, const char *format, ...)
{
    g_autofree char *what = NULL;
    va_list args;

    va_start(args, format);
    what = g_strdup_vprintf(format, args);
    va_end(args);
    add_error(parser, line, fix, what);
}

void parser_report_at(const Parser *parser, const Token *token, const char *fix, const char *format,
                      ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    g_autofree char *what = g_strdup_printf("column %d: %s", token->column, text);
    add_error(parser, token->line, fix, what);
}

/* ---- names ---- */

const ConfSection *schema_section(const ConfSection *schema, const char *name)
{
    for (const ConfSection *s = schema->sections; s && s->name; s++)
        if (text_is_word(s->name, name))
            return s;
    return NULL;
}

const char *schema_call(const ConfSection *schema, const char *name)
{
    for (const char *const *call = schema->calls; call && *call; call++)
        if (!strcmp(*call, name))
            return *call;
    return NULL;
}

static bool is_known(const ConfSection *schema, const char *name)
{
    return param_find(schema->params, name) || schema_section(schema, name) ||
           schema_call(schema, name);
}

/* Fills in every name that the section allows; known has room for KNOWN_MAX + 1. */
static void known_names(const ConfSection *schema, const char **known)
{
    size_t count = 0;

    for (const Param *p = schema->params; p && p->type != PARAM_END && count < KNOWN_MAX; p++)
        known[count++] = p->name;
    for (const ConfSection *s = schema->sections; s && s->name && count < KNOWN_MAX; s++)
        known[count++] = s->name;
    for (const char *const *c = schema->calls; c && *c && count < KNOWN_MAX; c++)
        known[count++] = *c;
    known[count] = NULL;
}

/* "width, height", newly allocated. */
static char *names_text(const char *const *names)
{
    GString *list = g_string_new(NULL);

    for (; *names; names++)
        g_string_append_printf(list, "%s%s", list->len ? ", " : "", *names);
    return g_string_free(list, FALSE);
}

static const char *member(const ConfSection *schema)
{
    return schema->member ? schema->member : "setting";
}

/* The section of the file that has a setting or section `name`; NULL: none. */
static const ConfSection *section_with(const ConfSection *schema, const char *name)
{
    for (const ConfSection *s = schema->sections; s && s->name; s++)
        if (!s->verbatim && is_known(s, name))
            return s;
    return NULL;
}

/* The section that other programs call `name`; NULL: none. */
static const ConfSection *section_of_alias(const ConfSection *schema, const char *name)
{
    for (const ConfSection *s = schema->sections; s && s->name; s++)
        if (text_has_word(s->aliases, name))
            return s;
    return NULL;
}

const char *schema_meant_by(const ConfSection *schema, const char *name)
{
    const ConfSection *called = section_of_alias(schema, name);
    const char *known[KNOWN_MAX + 1];

    known_names(schema, known);
    return called ? called->name : text_closest(name, known);
}

static const char *report_alias(const Parser *parser, const ConfSection *section,
                                const Token *token)
{
    g_autofree char *shown = parser_quote(parser, token);
    g_autofree char *word = parser_slice(parser, token->start, token->end);
    g_autofree char *fix = g_strdup_printf("write %s { ... }; `hotfolder actions %s` explains it",
                                           section->name, word);

    parser_report(parser, token->line, fix, "%s is called %s here", shown, section->name);
    return section->name;
}

/* What to do about a step that is written as a setting of another one, `schema`; newly allocated.
 * One such as text has a setting of the same name, which is what is meant. */
static char *step_beside(const ConfSection *schema, const ConfSection *step)
{
    bool same = param_find(step->params, step->name);

    return g_strdup_printf("write the step %s { %s%s... } beside %s { ... }", step->name,
                           same ? step->name : "", same ? " = " : "", schema->name);
}

/* "method = tile" where tile is a word that a setting may have; newly allocated, NULL: none. */
static char *setting_of_word(const ConfSection *schema, const char *word)
{
    for (const Param *p = schema->params; p && p->type != PARAM_END; p++)
        for (unsigned i = 0; p->type != PARAM_WORDS && param_choice(p, i); i++)
            if (text_is_word(param_choice(p, i)->word, word))
                return g_strdup_printf("%s = %s", p->name, param_choice(p, i)->word);
    return NULL;
}

const char *parser_report_unknown(const Parser *parser, const ConfSection *schema,
                                  const Token *token)
{
    const char *known[KNOWN_MAX + 1];
    g_autofree char *name = parser_slice(parser, token->start, token->end);
    g_autofree char *name_shown = parser_quote(parser, token);
    g_autofree char *where = schema->name ? g_strdup_printf(" in %s", schema->name) : g_strdup("");
    const ConfSection *home = section_with(parser->schema, name);
    const ConfSection *called = section_of_alias(schema, name);
    bool in_home = home && schema->name && schema_section(home, schema->name);
    const ConfSection *step = in_home ? schema_section(home, name) : NULL;
    g_autofree char *fix = NULL;

    if (called)
        return report_alias(parser, called, token);
    known_names(schema, known);
    g_autofree char *valued = setting_of_word(schema, name);
    const char *meant = valued ? NULL : text_closest(name, known);
    if (valued) {
        fix = g_strdup_printf("write %s", valued);
    } else if (meant) {
        fix = g_strdup_printf("did you mean %s?", meant);
    } else if (is_known(parser->schema, name)) {
        fix = g_strdup("move it outside of all sections, or add the missing } before it");
    } else if (step) {
        fix = step_beside(schema, step);
    } else if (home) {
        fix = g_strdup_printf("move it into %s%s { ... }", home->name,
                              home->titled ? " \"NAME\"" : "");
    } else if (known[0]) {
        g_autofree char *list = names_text(known);
        fix = g_strdup_printf("choose one of: %s", list);
    }
    parser_report(parser, token->line, fix, "%s: no such %s%s", name_shown, member(schema), where);
    return meant;
}

/* ", as where" for a setting that the file calls by another name than `key`, "" else. Newly
 * allocated. */
static char *other_name(const Parser *parser, const Token *token, const char *key)
{
    g_autofree char *raw = parser_slice(parser, token->start, token->end);
    size_t length = strlen(raw);
    bool same = g_str_has_prefix(key, raw) && (!key[length] || key[length] == ' ');
    g_autofree char *shown = parser_quote(parser, token);

    return same ? g_strdup("") : g_strdup_printf(", as %s", shown);
}

/* "x.conf:4", as an error says where it is. Newly allocated. */
static char *place_of(const Parser *parser, int line)
{
    const char *file = NULL;
    int number = 0;

    conftext_position(parser->conftext, line, &file, &number);
    g_autofree char *shown = text_escape(file);
    return g_strdup_printf("%s:%d", shown, number);
}

bool parser_set_once(const Parser *parser, GHashTable *set_at, const Token *token, const char *key,
                     const char *fix)
{
    const char *before = g_hash_table_lookup(set_at, key);
    g_autofree char *as = other_name(parser, token, key);

    if (before) {
        parser_report(parser, token->line, fix, "%s is set twice%s, first at %s", key, as, before);
        return false;
    }
    g_autofree char *place = place_of(parser, token->line);
    g_hash_table_insert(set_at, g_strdup(key), g_strconcat(place, as, NULL));
    return true;
}

/* ---- nodes ---- */

ConfNode *parser_new_node(const Parser *parser, const Token *token)
{
    ConfNode *node = g_new0(ConfNode, 1);
    const char *file = NULL;

    conftext_position(parser->conftext, token->line, &file, &node->line);
    node->file = g_strdup(file);
    node->column = token->column;
    node->name = parser_slice(parser, token->start, token->end);
    node->values = g_ptr_array_new_with_free_func(g_free);
    node->nodes = g_ptr_array_new_with_free_func((GDestroyNotify) conf_free);
    node->set_at = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    node->meant = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return node;
}

void parser_rename(const Parser *parser, ConfNode *node, const Token *token, const char *name)
{
    Renamed renamed = { token->start, token->end, name };

    if (!strcmp(node->name, name))
        return;
    g_free(node->name);
    node->name = g_strdup(name);
    g_array_append_val(parser->renamed, renamed);
}

/* Whether the name was not blanked later, with a statement around it. */
static bool is_left(const Parser *parser, const Renamed *renamed)
{
    return parser->conftext->text[renamed->start] == parser->source[renamed->start];
}

void parser_rename_text(const Parser *parser)
{
    GString *out = g_string_new(NULL);
    const char *text = parser->conftext->text;
    size_t at = 0;

    for (guint i = 0; i < parser->renamed->len; i++) {
        const Renamed *renamed = &g_array_index(parser->renamed, Renamed, i);
        if (!is_left(parser, renamed))
            continue;
        g_string_append_len(out, text + at, (gssize) (renamed->start - at));
        g_string_append(out, renamed->name);
        at = renamed->end;
    }
    g_string_append(out, text + at);
    g_free(parser->conftext->text);
    parser->conftext->text = g_string_free(out, FALSE);
}

/* ---- skipping ---- */

bool parser_at_top_section(const Parser *parser, const ConfSection *inside)
{
    const Token *token = parser_peek(parser, 0);
    bool titled = token_is_value(parser_peek(parser, 1)) && token_is(parser_peek(parser, 2), '{');

    if (token->type != TOKEN_WORD || (!titled && !token_is(parser_peek(parser, 1), '{')))
        return false;
    for (const ConfSection *s = parser->schema->sections; s && s->name; s++)
        if (s->titled == titled && token_says(parser, token, s->name))
            return !schema_section(inside, s->name);
    return false;
}

/* The first text behind `opening` that has a } but no closing quote on its line; NULL: none. */
static const Token *cut_text(const Parser *parser, const Token *opening)
{
    for (const Token *token = opening; token < parser_peek(parser, 0); token++)
        if (token->cut && memchr(parser->source + token->start, '}', token->end - token->start))
            return token;
    return NULL;
}

/* Only one quote of a line can be cut. */
static bool was_reported(const Parser *parser, const Token *text)
{
    g_autofree char *place = place_of(parser, text->line);

    for (guint i = 0; i < parser->errors->len; i++) {
        const Error *error = parser->errors->pdata[i];
        if (!g_strcmp0(error->where, place) && strstr(error->what, text->problem))
            return true;
    }
    return false;
}

static void report_cut(const Parser *parser, const Token *text)
{
    if (!was_reported(parser, text))
        parser_report_at(parser, text, text->fix, "%s", text->problem);
}

void parser_report_unclosed(const Parser *parser, const Token *opening)
{
    g_autofree char *name = parser_quote(parser, opening);
    const Token *text = cut_text(parser, opening);

    if (text)
        report_cut(parser, text);
    else if (!parser->cut)
        parser_report(parser, opening->line, "close it with }",
                      "the section %s that opens here is never closed", name);
}

bool parser_skip_body(Parser *parser, const ConfSection *inside, const Token *opening)
{
    int depth = 1;

    while (depth && parser_peek(parser, 0)->type != TOKEN_END &&
           !parser_at_top_section(parser, inside)) {
        const Token *token = parser_advance(parser);
        depth += token_is(token, '{') - token_is(token, '}');
    }
    if (depth)
        parser_report_unclosed(parser, opening);
    return depth == 0;
}

bool parser_at_statement(const Parser *parser, guint ahead)
{
    const Token *second = parser_peek(parser, ahead + 1);

    if (parser_peek(parser, ahead)->type != TOKEN_WORD)
        return false;
    if (second->type == TOKEN_PUNCTUATION)
        return second->mark == '=' || second->mark == '+' || second->mark == '{' ||
               second->mark == '(';
    return (token_is_value(second) || second->type == TOKEN_INVALID) &&
           second->line == parser_peek(parser, ahead)->line &&
           token_is(parser_peek(parser, ahead + 2), '{');
}

void parser_skip_value(Parser *parser, size_t end)
{
    int depth = 0;

    for (;;) {
        const Token *token = parser_peek(parser, 0);

        if (token->type == TOKEN_END || (depth && parser_at_statement(parser, 0)))
            return;
        if (!depth && (token->start != end || token_is(token, '}') || token_is(token, '=')))
            return;
        depth += token_is(token, '{') - token_is(token, '}');
        end = parser_advance(parser)->end;
    }
}
