/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/conf_value.h"

#include <string.h>

#include "base/text.h"

static void report_missing_value(const Parser *parser, const Token *name)
{
    g_autofree char *name_shown = parser_quote(parser, name);
    g_autofree char *fix = g_strdup_printf("write %s = VALUE", name_shown);

    parser_report(parser, name->line, fix, "%s has no value", name_shown);
}

/* Reports the value of `name` from an invalid token to the token consumed last. */
static void report_invalid_value(const Parser *parser, const Token *name, const Token *value)
{
    g_autofree char *name_shown = parser_quote(parser, name);
    g_autofree char *raw = parser_slice(parser, value->start, parser_previous(parser)->end);
    g_autofree char *value_shown = text_shorten(raw, SHOWN);
    g_autofree char *quoted = g_strdup_printf("put it in quotes: \"%s\"", value_shown);

    parser_report(parser, value->line, value->fix ? value->fix : quoted, "%s = %s: %s", name_shown,
                  value_shown, value->problem);
}

/* One item of a list. */
static bool read_item(Parser *parser, const Token *name)
{
    const Token *item = parser_advance(parser);

    if (item->type == TOKEN_INVALID)
        report_invalid_value(parser, name, item);
    if (item->type == TOKEN_PUNCTUATION) {
        g_autofree char *name_shown = parser_quote(parser, name);
        parser_report(parser, item->line, "write { \"one\", \"two\" }",
                      "%s: unexpected %c in the list", name_shown, item->mark);
    }
    return token_is_value(item);
}

static void report_unclosed_list(const Parser *parser, const Token *name)
{
    g_autofree char *name_shown = parser_quote(parser, name);

    if (!parser->cut)
        parser_report(parser, name->line, "close it with }",
                      "the list %s that opens here is never closed", name_shown);
}

/* Parses the rest of `{ a, b }` and counts the items. */
static bool read_list(Parser *parser, const Token *name, int *count)
{
    bool valid = true;
    bool comma = true; /* before the item */

    for (;;) {
        const Token *token = parser_peek(parser, 0);

        if (token_is(token, '}')) {
            parser_advance(parser);
            return valid;
        }
        if (token->type == TOKEN_END || parser_at_statement(parser, 0)) {
            report_unclosed_list(parser, name);
            return false;
        }
        if (!comma && token_is(token, ',')) {
            parser_advance(parser);
            comma = true;
            continue;
        }
        if (!comma && valid) {
            g_autofree char *before = parser_quote(parser, token);
            parser_report(parser, token->line, "put a comma between two items",
                          "a comma is missing before %s", before);
            valid = false;
        }
        valid = read_item(parser, name) && valid;
        comma = false;
        ++*count;
    }
}

/* Whether the value seems to continue after the token consumed last: 20 px, a{dir}b. */
static bool value_continues(const Parser *parser)
{
    const Token *next = parser_peek(parser, 0);
    bool touches = next->start == parser_previous(parser)->end;

    if (next->line != parser_previous(parser)->line || next->type == TOKEN_END)
        return false;
    if (next->type == TOKEN_PUNCTUATION)
        return touches && next->mark == '{';
    return touches || !(parser_at_statement(parser, 0) || token_is(parser_peek(parser, 1), '='));
}

/* Whether a text that was meant to be longer ends in a quote inside of it: "{if(grey, "a", ... */
static bool ends_in_braces(const Parser *parser, const Token *text)
{
    int depth = 0;

    for (size_t at = text->start; at < text->end; at++)
        depth += (parser->source[at] == '{') - (parser->source[at] == '}');
    return depth > 0;
}

/* What the token says between its quotes; newly allocated. */
static char *inside(const Parser *parser, const Token *token)
{
    size_t quotes = token->type == TOKEN_STRING;

    return parser_slice(parser, token->start + quotes, token->end - quotes);
}

/* The tokens from `value` to the one consumed last as one text, with `between` where two texts in
 * quotes meet; newly allocated. */
static char *in_one_text(const Parser *parser, const Token *value, const char *between)
{
    const Token *last = parser_previous(parser);
    g_autoptr(GString) text = g_string_new(NULL);

    for (const Token *token = value; token <= last; token++) {
        g_autofree char *part = inside(parser, token);
        bool meets = token > value && token->type == TOKEN_STRING && token[-1].type == TOKEN_STRING;
        g_string_append_printf(text, "%s%s", meets ? between : "", part);
    }
    const char *quote = strchr(text->str, '"') ? "'" : "\"";
    return g_strdup_printf("%s%s%s", quote, text->str, quote);
}

/* What to write where texts in quotes and words touch, newly allocated: one text. Of two texts it
 * may be meant that a quote stands between them. */
static char *joined_remedy(const Parser *parser, const Token *name, const Token *value)
{
    g_autofree char *name_shown = parser_quote(parser, name);
    const char quote[] = { parser->source[value->start], '\0' };
    g_autofree char *plain = in_one_text(parser, value, "");
    g_autofree char *quoted = in_one_text(parser, value, quote);

    return strcmp(plain, quoted) != 0
               ? g_strdup_printf("write one text: %s = %s; or %s where the quote belongs to it",
                                 name_shown, plain, quoted)
               : g_strdup_printf("write one text: %s = %s", name_shown, plain);
}

static bool all_touch(const Parser *parser, const Token *value)
{
    for (const Token *token = value; token < parser_previous(parser); token++)
        if (token[1].start != token->end)
            return false;
    return true;
}

/* What to do about `second`, which follows the value; newly allocated. All of it is consumed. */
static char *second_remedy(const Parser *parser, const Token *name, const Token *value,
                           const Token *second)
{
    if (value->type != TOKEN_STRING || second->start != value->end)
        return g_strdup("write it as one word, or put all of it in quotes");
    if (!ends_in_braces(parser, value) && all_touch(parser, value))
        return joined_remedy(parser, name, value);
    return g_strdup(parser->source[value->start] == '"'
                        ? "write single quotes inside of the double ones"
                        : "write double quotes around the single ones");
}

/* After a value: refuses what looks like more of it. */
static bool refuse_second_value(Parser *parser, const Token *name, const Token *value)
{
    const Token *second = parser_peek(parser, 0);
    bool is_sign = second->type == TOKEN_INVALID && second->fix;

    if (!value_continues(parser))
        return true;
    while (value_continues(parser)) {
        size_t end = parser_previous(parser)->end;

        if (parser_peek(parser, 0)->start == end)
            parser_skip_value(parser, end);
        else
            parser_advance(parser);
    }
    g_autofree char *name_shown = parser_quote(parser, name);
    g_autofree char *whole = parser_slice(parser, value->start, parser_previous(parser)->end);
    g_autofree char *whole_shown = text_shorten(whole, SHOWN);
    g_autofree char *remedy = second_remedy(parser, name, value, second);
    parser_report_at(parser, second, is_sign ? second->fix : remedy, "%s = %s: %s", name_shown,
                     whole_shown, is_sign ? second->problem : "more than one value");
    return false;
}

static bool is_assignment(const Parser *parser, guint ahead)
{
    return parser_peek(parser, ahead)->type == TOKEN_WORD &&
           token_is(parser_peek(parser, ahead + 1), '=') &&
           !token_is(parser_peek(parser, ahead + 2), '=');
}

/* Consumes braces that close on their line: min(width, 20) in them is no statement. */
static void skip_formula(Parser *parser)
{
    const int line = parser_peek(parser, 0)->line;
    guint count = 0;
    int depth = 0;

    do {
        const Token *token = parser_peek(parser, count);
        if (token->type == TOKEN_END || token->line != line || is_assignment(parser, count))
            return;
        depth += token_is(token, '{') - token_is(token, '}');
        count++;
    } while (depth);
    while (count--)
        parser_advance(parser);
}

/* Whether a list begins here, which no template does: { "a", ... or { /srv/a }. */
static bool is_list(const Parser *parser)
{
    const Token *first = parser_peek(parser, 1), *next = parser_peek(parser, 2);

    return (token_is(next, ',') || token_is(next, '}')) &&
           (first->type == TOKEN_STRING ||
            (first->type == TOKEN_WORD && parser->source[first->start] == '/'));
}

static void refuse_list(Parser *parser, const Token *name, const Token *brace)
{
    g_autofree char *name_shown = parser_quote(parser, name);
    g_autofree char *first = parser_quote(parser, parser_peek(parser, 1));
    g_autofree char *fix = g_strdup_printf("write one: %s = %s", name_shown, first);

    while (!token_is(parser_peek(parser, 0), '}') && parser_peek(parser, 0)->type != TOKEN_END &&
           !is_assignment(parser, 0))
        parser_advance(parser);
    if (token_is(parser_peek(parser, 0), '}'))
        parser_advance(parser);
    parser_report(parser, brace->line, fix, "%s = { %s ... }: it takes one value, not a list",
                  name_shown, first);
}

/* Refuses `{` where one value is expected: most likely a template without its quotes. */
static void refuse_braces(Parser *parser, const Token *name, const Token *brace)
{
    g_autofree char *name_shown = parser_quote(parser, name);

    if (is_list(parser)) {
        refuse_list(parser, name, brace);
        return;
    }
    skip_formula(parser);
    parser_skip_value(parser, parser_peek(parser, 0) == brace ? brace->start
                                                              : parser_previous(parser)->end);
    g_autofree char *value = parser_slice(parser, brace->start, parser_previous(parser)->end);
    g_autofree char *value_shown = text_shorten(value, SHOWN);
    g_autofree char *fix =
        g_strdup_printf("put it in quotes: %s = \"%s\"", name_shown, value_shown);
    parser_report(parser, brace->line, fix, "%s = %s: { } need quotes", name_shown, value_shown);
}

static bool is_value_missing(const Parser *parser, const Token *sign)
{
    const Token *value = parser_peek(parser, 0);

    if (value->type == TOKEN_END || (value->type == TOKEN_PUNCTUATION && value->mark != '{'))
        return true;
    return value->line != sign->line && parser_at_statement(parser, 0);
}

bool confvalue_read(Parser *parser, const Param *param, const Token *name, const Token *sign,
                    int *count)
{
    const Token *value = parser_peek(parser, 0);

    if (is_value_missing(parser, sign)) {
        report_missing_value(parser, name);
        return false;
    }
    if (token_is(value, '{') && !param_is_list(param)) {
        refuse_braces(parser, name, value);
        return false;
    }
    parser_advance(parser);
    if (token_is(value, '{'))
        return read_list(parser, name, count);
    if (value->type == TOKEN_INVALID) {
        parser_skip_value(parser, value->end);
        report_invalid_value(parser, name, value);
        return false;
    }
    *count = 1;
    return refuse_second_value(parser, name, value);
}
