/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watch/counters.h"

#include <string.h>

void counters_init(Counters *counters)
{
    memset(counters, 0, sizeof(*counters));
    pthread_mutex_init(&counters->lock, NULL);
}

void counters_clear(Counters *counters)
{
    pthread_mutex_destroy(&counters->lock);
}

/* The row of a reason; if there are too many reasons, the last row counts those too. */
static ReasonCount *row_of(Counters *counters, const char *reason)
{
    for (int i = 0; i < counters->used; i++)
        if (strcmp(counters->rows[i].reason, reason) == 0)
            return &counters->rows[i];
    if (counters->used < COUNTERS_MAX)
        counters->rows[counters->used++].reason = reason;
    return &counters->rows[counters->used - 1];
}

void counters_add(Counters *counters, const char *reason, int by)
{
    pthread_mutex_lock(&counters->lock);
    row_of(counters, reason)->files += by;
    counters->total += by;
    pthread_mutex_unlock(&counters->lock);
}

static gint most_first(gconstpointer a, gconstpointer b)
{
    const ReasonCount *x = a, *y = b;

    return x->files != y->files ? (x->files < y->files) - (x->files > y->files)
                                : strcmp(x->reason, y->reason);
}

GArray *counters_rows(Counters *counters, int *total)
{
    GArray *rows = g_array_new(FALSE, FALSE, sizeof(ReasonCount));

    pthread_mutex_lock(&counters->lock);
    for (int i = 0; i < counters->used; i++)
        if (counters->rows[i].files > 0)
            g_array_append_val(rows, counters->rows[i]);
    if (total)
        *total = counters->total;
    pthread_mutex_unlock(&counters->lock);
    g_array_sort(rows, most_first);
    return rows;
}
