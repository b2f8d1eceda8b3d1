/* The grammar, read with one aim: to go on after every mistake, so that one run reports them all. A
 * statement with a mistake is blanked in the text and left out of the tree. */
#include "base/confscan.h"

#include <stdlib.h>
#include <string.h>

#include "base/conflex.h"
#include "base/text.h"

enum {
    SHOWN = 60,     /* characters of the text that a message repeats */
    KNOWN_MAX = 64, /* names that a guess considers, or that a message lists */
};

static const char keep_one[] = "keep one of them";

typedef struct Scanner {
    const ConfSection *schema; /* of the file */
    const char *source;        /* as it was written */
    ConfScan *scan;
    GArray *tokens;
    guint at;
    bool cut;       /* a comment that never ends hides the rest */
    int stray_line; /* of the last complaint about something that is no statement */
    GPtrArray *mistakes;
} Scanner;

static const Token *peek(const Scanner *scanner, guint ahead)
{
    guint last = scanner->tokens->len - 1;

    return &g_array_index(scanner->tokens, Token, MIN(scanner->at + ahead, last));
}

static const Token *take(Scanner *scanner)
{
    const Token *token = peek(scanner, 0);

    if (token->type != TOKEN_END)
        scanner->at++;
    return token;
}

/* The token taken last. */
static const Token *taken(const Scanner *scanner)
{
    return &g_array_index(scanner->tokens, Token, scanner->at - 1);
}

/* The text of a range of the source, newly allocated. */
static char *slice(const Scanner *scanner, size_t start, size_t end)
{
    return g_strndup(scanner->source + start, end - start);
}

static char *shown(const Scanner *scanner, const Token *token)
{
    g_autofree char *raw = slice(scanner, token->start, token->end);

    return text_shorten(raw, SHOWN);
}

static bool token_says(const Scanner *scanner, const Token *token, const char *word)
{
    return token->type == TOKEN_WORD && token->end - token->start == strlen(word) &&
           !memcmp(scanner->source + token->start, word, strlen(word));
}

static void blank(const Scanner *scanner, size_t start, size_t end)
{
    for (char *c = scanner->scan->text + start; c < scanner->scan->text + end; c++)
        if (*c != '\n')
            *c = ' ';
}

/* Blanks from `first` up to what comes next. */
static void blank_statement(const Scanner *scanner, const Token *first)
{
    blank(scanner, first->start, peek(scanner, 0)->start);
}

static void mistake(const Scanner *scanner, int line, const char *fix, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

static void mistake(const Scanner *scanner, int line, const char *fix, const char *format, ...)
{
    g_autofree char *what = NULL;
    const char *file = NULL;
    int number = 0;
    va_list args;

    va_start(args, format);
    what = g_strdup_vprintf(format, args);
    va_end(args);
    confscan_place(scanner->scan, line, &file, &number);
    conf_mistake(scanner->mistakes, file, number, fix, "%s", what);
}

/* Names. */

static const ConfSection *find_section(const ConfSection *schema, const char *name)
{
    for (const ConfSection *s = schema->sections; s && s->name; s++)
        if (!strcmp(s->name, name))
            return s;
    return NULL;
}

static const char *find_call(const ConfSection *schema, const char *name)
{
    for (const char *const *call = schema->calls; call && *call; call++)
        if (!strcmp(*call, name))
            return *call;
    return NULL;
}

static bool is_known(const ConfSection *schema, const char *name)
{
    return param_find(schema->params, name) || find_section(schema, name) ||
           find_call(schema, name);
}

/* Every name that may stand in the section; known has room for KNOWN_MAX + 1. */
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
static char *list_names(const char *const *names)
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

/* The section of the file in which `name` would be right; NULL: none. */
static const ConfSection *home_of(const ConfSection *schema, const char *name)
{
    for (const ConfSection *s = schema->sections; s && s->name; s++)
        if (!s->verbatim && is_known(s, name))
            return s;
    return NULL;
}

static void unknown_name(const Scanner *scanner, const ConfSection *schema, const Token *token)
{
    const char *known[KNOWN_MAX + 1];
    g_autofree char *name = slice(scanner, token->start, token->end);
    g_autofree char *name_shown = shown(scanner, token);
    g_autofree char *where = schema->name ? g_strdup_printf(" in %s", schema->name) : g_strdup("");
    const ConfSection *home = home_of(scanner->schema, name);
    g_autofree char *fix = NULL;
    const char *meant = NULL;

    known_names(schema, known);
    meant = text_closest(name, known);
    if (meant) {
        fix = g_strdup_printf("did you mean %s?", meant);
    } else if (is_known(scanner->schema, name)) {
        fix = g_strdup("it belongs outside of every section; or a } is missing before it");
    } else if (home) {
        fix = g_strdup_printf("it belongs inside %s%s { ... }", home->name,
                              home->titled ? " \"NAME\"" : "");
    } else if (known[0]) {
        g_autofree char *list = list_names(known);
        fix = g_strdup_printf("known here: %s", list);
    }
    mistake(scanner, token->line, fix, "%s: no such %s%s", name_shown, member(schema), where);
}

/* Notes that `key` was said. False, with the mistake reported, when it was said before. */
static bool state_once(const Scanner *scanner, GHashTable *stated, const Token *token,
                       const char *key, const char *fix)
{
    const char *before = g_hash_table_lookup(stated, key);
    const char *file = NULL;
    int number = 0;

    if (before) {
        mistake(scanner, token->line, fix, "%s is said twice, first at %s", key, before);
        return false;
    }
    confscan_place(scanner->scan, token->line, &file, &number);
    g_hash_table_insert(stated, g_strdup(key), g_strdup_printf("%s:%d", file, number));
    return true;
}

/* Nodes. */

static ConfNode *node_new(const Scanner *scanner, const Token *token)
{
    ConfNode *node = g_new0(ConfNode, 1);
    const char *file = NULL;

    confscan_place(scanner->scan, token->line, &file, &node->line);
    node->file = g_strdup(file);
    node->name = slice(scanner, token->start, token->end);
    node->values = g_ptr_array_new_with_free_func(g_free);
    node->nodes = g_ptr_array_new_with_free_func((GDestroyNotify) conf_free);
    node->stated = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return node;
}

/* Skipping. */

/* Whether a section of the file's own level begins here: inside another one, that one's } is
 * missing. */
static bool starts_at_top(const Scanner *scanner, const ConfSection *inside)
{
    const Token *token = peek(scanner, 0);
    bool titled = token_is_value(peek(scanner, 1)) && token_is(peek(scanner, 2), '{');

    if (token->type != TOKEN_WORD || (!titled && !token_is(peek(scanner, 1), '{')))
        return false;
    for (const ConfSection *s = scanner->schema->sections; s && s->name; s++)
        if (s->titled == titled && token_says(scanner, token, s->name))
            return !find_section(inside, s->name);
    return false;
}

static void unclosed(Scanner *scanner, const Token *opening)
{
    g_autofree char *name = shown(scanner, opening);

    if (!scanner->cut)
        mistake(scanner, opening->line, "close it with }",
                "the section %s that opens here is never closed", name);
}

/* Goes behind the } that belongs to the { just taken. False, with the mistake reported, when there
 * is none. */
static bool skip_body(Scanner *scanner, const ConfSection *inside, const Token *opening)
{
    int depth = 1;

    while (depth && peek(scanner, 0)->type != TOKEN_END && !starts_at_top(scanner, inside)) {
        const Token *token = take(scanner);
        depth += token_is(token, '{') - token_is(token, '}');
    }
    if (depth)
        unclosed(scanner, opening);
    return depth == 0;
}

/* Settings. */

/* Whether a statement begins at the token so far ahead: a name with = += ( or { behind it. */
static bool statement_ahead(const Scanner *scanner, guint ahead)
{
    const Token *second = peek(scanner, ahead + 1);

    if (peek(scanner, ahead)->type != TOKEN_WORD)
        return false;
    if (second->type == TOKEN_MARK)
        return second->mark == '=' || second->mark == '+' || second->mark == '{' ||
               second->mark == '(';
    return token_is_value(second) && token_is(peek(scanner, ahead + 2), '{');
}

/* Goes behind everything that touches `end`, and over pairs of { } in it: what was meant to be one
 * value, as in {dir}/{stem}.jpg. */
static void skip_value(Scanner *scanner, size_t end)
{
    int depth = 0;

    for (;;) {
        const Token *token = peek(scanner, 0);

        if (token->type == TOKEN_END || (depth && statement_ahead(scanner, 0)))
            return;
        if (!depth && (token->start != end || token_is(token, '}') || token_is(token, '=')))
            return;
        depth += token_is(token, '{') - token_is(token, '}');
        end = take(scanner)->end;
    }
}

static void no_value(const Scanner *scanner, const Token *name, const Token *sign)
{
    g_autofree char *name_shown = shown(scanner, name);
    g_autofree char *comment = NULL;
    g_autofree char *fix = NULL;

    if (!sign->comment) {
        fix = g_strdup_printf("write %s = VALUE on one line", name_shown);
        mistake(scanner, name->line, fix, "%s has no value", name_shown);
        return;
    }
    const char *start = scanner->source + sign->comment;
    comment = slice(scanner, sign->comment, sign->comment + strcspn(start, " \t\r\n}"));
    g_autofree char *comment_shown = text_shorten(comment, SHOWN);
    fix = g_strdup_printf("put it in quotes: %s = \"%s\"", name_shown, comment_shown);
    mistake(scanner, name->line, fix, "%s has no value, because # starts a comment", name_shown);
}

/* Reports an odd token as the value of `name`. */
static void odd_value(const Scanner *scanner, const Token *name, const Token *value)
{
    g_autofree char *name_shown = shown(scanner, name);
    g_autofree char *value_shown = shown(scanner, value);
    g_autofree char *quoted = g_strdup_printf("put it in quotes: \"%s\"", value_shown);

    mistake(scanner, value->line, value->fix ? value->fix : quoted, "%s = %s: %s", name_shown,
            value_shown, value->wrong);
}

/* One item of a list. */
static bool read_item(Scanner *scanner, const Token *name)
{
    const Token *item = take(scanner);

    if (item->type == TOKEN_ODD)
        odd_value(scanner, name, item);
    if (item->type == TOKEN_MARK) {
        g_autofree char *name_shown = shown(scanner, name);
        mistake(scanner, item->line, "write { \"one\", \"two\" }", "%s: unexpected %c in the list",
                name_shown, item->mark);
    }
    return token_is_value(item);
}

static void unclosed_list(const Scanner *scanner, const Token *name)
{
    g_autofree char *name_shown = shown(scanner, name);

    if (!scanner->cut)
        mistake(scanner, name->line, "close it with }",
                "the list %s that opens here is never closed", name_shown);
}

/* Goes over { a, b } and counts the items; the { was taken. */
static bool read_list(Scanner *scanner, const Token *name, int *count)
{
    bool right = true;
    bool comma = true; /* before the item */

    for (;;) {
        const Token *token = peek(scanner, 0);

        if (token_is(token, '}')) {
            take(scanner);
            return right;
        }
        if (token->type == TOKEN_END || statement_ahead(scanner, 0)) {
            unclosed_list(scanner, name);
            return false;
        }
        if (!comma && token_is(token, ',')) {
            take(scanner);
            comma = true;
            continue;
        }
        if (!comma && right) {
            g_autofree char *before = shown(scanner, token);
            mistake(scanner, token->line, "put a comma between two items",
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
    const Token *next = peek(scanner, 0);
    bool touches = next->start == taken(scanner)->end;

    if (next->line != taken(scanner)->line || next->type == TOKEN_END)
        return false;
    if (next->type == TOKEN_MARK)
        return touches && next->mark == '{';
    return touches || !(statement_ahead(scanner, 0) || token_is(peek(scanner, 1), '='));
}

/* After a value: refuses what looks like a second half of it. */
static bool read_leftover(Scanner *scanner, const Token *name, const Token *value)
{
    if (!value_goes_on(scanner))
        return true;
    while (value_goes_on(scanner)) {
        size_t end = taken(scanner)->end;

        if (peek(scanner, 0)->start == end)
            skip_value(scanner, end);
        else
            take(scanner);
    }
    g_autofree char *name_shown = shown(scanner, name);
    g_autofree char *whole = slice(scanner, value->start, taken(scanner)->end);
    g_autofree char *whole_shown = text_shorten(whole, SHOWN);
    mistake(scanner, value->line, "write it as one word, or put all of it in quotes",
            "%s = %s: more than one value", name_shown, whole_shown);
    return false;
}

/* `{` where one value is expected: most likely a template without its quotes. */
static void braces_value(Scanner *scanner, const Token *name, const Token *brace)
{
    g_autofree char *name_shown = shown(scanner, name);

    skip_value(scanner, brace->start);
    g_autofree char *value = slice(scanner, brace->start, taken(scanner)->end);
    g_autofree char *value_shown = text_shorten(value, SHOWN);
    g_autofree char *fix =
        g_strdup_printf("put it in quotes: %s = \"%s\"", name_shown, value_shown);
    mistake(scanner, brace->line, fix, "%s = %s: { } need quotes", name_shown, value_shown);
}

static bool is_missing(const Scanner *scanner, const Token *sign)
{
    const Token *value = peek(scanner, 0);

    if (value->type == TOKEN_END || (value->type == TOKEN_MARK && value->mark != '{'))
        return true;
    return value->line != sign->line && (sign->comment || statement_ahead(scanner, 0));
}

/* Goes over the value or list behind = or +=, and counts what is in it. */
static bool read_value(Scanner *scanner, const Param *param, const Token *name, const Token *sign,
                       int *count)
{
    const Token *value = peek(scanner, 0);

    if (is_missing(scanner, sign)) {
        no_value(scanner, name, sign);
        return false;
    }
    if (token_is(value, '{') && param->type != PARAM_GLOBS) {
        braces_value(scanner, name, value);
        return false;
    }
    take(scanner);
    if (token_is(value, '{'))
        return read_list(scanner, name, count);
    if (value->type == TOKEN_ODD) {
        odd_value(scanner, name, value);
        skip_value(scanner, value->end);
        return false;
    }
    *count = 1;
    return read_leftover(scanner, name, value);
}

/* name = value, name += value; the name was taken. */
static void read_setting(Scanner *scanner, const ConfSection *schema, ConfNode *parent,
                         const Token *name)
{
    /* the value of an unknown setting is gone over all the same */
    static const Param unknown = { .type = PARAM_GLOBS, .name = "" };
    const Token *sign = take(scanner);
    g_autoptr(ConfNode) node = node_new(scanner, name);
    const Param *param = param_find(schema->params, node->name);
    const ConfSection *section = find_section(schema, node->name);
    bool right = true;

    if (section) {
        g_autofree char *fix = g_strdup_printf("write %s%s { ... }", section->name,
                                               section->titled ? " \"NAME\"" : "");
        mistake(scanner, name->line, fix, "%s is a section and has no value", section->name);
    } else if (!param) {
        unknown_name(scanner, schema, name);
    }
    node->append = token_is(sign, '+');
    if (param && node->append && param->type != PARAM_GLOBS) {
        mistake(scanner, name->line, "write = instead", "%s += ...: it is no list", node->name);
        right = false;
    }
    if (param && !node->append)
        right = state_once(scanner, parent->stated, name, node->name, keep_one) && right;
    right =
        read_value(scanner, param ? param : &unknown, name, sign, &node->count) && right && param;
    if (!right) {
        blank_statement(scanner, name);
        return;
    }
    node->param = param;
    g_ptr_array_add(parent->nodes, g_steal_pointer(&node));
}

/* name("argument"); the name was taken. */
static void read_call(Scanner *scanner, const ConfSection *schema, ConfNode *parent,
                      const Token *name)
{
    g_autoptr(ConfNode) node = node_new(scanner, name);
    bool known = find_call(schema, node->name) != NULL;
    const Token *argument = peek(scanner, 1);
    bool right = known && token_is_value(argument) && token_is(peek(scanner, 2), ')');

    if (right) {
        scanner->at += 3;
        node->count = 1;
        g_ptr_array_add(parent->nodes, g_steal_pointer(&node));
        return;
    }
    if (!known) {
        unknown_name(scanner, schema, name);
    } else {
        g_autofree char *fix = g_strdup_printf("write %s(\"...\")", node->name);
        mistake(scanner, name->line, fix, "%s takes one argument, in quotes and parentheses",
                node->name);
    }
    while (peek(scanner, 0)->line == name->line && peek(scanner, 0)->type != TOKEN_END &&
           !token_is(peek(scanner, 0), '}'))
        if (token_is(take(scanner), ')'))
            break;
    blank_statement(scanner, name);
}

/* Sections. */

static bool read_body(Scanner *scanner, const ConfSection *schema, ConfNode *node,
                      const Token *opening);

/* NULL, or what is wrong with a title as it was written. */
static const char *title_complaint(const char *title)
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
static bool read_title(const Scanner *scanner, ConfNode *node, GHashTable *stated,
                       const Token *name, const Token *title)
{
    bool quoted = title->type == TOKEN_STRING;
    g_autofree char *raw = slice(scanner, title->start + quoted, title->end - quoted);
    g_autofree char *key = g_strdup_printf("%s \"%s\"", node->name, raw);
    const char *complaint = title_complaint(raw);

    if (complaint) {
        mistake(scanner, title->line, "give it another one", "%s: %s", node->name, complaint);
        return false;
    }
    node->title = g_steal_pointer(&raw);
    return state_once(scanner, stated, name, key, "give each a name of its own");
}

/* Looks at what stands between the name of a section and its {; `title` is NULL for nothing. */
static bool check_title(const Scanner *scanner, ConfNode *node, GHashTable *stated,
                        const Token *name, const Token *title)
{
    if (title && node->section->titled)
        return read_title(scanner, node, stated, name, title);
    if (title) {
        mistake(scanner, name->line, "leave the name out", "%s has no name of its own", node->name);
        return false;
    }
    if (node->section->titled) {
        g_autofree char *fix = g_strdup_printf("write %s \"NAME\" { ... }", node->name);
        mistake(scanner, name->line, fix, "%s has no name", node->name);
        return false;
    }
    return node->section->many || state_once(scanner, stated, name, node->name, keep_one);
}

/* A section that may not stand here. */
static void wrong_section(Scanner *scanner, const ConfSection *schema, const Token *name)
{
    static const ConfSection nothing = { .name = "" };
    g_autofree char *raw = slice(scanner, name->start, name->end);

    if (param_find(schema->params, raw)) {
        g_autofree char *fix = g_strdup_printf("write %s = VALUE", raw);
        mistake(scanner, name->line, fix, "%s is a setting and no section", raw);
    } else {
        unknown_name(scanner, schema, name);
    }
    skip_body(scanner, &nothing, name);
    blank_statement(scanner, name);
}

/* name { ... } or name "title" { ... }; the name was taken. */
static void read_section(Scanner *scanner, const ConfSection *schema, ConfNode *parent,
                         const Token *name)
{
    const Token *title = token_is(peek(scanner, 0), '{') ? NULL : take(scanner);
    g_autoptr(ConfNode) node = node_new(scanner, name);
    guint before = scanner->mistakes->len;
    bool right = true;
    bool closed = true;

    take(scanner); /* the { */
    node->section = find_section(schema, node->name);
    if (!node->section) {
        wrong_section(scanner, schema, name);
        return;
    }
    right = check_title(scanner, node, parent->stated, name, title);
    closed = node->section->verbatim ? skip_body(scanner, node->section, name)
                                     : read_body(scanner, node->section, node, name);
    right = right && closed;
    node->flawed = scanner->mistakes->len != before;
    if (right && node->section->verbatim)
        node->text =
            g_strndup(scanner->scan->text + name->start, taken(scanner)->end - name->start);
    if (!right || node->section->verbatim)
        blank_statement(scanner, name);
    if (right)
        g_ptr_array_add(parent->nodes, g_steal_pointer(&node));
}

/* What is no statement. One complaint a line is enough. */
static void read_stray(Scanner *scanner, const ConfSection *schema)
{
    const Token *token = take(scanner);
    g_autofree char *raw = slice(scanner, token->start, token->end);
    g_autofree char *raw_shown = text_shorten(raw, SHOWN);
    g_autofree char *fix = NULL;

    blank_statement(scanner, token);
    if (token->line == scanner->stray_line)
        return;
    scanner->stray_line = token->line;
    if (token->type == TOKEN_ODD)
        mistake(scanner, token->line, token->fix, "%s: %s", raw_shown, token->wrong);
    else if (token_is(token, '}'))
        mistake(scanner, token->line, "remove it, or look for a { that is missing above",
                "this } closes nothing");
    else if (token->type == TOKEN_WORD && find_call(schema, raw))
        mistake(scanner, token->line, "write it as include(\"conf.d/*.conf\")",
                "%s needs parentheses", raw_shown);
    else if (token->type == TOKEN_WORD && find_section(schema, raw))
        mistake(scanner, token->line, "write its settings in { }", "no { behind %s", raw_shown);
    else if (token->type == TOKEN_WORD && param_find(schema->params, raw)) {
        fix = g_strdup_printf("write %s = VALUE", raw_shown);
        mistake(scanner, token->line, fix, "no = behind %s", raw_shown);
    } else
        mistake(scanner, token->line, "write NAME = VALUE, or NAME { ... }", "unexpected %s",
                raw_shown);
}

static void read_statement(Scanner *scanner, const ConfSection *schema, ConfNode *parent)
{
    const Token *name = take(scanner);
    const Token *next = peek(scanner, 0);

    if (token_is(next, '=') || token_is(next, '+'))
        read_setting(scanner, schema, parent, name);
    else if (token_is(next, '('))
        read_call(scanner, schema, parent, name);
    else
        read_section(scanner, schema, parent, name);
}

/* Reads statements up to the } of the section that `opening` names (NULL: up to the end). False,
 * with the mistake reported, when there is none. */
static bool read_body(Scanner *scanner, const ConfSection *schema, ConfNode *node,
                      const Token *opening)
{
    while (peek(scanner, 0)->type != TOKEN_END) {
        if (opening && token_is(peek(scanner, 0), '}')) {
            take(scanner);
            return true;
        }
        if (opening && starts_at_top(scanner, schema))
            break;
        if (statement_ahead(scanner, 0))
            read_statement(scanner, schema, node);
        else
            read_stray(scanner, schema);
    }
    if (opening)
        unclosed(scanner, opening);
    return !opening;
}

/* Places. */

static void add_place(ConfScan *scan, int line, char *file, int number)
{
    ConfPlace place = { .line = line, .file = file, .number = number };

    g_array_append_val(scan->places, place);
}

/* Takes in `#line N "FILE"` at `c`, line `line` of the text; what is not quite that is a comment.
 */
static void read_place(ConfScan *scan, const char *c, int line)
{
    g_auto(GStrv) parts = NULL;
    g_autofree char *text = g_strndup(c, strcspn(c, "\n"));
    char *file = NULL;
    guint64 number = 0;

    parts = g_strsplit(text, "\"", 3);
    if (g_strv_length(parts) != 3 || *parts[2] || !g_str_has_prefix(parts[0], "#line "))
        return;
    g_strchomp(parts[0]);
    if (!g_ascii_string_to_unsigned(parts[0] + strlen("#line "), 10, 1, INT_MAX / 2, &number, NULL))
        return;
    file = g_uri_unescape_string(parts[1], NULL);
    if (file)
        add_place(scan, line + 1, file, (int) number);
}

static void read_places(ConfScan *scan, const char *text)
{
    int line = 1;

    for (const char *c = text; c && *c; line++) {
        if (g_str_has_prefix(c, "#line "))
            read_place(scan, c, line);
        c = strchr(c, '\n');
        c = c ? c + 1 : NULL;
    }
}

void confscan_place(const ConfScan *scan, int line, const char **file, int *number)
{
    const ConfPlace *place = NULL;

    for (guint i = scan->places->len; i > 0; i--) {
        place = &g_array_index(scan->places, ConfPlace, i - 1);
        if (place->line <= line)
            break;
    }
    *file = place->file;
    *number = place->number + line - place->line;
}

ConfScan *confscan_run(const ConfSection *file_schema, const char *file, const char *text,
                       GHashTable *stated, GPtrArray *mistakes)
{
    static const Token top = { .line = 1 };
    ConfScan *scan = g_new0(ConfScan, 1);
    Scanner scanner = { .schema = file_schema, .source = text, .scan = scan, .mistakes = mistakes };
    int open_comment = 0;

    scan->places = g_array_new(FALSE, FALSE, sizeof(ConfPlace));
    scan->text = g_strdup(text);
    add_place(scan, 1, g_strdup(file), 1);
    if (file_schema->placed)
        read_places(scan, text);
    scanner.tokens = conflex_run(scan->text, &open_comment);
    scanner.cut = open_comment != 0;
    if (open_comment)
        mistake(&scanner, open_comment, "close it with */",
                "the comment that opens here never ends");
    scan->root = node_new(&scanner, &top);
    scan->root->section = file_schema;
    if (stated) {
        g_hash_table_unref(scan->root->stated);
        scan->root->stated = g_hash_table_ref(stated);
    }
    read_body(&scanner, file_schema, scan->root, NULL);
    g_array_unref(scanner.tokens);
    return scan;
}

void confscan_free(ConfScan *scan)
{
    if (!scan)
        return;
    for (guint i = 0; i < scan->places->len; i++)
        g_free(g_array_index(scan->places, ConfPlace, i).file);
    g_array_unref(scan->places);
    conf_free(scan->root);
    g_free(scan->text);
    g_free(scan);
}
