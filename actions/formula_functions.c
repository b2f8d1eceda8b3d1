/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/formula_functions.h"

#include <math.h>
#include <string.h>

#include "base/text.h"

/* ---- operators ---- */

static const char *add(const Value *values, unsigned count G_GNUC_UNUSED, Value *result)
{
    result->number = values[0].number + values[1].number;
    return NULL;
}

static const char *subtract(const Value *values, unsigned count G_GNUC_UNUSED, Value *result)
{
    result->number = values[0].number - values[1].number;
    return NULL;
}

static const char *multiply(const Value *values, unsigned count G_GNUC_UNUSED, Value *result)
{
    result->number = values[0].number * values[1].number;
    return NULL;
}

static const char *divide(const Value *values, unsigned count G_GNUC_UNUSED, Value *result)
{
    if (values[1].number == 0)
        return "a division by zero";
    result->number = values[0].number / values[1].number;
    return NULL;
}

static const char *remainder_of(const Value *values, unsigned count G_GNUC_UNUSED, Value *result)
{
    if (values[1].number == 0)
        return "a division by zero";
    result->number = fmod(values[0].number, values[1].number);
    return NULL;
}

static const char *negate(const Value *values, unsigned count G_GNUC_UNUSED, Value *result)
{
    result->number = -values[0].number;
    return NULL;
}

static const char *invert(const Value *values, unsigned count G_GNUC_UNUSED, Value *result)
{
    result->number = values[0].number == 0;
    return NULL;
}

/* Below 0, 0 or above 0, as a is before, the same as or after b, which has its type. */
static int order(const Value *a, const Value *b)
{
    switch (a->type) {
    case VALUE_DATE:
        return g_date_time_compare(a->date, b->date);
    case VALUE_TEXT:
        return strcmp(a->text, b->text);
    case VALUE_NUMBER:
    case VALUE_TRUTH:
    case VALUE_LIST:
        break;
    }
    return (a->number > b->number) - (a->number < b->number);
}

static const char *equal(const Value *values, unsigned count G_GNUC_UNUSED, Value *result)
{
    result->number = order(&values[0], &values[1]) == 0;
    return NULL;
}

static const char *unequal(const Value *values, unsigned count G_GNUC_UNUSED, Value *result)
{
    result->number = order(&values[0], &values[1]) != 0;
    return NULL;
}

static const char *less(const Value *values, unsigned count G_GNUC_UNUSED, Value *result)
{
    result->number = order(&values[0], &values[1]) < 0;
    return NULL;
}

static const char *at_most(const Value *values, unsigned count G_GNUC_UNUSED, Value *result)
{
    result->number = order(&values[0], &values[1]) <= 0;
    return NULL;
}

static const char *greater(const Value *values, unsigned count G_GNUC_UNUSED, Value *result)
{
    result->number = order(&values[0], &values[1]) > 0;
    return NULL;
}

static const char *at_least(const Value *values, unsigned count G_GNUC_UNUSED, Value *result)
{
    result->number = order(&values[0], &values[1]) >= 0;
    return NULL;
}

/* Each with its own power, what it takes and what it gives. */
#define OPERATOR(sign, tie, letters, gives, with)                                                  \
    {                                                                                              \
        .power = (tie),                                                                            \
        .function = { .name = (sign), .takes = (letters), .result = (gives), .compute = (with) },  \
    }
#define COMPARISON(sign, letters, with) OPERATOR(sign, POWER_COMPARISON, letters, VALUE_TRUTH, with)
#define ARITHMETIC(sign, tie, with)     OPERATOR(sign, tie, "nn", VALUE_NUMBER, with)

const FormulaOperator formula_operators[] = {
    { { .name = "or", .kind = FUNCTION_OR, .takes = "yy", .result = VALUE_TRUTH }, POWER_OR },
    { { .name = "and", .kind = FUNCTION_AND, .takes = "yy", .result = VALUE_TRUTH }, POWER_AND },
    COMPARISON("==", "ee", equal),
    COMPARISON("!=", "ee", unequal),
    COMPARISON("<=", "oo", at_most),
    COMPARISON(">=", "oo", at_least),
    COMPARISON("<", "oo", less),
    COMPARISON(">", "oo", greater),
    ARITHMETIC("+", POWER_SUM, add),
    ARITHMETIC("-", POWER_SUM, subtract),
    ARITHMETIC("*", POWER_PRODUCT, multiply),
    ARITHMETIC("/", POWER_PRODUCT, divide),
    ARITHMETIC("%", POWER_PRODUCT, remainder_of),
    { { 0 }, 0 },
};

const FormulaFunction formula_minus = {
    .name = "-", .takes = "n", .result = VALUE_NUMBER, .compute = negate
};
const FormulaFunction formula_not = {
    .name = "not", .takes = "y", .result = VALUE_TRUTH, .compute = invert
};

/* ---- functions ---- */

static const char *minimum(const Value *values, unsigned count, Value *result)
{
    result->number = values[0].number;
    for (unsigned i = 1; i < count; i++)
        result->number = fmin(result->number, values[i].number);
    return NULL;
}

static const char *maximum(const Value *values, unsigned count, Value *result)
{
    result->number = values[0].number;
    for (unsigned i = 1; i < count; i++)
        result->number = fmax(result->number, values[i].number);
    return NULL;
}

static const char *absolute(const Value *values, unsigned count G_GNUC_UNUSED, Value *result)
{
    result->number = fabs(values[0].number);
    return NULL;
}

static const char *rounded(const Value *values, unsigned count G_GNUC_UNUSED, Value *result)
{
    result->number = round(values[0].number);
    return NULL;
}

static const char *rounded_down(const Value *values, unsigned count G_GNUC_UNUSED, Value *result)
{
    result->number = floor(values[0].number);
    return NULL;
}

static const char *rounded_up(const Value *values, unsigned count G_GNUC_UNUSED, Value *result)
{
    result->number = ceil(values[0].number);
    return NULL;
}

static const char *root(const Value *values, unsigned count G_GNUC_UNUSED, Value *result)
{
    if (values[0].number < 0)
        return "the square root of a number below 0";
    result->number = sqrt(values[0].number);
    return NULL;
}

static const char *clamp(const Value *values, unsigned count G_GNUC_UNUSED, Value *result)
{
    if (values[1].number > values[2].number)
        return "a range whose low end is above its high end";
    result->number = fmin(fmax(values[0].number, values[1].number), values[2].number);
    return NULL;
}

/* For comparisons without regard to case. Names may be bytes that are no text. */
static char *folded(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);

    return g_utf8_casefold(valid, -1);
}

static const char *has(const Value *values, unsigned count G_GNUC_UNUSED, Value *result)
{
    g_autofree char *wanted = folded(values[1].text);

    result->number = 0;
    for (char **item = values[0].list; item && *item && result->number == 0; item++) {
        g_autofree char *there = folded(*item);
        result->number = !strcmp(there, wanted);
    }
    return NULL;
}

/* Of fnmatch(3) without its brackets, whose cost has no bound: only the last * is tried again. */
static bool fits(const char *text, const char *pattern)
{
    const char *star = NULL, *again = NULL;

    while (*text) {
        if (*pattern == '*') {
            star = ++pattern;
            again = text;
        } else if (*pattern == '?' ||
                   (*pattern && g_utf8_get_char(pattern) == g_utf8_get_char(text))) {
            pattern = g_utf8_find_next_char(pattern, NULL);
            text = g_utf8_find_next_char(text, NULL);
        } else if (star) {
            pattern = star;
            text = again = g_utf8_find_next_char(again, NULL);
        } else {
            return false;
        }
    }
    return !pattern[strspn(pattern, "*")];
}

/* A pattern may be what the picture says: with the longest text, one of 64 KB took 25 s. */
static const char *matches(const Value *values, unsigned count G_GNUC_UNUSED, Value *result)
{
    enum { PATTERN_MAX = 256 };

    if (strlen(values[1].text) > PATTERN_MAX)
        return "a match with a pattern of more than 256 bytes";
    g_autofree char *text = folded(values[0].text), *pattern = folded(values[1].text);

    result->number = fits(text, pattern);
    return NULL;
}

const FormulaFunction formula_functions[] = {
    { .name = "if",
      .kind = FUNCTION_IF,
      .takes = "yaa",
      .as_last = true,
      .usage = "if(a, b, c)",
      .example = "if(landscape, 'wide', 'tall')",
      .help = "the second value where a is yes, else the third" },
    { .name = "min",
      .takes = "nn+",
      .result = VALUE_NUMBER,
      .compute = minimum,
      .usage = "min(a, b, ...)",
      .example = "min(width, 2048)",
      .help = "the smallest" },
    { .name = "max",
      .takes = "nn+",
      .result = VALUE_NUMBER,
      .compute = maximum,
      .usage = "max(a, b, ...)",
      .example = "max(shorter / 20, 12)",
      .help = "the largest" },
    { .name = "clamp",
      .takes = "nnn",
      .result = VALUE_NUMBER,
      .compute = clamp,
      .usage = "clamp(a, low, high)",
      .example = "clamp(shorter * 0.03, 12, 80)",
      .help = "the number, but never below low or above high" },
    { .name = "abs",
      .takes = "n",
      .result = VALUE_NUMBER,
      .compute = absolute,
      .usage = "abs(a)",
      .example = "abs(width - height)",
      .help = "the number without its sign" },
    { .name = "round",
      .takes = "n",
      .result = VALUE_NUMBER,
      .compute = rounded,
      .usage = "round(a)",
      .example = "round(width / 3)",
      .help = "the nearest whole number" },
    { .name = "floor",
      .takes = "n",
      .result = VALUE_NUMBER,
      .compute = rounded_down,
      .usage = "floor(a)",
      .example = "floor(width / 3)",
      .help = "the next whole number below" },
    { .name = "ceil",
      .takes = "n",
      .result = VALUE_NUMBER,
      .compute = rounded_up,
      .usage = "ceil(a)",
      .example = "ceil(width / 3)",
      .help = "the next whole number above" },
    { .name = "sqrt",
      .takes = "n",
      .result = VALUE_NUMBER,
      .compute = root,
      .usage = "sqrt(a)",
      .example = "sqrt(pixels)",
      .help = "the square root" },
    { .name = "has",
      .takes = "lt",
      .result = VALUE_TRUTH,
      .compute = has,
      .usage = "has(list, text)",
      .example = "has(keywords, 'web')",
      .help = "whether the list has the text, in any case" },
    { .name = "matches",
      .takes = "tt",
      .result = VALUE_TRUTH,
      .compute = matches,
      .usage = "matches(text, pattern)",
      .example = "matches(name, '*_bw*')",
      .help = "whether the whole text fits the pattern, in any case: * stands for any signs, ? for "
              "one; the pattern has at most 256 bytes" },
    { .name = "default",
      .kind = FUNCTION_DEFAULT,
      .takes = "aa",
      .as_last = true,
      .usage = "default(value, b)",
      .example = "default(rating, 0)",
      .help = "the value, or b where the picture does not say it" },
    { .name = "random",
      .kind = FUNCTION_RANDOM,
      .takes = "nn",
      .result = VALUE_NUMBER,
      .usage = "random(a, b)",
      .example = "random(-5, 5)",
      .help = "a number between a and b, drawn from the picture's content: the same picture gets "
              "the same number again" },
    { 0 },
};

const FormulaFunction *formula_function_find(const char *name)
{
    for (const FormulaFunction *function = formula_functions; function->name; function++)
        if (!g_ascii_strcasecmp(function->name, name))
            return function;
    return NULL;
}

const char *formula_function_closest(const char *name)
{
    const char *names[G_N_ELEMENTS(formula_functions)] = { NULL };

    for (size_t i = 0; formula_functions[i].name; i++)
        names[i] = formula_functions[i].name;
    return text_closest(name, names);
}
