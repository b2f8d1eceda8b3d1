/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/metrics/metrics.h"

#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "daemon/metrics/metrics_internal.h"

const double series_limits[SERIES_BUCKETS] = { 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,  1,
                                               2.5,   5,    10,    30,   60,  300,  1800, 7200 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* around all that follows */
static GHashTable *tables[METRIC_COUNT];                 /* of Series, each its own key */

/* ---- under the lock ---- */

static guint hash(gconstpointer key)
{
    const Series *series = key;

    return g_str_hash(series->values[0]) * 31 + g_str_hash(series->values[1]) * 7 +
           g_str_hash(series->values[2]);
}

static gboolean is_same(gconstpointer a, gconstpointer b)
{
    const Series *one = a, *other = b;

    for (int i = 0; i < METRIC_LABELS; i++)
        if (strcmp(one->values[i], other->values[i]) != 0)
            return FALSE;
    return TRUE;
}

static void series_free(gpointer data)
{
    Series *series = data;

    for (int i = 0; i < METRIC_LABELS; i++)
        g_free(series->values[i]);
    g_ref_string_release(series->labels);
    g_free(series);
}

static Series *add_series(MetricId id, const char *const values[METRIC_LABELS])
{
    Series *series = g_new0(Series, 1);
    g_autofree char *labels = series_labels(metric_row(id), values);

    for (int i = 0; i < METRIC_LABELS; i++)
        series->values[i] = g_strdup(values[i]);
    series->labels = g_ref_string_new(labels);
    series->created_s = (double) clock_wall_ms() / 1000;
    g_hash_table_add(tables[id], series);
    return series;
}

static Series *find(MetricId id, const char *a, const char *b, const char *c)
{
    const char *const values[METRIC_LABELS] = { a ? a : "", b ? b : "", c ? c : "" };
    Series key = { 0 };

    if (!tables[id])
        tables[id] = g_hash_table_new_full(hash, is_same, series_free, NULL);
    memcpy(key.values, values, sizeof(values));
    Series *series = g_hash_table_lookup(tables[id], &key);
    return series ? series : add_series(id, values);
}

/* ---- what the daemon says ---- */

void metrics_add(MetricId id, double value, const char *a, const char *b, const char *c)
{
    pthread_mutex_lock(&lock);
    find(id, a, b, c)->value += value;
    pthread_mutex_unlock(&lock);
}

void metrics_set(MetricId id, double value, const char *a, const char *b, const char *c)
{
    pthread_mutex_lock(&lock);
    find(id, a, b, c)->value = value;
    pthread_mutex_unlock(&lock);
}

void metrics_observe(MetricId id, double seconds, const char *folder)
{
    int bucket = 0;

    while (bucket < SERIES_BUCKETS && seconds > series_limits[bucket])
        bucket++;
    pthread_mutex_lock(&lock);
    Series *series = find(id, folder, NULL, NULL);
    series->value += seconds;
    series->count++;
    if (bucket < SERIES_BUCKETS)
        series->buckets[bucket]++;
    pthread_mutex_unlock(&lock);
}

void metrics_clear_gauges(void)
{
    pthread_mutex_lock(&lock);
    for (MetricId id = 0; id < METRIC_COUNT; id++)
        if (metric_row(id)->type == METRIC_GAUGE && tables[id])
            g_hash_table_remove_all(tables[id]);
    pthread_mutex_unlock(&lock);
}

static gboolean is_of_another(gpointer key, gpointer value G_GNUC_UNUSED, gpointer folders)
{
    const char *const *const *names = folders;

    return !g_strv_contains(*names, ((const Series *) key)->values[0]);
}

void metrics_retain(const char *const *folders)
{
    pthread_mutex_lock(&lock);
    for (MetricId id = 0; id < METRIC_COUNT; id++)
        if (tables[id] && g_strcmp0(metric_row(id)->labels[0], "folder") == 0)
            g_hash_table_foreach_remove(tables[id], is_of_another, &folders);
    pthread_mutex_unlock(&lock);
}

/* ---- copies ---- */

static void copy_clear(gpointer data)
{
    g_ref_string_release(((Series *) data)->labels);
}

static gint by_labels(gconstpointer a, gconstpointer b)
{
    return strcmp(((const Series *) a)->labels, ((const Series *) b)->labels);
}

GArray *metrics_copy(MetricId id)
{
    GArray *copies = g_array_new(FALSE, FALSE, sizeof(Series));
    GHashTableIter iter;
    gpointer key = NULL;

    g_array_set_clear_func(copies, copy_clear);
    pthread_mutex_lock(&lock);
    if (tables[id])
        g_hash_table_iter_init(&iter, tables[id]);
    while (tables[id] && g_hash_table_iter_next(&iter, &key, NULL)) {
        Series copy = *(const Series *) key;
        memset(copy.values, 0, sizeof(copy.values));
        g_ref_string_acquire(copy.labels);
        g_array_append_val(copies, copy);
    }
    pthread_mutex_unlock(&lock);
    g_array_sort(copies, by_labels);
    return copies;
}
