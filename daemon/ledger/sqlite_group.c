/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The lock; and changes of several threads in one transaction, so that the disk is waited for once.
 *
 * While the disk keeps a transaction, other threads come to the lock. Each of these makes its
 * change in the next transaction and waits; the last of them commits it, for all. Where pictures
 * begin one shortly after another, in several threads, a change that is not urgent waits for the
 * next beginning, which commits it too: that is one commit a picture, of its four changes. The
 * wait ends where the beginning is late. A single thread never waits. What the transaction
 * has is seen by reads before it is on disk: whatever a reader then does for good stands behind it
 * in the log. */
#include "base/clock.h"
#include "daemon/ledger/sqlite_internal.h"

enum { APART_MS = 40 }; /* at most, from one beginning to the next where many come at once */

struct SqliteChange {
    SqliteChange *next;
    bool ended;
    Error *error;
};

static void tell(SqliteLedger *ledger, const Error *error)
{
    for (SqliteChange *change = ledger->waiting; change; change = change->next) {
        change->error = error ? error_copy(error) : NULL;
        change->ended = true;
    }
    ledger->waiting = NULL;
    ledger->changes = 0;
    ledger->limited = ledger->urgent = false;
    pthread_cond_broadcast(&ledger->committed);
}

/* A read that fails on a broken disk makes SQLite roll the open transaction back. */
static bool is_lost(const SqliteLedger *ledger)
{
    return ledger->changes && !database_in_transaction(ledger->db);
}

static bool commit(SqliteLedger *ledger, Error **err)
{
    g_autoptr(Error) error = NULL;
    bool ok = is_lost(ledger) ? database_say_lost(ledger->db, &error)
                              : database_end(ledger->db, true, &error);

    tell(ledger, error);
    if (!ok)
        *err = g_steal_pointer(&error);
    return ok;
}

/* Its threads get the error; what comes now begins another one. */
static void end_lost(SqliteLedger *ledger)
{
    g_autoptr(Error) shared = NULL;

    if (is_lost(ledger))
        commit(ledger, &shared);
}

/* ---- the lock ---- */

SqliteLedger *sqlite_lock_to_read(Ledger *common)
{
    pthread_mutex_lock(&sqlite_of(common)->lock);
    return sqlite_of(common);
}

SqliteLedger *sqlite_lock(Ledger *common)
{
    SqliteLedger *ledger = sqlite_lock_to_read(common);
    g_autoptr(Error) shared = NULL;

    if (ledger->changes)
        commit(ledger, &shared);
    return ledger;
}

SqliteLedger *sqlite_lock_to_change(Ledger *common)
{
    SqliteLedger *ledger = sqlite_of(common);

    atomic_fetch_add(&ledger->coming, 1);
    pthread_mutex_lock(&ledger->lock);
    atomic_fetch_sub(&ledger->coming, 1);
    return ledger;
}

bool sqlite_unlock(SqliteLedger *ledger, bool ok)
{
    pthread_mutex_unlock(&ledger->lock);
    return ok;
}

/* ---- a change ---- */

static void take_all_back(SqliteLedger *ledger, const Error *error)
{
    g_autoptr(Error) ignored = NULL;

    database_end(ledger->db, false, &ignored);
    tell(ledger, error);
}

bool sqlite_begin_change(SqliteLedger *ledger, Error **err)
{
    end_lost(ledger);
    bool ok =
        ledger->changes ? database_begin_part(ledger->db, err) : database_begin(ledger->db, err);

    if (ok)
        ledger->changes++;
    else if (ledger->changes)
        take_all_back(ledger, *err);
    return ok;
}

/* Only the last change, where SQLite could keep the others: on a full disk it may end the whole
 * transaction. */
static void take_back(SqliteLedger *ledger, const Error *error)
{
    g_autoptr(Error) lost = NULL;

    if (ledger->changes > 1 && database_in_transaction(ledger->db) &&
        database_end_part(ledger->db, false, &lost))
        ledger->changes--;
    else
        take_all_back(ledger, lost ? lost : error); /* a refusal of one is no reason for all */
}

static bool end_part(SqliteLedger *ledger, bool ok, Error **err)
{
    if (ok && (ledger->changes == 1 || database_end_part(ledger->db, true, err)))
        return true;
    if (ledger->changes)
        take_back(ledger, *err);
    return false;
}

/* Until another thread has committed, or, with `limited`, the pause is over. */
static bool wait(SqliteLedger *ledger, bool limited, Error **err)
{
    SqliteChange change = { .next = ledger->waiting };
    struct timespec end = clock_after(limited ? MAX(ledger->next_ms - clock_ms(), 0) : 0);
    g_autoptr(Error) shared = NULL; /* each change gets a copy */

    /* cppcheck-suppress autoVariables ; tell() takes it out again before this returns */
    ledger->waiting = &change;
    ledger->limited |= limited;
    while (!change.ended)
        if (!limited)
            pthread_cond_wait(&ledger->committed, &ledger->lock);
        else if (pthread_cond_clockwait(&ledger->committed, &ledger->lock, CLOCK_MONOTONIC, &end) &&
                 !change.ended)
            commit(ledger, &shared);
    if (change.error)
        *err = change.error;
    return !change.error;
}

/* Whether another picture is expected to begin, and no change is urgent. */
static bool is_pause(const SqliteLedger *ledger)
{
    return !ledger->urgent && clock_ms() < ledger->next_ms;
}

bool sqlite_end_change(SqliteLedger *ledger, bool ok, Error **err)
{
    g_autoptr(Error) shared = NULL;
    bool full = ledger->changes >= ledger->most;
    bool others_commit =
        !full && (atomic_load(&ledger->coming) || (ledger->limited && !ledger->urgent));
    bool pause = !full && is_pause(ledger);

    ok = end_part(ledger, ok, err);
    if (ok)
        ok = others_commit || pause ? wait(ledger, !others_commit, err) : commit(ledger, err);
    else if (!others_commit && ledger->changes)
        commit(ledger, &shared);
    return sqlite_unlock(ledger, ok);
}

void sqlite_expect_next(SqliteLedger *ledger)
{
    int64_t now = clock_ms();
    bool several =
        !pthread_equal(ledger->beginner, pthread_self()) && now - ledger->begun_ms <= APART_MS;

    ledger->next_ms = several ? now + APART_MS : 0;
    ledger->beginner = pthread_self();
    ledger->begun_ms = now;
}

bool sqlite_end_urgent_change(SqliteLedger *ledger, bool ok, Error **err)
{
    ledger->urgent |= ok;
    return sqlite_end_change(ledger, ok, err);
}

/* ---- a change that waits for no disk ---- */

/* Where a transaction is open, threads wait for it: one that comes will commit it. */
bool sqlite_begin_lazy(SqliteLedger *ledger, Error **err)
{
    end_lost(ledger);
    return ledger->changes ? sqlite_begin_change(ledger, err)
                           : database_begin_lazy(ledger->db, err);
}

bool sqlite_end_lazy(SqliteLedger *ledger, bool ok, Error **err)
{
    return ledger->changes ? end_part(ledger, ok, err) : database_end_lazy(ledger->db, ok, err);
}
