/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* formula_node.h - a formula as a tree, and what it comes to; used by the formula's files
 * only. One thread.
 */
#pragma once

#include "actions/facts.h"
#include "actions/formula_functions.h"
#include "actions/formula_reader.h"

typedef struct FormulaNode {
    ValueType type;
    size_t start, end; /* in the formula's text */
    /* One of these, or a constant: */
    const Fact *fact;
    const FormulaFunction *function;
    GPtrArray *values; /* of FormulaNode: those of the function */
    Value constant;
    unsigned column; /* of start, in the value of the setting */
} FormulaNode;

void formula_node_free(FormulaNode *node);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FormulaNode, formula_node_free)

/* From `start` to `end`, and the same of a function that gets its values later; newly allocated. */
FormulaNode *formula_node_new(const FormulaReader *p, const char *start, const char *end);
FormulaNode *formula_call_new(const FormulaReader *p, const FormulaFunction *function,
                              const char *start);

const FormulaNode *formula_node_value(const FormulaNode *node, unsigned i);

/* As it is written in `text`, for a message; newly allocated. */
char *formula_node_text(const char *text, const FormulaNode *node);

bool formula_node_is_constant(const FormulaNode *node);

/* The part of the formula that has no value, and why. */
typedef struct FormulaProblem {
    const FormulaNode *node;
    const char *what; /* "a division by zero"; NULL: the picture does not say the node's fact */
} FormulaProblem;

/* Sets *value, which is missing before. False with *problem set, or, where the picture's file
 * cannot be read, with *err. Of a constant, `source` is NULL. */
bool formula_node_evaluate(const FormulaNode *node, const FactSource *source, Value *value,
                           FormulaProblem *problem, Error **err);
