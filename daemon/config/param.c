/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/param.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "base/units.h"

enum {
    SHOWN = 60,       /* characters of an invalid value that a message quotes */
    CHOICES_MAX = 64, /* words that a guess considers */
};

/* A value of any type on its way into a struct. */
typedef union Value {
    bool yes;
    int whole;
    double real;
    Length length;
    Place place;
    Colour colour;
    int64_t amount;
    unsigned bits;
    char *text; /* newly allocated */
} Value;

/* "give 0.1 to 10 px; default 0.8", newly allocated. Where the sandbox of a unit may hide the file,
 * the unit sets $HOTFOLDER_DROPIN to the command that opens it. */
static char *advice(const Param *param)
{
    g_autofree char *allowed = param_allowed_text(param);
    bool names_file = param->type == PARAM_FILE || param_is_asset(param);
    const char *dropin = names_file ? g_getenv("HOTFOLDER_DROPIN") : NULL;

    if (dropin)
        return g_strdup_printf("give %s; if it exists, run `%s` and restart the service", allowed,
                               dropin);
    return param->def && *param->def ? g_strdup_printf("give %s; default %s", allowed, param->def)
                                     : g_strdup_printf("give %s", allowed);
}

static bool refuse(const Param *param, const char *text, const char *problem, Error **err)
{
    g_autofree char *shown = text_value(text, SHOWN);
    g_autofree char *fix = advice(param);

    return error_set(err, ERROR_CONFIG, fix, "%s = %s: %s", param->name, shown, problem);
}

/* NULL, or why `number` is not within the row's range. A row whose max is 0 has no upper end,
 * unless its min is below 0. */
static const char *out_of_range(const Param *param, double number)
{
    if (number < param->min)
        return "too small";
    if (number > param->max && (param->max != 0 || param->min < 0))
        return "too large";
    return NULL;
}

static bool is_percentage(const Param *param)
{
    return param->unit && !strcmp(param->unit, "%");
}

/* Other programs take opacities from 0 to 1. */
static bool may_be_fraction(double number, const char *unit)
{
    return !*unit && number > 0 && number < 1;
}

static const char *read_real(const Param *param, const char *text, double *number)
{
    const char *rest = NULL;

    if (!units_read_number(text, number, &rest))
        return "not a number";
    if (*rest && (!param->unit || strcmp(rest, param->unit) != 0))
        return param->unit ? "unknown unit" : "not a plain number";
    if (is_percentage(param) && may_be_fraction(*number, rest))
        return "without % it may be a fraction or a percentage";
    return out_of_range(param, *number);
}

static const char *read_int(const Param *param, const char *text, int *whole)
{
    double number = 0;
    const char *problem = read_real(param, text, &number);

    if (problem)
        return problem;
    if (number != floor(number))
        return "not a whole number";
    if (number > INT_MAX || number < INT_MIN)
        return number > 0 ? "too large" : "too small";
    *whole = (int) number;
    return NULL;
}

/* The range is one of pixels and of %. */
static const char *length_out_of_range(const Param *param, Length length)
{
    if (length_is_physical(length))
        return length.amount > 0 || param->min <= 0 ? NULL : "too small";
    return out_of_range(param, length.amount);
}

static const char *read_length(const Param *param, const char *text, Length *length)
{
    const char *problem = length_read(text, length);

    return problem ? problem : length_out_of_range(param, *length);
}

const Choice *param_choice(const Param *param, unsigned i)
{
    unsigned nine = param->type == PARAM_PLACE ? PLACE_WORDS : 0;
    const Choice *choice = i < nine ? &place_words[i] : param->choices;

    if (i >= nine && choice)
        choice += i - nine;
    return choice && choice->word ? choice : NULL;
}

static const char *read_choice(const Param *param, const char *text, int *value)
{
    const Choice *choice = NULL;

    for (unsigned i = 0; (choice = param_choice(param, i)); i++)
        if (text_is_word(choice->word, text)) {
            *value = choice->value;
            return NULL;
        }
    return "no such choice";
}

/* A word, or else two lengths. */
static const char *read_place(const Param *param, const char *text, Place *place)
{
    const char *problem = NULL;

    *place = (Place){ 0 };
    if (!read_choice(param, text, &place->word))
        return NULL;
    problem = place_read(text, place);
    if (!problem)
        problem = length_out_of_range(param, place->x);
    return problem ? problem : length_out_of_range(param, place->y);
}

static const char *read_word(const Param *param, const char *text, unsigned *bit)
{
    int value = 0;
    const char *problem = read_choice(param, text, &value);

    *bit = problem ? 0 : 1U << value;
    return problem;
}

static const char *read_colour(const char *text, Colour *colour)
{
    double parts[4] = { 0, 0, 0, 255 };
    size_t length = strlen(text);

    if (*text != '#' || (length != 7 && length != 9) ||
        strspn(text + 1, "0123456789abcdefABCDEF") != length - 1)
        return "not a colour";
    for (size_t i = 0; i < length / 2; i++)
        parts[i] =
            g_ascii_xdigit_value(text[1 + 2 * i]) * 16 + g_ascii_xdigit_value(text[2 + 2 * i]);
    *colour = (Colour){ .r = parts[0], .g = parts[1], .b = parts[2], .a = parts[3] };
    return NULL;
}

static const char *path_problem(const char *text)
{
    if (*text == '~')
        return "~ is not understood";
    if (*text == '$')
        return "environment variables are not expanded";
    if (*text != '/')
        return "not an absolute path";
    if (strstr(text, "/../") || g_str_has_suffix(text, "/.."))
        return "contains '..'";
    return NULL;
}

static const char *read_path(const char *text, char **path)
{
    const char *problem = path_problem(text);

    if (!problem)
        *path = g_canonicalize_filename(text, "/");
    return problem;
}

static const char *read_file(const char *text, char **path)
{
    const char *problem = path_problem(text);
    struct stat st;

    if (problem)
        return problem;
    if (stat(text, &st) != 0)
        return errno == EACCES ? "permission denied" : "no such file";
    if (!S_ISREG(st.st_mode))
        return "not a regular file";
    if (access(text, R_OK) != 0)
        return "cannot be read";
    *path = g_strdup(text);
    return NULL;
}

/* A word stands for what we bring ourselves. */
static const char *read_asset(const Param *param, const char *text, char **path)
{
    int value = 0;

    if (!param->choices || read_choice(param, text, &value))
        return read_file(text, path);
    for (const Choice *choice = param->choices; choice->word; choice++)
        if (choice->value == value)
            *path = g_strdup(choice->word);
    return NULL;
}

static const char *read_text(const char *text, char **copy)
{
    if (!g_utf8_validate(text, -1, NULL))
        return "not UTF-8";
    *copy = g_strdup(text);
    return NULL;
}

static const char *read_pattern(const char *text, char **copy)
{
    if (!*text)
        return "empty pattern";
    *copy = g_strdup(text);
    return NULL;
}

static const char *read_amount(const Param *param, const char *text, int64_t *amount)
{
    const char *problem = param->type == PARAM_BYTES ? units_read_bytes(text, amount)
                                                     : units_read_duration(text, amount);

    return problem ? problem : out_of_range(param, (double) *amount);
}

static const char *read_bool(const char *text, bool *yes)
{
    *yes = !strcmp(text, "yes");
    return *yes || !strcmp(text, "no") ? NULL : "neither yes nor no";
}

/* NULL, or what is wrong with `text`; *value is set when it is valid. */
static const char *value_read(const Param *param, const char *text, Value *value)
{
    switch (param->type) {
    case PARAM_BOOL:
        return read_bool(text, &value->yes);
    case PARAM_INT:
        return read_int(param, text, &value->whole);
    case PARAM_REAL:
        return read_real(param, text, &value->real);
    case PARAM_LENGTH:
        return read_length(param, text, &value->length);
    case PARAM_CHOICE:
        return read_choice(param, text, &value->whole);
    case PARAM_PLACE:
        return read_place(param, text, &value->place);
    case PARAM_COLOUR:
        return read_colour(text, &value->colour);
    case PARAM_FILE:
        return read_file(text, &value->text);
    case PARAM_PICTURE:
    case PARAM_MASK:
    case PARAM_ICC:
        return read_asset(param, text, &value->text);
    case PARAM_PATH:
        return read_path(text, &value->text);
    case PARAM_TEXT:
        return read_text(text, &value->text);
    case PARAM_DURATION:
    case PARAM_BYTES:
        return read_amount(param, text, &value->amount);
    case PARAM_GLOBS:
        return read_pattern(text, &value->text);
    case PARAM_WORDS:
        return read_word(param, text, &value->bits);
    case PARAM_END:
        break;
    }
    g_assert_not_reached();
}

bool param_is_asset(const Param *param)
{
    return param->type == PARAM_PICTURE || param->type == PARAM_MASK || param->type == PARAM_ICC;
}

/* The text of an asset comes first in it. */
G_STATIC_ASSERT(offsetof(Asset, path) == 0);

static bool owns_text(const Param *param)
{
    return param->type == PARAM_FILE || param->type == PARAM_PATH || param->type == PARAM_TEXT ||
           param_is_asset(param);
}

const char *param_file(const Param *param, const void *settings)
{
    const char *const *path = (const void *) ((const char *) settings + param->offset);

    if (param->type != PARAM_FILE && !param_is_asset(param))
        return NULL;
    return *path && **path == '/' ? *path : NULL;
}

static void list_append(char ***list, char *item)
{
    guint count = *list ? g_strv_length(*list) : 0;

    *list = g_renew(char *, *list, count + 2);
    (*list)[count] = item;
    (*list)[count + 1] = NULL;
}

static void value_store(const Param *param, void *settings, Value *value)
{
    void *field = (char *) settings + param->offset;

    switch (param->type) {
    case PARAM_BOOL:
        *(bool *) field = value->yes;
        break;
    case PARAM_INT:
    case PARAM_CHOICE:
        *(int *) field = value->whole;
        break;
    case PARAM_REAL:
        *(double *) field = value->real;
        break;
    case PARAM_LENGTH:
        *(Length *) field = value->length;
        break;
    case PARAM_PLACE:
        *(Place *) field = value->place;
        break;
    case PARAM_COLOUR:
        *(Colour *) field = value->colour;
        break;
    case PARAM_FILE:
    case PARAM_PICTURE:
    case PARAM_MASK:
    case PARAM_ICC:
    case PARAM_PATH:
    case PARAM_TEXT:
        g_free(*(char **) field);
        *(char **) field = g_steal_pointer(&value->text);
        break;
    case PARAM_DURATION:
    case PARAM_BYTES:
        *(int64_t *) field = value->amount;
        break;
    case PARAM_GLOBS:
        list_append(field, g_steal_pointer(&value->text));
        break;
    case PARAM_WORDS:
        *(unsigned *) field |= value->bits;
        break;
    case PARAM_END:
        g_assert_not_reached();
    }
}

static const char *closest_choice(const Param *param, const char *text)
{
    const char *words[CHOICES_MAX + 1] = { NULL };

    for (unsigned i = 0; i < CHOICES_MAX && param_choice(param, i); i++)
        words[i] = param_choice(param, i)->word;
    return text_closest(text, words);
}

/* What a fraction was most likely meant to be: 80 or 80%, newly allocated. NULL where `text` is
 * none or the setting counts something else. */
static char *percentage(const Param *param, const char *text)
{
    char buffer[G_ASCII_DTOSTR_BUF_SIZE];
    const char *rest = NULL;
    double number = 0;
    bool percent = param->type == PARAM_LENGTH || is_percentage(param);
    bool quality = !strcmp(param->name, "quality"); /* which other programs take as a fraction */

    if ((!percent && !quality) || !units_read_number(text, &number, &rest) ||
        !may_be_fraction(number, rest))
        return NULL;
    return g_strconcat(g_ascii_formatd(buffer, sizeof(buffer), "%.9g", number * 100),
                       percent ? "%" : "", NULL);
}

/* What `text`, which is wrong, was most likely meant to be; newly allocated. NULL: nothing is near.
 */
static char *guess(const Param *param, const char *text)
{
    return param_choice(param, 0) ? g_strdup(closest_choice(param, text)) : percentage(param, text);
}

/* ---- formulas ---- */

bool param_has_formula(const Param *param, const char *text)
{
    bool is_text = owns_text(param) || param->type == PARAM_GLOBS;

    return !is_text && strchr(text, '{');
}

bool param_takes_formula(const Param *param)
{
    return !param->fixed && !owns_text(param) && !param_is_list(param);
}

static bool refuse_formula(const Param *param, const char *text, Error **err)
{
    g_autofree char *whole = g_strdup_printf(
        "a formula cannot give it: %s", param->fixed ? param->fixed : "it holds for every picture");

    return refuse(param, text, whole, err);
}

/* ---- reading ---- */

const char *param_try(const Param *param, const char *text, void *settings)
{
    Value value = { 0 };
    const char *problem = NULL;

    if (!param->zero || strcmp(text, param->zero) != 0)
        problem = value_read(param, text, &value);
    if (problem)
        return problem;
    if (settings)
        value_store(param, settings, &value);
    if (owns_text(param) || param->type == PARAM_GLOBS)
        g_free(value.text);
    return NULL;
}

bool param_read(const Param *param, const char *text, void *settings, Error **err)
{
    if (param_has_formula(param, text))
        return refuse_formula(param, text, err);

    const char *problem = param_try(param, text, settings);
    if (!problem)
        return true;
    g_autofree char *meant = guess(param, text);
    g_autofree char *whole = g_strdup_printf("%s%s%s%s", problem, meant ? " (did you mean " : "",
                                             meant ? meant : "", meant ? "?)" : "");
    return refuse(param, text, whole, err);
}

static bool is_called(const Param *param, const char *name)
{
    g_auto(GStrv) others = g_strsplit(param->also ? param->also : "", " ", -1);
    bool other = false;

    for (char **word = others; *word && !other; word++)
        other = text_is_word(*word, name);
    return other || text_is_word(param->name, name);
}

const Param *param_find(const Param *params, const char *name)
{
    for (; params && params->type != PARAM_END; params++)
        if (is_called(params, name))
            return params;
    return NULL;
}

static void read_default(const Param *param, const char *text, void *settings)
{
    g_autoptr(Error) error = NULL;

    if (!param_read(param, text, settings, &error))
        g_error("default of %s", error->what); /* a bug in our table */
}

bool param_is_list(const Param *param)
{
    return param->type == PARAM_GLOBS || param->type == PARAM_WORDS;
}

void param_clear_list(const Param *param, void *settings)
{
    void *field = (char *) settings + param->offset;

    if (param->type == PARAM_GLOBS)
        g_clear_pointer((char ***) field, g_strfreev);
    if (param->type == PARAM_WORDS)
        *(unsigned *) field = 0;
}

void params_set_defaults(const Param *params, void *settings)
{
    for (; params->type != PARAM_END; params++) {
        g_auto(GStrv) items = NULL;

        if (params->def && !param_is_list(params))
            read_default(params, params->def, settings);
        if (params->def && param_is_list(params))
            items = g_strsplit_set(params->def, "{, }", -1);
        for (char **item = items; item && *item; item++)
            if (**item)
                read_default(params, *item, settings);
    }
}

void params_clear(const Param *params, void *settings)
{
    for (; params->type != PARAM_END; params++) {
        if (owns_text(params))
            g_clear_pointer((char **) (void *) ((char *) settings + params->offset), g_free);
        param_clear_list(params, settings);
    }
}

/* ---- lengths ---- */

bool param_has_lengths(const Param *param)
{
    return param->type == PARAM_LENGTH || param->type == PARAM_PLACE;
}

bool param_is_physical(const Param *param, const void *settings)
{
    const void *field = (const char *) settings + param->offset;

    if (param->type == PARAM_PLACE)
        return place_is_physical(field);
    return param->type == PARAM_LENGTH && length_is_physical(*(const Length *) field);
}

bool param_check_physical(const Param *param, const void *settings, double dpi, Error **err)
{
    Length length = { 0 };
    const char *problem = NULL;

    if (param->type != PARAM_LENGTH || !param_is_physical(param, settings))
        return true;
    length = *(const Length *) (const void *) ((const char *) settings + param->offset);
    length_finish(&length, param->of, 0, 0, dpi);
    problem = out_of_range(param, length.px);
    if (!problem)
        return true;
    g_autofree char *allowed = param_allowed_text(param);
    g_autofree char *fix = g_strdup_printf("give %s", allowed);
    return error_set(err, ERROR_CONFIG, fix, "%s: %.9g pixels are %s", param->name, length.px,
                     problem);
}

void lengths_finish(const Param *params, void *settings, double width, double height, double dpi)
{
    for (; params->type != PARAM_END; params++) {
        void *field = (char *) settings + params->offset;
        if (params->type == PARAM_LENGTH)
            length_finish(field, params->of, width, height, dpi);
        if (params->type == PARAM_PLACE)
            place_finish(field, width, height, dpi);
    }
}
