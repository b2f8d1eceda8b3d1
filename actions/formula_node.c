/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/formula_node.h"

#include <math.h>
#include <string.h>

#include "base/text.h"

enum { RESULT_MAX = 64 << 10 }; /* bytes of a text */

void formula_node_free(FormulaNode *node)
{
    if (!node)
        return;
    value_clear(&node->constant);
    g_clear_pointer(&node->values, g_ptr_array_unref);
    g_free(node);
}

bool formula_node_is_constant(const FormulaNode *node)
{
    return !node->fact && !node->function;
}

FormulaNode *formula_node_new(const FormulaReader *p, const char *start, const char *end)
{
    FormulaNode *node = g_new0(FormulaNode, 1);

    node->start = (size_t) (start - p->text);
    node->end = (size_t) (end - p->text);
    node->column = value_column(p->text, p->column, start);
    return node;
}

FormulaNode *formula_call_new(const FormulaReader *p, const FormulaFunction *function,
                              const char *start)
{
    FormulaNode *node = formula_node_new(p, start, start);

    node->function = function;
    node->values = g_ptr_array_new_with_free_func((GDestroyNotify) formula_node_free);
    return node;
}

const FormulaNode *formula_node_value(const FormulaNode *node, unsigned i)
{
    return node->values->pdata[i];
}

char *formula_node_text(const char *text, const FormulaNode *node)
{
    return formula_quote(text, node->start, node->end);
}

/* ---- what it comes to ---- */

typedef struct Evaluation {
    const FactSource *source;
    FormulaProblem *problem;
    Error **err;
} Evaluation;

static bool evaluate(const Evaluation *e, const FormulaNode *node, Value *value);

static bool has_problem(const Evaluation *e, const FormulaNode *node, const char *what)
{
    *e->problem = (FormulaProblem){ node, what };
    return false;
}

/* Of a list, as many texts as one text of them all would have. */
static void shorten_list(char **list)
{
    size_t bytes = 0;

    while (*list && (bytes += strlen(*list) + strlen(", ")) <= RESULT_MAX)
        list++;
    for (char **item = list; *item; item++)
        g_clear_pointer(item, g_free);
}

/* What the picture does not say is missing, but for a list, which is empty. What is longer than any
 * use of it is cut. */
static bool read_fact(const Evaluation *e, const Fact *fact, Value *value)
{
    value_clear(value);
    if (!fact->read(fact, e->source, value, e->err))
        return false;
    value->type = fact->type;
    if (value->missing && fact->type == VALUE_LIST)
        *value = (Value){ .type = VALUE_LIST, .list = g_new0(char *, 1) };
    if (value->text && strlen(value->text) > RESULT_MAX)
        value->text[text_cut(value->text, RESULT_MAX)] = '\0';
    if (value->list)
        shorten_list(value->list);
    return true;
}

/* FNV-1a: a number of all bytes. */
static uint64_t number_of(const char *text)
{
    uint64_t number = UINT64_C(0xCBF29CE484222325);

    for (; *text; text++)
        number = (number ^ (unsigned char) *text) * UINT64_C(0x100000001B3);
    return number;
}

/* From 0 to below 1. It spreads what differs in a few bits (the end of SplitMix64). */
static double spread(uint64_t number)
{
    number = (number ^ number >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    number = (number ^ number >> 27) * UINT64_C(0x94D049BB133111EB);
    return (double) ((number ^ number >> 31) >> 11) * 0x1p-53;
}

/* Two calls differ, also of the same text in two steps or in two settings of one; a retry gets the
 * same. */
static bool draw(const Evaluation *e, const FormulaNode *node, const Value *values, Value *result)
{
    const Fact *fact = fact_find(FACTS_OF_PICTURES, "hash", e->err);
    g_auto(Value) hash = { .missing = true };

    if (!fact || !read_fact(e, fact, &hash))
        return false;
    const FactSource *of = e->source;
    g_autofree char *drawn = g_strdup_printf("%s %u %s %u", hash.missing ? "" : hash.text, of->step,
                                             of->row ? of->row : "", node->column);
    result->number =
        values[0].number + (values[1].number - values[0].number) * spread(number_of(drawn));
    return true;
}

static bool compute(const Evaluation *e, const FormulaNode *node, const Value *values,
                    unsigned count, Value *result)
{
    const FormulaFunction *function = node->function;
    const char *wrong = NULL;

    *result = (Value){ .type = node->type };
    if (function->kind == FUNCTION_RANDOM ? !draw(e, node, values, result)
                                          : !!(wrong = function->compute(values, count, result)))
        return wrong && has_problem(e, node, wrong);
    result->number += 0.0; /* no -0 */
    return isfinite(result->number) || has_problem(e, node, "a number out of range");
}

static bool evaluate_plain(const Evaluation *e, const FormulaNode *node, Value *value)
{
    unsigned count = node->values->len, done = 0;
    Value *values = g_new0(Value, count);
    bool all = true;

    for (; all && done < count; done++)
        all = evaluate(e, formula_node_value(node, done), &values[done]);
    all = all && compute(e, node, values, count, value);
    for (unsigned i = 0; i < done; i++)
        value_clear(&values[i]);
    g_free(values);
    return all;
}

static bool evaluate_default(const Evaluation *e, const FormulaNode *node, Value *value)
{
    if (!read_fact(e, formula_node_value(node, 0)->fact, value))
        return false;
    return !value->missing || evaluate(e, formula_node_value(node, 1), value);
}

/* The second part, or what stands for it, is looked at only where the first one leaves it open. */
static bool evaluate_choice(const Evaluation *e, const FormulaNode *node, Value *value)
{
    if (!evaluate(e, formula_node_value(node, 0), value))
        return false;
    bool first = value->number != 0;
    if (node->function->kind == FUNCTION_IF)
        return evaluate(e, formula_node_value(node, first ? 1 : 2), value);
    return first == (node->function->kind == FUNCTION_OR) ||
           evaluate(e, formula_node_value(node, 1), value);
}

static bool evaluate_fact(const Evaluation *e, const FormulaNode *node, Value *value)
{
    return read_fact(e, node->fact, value) && (!value->missing || has_problem(e, node, NULL));
}

static bool evaluate(const Evaluation *e, const FormulaNode *node, Value *value)
{
    value_clear(value);
    if (node->fact)
        return evaluate_fact(e, node, value);
    if (!node->function) {
        value_copy(value, &node->constant);
        return true;
    }
    switch (node->function->kind) {
    case FUNCTION_IF:
    case FUNCTION_AND:
    case FUNCTION_OR:
        return evaluate_choice(e, node, value);
    case FUNCTION_DEFAULT:
        return evaluate_default(e, node, value);
    case FUNCTION_PLAIN:
    case FUNCTION_RANDOM:
        break;
    }
    return evaluate_plain(e, node, value);
}

bool formula_node_evaluate(const FormulaNode *node, const FactSource *source, Value *value,
                           FormulaProblem *problem, Error **err)
{
    const Evaluation evaluation = { source, problem, err };

    *problem = (FormulaProblem){ 0 };
    return evaluate(&evaluation, node, value);
}
