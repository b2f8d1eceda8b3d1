/* Reads the grammar with one aim: to continue after every error, so that one run reports them all.
 * A statement with an error is blanked in the text and left out of the tree. */
#include "config/conf_grammar.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config/conf_parser.h"
#include "config/conf_value.h"

static const char keep_one[] = "keep one of them";

/* Settings. */

/* Reads the rest of `name = value` or `name += value`. */
static void read_setting(Scanner *scanner, const ConfSection *schema, ConfNode *parent,
                         const Token *name)
{
    /* the value of an unknown setting is parsed too */
    static const Param unknown = { .type = PARAM_GLOBS, .name = "" };
    const Token *sign = scanner_take(scanner);
    g_autoptr(ConfNode) node = scanner_node(scanner, name);
    const Param *param = param_find(schema->params, node->name);
    const ConfSection *section = schema_section(schema, node->name);
    bool valid = true;

    if (section) {
        g_autofree char *fix = g_strdup_printf("write %s%s { ... }", section->name,
                                               section->titled ? " \"NAME\"" : "");
        scanner_mistake(scanner, name->line, fix, "%s is a section and has no value",
                        section->name);
    } else if (!param) {
        scanner_unknown(scanner, schema, name);
    }
    node->append = token_is(sign, '+');
    if (param && node->append && !param_is_list(param)) {
        scanner_mistake(scanner, name->line, "write = instead", "%s += ...: it is no list",
                        node->name);
        valid = false;
    }
    if (param && !node->append)
        valid = scanner_state(scanner, parent->set_at, name, node->name, keep_one) && valid;
    valid = confvalue_read(scanner, param ? param : &unknown, name, sign, &node->count) && valid &&
            param;
    if (!valid) {
        scanner_blank_statement(scanner, name);
        return;
    }
    node->param = param;
    g_ptr_array_add(parent->nodes, g_steal_pointer(&node));
}

/* Reads the rest of `name("argument")`. */
static void read_call(Scanner *scanner, const ConfSection *schema, ConfNode *parent,
                      const Token *name)
{
    g_autoptr(ConfNode) node = scanner_node(scanner, name);
    bool known = schema_call(schema, node->name) != NULL;
    const Token *argument = scanner_peek(scanner, 1);
    bool valid = known && token_is_value(argument) && token_is(scanner_peek(scanner, 2), ')');

    if (valid) {
        scanner->at += 3;
        node->count = 1;
        g_ptr_array_add(parent->nodes, g_steal_pointer(&node));
        return;
    }
    if (!known) {
        scanner_unknown(scanner, schema, name);
    } else {
        g_autofree char *fix = g_strdup_printf("write %s(\"...\")", node->name);
        scanner_mistake(scanner, name->line, fix,
                        "%s takes one argument, in quotes and parentheses", node->name);
    }
    while (scanner_peek(scanner, 0)->line == name->line &&
           scanner_peek(scanner, 0)->type != TOKEN_END && !token_is(scanner_peek(scanner, 0), '}'))
        if (token_is(scanner_take(scanner), ')'))
            break;
    scanner_blank_statement(scanner, name);
}

/* Sections. */

static bool read_body(Scanner *scanner, const ConfSection *schema, ConfNode *node,
                      const Token *opening);

/* NULL, or what is wrong with a title as written in the file. */
static const char *title_problem(const char *title)
{
    if (!*title)
        return "the name is empty";
    if (strlen(title) > 200)
        return "the name is too long";
    if (strchr(title, '\\'))
        return "a name has no backslash";
    for (const char *c = title; *c; c++)
        if (g_ascii_iscntrl(*c))
            return "a name has no control characters";
    return g_utf8_validate(title, -1, NULL) ? NULL : "the name is not UTF-8";
}

/* Reads the title of a section into `node`. */
static bool read_title(const Scanner *scanner, ConfNode *node, GHashTable *set_at,
                       const Token *name, const Token *title)
{
    bool quoted = title->type == TOKEN_STRING;
    g_autofree char *raw = scanner_slice(scanner, title->start + quoted, title->end - quoted);
    g_autofree char *key = g_strdup_printf("%s \"%s\"", node->name, raw);
    const char *problem = title_problem(raw);

    if (problem) {
        scanner_mistake(scanner, title->line, "give it another one", "%s: %s", node->name, problem);
        return false;
    }
    node->title = g_steal_pointer(&raw);
    return scanner_state(scanner, set_at, name, key, "give each a name of its own");
}

/* Checks what stands between the name of a section and its {; `title` is NULL for nothing. */
static bool check_title(const Scanner *scanner, ConfNode *node, GHashTable *set_at,
                        const Token *name, const Token *title)
{
    if (title && node->section->titled)
        return read_title(scanner, node, set_at, name, title);
    if (title) {
        scanner_mistake(scanner, name->line, "leave the name out", "%s has no name of its own",
                        node->name);
        return false;
    }
    if (node->section->titled) {
        g_autofree char *fix = g_strdup_printf("write %s \"NAME\" { ... }", node->name);
        scanner_mistake(scanner, name->line, fix, "%s has no name", node->name);
        return false;
    }
    return node->section->many || scanner_state(scanner, set_at, name, node->name, keep_one);
}

/* Reports and skips a section that is not allowed here. */
static void refuse_section(Scanner *scanner, const ConfSection *schema, const Token *name)
{
    static const ConfSection nothing = { .name = "" };
    g_autofree char *raw = scanner_slice(scanner, name->start, name->end);

    if (param_find(schema->params, raw)) {
        g_autofree char *fix = g_strdup_printf("write %s = VALUE", raw);
        scanner_mistake(scanner, name->line, fix, "%s is a setting and no section", raw);
    } else {
        scanner_unknown(scanner, schema, name);
    }
    scanner_skip_body(scanner, &nothing, name);
    scanner_blank_statement(scanner, name);
}

/* Reads the rest of `name { ... }` or `name "title" { ... }`. */
static void read_section(Scanner *scanner, const ConfSection *schema, ConfNode *parent,
                         const Token *name)
{
    const Token *title = token_is(scanner_peek(scanner, 0), '{') ? NULL : scanner_take(scanner);
    g_autoptr(ConfNode) node = scanner_node(scanner, name);
    guint before = scanner->errors->len;
    bool valid = true;
    bool closed = true;

    scanner_take(scanner); /* the { */
    node->section = schema_section(schema, node->name);
    if (!node->section) {
        refuse_section(scanner, schema, name);
        return;
    }
    valid = check_title(scanner, node, parent->set_at, name, title);
    closed = node->section->verbatim ? scanner_skip_body(scanner, node->section, name)
                                     : read_body(scanner, node->section, node, name);
    valid = valid && closed;
    node->invalid = scanner->errors->len != before;
    if (valid && node->section->verbatim)
        node->text =
            g_strndup(scanner->scan->text + name->start, scanner_taken(scanner)->end - name->start);
    if (!valid || node->section->verbatim)
        scanner_blank_statement(scanner, name);
    if (valid)
        g_ptr_array_add(parent->nodes, g_steal_pointer(&node));
}

/* Reports and skips a token that begins no statement: one error a line is enough. */
static void read_unexpected(Scanner *scanner, const ConfSection *schema)
{
    const Token *token = scanner_take(scanner);
    g_autofree char *raw = scanner_slice(scanner, token->start, token->end);
    g_autofree char *raw_shown = text_shorten(raw, SHOWN);
    g_autofree char *fix = NULL;

    scanner_blank_statement(scanner, token);
    if (token->line == scanner->unexpected_line)
        return;
    scanner->unexpected_line = token->line;
    if (token->type == TOKEN_ODD)
        scanner_mistake(scanner, token->line, token->fix, "%s: %s", raw_shown, token->problem);
    else if (token_is(token, '}'))
        scanner_mistake(scanner, token->line, "remove it, or look for a { that is missing above",
                        "this } closes nothing");
    else if (token->type == TOKEN_WORD && schema_call(schema, raw))
        scanner_mistake(scanner, token->line, "write it as include(\"conf.d/*.conf\")",
                        "%s needs parentheses", raw_shown);
    else if (token->type == TOKEN_WORD && schema_section(schema, raw))
        scanner_mistake(scanner, token->line, "write its settings in { }", "no { behind %s",
                        raw_shown);
    else if (token->type == TOKEN_WORD && param_find(schema->params, raw)) {
        fix = g_strdup_printf("write %s = VALUE", raw_shown);
        scanner_mistake(scanner, token->line, fix, "no = behind %s", raw_shown);
    } else
        scanner_mistake(scanner, token->line, "write NAME = VALUE, or NAME { ... }",
                        "unexpected %s", raw_shown);
}

static void read_statement(Scanner *scanner, const ConfSection *schema, ConfNode *parent)
{
    const Token *name = scanner_take(scanner);
    const Token *next = scanner_peek(scanner, 0);

    if (token_is(next, '=') || token_is(next, '+'))
        read_setting(scanner, schema, parent, name);
    else if (token_is(next, '('))
        read_call(scanner, schema, parent, name);
    else
        read_section(scanner, schema, parent, name);
}

/* Reads statements up to the } of the section that `opening` names (NULL: up to the end). False,
 * with the error reported, when there is none. */
static bool read_body(Scanner *scanner, const ConfSection *schema, ConfNode *node,
                      const Token *opening)
{
    while (scanner_peek(scanner, 0)->type != TOKEN_END) {
        if (opening && token_is(scanner_peek(scanner, 0), '}')) {
            scanner_take(scanner);
            return true;
        }
        if (opening && scanner_starts_at_top(scanner, schema))
            break;
        if (scanner_statement_ahead(scanner, 0))
            read_statement(scanner, schema, node);
        else
            read_unexpected(scanner, schema);
    }
    if (opening)
        scanner_unclosed(scanner, opening);
    return !opening;
}

ConfScan *confscan_run(const ConfSection *file_schema, const char *file, const char *text,
                       GHashTable *set_at, GPtrArray *errors)
{
    static const Token top = { .line = 1 };
    ConfScan *scan = conftext_new(file, text, file_schema->line_directives);
    Scanner scanner = { .schema = file_schema, .source = text, .scan = scan, .errors = errors };
    int open_comment = 0;

    scanner.tokens = conflex_run(scan->text, &open_comment);
    scanner.cut = open_comment != 0;
    if (open_comment)
        scanner_mistake(&scanner, open_comment, "close it with */",
                        "the comment that opens here never ends");
    scan->root = scanner_node(&scanner, &top);
    scan->root->section = file_schema;
    if (set_at) {
        g_hash_table_unref(scan->root->set_at);
        scan->root->set_at = g_hash_table_ref(set_at);
    }
    read_body(&scanner, file_schema, scan->root, NULL);
    g_array_unref(scanner.tokens);
    return scan;
}
