#include "config/conf_value.h"

#include <string.h>

#include "base/text.h"

static void report_missing_value(const Scanner *parser, const Token *name)
{
    g_autofree char *name_shown = scanner_shown(parser, name);
    g_autofree char *fix = g_strdup_printf("write %s = VALUE", name_shown);

    scanner_mistake(parser, name->line, fix, "%s has no value", name_shown);
}

/* Reports the value of `name` from an invalid token to the token consumed last. */
static void report_invalid_value(const Scanner *parser, const Token *name, const Token *value)
{
    g_autofree char *name_shown = scanner_shown(parser, name);
    g_autofree char *raw = scanner_slice(parser, value->start, scanner_taken(parser)->end);
    g_autofree char *value_shown = text_shorten(raw, SHOWN);
    g_autofree char *quoted = g_strdup_printf("put it in quotes: \"%s\"", value_shown);

    scanner_mistake(parser, value->line, value->fix ? value->fix : quoted, "%s = %s: %s",
                    name_shown, value_shown, value->problem);
}

/* One item of a list. */
static bool read_item(Scanner *parser, const Token *name)
{
    const Token *item = scanner_take(parser);

    if (item->type == TOKEN_ODD)
        report_invalid_value(parser, name, item);
    if (item->type == TOKEN_MARK) {
        g_autofree char *name_shown = scanner_shown(parser, name);
        scanner_mistake(parser, item->line, "write { \"one\", \"two\" }",
                        "%s: unexpected %c in the list", name_shown, item->mark);
    }
    return token_is_value(item);
}

static void report_unclosed_list(const Scanner *parser, const Token *name)
{
    g_autofree char *name_shown = scanner_shown(parser, name);

    if (!parser->cut)
        scanner_mistake(parser, name->line, "close it with }",
                        "the list %s that opens here is never closed", name_shown);
}

/* Parses the rest of `{ a, b }` and counts the items. */
static bool read_list(Scanner *parser, const Token *name, int *count)
{
    bool valid = true;
    bool comma = true; /* before the item */

    for (;;) {
        const Token *token = scanner_peek(parser, 0);

        if (token_is(token, '}')) {
            scanner_take(parser);
            return valid;
        }
        if (token->type == TOKEN_END || scanner_statement_ahead(parser, 0)) {
            report_unclosed_list(parser, name);
            return false;
        }
        if (!comma && token_is(token, ',')) {
            scanner_take(parser);
            comma = true;
            continue;
        }
        if (!comma && valid) {
            g_autofree char *before = scanner_shown(parser, token);
            scanner_mistake(parser, token->line, "put a comma between two items",
                            "a comma is missing before %s", before);
            valid = false;
        }
        valid = read_item(parser, name) && valid;
        comma = false;
        ++*count;
    }
}

/* Whether the value seems to continue after the token consumed last: 20 px, a{dir}b. */
static bool value_continues(const Scanner *parser)
{
    const Token *next = scanner_peek(parser, 0);
    bool touches = next->start == scanner_taken(parser)->end;

    if (next->line != scanner_taken(parser)->line || next->type == TOKEN_END)
        return false;
    if (next->type == TOKEN_MARK)
        return touches && next->mark == '{';
    return touches ||
           !(scanner_statement_ahead(parser, 0) || token_is(scanner_peek(parser, 1), '='));
}

/* After a value: refuses what looks like more of it. */
static bool refuse_second_value(Scanner *parser, const Token *name, const Token *value)
{
    if (!value_continues(parser))
        return true;
    while (value_continues(parser)) {
        size_t end = scanner_taken(parser)->end;

        if (scanner_peek(parser, 0)->start == end)
            scanner_skip_value(parser, end);
        else
            scanner_take(parser);
    }
    g_autofree char *name_shown = scanner_shown(parser, name);
    g_autofree char *whole = scanner_slice(parser, value->start, scanner_taken(parser)->end);
    g_autofree char *whole_shown = text_shorten(whole, SHOWN);
    scanner_mistake(parser, value->line, "write it as one word, or put all of it in quotes",
                    "%s = %s: more than one value", name_shown, whole_shown);
    return false;
}

/* Refuses `{` where one value is expected: most likely a template without its quotes. */
static void refuse_braces(Scanner *parser, const Token *name, const Token *brace)
{
    g_autofree char *name_shown = scanner_shown(parser, name);

    scanner_skip_value(parser, brace->start);
    g_autofree char *value = scanner_slice(parser, brace->start, scanner_taken(parser)->end);
    g_autofree char *value_shown = text_shorten(value, SHOWN);
    g_autofree char *fix =
        g_strdup_printf("put it in quotes: %s = \"%s\"", name_shown, value_shown);
    scanner_mistake(parser, brace->line, fix, "%s = %s: { } need quotes", name_shown, value_shown);
}

static bool is_value_missing(const Scanner *parser, const Token *sign)
{
    const Token *value = scanner_peek(parser, 0);

    if (value->type == TOKEN_END || (value->type == TOKEN_MARK && value->mark != '{'))
        return true;
    return value->line != sign->line && scanner_statement_ahead(parser, 0);
}

bool confvalue_read(Scanner *parser, const Param *param, const Token *name, const Token *sign,
                    int *count)
{
    const Token *value = scanner_peek(parser, 0);

    if (is_value_missing(parser, sign)) {
        report_missing_value(parser, name);
        return false;
    }
    if (token_is(value, '{') && !param_is_list(param)) {
        refuse_braces(parser, name, value);
        return false;
    }
    scanner_take(parser);
    if (token_is(value, '{'))
        return read_list(parser, name, count);
    if (value->type == TOKEN_ODD) {
        scanner_skip_value(parser, value->end);
        report_invalid_value(parser, name, value);
        return false;
    }
    *count = 1;
    return refuse_second_value(parser, name, value);
}
