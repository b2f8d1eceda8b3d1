/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* param_internal.h - a text as a value of the type that a row has; for param.c, which knows where
 * it is stored and what is said of a wrong one. */
#pragma once

#include <string.h>

#include "config/param.h"

/* A value of any type on its way into a struct. */
typedef union ParamValue {
    bool yes;
    int whole;
    double real;
    Length length;
    Place place;
    Area area;
    Colour colour;
    int64_t amount;
    unsigned bits;
    char *text; /* newly allocated */
} ParamValue;

/* Whether it is a number of which "3:2" is one. */
static inline bool param_is_proportion(const Param *param)
{
    return param->unit && !strcmp(param->unit, PARAM_PROPORTION);
}

/* NULL, or what is wrong with `text`; *value is set when it is valid. */
const char *param_value_read(const Param *param, const char *text, ParamValue *value);

/* NULL, or why `number` is not within the row's range. */
const char *param_value_range(const Param *param, double number);

/* What `text`, which is wrong, was most likely meant to be; newly allocated. NULL: nothing is near.
 */
char *param_value_guess(const Param *param, const char *text);
