/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/jobs/undoer.h"

#include <errno.h>

#include "base/thread.h"
#include "daemon/jobs/undoing.h"
#include "daemon/journal/journal.h"

enum { AGAIN_MS = 10 * 1000 };

struct Undoer {
    Ledger *ledger;
    pthread_t thread;
    bool has_thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stopping;
    bool left;          /* something was cut off: the thread has work */
    GHashTable *active; /* ids of rows that a thread works on */
};

/* ---- one picture for one thread ---- */

static bool enter(Undoer *undoer, int64_t id)
{
    pthread_mutex_lock(&undoer->lock);
    bool entered = g_hash_table_add(undoer->active, g_memdup2(&id, sizeof(id)));
    pthread_mutex_unlock(&undoer->lock);
    return entered;
}

/* left: the thread is to go on with it. */
static void leave(Undoer *undoer, int64_t id, bool left)
{
    pthread_mutex_lock(&undoer->lock);
    g_hash_table_remove(undoer->active, &id);
    undoer->left |= left;
    pthread_cond_broadcast(&undoer->changed);
    pthread_mutex_unlock(&undoer->lock);
}

/* ---- undo ---- */

static void report(const LedgerRow *row, const char *who, const GArray *moves, UndoingEnd end,
                   const Error *why)
{
    if (end == UNDOING_DONE)
        journal_event(EVENT_UNDONE, .folder = row->folder, .source = row->source, .job = row->id,
                      .who = who, .count = undoing_outputs(moves));
    else if (end == UNDOING_TAKEN_BACK)
        journal_event(EVENT_NOT_UNDONE, .folder = row->folder, .source = row->source,
                      .job = row->id, .who = who, .error = why);
    else
        journal_event(EVENT_UNDO_DELAYED, .folder = row->folder, .source = row->source,
                      .job = row->id, .who = who, .error = why, .delay_ms = AGAIN_MS);
}

/* The commit may have been made all the same. */
static bool begin(Undoer *undoer, const LedgerRow *row, const char *who, const GArray *moves,
                  bool *left, Error **err)
{
    g_autoptr(Error) ignored = NULL;

    if (undo_begin(undoer->ledger, row, who, moves, err))
        return true;
    if ((*err)->uncertain && undo_cancel(undoer->ledger, row->id, &ignored))
        (*err)->uncertain = false;
    *left = (*err)->uncertain;
    return false;
}

static bool run(Undoer *undoer, const LedgerRow *row, const char *who, const GArray *moves,
                bool *left, Error **err)
{
    if (!begin(undoer, row, who, moves, left, err))
        return false;
    UndoingEnd end = undoing_run(undoer->ledger, row->id, moves, err);
    report(row, who, moves, end, *err);
    *left = end == UNDOING_STUCK;
    if (*left) {
        (*err)->kind = ERROR_ENVIRONMENT;
        (*err)->uncertain = true;
    }
    return end == UNDOING_DONE;
}

bool undoer_undo(Undoer *undoer, const Folder *folder, const LedgerRow *row, const char *who,
                 int *outputs, Error **err)
{
    g_autoptr(GArray) moves = undo_moves_new();
    bool left = false;

    if (!enter(undoer, row->id))
        return error_set(err, ERROR_TAKEN, NULL, "it is being undone just now");
    bool ok = undoing_plan(undoer->ledger, folder, row, moves, err) &&
              run(undoer, row, who, moves, &left, err);
    *outputs = ok ? undoing_outputs(moves) : 0;
    leave(undoer, row->id, left);
    return ok;
}

/* ---- what was cut off ---- */

/* Whether it has an end now. */
static bool go_on(Undoer *undoer, const LedgerRow *row)
{
    g_autoptr(GArray) moves = undo_moves_new();
    g_autofree char *who = NULL;
    g_autoptr(Error) why = NULL;

    if (!undo_read(undoer->ledger, row->id, moves, &who, &why))
        return false;
    if (!moves->len) /* another thread has ended it meanwhile */
        return true;
    UndoingEnd end = undoing_run(undoer->ledger, row->id, moves, &why);
    report(row, who, moves, end, why);
    return end != UNDOING_STUCK;
}

static bool is_stopping(Undoer *undoer)
{
    pthread_mutex_lock(&undoer->lock);
    bool stopping = undoer->stopping;
    pthread_mutex_unlock(&undoer->lock);
    return stopping;
}

unsigned undoer_go_on(Undoer *undoer)
{
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(LedgerRow));
    g_autoptr(Error) ignored = NULL;
    unsigned left = 0;

    g_array_set_clear_func(rows, (GDestroyNotify) ledger_row_clear);
    if (!undo_list(undoer->ledger, rows, &ignored))
        return 1;
    for (guint i = 0; i < rows->len && !is_stopping(undoer); i++) {
        const LedgerRow *row = &g_array_index(rows, LedgerRow, i);
        if (!enter(undoer, row->id))
            continue;
        left += !go_on(undoer, row);
        leave(undoer, row->id, false);
    }
    return left;
}

/* ---- the thread ---- */

/* Until there is something to do; false: the end. again: something is left from before. */
static bool wait_for_work(Undoer *undoer, bool again)
{
    struct timespec until = { 0 };

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += AGAIN_MS / 1000;
    pthread_mutex_lock(&undoer->lock);
    while (!undoer->stopping && again &&
           pthread_cond_timedwait(&undoer->changed, &undoer->lock, &until) != ETIMEDOUT)
        continue;
    while (!undoer->stopping && !again && !undoer->left)
        pthread_cond_wait(&undoer->changed, &undoer->lock);
    undoer->left = false;
    bool goes_on = !undoer->stopping;
    pthread_mutex_unlock(&undoer->lock);
    return goes_on;
}

static void *work(void *data)
{
    Undoer *undoer = data;
    bool again = false;

    do
        again = undoer_go_on(undoer) > 0;
    while (wait_for_work(undoer, again));
    return NULL;
}

Undoer *undoer_new(Ledger *ledger)
{
    Undoer *undoer = g_new0(Undoer, 1);
    pthread_condattr_t attributes;

    undoer->ledger = ledger;
    undoer->active = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    pthread_mutex_init(&undoer->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&undoer->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    return undoer;
}

Undoer *undoer_start(Ledger *ledger)
{
    Undoer *undoer = undoer_new(ledger);

    undoer->has_thread = thread_start(&undoer->thread, work, undoer) == 0;
    return undoer;
}

void undoer_stop(Undoer *undoer)
{
    if (!undoer)
        return;
    pthread_mutex_lock(&undoer->lock);
    undoer->stopping = true;
    pthread_cond_broadcast(&undoer->changed);
    pthread_mutex_unlock(&undoer->lock);
    if (undoer->has_thread)
        pthread_join(undoer->thread, NULL);
    g_hash_table_unref(undoer->active);
    pthread_mutex_destroy(&undoer->lock);
    pthread_cond_destroy(&undoer->changed);
    g_free(undoer);
}
