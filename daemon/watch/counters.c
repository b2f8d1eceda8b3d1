#include "daemon/watch/counters.h"

#include <string.h>

void tally_init(Tally *tally)
{
    memset(tally, 0, sizeof(*tally));
    pthread_mutex_init(&tally->lock, NULL);
}

void tally_clear(Tally *tally)
{
    pthread_mutex_destroy(&tally->lock);
}

/* The row of a reason; the last one takes what is one too many. */
static WatchCount *row_of(Tally *tally, const char *reason)
{
    for (int i = 0; i < tally->used; i++)
        if (strcmp(tally->rows[i].reason, reason) == 0)
            return &tally->rows[i];
    if (tally->used < TALLY_REASONS)
        tally->rows[tally->used++].reason = reason;
    return &tally->rows[tally->used - 1];
}

void tally_add(Tally *tally, const char *reason, int by)
{
    pthread_mutex_lock(&tally->lock);
    row_of(tally, reason)->files += by;
    tally->total += by;
    pthread_mutex_unlock(&tally->lock);
}

static gint most_first(gconstpointer a, gconstpointer b)
{
    const WatchCount *x = a, *y = b;

    return x->files != y->files ? (x->files < y->files) - (x->files > y->files)
                                : strcmp(x->reason, y->reason);
}

GArray *tally_rows(Tally *tally, int *total)
{
    GArray *rows = g_array_new(FALSE, FALSE, sizeof(WatchCount));

    pthread_mutex_lock(&tally->lock);
    for (int i = 0; i < tally->used; i++)
        if (tally->rows[i].files > 0)
            g_array_append_val(rows, tally->rows[i]);
    if (total)
        *total = tally->total;
    pthread_mutex_unlock(&tally->lock);
    g_array_sort(rows, most_first);
    return rows;
}
