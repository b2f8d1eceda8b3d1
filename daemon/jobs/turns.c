/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/jobs/turns.h"

#include "daemon/ledger/unmoved.h"

/* What a folder of this name gave, also before a reload. */
typedef struct Given {
    uint64_t last; /* the number of its last start; 0: none yet */
    unsigned retries, others;
    bool retry; /* the last one was a retry */
} Given;

struct Turns {
    uint64_t starts;
    GHashTable *given; /* name of a folder -> Given */
    Given *counted;    /* of the last start; NULL: none that could be taken back */
    Given before;      /* it, before that start */
};

Turns *turns_new(void)
{
    Turns *turns = g_new0(Turns, 1);

    turns->given = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return turns;
}

void turns_free(Turns *turns)
{
    g_hash_table_destroy(turns->given);
    g_free(turns);
}

/* ---- the folders ---- */

bool turns_may_change(const Settings *settings)
{
    const Folder *first = settings->folders->len ? settings->folders->pdata[0] : NULL;

    for (guint i = 0; i < settings->folders->len; i++) {
        const Folder *folder = settings->folders->pdata[i];
        if (folder->order != ORDER_OLDEST || folder->priority != first->priority)
            return true;
    }
    return false;
}

static Given *given_by(Turns *turns, const Folder *folder)
{
    Given *given = g_hash_table_lookup(turns->given, folder->name);

    if (!given) {
        given = g_new0(Given, 1);
        g_hash_table_insert(turns->given, g_strdup(folder->name), given);
    }
    return given;
}

static gint by_turn(gconstpointer one, gconstpointer other, gpointer data)
{
    const Folder *a = *(const Folder *const *) one, *b = *(const Folder *const *) other;
    Turns *turns = data;
    uint64_t last_a = given_by(turns, a)->last, last_b = given_by(turns, b)->last;
    bool fair = turns->starts % TURNS_FAIR == TURNS_FAIR - 1;

    if (!fair && a->priority != b->priority)
        return b->priority - a->priority;
    return (last_a > last_b) - (last_a < last_b); /* else as they stand: the sort is stable */
}

GPtrArray *turns_folders(Turns *turns, const Settings *settings)
{
    GPtrArray *folders = g_ptr_array_sized_new(settings->folders->len);

    g_ptr_array_extend(folders, settings->folders, NULL, NULL); /* it frees none of them */
    g_ptr_array_sort_with_data(folders, by_turn, turns);
    return folders;
}

/* ---- the pictures of a folder ---- */

/* Takes an original of an ended picture that is due to be moved, or a row that is due: each of them
 * first every second time, since neither may wait for all of the others. */
static bool take_retry(Ledger *ledger, const Given *given, const LedgerTake *take, GArray *rows,
                       Error **err)
{
    bool moves_first = given->retries % 2;

    if (moves_first && !unmoved_take(ledger, take->folder, take->limit, rows, err))
        return false;
    if (!rows->len && !ledger_take(ledger, take, rows, err))
        return false;
    return moves_first || rows->len || unmoved_take(ledger, take->folder, take->limit, rows, err);
}

static bool take_kind(Ledger *ledger, const Given *given, const LedgerTake *take, GArray *rows,
                      Error **err)
{
    return take->retries ? take_retry(ledger, given, take, rows, err)
                         : ledger_take(ledger, take, rows, err);
}

static void count(Turns *turns, Given *given, bool retry)
{
    turns->counted = given;
    turns->before = *given;
    given->last = ++turns->starts;
    given->retry = retry;
    given->retries += retry;
    given->others += !retry;
}

bool turns_take(Turns *turns, Ledger *ledger, const Folder *folder, bool alone, GArray *rows,
                Error **err)
{
    Given *given = given_by(turns, folder);
    bool oldest = given->others % TURNS_FAIR == TURNS_FAIR - 1;
    LedgerTake take = { .folder = folder->name,
                        .retries = !given->retry,
                        .order = oldest ? ORDER_OLDEST : folder->order,
                        .alone = alone,
                        .limit = 1 };

    if (!take_kind(ledger, given, &take, rows, err))
        return false;
    if (!rows->len) {
        take.retries = !take.retries;
        if (!take_kind(ledger, given, &take, rows, err))
            return false;
    }
    if (rows->len)
        count(turns, given, take.retries);
    return true;
}

void turns_take_back(Turns *turns)
{
    if (!turns->counted)
        return;
    *turns->counted = turns->before;
    turns->starts--;
    turns->counted = NULL;
}
