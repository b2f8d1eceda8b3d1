#include "daemon/watch/pending.h"

#include <string.h>

#include "base/clock.h"

struct Settle {
    GHashTable *candidates; /* of Candidate, by path */
    GSequence *queue;       /* by due_ms */
    Tally tally;
};

static void candidate_free(gpointer data)
{
    Candidate *candidate = data;

    g_free(candidate->path);
    g_free(candidate);
}

Settle *settle_new(void)
{
    Settle *settle = g_new0(Settle, 1);

    settle->candidates = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, candidate_free);
    settle->queue = g_sequence_new(NULL);
    tally_init(&settle->tally);
    return settle;
}

void settle_free(Settle *settle)
{
    if (!settle)
        return;
    g_sequence_free(settle->queue);
    g_hash_table_destroy(settle->candidates);
    tally_clear(&settle->tally);
    g_free(settle);
}

Candidate *settle_find(Settle *settle, const char *path)
{
    return g_hash_table_lookup(settle->candidates, path);
}

static gint sooner(gconstpointer a, gconstpointer b, gpointer data)
{
    const Candidate *x = a, *y = b;

    (void) data;
    return (x->due_ms > y->due_ms) - (x->due_ms < y->due_ms);
}

Candidate *settle_add(Settle *settle, const char *path, int64_t now_ms)
{
    Candidate *candidate = settle_find(settle, path);

    if (candidate)
        return candidate;
    if (g_hash_table_size(settle->candidates) >= SETTLE_MAX)
        return NULL;
    candidate = g_new0(Candidate, 1);
    candidate->path = g_strdup(path);
    candidate->reason = "new";
    candidate->due_ms = now_ms;
    candidate->place = g_sequence_insert_sorted(settle->queue, candidate, sooner, NULL);
    g_hash_table_insert(settle->candidates, candidate->path, candidate);
    tally_add(&settle->tally, candidate->reason, 1);
    return candidate;
}

void settle_wait(Settle *settle, Candidate *candidate, const char *reason, int64_t due_ms)
{
    if (strcmp(candidate->reason, reason) != 0) {
        tally_add(&settle->tally, candidate->reason, -1);
        tally_add(&settle->tally, reason, 1);
    }
    candidate->reason = reason;
    candidate->due_ms = due_ms;
    g_sequence_sort_changed(candidate->place, sooner, NULL);
}

static void forget(Settle *settle, Candidate *candidate)
{
    tally_add(&settle->tally, candidate->reason, -1);
    g_sequence_remove(candidate->place);
}

void settle_drop(Settle *settle, Candidate *candidate)
{
    forget(settle, candidate);
    g_hash_table_remove(settle->candidates, candidate->path);
}

void settle_drop_below(Settle *settle, const char *directory)
{
    GHashTableIter iter;
    gpointer value = NULL;
    size_t length = strlen(directory); /* 0: everything */

    g_hash_table_iter_init(&iter, settle->candidates);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        Candidate *candidate = value;

        if (length &&
            (strncmp(candidate->path, directory, length) != 0 || candidate->path[length] != '/'))
            continue;
        forget(settle, candidate);
        g_hash_table_iter_remove(&iter);
    }
}

Candidate *settle_due(Settle *settle, int64_t now_ms)
{
    return settle_next_ms(settle) <= now_ms
               ? g_sequence_get(g_sequence_get_begin_iter(settle->queue))
               : NULL;
}

int64_t settle_next_ms(Settle *settle)
{
    GSequenceIter *first = g_sequence_get_begin_iter(settle->queue);

    if (g_sequence_iter_is_end(first))
        return CLOCK_NEVER;
    return ((const Candidate *) g_sequence_get(first))->due_ms;
}

Tally *settle_tally(Settle *settle)
{
    return &settle->tally;
}
