/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/computed.h"

#include <math.h>
#include <string.h>

#include "base/text.h"

enum { SHOWN = 60 }; /* characters of a value that a message quotes */

/* A formula and the unit behind it, or plain text alone. A place has two, with a space between, and
 * an area four. */
typedef struct Part {
    Formula *formula; /* NULL: none */
    unsigned column;  /* where the formula begins in the value */
    unsigned behind;  /* where text begins */
    char *text;
} Part;

struct Computed {
    const Param *param;
    char *text;    /* as it is written */
    GArray *parts; /* of Part */
    bool physical;
};

static void part_clear(void *data)
{
    Part *part = data;

    formula_free(part->formula);
    g_free(part->text);
}

void computed_free(Computed *computed)
{
    if (!computed)
        return;
    g_free(computed->text);
    g_array_unref(computed->parts);
    g_free(computed);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Computed, computed_free)

const Param *computed_param(const Computed *computed)
{
    return computed->param;
}

bool computed_is_physical(const Computed *computed)
{
    return computed->physical;
}

bool computed_is_constant(const Computed *computed)
{
    for (guint i = 0; i < computed->parts->len; i++) {
        const Part *part = &g_array_index(computed->parts, Part, i);
        if (part->formula && !formula_is_constant(part->formula))
            return false;
    }
    return true;
}

/* Says which setting an error is about. Returns false. */
static bool in_setting(const Computed *computed, Error **err)
{
    g_autofree char *what = g_steal_pointer(&(*err)->what);
    g_autofree char *shown = text_value(computed->text, SHOWN);

    (*err)->what = g_strdup_printf("%s = %s: %s", computed->param->name, shown, what);
    return false;
}

/* The same where the error begins with a column: of what stands between the quotes. */
static bool in_quotes(const Computed *computed, Error **err)
{
    g_autofree char *what = g_steal_pointer(&(*err)->what);
    g_autofree char *shown = text_value(computed->text, SHOWN);

    (*err)->what = g_strdup_printf("%s = \"%s\", %s", computed->param->name, shown, what);
    return false;
}

/* ---- compiling ---- */

static bool refuse_before(const Computed *computed, Error **err)
{
    const char *brace = strchr(computed->text, '{');

    return error_set(err, ERROR_CONFIG, "put all of it between the braces",
                     "column %u: a formula begins the value",
                     value_column(computed->text, 1, brace));
}

/* The formula ends where its brace does. */
static bool check_end(const Computed *computed, const char *end, Error **err)
{
    unsigned column = value_column(computed->text, 1, end);

    if (*end == '}')
        return true;
    if (*end == ':')
        return error_set(err, ERROR_CONFIG, "remove it",
                         "column %u: formats are for names and texts", column);
    if (*end == '|')
        return error_set(err, ERROR_CONFIG, "write default(rating, 0) for what may be missing",
                         "column %u: | is for names and texts", column);
    return error_set(err, ERROR_CONFIG, "close it with }", "column %u: a } is missing", column);
}

static bool read_formula(Computed *computed, const char **at, Part *part, Error **err)
{
    part->column = value_column(computed->text, 1, *at + 1);
    part->formula = formula_new(*at + 1, part->column, at, err);
    if (!part->formula || !check_end(computed, *at, err))
        return false;
    ++*at;
    return true;
}

/* Reads one part at *at, and the blanks behind it. */
static bool read_part(Computed *computed, const char **at, Error **err)
{
    Part part = { 0 };
    bool read = **at != '{' || read_formula(computed, at, &part, err);
    size_t length = read && param_has_parts(computed->param) ? strcspn(*at, " ") : strlen(*at);

    part.behind = value_column(computed->text, 1, *at);
    part.text = g_strstrip(g_strndup(*at, length));
    g_array_append_val(computed->parts, part);
    *at += length + strspn(*at + length, " ");
    return read;
}

static bool read_parts(Computed *computed, Error **err)
{
    const char *at = computed->text;

    if (*at != '{' && !param_has_parts(computed->param))
        return refuse_before(computed, err);
    do
        if (!read_part(computed, &at, err))
            return false;
    while (*at);
    return true;
}

/* What a formula has to give. A place is a word, or two lengths, and an area one or four. */
static ValueType wanted_type(const Computed *computed)
{
    ParamType type = computed->param->type;
    bool is_word = param_has_parts(computed->param) && computed->parts->len == 1;

    if (is_word || type == PARAM_CHOICE || type == PARAM_COLOUR)
        return VALUE_TEXT;
    return type == PARAM_BOOL ? VALUE_TRUTH : VALUE_NUMBER;
}

/* Whether a number may be one of the row's words. */
static bool has_numbers(const Param *param)
{
    for (unsigned i = 0; param->type == PARAM_CHOICE && param_choice(param, i); i++)
        if (g_ascii_isdigit(*param_choice(param, i)->word))
            return true;
    return false;
}

static bool may_give(const Computed *computed, ValueType type)
{
    return type == wanted_type(computed) || (type == VALUE_NUMBER && has_numbers(computed->param));
}

/* Behind a number's formula stands a unit, and nothing behind any other. */
static bool check_part(const Computed *computed, const Part *part, Error **err)
{
    ValueType wanted = wanted_type(computed);

    if (!part->formula)
        return true;
    if (!may_give(computed, formula_type(part->formula))) {
        g_autofree char *allowed = param_allowed_text(computed->param);
        g_autofree char *fix = g_strdup_printf("let it give %s", allowed);
        return error_set(err, ERROR_CONFIG, fix, "column %u: the formula gives %s, not %s",
                         part->column, value_type_text(formula_type(part->formula)),
                         value_type_text(wanted));
    }
    if (!*part->text || (wanted == VALUE_NUMBER && !strpbrk(part->text, "{}")))
        return true;
    return error_set(err, ERROR_CONFIG,
                     wanted == VALUE_NUMBER
                         ? "write all of it between one { and }, and a unit behind them"
                         : "remove it",
                     "column %u: '%s' cannot follow the formula", part->behind, part->text);
}

static bool check_types(const Computed *computed, Error **err)
{
    for (guint i = 0; i < computed->parts->len; i++)
        if (!check_part(computed, &g_array_index(computed->parts, Part, i), err))
            return false;
    return true;
}

/* ---- a text in place of the formulas ---- */

/* What a number without a unit is. */
static const char *plain_unit(const Param *param)
{
    if (param_has_lengths(param))
        return "px";
    return param->unit ? param->unit : "";
}

/* A number as a profile has it, with all its digits: not every row takes an exponent. Newly
 * allocated. */
static char *written(const Param *param, double number)
{
    static const double most = 1e15; /* that 15 digits show */
    char digits[G_ASCII_DTOSTR_BUF_SIZE];

    if (param->type == PARAM_INT)
        number = round(number);
    g_ascii_formatd(digits, sizeof(digits), "%.15g", number);
    if (strchr(digits, 'e') && fabs(number) < most)
        g_ascii_formatd(digits, sizeof(digits), "%.9f", number);
    return g_strdup(digits);
}

/* What stands there with `value` in place of the formula; newly allocated. */
static char *part_text(const Computed *computed, const Part *part, const Value *value)
{
    if (!part->formula)
        return g_strdup(part->text);
    if (value->type == VALUE_TEXT)
        return g_strdup(value->text);
    if (value->type == VALUE_TRUTH)
        return g_strdup(value->number != 0 ? "yes" : "no");
    g_autofree char *number = written(computed->param, value->number);
    return g_strconcat(number, *part->text ? part->text : plain_unit(computed->param), NULL);
}

static void append_part(GString *text, const Computed *computed, const Part *part,
                        const Value *value)
{
    g_autofree char *one = part_text(computed, part, value);

    g_string_append_printf(text, "%s%s", text->len ? " " : "", one);
}

/* With the same number in place of each formula; newly allocated. */
static char *text_with(const Computed *computed, double number)
{
    const Value some = { .type = VALUE_NUMBER, .number = number };
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < computed->parts->len; i++)
        append_part(text, computed, &g_array_index(computed->parts, Part, i), &some);
    return g_string_free(text, FALSE);
}

/* Whether the row has the units that stand behind numbers. A range is that of a picture's value. */
static bool check_units(Computed *computed, Error **err)
{
    Param row = *computed->param;
    Area there = { 0 }; /* room for every number, and what else can be physical */
    g_autofree char *text = text_with(computed, 1);

    row.offset = 0;
    if (!param_has_parts(&row))
        row.min = row.max = 0;
    const char *problem = param_try(&row, text, &there);
    if (problem) {
        g_autofree char *allowed = param_allowed_text(computed->param);
        g_autofree char *fix = g_strdup_printf("give %s", allowed);
        return error_set(err, ERROR_CONFIG, fix, "%s", problem);
    }
    computed->physical = param_is_physical(&row, &there);
    return true;
}

static bool compile(Computed *computed, Error **err)
{
    if (!read_parts(computed, err) || !check_types(computed, err))
        return in_quotes(computed, err);
    return wanted_type(computed) != VALUE_NUMBER || check_units(computed, err) ||
           in_setting(computed, err);
}

Computed *computed_new(const Param *param, const char *text, Error **err)
{
    g_autoptr(Computed) computed = g_new0(Computed, 1);

    computed->param = param;
    computed->text = g_strdup(text);
    computed->parts = g_array_new(FALSE, TRUE, sizeof(Part));
    g_array_set_clear_func(computed->parts, part_clear);
    return compile(computed, err) ? g_steal_pointer(&computed) : NULL;
}

/* ---- samples ---- */

/* Takes over `text`. */
static void add_sample(GPtrArray *samples, const Computed *computed, char *text)
{
    if (param_try(computed->param, text, NULL))
        g_free(text);
    else
        g_ptr_array_add(samples, text);
}

/* 1 is for rows whose limits have another unit than the formula. */
static void add_numbers(GPtrArray *samples, const Computed *computed)
{
    const double numbers[] = { computed->param->min, 1, computed->param->max };

    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
        add_sample(samples, computed, text_with(computed, numbers[i]));
}

static void add_words(GPtrArray *samples, const Computed *computed)
{
    static const char *const others[] = { "no", "yes", "#000000", "#ffffff" };
    const Choice *choice = NULL;

    for (unsigned i = 0; (choice = param_choice(computed->param, i)); i++)
        add_sample(samples, computed, g_strdup(choice->word));
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
        add_sample(samples, computed, g_strdup(others[i]));
}

GStrv computed_samples(const Computed *computed)
{
    GPtrArray *samples = g_ptr_array_new();

    if (wanted_type(computed) == VALUE_NUMBER)
        add_numbers(samples, computed);
    else
        add_words(samples, computed);
    g_ptr_array_add(samples, NULL);
    return (GStrv) g_ptr_array_free(samples, FALSE);
}

/* ---- on a picture ---- */

static bool refuse_missing(const Formula *formula, Error **err)
{
    const char *name = formula_fact(formula)->name;
    g_autofree char *fix =
        g_strdup_printf("write default(%s, ...) in the profile, with a value for pictures without "
                        "one, or give the picture one",
                        name);

    return error_set(err, ERROR_PICTURE, fix, "the picture has no %s", name);
}

static bool evaluate(const Part *part, const FactSource *source, Value *value, Error **err)
{
    if (!part->formula)
        return true;
    if (!formula_evaluate(part->formula, source, value, err))
        return false;
    return !value->missing || refuse_missing(part->formula, err);
}

/* Newly allocated; NULL with *err set. */
static char *text_on(const Computed *computed, const FactSource *source, Error **err)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (guint i = 0; i < computed->parts->len; i++) {
        const Part *part = &g_array_index(computed->parts, Part, i);
        g_auto(Value) value = { .missing = true };
        if (!evaluate(part, source, &value, err))
            return NULL;
        append_part(text, computed, part, &value);
    }
    return g_strdup(text->str);
}

/* " (width = 300, iso = 200)", newly allocated; "" where the formulas ask for nothing. */
static char *values_on(const Computed *computed, const FactSource *source)
{
    g_autoptr(GString) all = g_string_new(NULL);

    for (guint i = 0; i < computed->parts->len; i++) {
        const Part *part = &g_array_index(computed->parts, Part, i);
        g_autofree char *values = part->formula ? formula_values(part->formula, source) : NULL;
        if (values)
            g_string_append_printf(all, "%s%s", all->len ? ", " : "", values);
    }
    return all->len ? g_strdup_printf(" (%s)", all->str) : g_strdup("");
}

static bool refuse(const Computed *computed, const FactSource *source, const char *text,
                   const char *problem, Error **err)
{
    g_autofree char *formula = text_value(computed->text, SHOWN);
    g_autofree char *shown = text_value(text, SHOWN);
    g_autofree char *values = values_on(computed, source);
    g_autofree char *allowed = param_allowed_text(computed->param);
    g_autofree char *fix = g_strdup_printf("let it give %s", allowed);

    return error_set(err, ERROR_PICTURE, fix, "%s = %s: %s: %s%s", computed->param->name, formula,
                     shown, problem, values);
}

bool computed_set(const Computed *computed, const FactSource *source, void *settings, Error **err)
{
    FactSource of_row = source ? *source : (FactSource){ 0 };
    const char *problem = NULL;

    of_row.row = computed->param->name;
    g_autofree char *text = text_on(computed, &of_row, err);

    if (!text)
        return in_setting(computed, err);
    problem = param_try(computed->param, text, settings);
    return !problem || refuse(computed, &of_row, text, problem, err);
}
