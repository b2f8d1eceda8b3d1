/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Prometheus' text format 0.0.4 and OpenMetrics 1.0, which differs in little: a counter's family
 * has no _total, units are named, each series says since when it counts, and the end is marked. */
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/metrics/metrics_internal.h"

enum { NUMBER_BYTES = 64 };

/* ---- labels and numbers ---- */

/* Bytes that are no text become \xNN, as everywhere where names are shown, the end
 * of a line among them: a backslash and a quotation mark are all that is left to escape. */
static void append_value(GString *text, const char *value)
{
    g_autofree char *shown = text_escape(value);

    for (const char *at = shown; *at; at++) {
        if (*at == '\\' || *at == '"')
            g_string_append_c(text, '\\');
        g_string_append_c(text, *at);
    }
}

char *series_labels(const MetricRow *row, const char *const values[METRIC_LABELS])
{
    GString *text = g_string_new(NULL);

    for (int i = 0; row->labels[i]; i++) {
        g_string_append_printf(text, "%s%s=\"", i ? "," : "", row->labels[i]);
        append_value(text, values[i]);
        g_string_append_c(text, '"');
    }
    return g_string_free(text, FALSE);
}

/* As short as it can be without another value. */
static void append_number(GString *text, double number)
{
    char digits[NUMBER_BYTES];

    g_ascii_formatd(digits, sizeof(digits), "%.15g", number);
    if (g_ascii_strtod(digits, NULL) != number)
        g_ascii_formatd(digits, sizeof(digits), "%.17g", number);
    g_string_append(text, digits);
}

/* ---- samples ---- */

/* `limit`: the label le, behind the others; NULL: none. */
static void append_sample(GString *text, const char *name, const char *suffix, const char *labels,
                          const char *limit, double value)
{
    g_string_append_printf(text, "%s%s", name, suffix);
    if (*labels || limit)
        g_string_append_printf(text, "{%s%s", labels, *labels && limit ? "," : "");
    if (limit)
        g_string_append_printf(text, "le=\"%s\"", limit);
    g_string_append(text, *labels || limit ? "} " : " ");
    append_number(text, value);
    g_string_append_c(text, '\n');
}

/* OpenMetrics has one way to write a limit, "1.0"; the older format takes any, and series keep
 * their names from one to the other so. */
static char *limit_text(double limit)
{
    GString *text = g_string_new(NULL);

    append_number(text, limit);
    if (!strchr(text->str, '.'))
        g_string_append(text, ".0");
    return g_string_free(text, FALSE);
}

static void append_histogram(GString *text, const char *name, const Series *series)
{
    uint64_t count = 0;

    for (int i = 0; i < SERIES_BUCKETS; i++) {
        g_autofree char *limit = limit_text(series_limits[i]);
        count += series->buckets[i];
        append_sample(text, name, "_bucket", series->labels, limit, (double) count);
    }
    append_sample(text, name, "_bucket", series->labels, "+Inf", (double) series->count);
    append_sample(text, name, "_sum", series->labels, NULL, series->value);
    append_sample(text, name, "_count", series->labels, NULL, (double) series->count);
}

/* ---- families ---- */

static const char *const type_words[] = {
    [METRIC_COUNTER] = "counter",
    [METRIC_HISTOGRAM] = "histogram",
    [METRIC_GAUGE] = "gauge",
};

static void append_head(GString *text, const MetricRow *row)
{
    g_string_append_printf(text, "# HELP %s %s\n# TYPE %s %s\n", row->name, row->help, row->name,
                           type_words[row->type]);
}

/* The name without _total or _info: what OpenMetrics calls the family. Newly allocated. */
static char *family_of(const MetricRow *row, gboolean is_info)
{
    const char *suffix = row->type == METRIC_COUNTER ? "_total" : is_info ? "_info" : "";

    return g_strndup(row->name, strlen(row->name) - strlen(suffix));
}

static void append_head_openmetrics(GString *text, const MetricRow *row, const char *family,
                                    gboolean is_info)
{
    static const char *const units[] = { "seconds", "bytes" };

    g_string_append_printf(text, "# TYPE %s %s\n", family,
                           is_info ? "info" : type_words[row->type]);
    for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
        if (g_str_has_suffix(family, units[i]))
            g_string_append_printf(text, "# UNIT %s %s\n", family, units[i]);
    g_string_append_printf(text, "# HELP %s %s\n", family, row->help);
}

static void append_series(GString *text, const MetricRow *row, const Series *series)
{
    if (row->type == METRIC_HISTOGRAM)
        append_histogram(text, row->name, series);
    else
        append_sample(text, row->name, "", series->labels, NULL, series->value);
}

static void append_family(GString *text, MetricId id, gboolean openmetrics)
{
    const MetricRow *row = metric_row(id);
    gboolean is_info = g_str_has_suffix(row->name, "_info");
    g_autofree char *family = family_of(row, is_info);
    g_autoptr(GArray) all = metrics_copy(id);

    if (!all->len)
        return;
    if (openmetrics)
        append_head_openmetrics(text, row, family, is_info);
    else
        append_head(text, row);
    for (guint i = 0; i < all->len; i++) {
        const Series *series = &g_array_index(all, Series, i);
        append_series(text, row, series);
        if (openmetrics && row->type != METRIC_GAUGE)
            append_sample(text, family, "_created", series->labels, NULL, series->created_s);
    }
}

char *metrics_text(gboolean openmetrics)
{
    GString *text = g_string_new(NULL);

    for (MetricId id = 0; id < METRIC_COUNT; id++)
        append_family(text, id, openmetrics);
    if (openmetrics)
        g_string_append(text, "# EOF\n");
    return g_string_free(text, FALSE);
}
