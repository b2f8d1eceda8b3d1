#include "config/conf_value.h"

#include <string.h>

#include "base/text.h"

static void no_value(const Scanner *scanner, const Token *name)
{
    g_autofree char *name_shown = scanner_shown(scanner, name);
    g_autofree char *fix = g_strdup_printf("write %s = VALUE", name_shown);

    scanner_mistake(scanner, name->line, fix, "%s has no value", name_shown);
}

/* Reports the value of `name` that begins with an odd token and ends with the token taken last. */
static void odd_value(const Scanner *scanner, const Token *name, const Token *value)
{
    g_autofree char *name_shown = scanner_shown(scanner, name);
    g_autofree char *raw = scanner_slice(scanner, value->start, scanner_taken(scanner)->end);
    g_autofree char *value_shown = text_shorten(raw, SHOWN);
    g_autofree char *quoted = g_strdup_printf("put it in quotes: \"%s\"", value_shown);

    scanner_mistake(scanner, value->line, value->fix ? value->fix : quoted, "%s = %s: %s",
                    name_shown, value_shown, value->wrong);
}

/* One item of a list. */
static bool read_item(Scanner *scanner, const Token *name)
{
    const Token *item = scanner_take(scanner);

    if (item->type == TOKEN_ODD)
        odd_value(scanner, name, item);
    if (item->type == TOKEN_MARK) {
        g_autofree char *name_shown = scanner_shown(scanner, name);
        scanner_mistake(scanner, item->line, "write { \"one\", \"two\" }",
                        "%s: unexpected %c in the list", name_shown, item->mark);
    }
    return token_is_value(item);
}

static void unclosed_list(const Scanner *scanner, const Token *name)
{
    g_autofree char *name_shown = scanner_shown(scanner, name);

    if (!scanner->cut)
        scanner_mistake(scanner, name->line, "close it with }",
                        "the list %s that opens here is never closed", name_shown);
}

/* Goes over { a, b } and counts the items; the { was taken. */
static bool read_list(Scanner *scanner, const Token *name, int *count)
{
    bool right = true;
    bool comma = true; /* before the item */

    for (;;) {
        const Token *token = scanner_peek(scanner, 0);

        if (token_is(token, '}')) {
            scanner_take(scanner);
            return right;
        }
        if (token->type == TOKEN_END || scanner_statement_ahead(scanner, 0)) {
            unclosed_list(scanner, name);
            return false;
        }
        if (!comma && token_is(token, ',')) {
            scanner_take(scanner);
            comma = true;
            continue;
        }
        if (!comma && right) {
            g_autofree char *before = scanner_shown(scanner, token);
            scanner_mistake(scanner, token->line, "put a comma between two items",
                            "a comma is missing before %s", before);
            right = false;
        }
        right = read_item(scanner, name) && right;
        comma = false;
        ++*count;
    }
}

/* Whether the value that ends with the token taken last seems to go on: 20 px, a{dir}b. */
static bool value_goes_on(const Scanner *scanner)
{
    const Token *next = scanner_peek(scanner, 0);
    bool touches = next->start == scanner_taken(scanner)->end;

    if (next->line != scanner_taken(scanner)->line || next->type == TOKEN_END)
        return false;
    if (next->type == TOKEN_MARK)
        return touches && next->mark == '{';
    return touches ||
           !(scanner_statement_ahead(scanner, 0) || token_is(scanner_peek(scanner, 1), '='));
}

/* After a value: refuses what looks like a second half of it. */
static bool read_leftover(Scanner *scanner, const Token *name, const Token *value)
{
    if (!value_goes_on(scanner))
        return true;
    while (value_goes_on(scanner)) {
        size_t end = scanner_taken(scanner)->end;

        if (scanner_peek(scanner, 0)->start == end)
            scanner_skip_value(scanner, end);
        else
            scanner_take(scanner);
    }
    g_autofree char *name_shown = scanner_shown(scanner, name);
    g_autofree char *whole = scanner_slice(scanner, value->start, scanner_taken(scanner)->end);
    g_autofree char *whole_shown = text_shorten(whole, SHOWN);
    scanner_mistake(scanner, value->line, "write it as one word, or put all of it in quotes",
                    "%s = %s: more than one value", name_shown, whole_shown);
    return false;
}

/* `{` where one value is expected: most likely a template without its quotes. */
static void braces_value(Scanner *scanner, const Token *name, const Token *brace)
{
    g_autofree char *name_shown = scanner_shown(scanner, name);

    scanner_skip_value(scanner, brace->start);
    g_autofree char *value = scanner_slice(scanner, brace->start, scanner_taken(scanner)->end);
    g_autofree char *value_shown = text_shorten(value, SHOWN);
    g_autofree char *fix =
        g_strdup_printf("put it in quotes: %s = \"%s\"", name_shown, value_shown);
    scanner_mistake(scanner, brace->line, fix, "%s = %s: { } need quotes", name_shown, value_shown);
}

static bool is_missing(const Scanner *scanner, const Token *sign)
{
    const Token *value = scanner_peek(scanner, 0);

    if (value->type == TOKEN_END || (value->type == TOKEN_MARK && value->mark != '{'))
        return true;
    return value->line != sign->line && scanner_statement_ahead(scanner, 0);
}

bool confvalue_read(Scanner *scanner, const Param *param, const Token *name, const Token *sign,
                    int *count)
{
    const Token *value = scanner_peek(scanner, 0);

    if (is_missing(scanner, sign)) {
        no_value(scanner, name);
        return false;
    }
    if (token_is(value, '{') && !param_is_list(param)) {
        braces_value(scanner, name, value);
        return false;
    }
    scanner_take(scanner);
    if (token_is(value, '{'))
        return read_list(scanner, name, count);
    if (value->type == TOKEN_ODD) {
        scanner_skip_value(scanner, value->end);
        odd_value(scanner, name, value);
        return false;
    }
    *count = 1;
    return read_leftover(scanner, name, value);
}
