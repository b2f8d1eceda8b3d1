/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watch/pending.h"

#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "base/reasons.h"

struct PendingFiles {
    pthread_mutex_t lock; /* held to change what follows, and by other threads to read it */
    GHashTable *files;    /* of PendingFile, by path */
    GSequence *queue;     /* by due_ms */
    Counters counters;
};

static void file_free(gpointer data)
{
    PendingFile *file = data;

    g_free(file->path);
    g_free(file);
}

PendingFiles *pending_new(void)
{
    PendingFiles *pending = g_new0(PendingFiles, 1);

    pthread_mutex_init(&pending->lock, NULL);
    pending->files = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, file_free);
    pending->queue = g_sequence_new(NULL);
    counters_init(&pending->counters);
    return pending;
}

void pending_free(PendingFiles *pending)
{
    if (!pending)
        return;
    g_sequence_free(pending->queue);
    g_hash_table_destroy(pending->files);
    counters_clear(&pending->counters);
    pthread_mutex_destroy(&pending->lock);
    g_free(pending);
}

PendingFile *pending_find(PendingFiles *pending, const char *path)
{
    return g_hash_table_lookup(pending->files, path);
}

static gint sooner(gconstpointer a, gconstpointer b, gpointer data)
{
    const PendingFile *x = a, *y = b;

    (void) data;
    return (x->due_ms > y->due_ms) - (x->due_ms < y->due_ms);
}

PendingFile *pending_add(PendingFiles *pending, const char *path, int64_t now_ms)
{
    PendingFile *file = pending_find(pending, path);

    if (file)
        return file;
    if (g_hash_table_size(pending->files) >= PENDING_MAX)
        return NULL;
    file = g_new0(PendingFile, 1);
    file->path = g_strdup(path);
    file->reason = REASON_NEW;
    file->due_ms = now_ms;
    file->position = g_sequence_insert_sorted(pending->queue, file, sooner, NULL);
    pthread_mutex_lock(&pending->lock);
    g_hash_table_insert(pending->files, file->path, file);
    pthread_mutex_unlock(&pending->lock);
    counters_add(&pending->counters, file->reason, 1);
    return file;
}

void pending_schedule(PendingFiles *pending, PendingFile *file, const char *reason, int64_t due_ms)
{
    if (strcmp(file->reason, reason) != 0) {
        counters_add(&pending->counters, file->reason, -1);
        counters_add(&pending->counters, reason, 1);
    }
    pthread_mutex_lock(&pending->lock);
    file->reason = reason;
    file->due_ms = due_ms;
    pthread_mutex_unlock(&pending->lock);
    g_sequence_sort_changed(file->position, sooner, NULL);
}

void pending_note(PendingFiles *pending, PendingFile *file, const FileHistory *history)
{
    pthread_mutex_lock(&pending->lock);
    file->history = *history;
    pthread_mutex_unlock(&pending->lock);
}

void pending_on_event(PendingFiles *pending, PendingFile *file, int64_t now_ms)
{
    pthread_mutex_lock(&pending->lock);
    file->history.event_ms = now_ms;
    pthread_mutex_unlock(&pending->lock);
}

static void forget(PendingFiles *pending, PendingFile *file)
{
    counters_add(&pending->counters, file->reason, -1);
    g_sequence_remove(file->position);
}

void pending_drop(PendingFiles *pending, PendingFile *file)
{
    forget(pending, file);
    pthread_mutex_lock(&pending->lock);
    g_hash_table_remove(pending->files, file->path);
    pthread_mutex_unlock(&pending->lock);
}

/* "" is above every path. */
static bool is_below(const char *path, const char *directory)
{
    size_t length = strlen(directory);

    return !length || (strncmp(path, directory, length) == 0 && path[length] == '/');
}

void pending_drop_below(PendingFiles *pending, const char *directory)
{
    GHashTableIter iter;
    gpointer value = NULL;

    pthread_mutex_lock(&pending->lock);
    g_hash_table_iter_init(&iter, pending->files);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        PendingFile *file = value;

        if (!is_below(file->path, directory))
            continue;
        forget(pending, file);
        g_hash_table_iter_remove(&iter);
    }
    pthread_mutex_unlock(&pending->lock);
}

PendingFile *pending_due(PendingFiles *pending, int64_t now_ms)
{
    return pending_next_ms(pending) <= now_ms
               ? g_sequence_get(g_sequence_get_begin_iter(pending->queue))
               : NULL;
}

int64_t pending_next_ms(PendingFiles *pending)
{
    GSequenceIter *first = g_sequence_get_begin_iter(pending->queue);

    if (g_sequence_iter_is_end(first))
        return CLOCK_NEVER;
    return ((const PendingFile *) g_sequence_get(first))->due_ms;
}

bool pending_tell(PendingFiles *pending, const char *path, PendingTale *tale)
{
    pthread_mutex_lock(&pending->lock);
    const PendingFile *file = pending_find(pending, path);
    if (file)
        *tale = (PendingTale){ file->reason, file->history.first_ms, file->history.changed_ms,
                               file->due_ms };
    pthread_mutex_unlock(&pending->lock);
    return file != NULL;
}

int pending_count_below(PendingFiles *pending, const char *directory)
{
    GHashTableIter iter;
    gpointer path = NULL;
    int count = 0;

    pthread_mutex_lock(&pending->lock);
    g_hash_table_iter_init(&iter, pending->files);
    while (g_hash_table_iter_next(&iter, &path, NULL))
        count += is_below(path, directory);
    pthread_mutex_unlock(&pending->lock);
    return count;
}

bool pending_is_full(PendingFiles *pending)
{
    pthread_mutex_lock(&pending->lock);
    bool full = g_hash_table_size(pending->files) >= PENDING_MAX;
    pthread_mutex_unlock(&pending->lock);
    return full;
}

Counters *pending_counters(PendingFiles *pending)
{
    return &pending->counters;
}
