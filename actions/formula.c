/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A Pratt parser: each operator has a power by which it ties what stands beside it. Every node's
 * type is known when it is made, and what has only constants is computed at once. */
#include "actions/formula.h"

#include <string.h>

#include "actions/formula_check.h"
#include "actions/value_format.h"
#include "base/text.h"

enum {
    DEPTH_MAX = 32,
    SHOWN = 60, /* characters of a formula that a message quotes */
};

struct Formula {
    char *text;
    FormulaNode *root;
};

/* ---- values ---- */

static FormulaNode *parse(FormulaReader *p, int power);

/* Adds the value that comes next to node, which is freed where it is wrong. */
static FormulaNode *with_value(FormulaReader *p, FormulaNode *node, int power)
{
    FormulaNode *value = parse(p, power);

    if (!value) {
        formula_node_free(node);
        return NULL;
    }
    g_ptr_array_add(node->values, value);
    return node;
}

static FormulaNode *parse_number(FormulaReader *p)
{
    g_autoptr(FormulaNode) node = formula_node_new(p, p->start, p->end);

    node->type = VALUE_NUMBER;
    node->constant = (Value){ .number = g_ascii_strtod(p->start, NULL) };
    return formula_next(p) ? g_steal_pointer(&node) : NULL;
}

static FormulaNode *parse_text(FormulaReader *p)
{
    g_autoptr(FormulaNode) node = formula_node_new(p, p->start, p->end);
    g_autofree char *inside = g_strndup(p->start + 1, (gsize) (p->end - p->start - 2));
    g_auto(GStrv) pieces = g_strsplit(inside, "''", -1);

    node->type = VALUE_TEXT;
    node->constant = (Value){ .type = VALUE_TEXT, .text = g_strjoinv("'", pieces) };
    return formula_next(p) ? g_steal_pointer(&node) : NULL;
}

static bool check_count(const FormulaReader *p, const FormulaNode *node)
{
    const FormulaFunction *function = node->function;
    size_t least = strcspn(function->takes, "+");
    bool more = function->takes[least];
    g_autofree char *fix = g_strdup_printf("write %s", function->usage);
    guint count = node->values->len;

    if (count == least || (count > least && more))
        return true;
    return formula_mistake(p, p->text + node->start, fix, "%s() takes %zu value%s%s, not %u",
                           function->name, least, least == 1 ? "" : "s", more ? " or more" : "",
                           count);
}

static bool expect(FormulaReader *p, const char *sign, const char *fix, const char *opened)
{
    if (formula_reads(p, sign))
        return formula_next(p);
    if (p->type == TOKEN_END)
        return formula_mistake(p, opened, "close it with )", "a ( has no matching )");
    g_autofree char *shown = formula_token_text(p);
    return formula_mistake(p, p->start, fix, "%s does not belong there", shown);
}

/* Its ( is the token that is looked at. */
static FormulaNode *parse_call(FormulaReader *p, const FormulaFunction *function, const char *start)
{
    FormulaNode *node = formula_call_new(p, function, start);
    const char *opened = p->start;
    bool more = formula_next(p) && !formula_reads(p, ")");

    while (node && more && (node = with_value(p, node, 0)))
        if ((more = formula_reads(p, ",")) && !formula_next(p))
            g_clear_pointer(&node, formula_node_free);
    g_autoptr(FormulaNode) own = node;
    if (!node || *p->err ||
        !expect(p, ")", "write a , between two values, and an operator between two numbers",
                opened) ||
        !check_count(p, node))
        return NULL;
    return formula_complete(p, g_steal_pointer(&own));
}

static FormulaNode *parse_function(FormulaReader *p, const char *name, const char *start)
{
    const FormulaFunction *function = formula_function_find(name);
    const char *meant = formula_function_closest(name);
    g_autoptr(Error) unknown = NULL;
    g_autofree char *fix = NULL, *shown = text_shorten(name, SHOWN);

    if (function)
        return parse_call(p, function, start);
    if (fact_find(p->of, name, &unknown)) {
        formula_mistake(p, start, "remove the ( and what it encloses", "%s is a value, no function",
                        shown);
        return NULL;
    }
    fix = meant ? g_strdup_printf("did you mean %s()?", meant)
                : g_strdup("choose one of those of hotfolder-profiles(7), such as min()");
    formula_mistake(p, start, fix, "there is no function called %s", shown);
    return NULL;
}

static FormulaNode *parse_fact(FormulaReader *p, const char *name, const char *start,
                               const char *end)
{
    g_autoptr(FormulaNode) node = formula_node_new(p, start, end);
    const FormulaFunction *function = formula_function_find(name);
    g_autoptr(Error) unknown = NULL;
    g_autofree char *fix = function ? g_strdup_printf("write %s", function->usage) : NULL;

    node->fact = fact_find(p->of, name, &unknown);
    if (node->fact) {
        node->type = node->fact->type;
        return g_steal_pointer(&node);
    }
    if (function)
        formula_mistake(p, start, fix, "%s is a function", function->name);
    else
        formula_mistake(p, start, unknown->fix, "%s", unknown->what);
    return NULL;
}

static FormulaNode *parse_name(FormulaReader *p)
{
    const char *start = p->start, *end = p->end;
    g_autofree char *name = g_strndup(start, (gsize) (end - start));

    if (!formula_next(p))
        return NULL;
    return formula_reads(p, "(") ? parse_function(p, name, start) : parse_fact(p, name, start, end);
}

static FormulaNode *parse_group(FormulaReader *p)
{
    const char *opened = p->start;
    g_autoptr(FormulaNode) node = formula_next(p) ? parse(p, 0) : NULL;

    if (!node || !expect(p, ")", "write an operator, such as + or and, before it", opened))
        return NULL;
    node->start = (size_t) (opened - p->text);
    node->end = (size_t) (p->before - p->text);
    return g_steal_pointer(&node);
}

static FormulaNode *parse_sign(FormulaReader *p, const FormulaFunction *function, int power)
{
    g_autoptr(FormulaNode) node = formula_call_new(p, function, p->start);

    if (!formula_next(p))
        return NULL;
    FormulaNode *with = with_value(p, g_steal_pointer(&node), power);
    return with ? formula_complete(p, with) : NULL;
}

/* Where a value should be and is none. */
static FormulaNode *no_value(const FormulaReader *p)
{
    g_autofree char *shown = formula_token_text(p);
    bool ended = p->type == TOKEN_END;
    const char *sign = p->before > p->text ? g_utf8_prev_char(p->before) : p->text;

    if (ended && p->before == p->text)
        formula_mistake(p, p->start, "name one, as in {stem}", "there is no value between { and }");
    else if (ended && *sign == '%')
        formula_mistake(p, sign, "write a percent sign behind the braces, as in {2 + 3}%",
                        "nothing follows %%, the remainder of a division");
    else if (ended)
        formula_mistake(p, p->start, "write a value or a number there, or remove what is before it",
                        "the formula ends where a value should be");
    else
        formula_mistake(p, p->start, "write a value or a number before it, or remove it",
                        "%s stands where a value should be", shown);
    return NULL;
}

static FormulaNode *parse_first(FormulaReader *p)
{
    if (p->type == TOKEN_NUMBER)
        return parse_number(p);
    if (p->type == TOKEN_TEXT)
        return parse_text(p);
    if (formula_reads(p, "-"))
        return parse_sign(p, &formula_minus, POWER_SIGN);
    if (formula_reads(p, "not"))
        return parse_sign(p, &formula_not, POWER_NOT);
    if (formula_reads(p, "("))
        return parse_group(p);
    if (p->type == TOKEN_NAME && !formula_reads(p, "and") && !formula_reads(p, "or"))
        return parse_name(p);
    return no_value(p);
}

/* ---- operators ---- */

static const FormulaOperator *operator_of(const FormulaReader *p)
{
    for (const FormulaOperator *operator= formula_operators; operator->power; operator++)
        if (formula_reads(p, operator->function.name))
            return operator;
    return NULL;
}

/* Takes left over. */
static FormulaNode *parse_operator(FormulaReader *p, const FormulaOperator *operator,
                                   FormulaNode * left)
{
    g_autoptr(FormulaNode) node = formula_call_new(p, &operator->function, p->text + left->start);

    g_ptr_array_add(node->values, left);
    if (!formula_next(p))
        return NULL;
    FormulaNode *with = with_value(p, g_steal_pointer(&node), operator->power);
    return with ? formula_complete(p, with) : NULL;
}

/* What is tied more strongly than `power`. */
static FormulaNode *parse(FormulaReader *p, int power)
{
    FormulaNode *node = NULL;
    const FormulaOperator *operator= NULL;

    if (++p->depth > DEPTH_MAX) {
        formula_mistake(p, p->start, "make it simpler", "a formula of more than %d levels",
                        DEPTH_MAX);
        return NULL;
    }
    node = parse_first(p);
    while (node && (operator= operator_of(p)) && operator->power> power)
        node = parse_operator(p, operator, node);
    p->depth--;
    return node;
}

/* Whether nothing is left behind the formula. */
static bool check_end(const FormulaReader *p)
{
    g_autofree char *shown = formula_token_text(p);

    if (p->type == TOKEN_END)
        return true;
    if (formula_reads(p, ")"))
        return formula_mistake(p, p->start, "remove it, or open it with (",
                               "a ) has no matching (");
    if (formula_reads(p, ","))
        return formula_mistake(p, p->start, "write a decimal point, as in 1.5",
                               "a , outside of a function");
    return formula_mistake(p, p->start, "write an operator between them, such as + or and",
                           "nothing joins %s to what is before it", shown);
}

/* Whether no } is left behind the formula because a text in quotes has it: that text has no end of
 * its own. */
static bool is_swallowed(const FormulaReader *p)
{
    return p->swallows && p->type == TOKEN_END && !*p->start;
}

static void blame_quote(const FormulaReader *p)
{
    g_clear_pointer(p->err, error_free);
    formula_mistake(p, p->swallows, "close the text with ' before the }",
                    "the text in quotes that begins here goes on behind the }");
}

Formula *formula_new_of(FactsOf of, const char *text, unsigned column, const char **end,
                        Error **err)
{
    FormulaReader p = {
        .of = of, .text = text, .column = column, .start = text, .end = text, .err = err
    };
    g_autoptr(FormulaNode) root = formula_next(&p) ? parse(&p, 0) : NULL;
    bool whole = root && check_end(&p);

    if (is_swallowed(&p))
        blame_quote(&p);
    if (!whole || *err)
        return NULL;
    Formula *formula = g_new0(Formula, 1);
    formula->text = g_strndup(text, (gsize) (p.before - text));
    formula->root = g_steal_pointer(&root);
    *end = p.start;
    return formula;
}

Formula *formula_new(const char *text, unsigned column, const char **end, Error **err)
{
    return formula_new_of(FACTS_OF_PICTURES, text, column, end, err);
}

void formula_free(Formula *formula)
{
    if (!formula)
        return;
    formula_node_free(formula->root);
    g_free(formula->text);
    g_free(formula);
}

/* ---- what is known of it ---- */

ValueType formula_type(const Formula *formula)
{
    return formula->root->type;
}

static FactScope scope_of(const FormulaNode *node)
{
    FactScope scope = node->fact ? node->fact->scope : FACT_OF_PROFILE;

    if (node->function && node->function->kind == FUNCTION_RANDOM)
        scope = FACT_OF_STEP;
    for (guint i = 0; node->values && i < node->values->len; i++)
        scope = MAX(scope, scope_of(formula_node_value(node, i)));
    return scope;
}

FactScope formula_scope(const Formula *formula)
{
    return scope_of(formula->root);
}

bool formula_is_constant(const Formula *formula)
{
    return formula_node_is_constant(formula->root);
}

const Fact *formula_fact(const Formula *formula)
{
    return formula->root->fact;
}

const char *formula_text(const Formula *formula)
{
    return formula->text + strspn(formula->text, " \t");
}

bool formula_may_be_missing(const Formula *formula)
{
    return formula->root->fact && formula->root->fact->flags & FACT_MAY_BE_MISSING;
}

/* A text is a fact, stands in quotes, or is one of those that if() and default() choose from. */
static bool is_said(const FormulaNode *node, size_t most)
{
    if (node->fact)
        return !(node->fact->flags & FACT_OF_FILE);
    if (!node->function)
        return node->type == VALUE_TEXT && strlen(node->constant.text) <= most;
    for (guint i = node->function->kind == FUNCTION_IF; i < node->values->len; i++)
        if (!is_said(formula_node_value(node, i), most))
            return false;
    return node->function->as_last;
}

bool formula_is_said(const Formula *formula, size_t most)
{
    return is_said(formula->root, most);
}

/* ---- what it comes to ---- */

static void collect_facts(const FormulaNode *node, GPtrArray *found)
{
    if (node->fact && !g_ptr_array_find(found, node->fact, NULL))
        g_ptr_array_add(found, (void *) (uintptr_t) node->fact);
    for (guint i = 0; node->values && i < node->values->len; i++)
        collect_facts(formula_node_value(node, i), found);
}

void formula_facts(const Formula *formula, GPtrArray *found)
{
    collect_facts(formula->root, found);
}

static char *values_of(const FormulaNode *node, const FactSource *source)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new();
    GString *out = g_string_new(NULL);

    collect_facts(node, found);
    for (guint i = 0; i < found->len; i++) {
        const Fact *fact = found->pdata[i];
        g_auto(Value) value = { .missing = true };
        g_autoptr(Error) ignored = NULL;
        if (!fact->read(fact, source, &value, &ignored) || value.missing)
            continue;
        g_autofree char *text = value_format_apply(NULL, &value);
        g_autofree char *shown = text_value(text, SHOWN);
        g_string_append_printf(out, "%s%s = %s", out->len ? ", " : "", fact->name, shown);
    }
    return g_string_free(out, !out->len);
}

char *formula_values(const Formula *formula, const FactSource *source)
{
    return values_of(formula->root, source);
}

static bool missing(const Formula *formula, const Fact *fact, Error **err)
{
    g_autofree char *shown = text_shorten(formula_text(formula), SHOWN);
    g_autofree char *fix = g_strdup_printf(
        "write default(%s, ...) in the profile, with a value for pictures without one, or give the "
        "picture one",
        fact->name);

    return error_set(err, ERROR_PICTURE, fix, "the picture has no %s for {%s}", fact->name, shown);
}

static bool no_result(const Formula *formula, const FormulaProblem *problem,
                      const FactSource *source, Error **err)
{
    g_autofree char *shown = formula_node_text(formula->text, problem->node);
    g_autofree char *values = values_of(problem->node, source);

    return error_set(err, ERROR_PICTURE, "change the formula in the profile", "%s is %s%s%s%s",
                     shown, problem->what, values ? " (" : "", values ? values : "",
                     values ? ")" : "");
}

bool formula_evaluate(const Formula *formula, const FactSource *source, Value *value, Error **err)
{
    FormulaProblem problem;

    if (formula_node_evaluate(formula->root, source, value, &problem, err))
        return true;
    if (!*err && !problem.what && problem.node == formula->root) { /* one fact */
        value->type = formula_type(formula);
        return true;
    }
    value_clear(value);
    if (*err)
        return false;
    if (!problem.what)
        return missing(formula, problem.node->fact, err);
    return no_result(formula, &problem, source, err);
}
