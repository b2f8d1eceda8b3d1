/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Parses configuration text, and continues after every error, so that one run reports them all. A
 * statement with an error is blanked in the text and left out of the tree. */
#include "config/conf_grammar.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config/conf_parser.h"
#include "config/conf_value.h"

static const char keep_one[] = "keep one of them";

/* ---- settings ---- */

/* Reads the rest of `name = value` or `name += value`. */
static void read_setting(Parser *parser, const ConfSection *schema, ConfNode *parent,
                         const Token *name)
{
    /* the value of an unknown setting is parsed too */
    static const Param unknown = { .type = PARAM_GLOBS, .name = "" };
    const Token *sign = parser_advance(parser);
    g_autoptr(ConfNode) node = parser_new_node(parser, name);
    const Param *param = param_find(schema->params, node->name);
    const ConfSection *section = schema_section(schema, node->name);
    bool valid = true;

    if (section) {
        g_autofree char *fix = g_strdup_printf("write %s%s { ... }", section->name,
                                               section->titled ? " \"NAME\"" : "");
        parser_report_at(parser, sign, fix, "%s is a section, not a setting", section->name);
    } else if (!param) {
        const char *meant = parser_report_unknown(parser, schema, name);
        if (meant)
            g_hash_table_add(parent->meant, g_strdup(meant));
    }
    if (param)
        parser_rename(parser, node, name, param->name);
    node->append = token_is(sign, '+');
    if (param && node->append && !param_is_list(param)) {
        parser_report(parser, name->line, "write = instead", "%s += ...: not a list", node->name);
        valid = false;
    }
    if (param && !node->append)
        valid = parser_set_once(parser, parent->set_at, name, node->name, keep_one) && valid;
    valid = confvalue_read(parser, param ? param : &unknown, name, sign, &node->count) && valid &&
            param;
    if (!valid) {
        parser_blank_statement(parser, name);
        return;
    }
    node->param = param;
    g_ptr_array_add(parent->nodes, g_steal_pointer(&node));
}

/* Reads the rest of `name("argument")`. */
static void read_call(Parser *parser, const ConfSection *schema, ConfNode *parent,
                      const Token *name)
{
    g_autoptr(ConfNode) node = parser_new_node(parser, name);
    bool known = schema_call(schema, node->name) != NULL;
    const Token *argument = parser_peek(parser, 1);
    bool valid = known && token_is_value(argument) && token_is(parser_peek(parser, 2), ')');

    if (valid) {
        parser->at += 3;
        node->count = 1;
        g_ptr_array_add(parent->nodes, g_steal_pointer(&node));
        return;
    }
    const ConfSection *section = schema_section(schema, node->name);
    if (section) {
        g_autofree char *fix = g_strdup_printf("write %s%s { ... }", section->name,
                                               section->titled ? " \"NAME\"" : "");
        parser_report_at(parser, parser_peek(parser, 0), fix,
                         "( after %s: its settings stand in braces", section->name);
    } else if (!known) {
        parser_report_unknown(parser, schema, name);
    } else {
        g_autofree char *fix = g_strdup_printf("write %s(\"...\")", node->name);
        parser_report(parser, name->line, fix, "%s takes one argument, in quotes and parentheses",
                      node->name);
    }
    while (parser_peek(parser, 0)->line == name->line &&
           parser_peek(parser, 0)->type != TOKEN_END && !token_is(parser_peek(parser, 0), '}'))
        if (token_is(parser_advance(parser), ')'))
            break;
    parser_blank_statement(parser, name);
}

/* ---- sections ---- */

static bool read_body(Parser *parser, const ConfSection *schema, ConfNode *node,
                      const Token *opening);

/* NULL, or what is wrong with a title as written in the file. */
static const char *title_problem(const char *title)
{
    if (!*title)
        return "the name is empty";
    if (strlen(title) > 200)
        return "the name is too long";
    if (strchr(title, '\\'))
        return "the name contains a backslash";
    for (const char *c = title; *c; c++)
        if (g_ascii_iscntrl(*c))
            return "the name contains a control character";
    return g_utf8_validate(title, -1, NULL) ? NULL : "the name is not UTF-8";
}

/* Reads the title of a section into `node`. */
static bool read_title(const Parser *parser, ConfNode *node, GHashTable *set_at, const Token *name,
                       const Token *title)
{
    bool quoted = title->type == TOKEN_STRING;
    g_autofree char *raw = parser_slice(parser, title->start + quoted, title->end - quoted);
    g_autofree char *key = g_strdup_printf("%s \"%s\"", node->name, raw);
    const char *problem = title_problem(raw);

    if (title->type == TOKEN_INVALID) {
        g_autofree char *shown = parser_quote(parser, title);
        parser_report(parser, title->line, title->fix ? title->fix : "put it in quotes",
                      "%s %s: %s", node->name, shown, title->problem);
        return false;
    }
    if (problem) {
        parser_report(parser, title->line, "choose another name", "%s: %s", node->name, problem);
        return false;
    }
    node->title = g_steal_pointer(&raw);
    return parser_set_once(parser, set_at, name, key, "give each one a different name");
}

/* Checks what stands between the name of a section and its {; `title` is NULL for nothing. */
static bool check_title(const Parser *parser, ConfNode *node, GHashTable *set_at, const Token *name,
                        const Token *title)
{
    if (title && node->section->titled)
        return read_title(parser, node, set_at, name, title);
    if (title) {
        parser_report(parser, name->line, "remove the name", "%s takes no name", node->name);
        return false;
    }
    if (node->section->titled) {
        g_autofree char *fix = g_strdup_printf("write %s \"NAME\" { ... }", node->name);
        parser_report(parser, name->line, fix, "%s has no name", node->name);
        return false;
    }
    return node->section->many || parser_set_once(parser, set_at, name, node->name, keep_one);
}

/* Reports and skips a section that is not allowed here. */
static void refuse_section(Parser *parser, const ConfSection *schema, const Token *name)
{
    static const ConfSection nothing = { .name = "" };
    g_autofree char *raw = parser_slice(parser, name->start, name->end);

    if (param_find(schema->params, raw)) {
        g_autofree char *fix = g_strdup_printf("write %s = VALUE", raw);
        parser_report(parser, name->line, fix, "%s is a setting, not a section", raw);
    } else {
        parser_report_unknown(parser, schema, name);
    }
    parser_skip_body(parser, &nothing, name);
    parser_blank_statement(parser, name);
}

/* The section up to the token consumed last, in the columns of the file; newly allocated. */
static char *verbatim_text(const Parser *parser, const Token *name)
{
    g_autofree char *text =
        g_strndup(parser->conftext->text + name->start, parser_previous(parser)->end - name->start);

    return g_strdup_printf("%*s%s", name->column - 1, "", text);
}

/* Reads the rest of `name { ... }` or `name "title" { ... }`. */
static void read_section(Parser *parser, const ConfSection *schema, ConfNode *parent,
                         const Token *name)
{
    const Token *title = token_is(parser_peek(parser, 0), '{') ? NULL : parser_advance(parser);
    g_autoptr(ConfNode) node = parser_new_node(parser, name);
    guint before = parser->errors->len;
    bool valid = true;
    bool closed = true;

    parser_advance(parser); /* the { */
    node->section = schema_section(schema, node->name);
    if (!node->section) {
        refuse_section(parser, schema, name);
        return;
    }
    parser_rename(parser, node, name, node->section->name);
    valid = check_title(parser, node, parent->set_at, name, title);
    closed = node->section->verbatim ? parser_skip_body(parser, node->section, name)
                                     : read_body(parser, node->section, node, name);
    valid = valid && closed;
    node->invalid = parser->errors->len != before;
    if (valid && node->section->verbatim)
        node->text = verbatim_text(parser, name);
    if (!valid || node->section->verbatim)
        parser_blank_statement(parser, name);
    if (valid)
        g_ptr_array_add(parent->nodes, g_steal_pointer(&node));
}

/* A comma may end a setting, or belong to a value. */
static const char *comma_remedy(const Parser *parser, const Token *comma)
{
    const Token *next = parser_peek(parser, 0);
    bool more = next->start == comma->end && (token_is_value(next) || next->type == TOKEN_INVALID);

    return more && !parser_at_statement(parser, 0) ? "put the whole value in quotes"
                                                   : "remove the comma";
}

/* Reports and skips a token that begins no statement: one error a line is enough. */
static void read_unexpected(Parser *parser, const ConfSection *schema)
{
    const Token *token = parser_advance(parser);
    g_autofree char *raw = parser_slice(parser, token->start, token->end);
    g_autofree char *raw_shown = text_shorten(raw, SHOWN);
    g_autofree char *fix = NULL;

    parser_blank_statement(parser, token);
    if (token->line == parser->unexpected_line)
        return;
    parser->unexpected_line = token->line;
    if (token->type == TOKEN_INVALID)
        parser_report(parser, token->line, token->fix, "%s: %s", raw_shown, token->problem);
    else if (token_is(token, ','))
        parser_report(parser, token->line, comma_remedy(parser, token), "unexpected ,");
    else if (token_is(token, '}'))
        parser_report(parser, token->line, "remove it, or add the missing { above it",
                      "this } has no matching {");
    else if (token->type == TOKEN_WORD && schema_call(schema, raw))
        parser_report(parser, token->line, "write it as include(\"conf.d/*.conf\")",
                      "%s needs parentheses", raw_shown);
    else if (token->type == TOKEN_WORD && schema_section(schema, raw))
        parser_report(parser, token->line, "write its settings in { }", "no { after %s", raw_shown);
    else if (token->type == TOKEN_WORD && param_find(schema->params, raw)) {
        fix = g_strdup_printf("write %s = VALUE", raw_shown);
        parser_report(parser, token->line, fix, "no = after %s", raw_shown);
    } else
        parser_report(parser, token->line, "write NAME = VALUE, or NAME { ... }", "unexpected %s",
                      raw_shown);
}

static void read_statement(Parser *parser, const ConfSection *schema, ConfNode *parent)
{
    const Token *name = parser_advance(parser);
    const Token *next = parser_peek(parser, 0);

    if (token_is(next, '=') || token_is(next, '+'))
        read_setting(parser, schema, parent, name);
    else if (token_is(next, '('))
        read_call(parser, schema, parent, name);
    else
        read_section(parser, schema, parent, name);
}

/* Reads statements up to the } of the section that `opening` names (NULL: up to the end). False,
 * with the error reported, when there is none. */
static bool read_body(Parser *parser, const ConfSection *schema, ConfNode *node,
                      const Token *opening)
{
    while (parser_peek(parser, 0)->type != TOKEN_END) {
        if (opening && token_is(parser_peek(parser, 0), '}')) {
            parser_advance(parser);
            return true;
        }
        if (opening && parser_at_top_section(parser, schema))
            break;
        if (parser_at_statement(parser, 0))
            read_statement(parser, schema, node);
        else
            read_unexpected(parser, schema);
    }
    if (opening)
        parser_report_unclosed(parser, opening);
    return !opening;
}

ConfText *confgrammar_parse(const ConfSection *file_schema, const char *file, const char *text,
                            GHashTable *set_at, GPtrArray *errors)
{
    static const Token top = { .line = 1, .column = 1 };
    ConfText *conftext = conftext_new(file, text, file_schema->line_directives);
    Parser parser = {
        .schema = file_schema, .source = text, .conftext = conftext, .errors = errors
    };
    int open_comment = 0;

    parser.renamed = g_array_new(FALSE, FALSE, sizeof(Renamed));
    parser.tokens = conflexer_run(conftext->text, &open_comment);
    parser.cut = open_comment != 0;
    if (open_comment)
        parser_report(&parser, open_comment, "close it with */",
                      "the comment that opens here is never closed");
    conftext->root = parser_new_node(&parser, &top);
    conftext->root->section = file_schema;
    if (set_at) {
        g_hash_table_unref(conftext->root->set_at);
        conftext->root->set_at = g_hash_table_ref(set_at);
    }
    read_body(&parser, file_schema, conftext->root, NULL);
    parser_rename_text(&parser);
    g_array_unref(parser.renamed);
    g_array_unref(parser.tokens);
    return conftext;
}
