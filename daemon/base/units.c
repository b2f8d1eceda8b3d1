/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/units.h"

#include <glib.h>
#include <math.h>
#include <string.h>

typedef struct Unit {
    const char *word; /* NULL ends the list; from small to large */
    int64_t size;
} Unit;

static const Unit durations[] = {
    { "ms", 1 }, { "s", 1000 }, { "min", 60000 }, { "h", 3600000 }, { "d", 86400000 }, { NULL, 0 },
};

static const Unit sizes[] = {
    { "B", 1 },
    { "KB", INT64_C(1) << 10 },
    { "MB", INT64_C(1) << 20 },
    { "GB", INT64_C(1) << 30 },
    { "TB", INT64_C(1) << 40 },
    { NULL, 0 },
};

static const Unit *unit_find(const Unit *units, const char *word)
{
    for (; units->word; units++)
        if (!g_ascii_strcasecmp(units->word, word))
            return units;
    return NULL;
}

static const char *parse(const Unit *units, const char *text, int64_t *value)
{
    size_t digits = strspn(text, "0123456789.");
    char *end = NULL;
    double number = 0;
    const Unit *unit = NULL;

    if (!digits)
        return *text == '-' ? "cannot be negative" : "not a number with a unit";
    number = g_ascii_strtod(text, &end);
    if (end != text + digits) /* "1.2.3", "1e5" */
        return "not a number with a unit";
    while (*end == ' ')
        end++;
    if (*end)
        unit = unit_find(units, end);
    else if (number != 0)
        return "needs a unit";
    else
        unit = units;
    if (!unit)
        return "unknown unit";
    number = round(number * (double) unit->size);
    if (number >= 9e18) /* INT64_MAX is a little more */
        return "too large";
    *value = (int64_t) number;
    return NULL;
}

static char *print(const Unit *units, int64_t value)
{
    const Unit *best = units;

    for (const Unit *unit = units; value && unit->word; unit++)
        if (value % unit->size == 0)
            best = unit;
    return value ? g_strdup_printf("%" G_GINT64_FORMAT "%s", value / best->size, best->word)
                 : g_strdup("0");
}

const char *units_read_duration(const char *text, int64_t *ms)
{
    return parse(durations, text, ms);
}

const char *units_read_bytes(const char *text, int64_t *bytes)
{
    return parse(sizes, text, bytes);
}

char *units_duration_text(int64_t ms)
{
    return print(durations, ms);
}

char *units_bytes_text(int64_t bytes)
{
    return print(sizes, bytes);
}

char *units_bytes_rounded(int64_t bytes)
{
    const Unit *best = sizes;

    for (const Unit *unit = sizes; unit->word; unit++)
        if (bytes >= unit->size)
            best = unit;
    return g_strdup_printf("%.*f%s", best != sizes, (double) bytes / (double) best->size,
                           best->word);
}

bool units_read_number(const char *text, double *number, const char **rest)
{
    char *end = NULL;
    const char *digits = text + (*text == '-' || *text == '+');

    if (!g_ascii_isdigit(*digits) && !(*digits == '.' && g_ascii_isdigit(digits[1])))
        return false;
    if (digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X'))
        return false;
    *number = g_ascii_strtod(text, &end);
    while (*end == ' ')
        end++;
    *rest = end;
    return isfinite(*number);
}
