/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* formula_functions.h - the functions and the operators of formulas: what each one takes, gives and
 * does. formula.c and the manual read the tables. Any thread may call it. */
#pragma once

#include "actions/value.h"

/* What the evaluation does itself: all others compute their result from their values alone. */
typedef enum FunctionKind {
    FUNCTION_PLAIN,
    FUNCTION_IF,      /* only one of b and c is evaluated */
    FUNCTION_DEFAULT, /* a may be missing */
    FUNCTION_RANDOM,  /* of a picture's content */
    FUNCTION_AND,     /* b is evaluated only where a is true */
    FUNCTION_OR,      /* only where it is not */
} FunctionKind;

typedef struct FormulaFunction {
    const char *name; /* "min", "+" */
    FunctionKind kind;
    /* A letter for each value: n number, t text, y yes or no, l list; o number or date, e anything
     * but a list, a anything, and each of these letters means the same type in all places. A +
     * behind the last one: as many as are given. */
    const char *takes;
    bool as_last;     /* the result has the type of the last value */
    ValueType result; /* else */
    /* Sets *result. NULL, or what is wrong: "a division by zero". */
    const char *(*compute)(const Value *values, unsigned count, Value *result);
    const char *usage; /* "min(a, b, ...)" */
    const char *example, *help;
} FormulaFunction;

extern const FormulaFunction formula_functions[]; /* one without a name ends it */

/* How strongly an operator ties what stands beside it. */
enum {
    POWER_OR = 1,
    POWER_AND,
    POWER_NOT,
    POWER_COMPARISON,
    POWER_SUM,
    POWER_PRODUCT,
    POWER_SIGN,
};

typedef struct FormulaOperator {
    FormulaFunction function;
    int power;
} FormulaOperator;

extern const FormulaOperator formula_operators[]; /* between two values; the longer signs first */
extern const FormulaFunction formula_minus;       /* before a value */
extern const FormulaFunction formula_not;

/* The function of that name, in any case; NULL: no such. And the one that was most likely meant. */
const FormulaFunction *formula_function_find(const char *name);
const char *formula_function_closest(const char *name);
