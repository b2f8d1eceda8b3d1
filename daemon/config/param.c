/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/param.h"

#include <string.h>

#include "base/text.h"
#include "config/param_internal.h"

enum { SHOWN = 60 }; /* characters of an invalid value that a message quotes */

/* "give 0.1 to 10 px; default 0.8", and what takes other values; newly allocated. Where the sandbox
 * of a unit may hide the file, the unit sets $HOTFOLDER_DROPIN to the command that opens it. */
static char *advice(const Param *param)
{
    g_autofree char *allowed = param_allowed_text(param);
    bool names_file = param->type == PARAM_FILE || param_is_asset(param);
    const char *dropin = names_file ? g_getenv("HOTFOLDER_DROPIN") : NULL;

    if (dropin)
        return g_strdup_printf("give %s; if it exists, run `%s` and restart the service", allowed,
                               dropin);
    const char *default_is = param->def && *param->def ? "; default " : "";
    return g_strconcat("give ", allowed, default_is, *default_is ? param->def : "",
                       param->elsewhere ? "; " : "", param->elsewhere, NULL);
}

static bool refuse(const Param *param, const char *text, const char *problem, Error **err)
{
    g_autofree char *shown = text_value(text, SHOWN);
    g_autofree char *fix = advice(param);

    return error_set(err, ERROR_CONFIG, fix, "%s = %s: %s", param->name, shown, problem);
}

bool param_is_asset(const Param *param)
{
    return param->type == PARAM_PICTURE || param->type == PARAM_MASK ||
           param->type == PARAM_TILES || param->type == PARAM_TRACK || param->type == PARAM_ICC ||
           param->type == PARAM_XMP;
}

/* The text of an asset comes first in it. */
G_STATIC_ASSERT(offsetof(Asset, path) == 0);

/* The items of texts come first in it. */
G_STATIC_ASSERT(offsetof(Texts, items) == 0);

/* Whether it is a list in which nothing stands twice. */
static bool has_each_once(const Param *param)
{
    return param->type == PARAM_RANKING || param->type == PARAM_PATHS;
}

/* Whether it is a list of texts. */
static bool lists_texts(const Param *param)
{
    return param->type == PARAM_GLOBS || param->type == PARAM_COMMAND ||
           param->type == PARAM_TEXTS || has_each_once(param);
}

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

static void value_store(const Param *param, void *settings, ParamValue *value)
{
    void *field = (char *) settings + param->offset;

    switch (param->type) {
    case PARAM_BOOL:
        *(bool *) field = value->yes;
        break;
    case PARAM_INT:
    case PARAM_CHOICE:
    case PARAM_CLOCK:
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
    case PARAM_AREA:
        *(Area *) field = value->area;
        break;
    case PARAM_COLOUR:
        *(Colour *) field = value->colour;
        break;
    case PARAM_FILE:
    case PARAM_PICTURE:
    case PARAM_MASK:
    case PARAM_TILES:
    case PARAM_TRACK:
    case PARAM_ICC:
    case PARAM_XMP:
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
    case PARAM_COMMAND:
    case PARAM_TEXTS:
    case PARAM_RANKING:
    case PARAM_PATHS:
        list_append(field, g_steal_pointer(&value->text));
        break;
    case PARAM_WORDS:
        *(unsigned *) field |= value->bits;
        break;
    case PARAM_END:
        g_assert_not_reached();
    }
}

/* ---- formulas ---- */

bool param_has_formula(const Param *param, const char *text)
{
    bool is_text = owns_text(param) || lists_texts(param);

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

/* Whether the list in `settings` has it already. */
static bool is_repeated(const Param *param, const void *settings, const char *item)
{
    if (!settings || !has_each_once(param))
        return false;
    const char *const *const *list = (const void *) ((const char *) settings + param->offset);
    return *list && g_strv_contains(*list, item);
}

const char *param_try(const Param *param, const char *text, void *settings)
{
    ParamValue value = { 0 };
    const char *problem = NULL;

    if (param->type == PARAM_INT)
        value.whole = param->zero_means;
    else if (param->type == PARAM_REAL)
        value.real = param->zero_means;
    if (!param->zero || strcmp(text, param->zero) != 0)
        problem = param_value_read(param, text, &value);
    if (!problem && is_repeated(param, settings, value.text))
        problem = "it is there already";
    else if (!problem && settings)
        value_store(param, settings, &value);
    if (owns_text(param) || lists_texts(param))
        g_free(value.text);
    return problem;
}

bool param_read(const Param *param, const char *text, void *settings, Error **err)
{
    if (param_has_formula(param, text))
        return refuse_formula(param, text, err);

    const char *problem = param_try(param, text, settings);
    if (!problem)
        return true;
    bool is_wrong = param_try(param, text, NULL); /* and not only there already */
    g_autofree char *meant = is_wrong ? param_value_guess(param, text) : NULL;
    g_autofree char *whole = g_strdup_printf("%s%s%s%s", problem, meant ? " (did you mean " : "",
                                             meant ? meant : "", meant ? "?)" : "");
    return refuse(param, text, whole, err);
}

bool param_is(const Param *param, const void *settings, const char *text)
{
    const void *field = (const char *) settings + param->offset;
    Param alone = *param;
    ParamValue value = { 0 };

    alone.offset = 0;
    if (param_try(&alone, text, &value))
        return false;
    if (param->type == PARAM_BOOL)
        return *(const bool *) field == value.yes;
    if (param->type == PARAM_REAL)
        return *(const double *) field == value.real;
    if (param->type != PARAM_LENGTH)
        return *(const int *) field == value.whole;
    const Length *length = field;
    return length->amount == value.length.amount &&
           (length->unit == value.length.unit || length->amount == 0);
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
    return lists_texts(param) || param->type == PARAM_WORDS;
}

void param_clear_list(const Param *param, void *settings)
{
    void *field = (char *) settings + param->offset;

    if (lists_texts(param))
        g_clear_pointer((char ***) field, g_strfreev);
    if (param->type == PARAM_TEXTS)
        ((Texts *) field)->replace = true;
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

bool param_has_parts(const Param *param)
{
    return param->type == PARAM_PLACE || param->type == PARAM_AREA;
}

bool param_has_lengths(const Param *param)
{
    return param->type == PARAM_LENGTH || param_has_parts(param);
}

bool param_is_physical(const Param *param, const void *settings)
{
    const void *field = (const char *) settings + param->offset;

    if (param->type == PARAM_PLACE)
        return place_is_physical(field);
    if (param->type == PARAM_AREA)
        return area_is_physical(field);
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
    problem = param_value_range(param, length.px);
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
        if (params->type == PARAM_AREA)
            area_finish(field, width, height, dpi);
    }
}
