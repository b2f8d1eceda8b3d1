/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/formula_check.h"

#include <string.h>

/* ---- types ---- */

/* What would make a part fit; NULL: nothing that is always right. */
static const char *remedy(char takes, ValueType type)
{
    switch (takes) {
    case 'n':
        return type == VALUE_TEXT ? "write a number there, or texts side by side: {stem}-{width}"
                                  : "write a number there, such as 20 or width";
    case 't':
        return type == VALUE_NUMBER ? "put it into single quotes"
                                    : "write a text there, as in 'web'";
    case 'y':
        return "compare it, as in width > 3000, and join comparisons with and";
    case 'l':
        return "name a list, such as keywords; compare texts with ==";
    case 'o':
        return "compare numbers or dates; texts only with == and !=";
    case 'e':
        return "ask for one of its texts: has(keywords, 'web')";
    default:
        return NULL;
    }
}

static bool fits(char takes, ValueType type)
{
    switch (takes) {
    case 'n':
        return type == VALUE_NUMBER;
    case 't':
        return type == VALUE_TEXT;
    case 'y':
        return type == VALUE_TRUTH;
    case 'l':
        return type == VALUE_LIST;
    case 'o':
        return type == VALUE_NUMBER || type == VALUE_DATE;
    case 'e':
        return type != VALUE_LIST;
    default:
        return true;
    }
}

/* The letter of the value i of a function. */
static char letter_of(const FormulaFunction *function, unsigned i)
{
    size_t letters = strcspn(function->takes, "+");

    return function->takes[MIN(i, letters - 1)];
}

static bool is_comparison(const FormulaFunction *function)
{
    return !function->usage && strchr("oe", *function->takes);
}

static bool check_type(const FormulaReader *p, const FormulaNode *node, unsigned i)
{
    const FormulaNode *value = formula_node_value(node, i);
    char takes = letter_of(node->function, i);
    g_autofree char *shown = formula_node_text(p->text, value);

    if (!fits(takes, value->type))
        return formula_mistake(p, p->text + value->start, remedy(takes, value->type),
                               "%s is %s, which %s does not take there", shown,
                               value_type_text(value->type), node->function->name);
    if (i && strchr("oea", takes) && letter_of(node->function, i - 1) == takes &&
        value->type != formula_node_value(node, i - 1)->type) {
        g_autofree char *other = formula_node_text(p->text, formula_node_value(node, i - 1));
        return formula_mistake(p, p->text + value->start,
                               is_comparison(node->function) ? "compare values of one type"
                                                             : "give two values of one type",
                               "%s is %s, but %s is %s", shown, value_type_text(value->type), other,
                               value_type_text(formula_node_value(node, i - 1)->type));
    }
    return true;
}

/* ---- values ---- */

/* Only what the picture does not decide. */
static bool is_computed_now(const FormulaNode *node)
{
    if (node->function->kind == FUNCTION_RANDOM)
        return false;
    for (guint i = 0; i < node->values->len; i++)
        if (!formula_node_is_constant(formula_node_value(node, i)))
            return false;
    return true;
}

static bool fold(const FormulaReader *p, FormulaNode *node)
{
    g_auto(Value) value = { 0 };
    FormulaProblem problem;

    if (!is_computed_now(node))
        return true;
    if (!formula_node_evaluate(node, NULL, &value, &problem, p->err)) {
        g_autofree char *shown = formula_node_text(p->text, node);
        return formula_mistake(p, p->text + node->start, "change its values", "%s is %s", shown,
                               problem.what);
    }
    value_copy(&node->constant, &value);
    node->function = NULL;
    g_clear_pointer(&node->values, g_ptr_array_unref);
    return true;
}

/* A division by zero that every picture would have. */
static bool check_divisor(const FormulaReader *p, const FormulaNode *node)
{
    const char *name = node->function->name;
    const FormulaNode *last = formula_node_value(node, node->values->len - 1);

    if ((strcmp(name, "/") != 0 && strcmp(name, "%") != 0) || !formula_node_is_constant(last) ||
        last->constant.number != 0)
        return true;
    g_autofree char *shown = formula_node_text(p->text, node);
    return formula_mistake(p, p->text + node->start, "divide by another number",
                           "%s is a division by zero", shown);
}

static bool check_default(const FormulaReader *p, const FormulaNode *node)
{
    const FormulaNode *value = formula_node_value(node, 0);
    g_autofree char *shown = formula_node_text(p->text, value);

    if (node->function->kind != FUNCTION_DEFAULT ||
        (value->fact && value->fact->flags & FACT_MAY_BE_MISSING))
        return true;
    return formula_mistake(p, p->text + value->start,
                           "remove default(), or name a value such as rating",
                           "%s is never missing", shown);
}

FormulaNode *formula_complete(const FormulaReader *p, FormulaNode *node)
{
    g_autoptr(FormulaNode) own = node;
    const FormulaFunction *function = node->function;

    node->end = (size_t) (p->before - p->text);
    for (guint i = 0; i < node->values->len; i++)
        if (!check_type(p, node, i))
            return NULL;
    node->type = function->as_last ? formula_node_value(node, node->values->len - 1)->type
                                   : function->result;
    if (!check_default(p, node) || !check_divisor(p, node) || !fold(p, node))
        return NULL;
    return g_steal_pointer(&own);
}
