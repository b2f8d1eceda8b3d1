/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/import_guard.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/text.h"
#include "command/import_apart.h"
#include "daemon/files/async.h"
#include "daemon/journal/journal.h"

enum {
    POLL_MS = 100,
    ASK_MS = 5000,           /* between two questions */
    STOPPED_MS = 3000,       /* with a stop, a destination may take this to respond */
    STOPPED_MOST_MS = 30000, /* and the import this to end: units allow twice of it */
};

/* A destination, and whether it responds. */
typedef struct Destination {
    GPtrArray *directory; /* of char *, the one */
    AsyncCall *call;      /* NULL: it has answered */
    int64_t asked_ms;
} Destination;

/* The import's thread has it until it has ended; where it hangs, nothing of it is ever freed. */
typedef struct Guard {
    const ImportRun *run;
    const ImportSource *source;
    const ImportView *view;
    CardRecord *record;
    Verdict *verdict;
    bool ok, nothing_new;
    Error *error;
    /* main thread: */
    unsigned count;
    Destination destinations[COPIER_DESTINATIONS];
    int64_t stopped_ms; /* when a stop was seen; 0: none was */
    bool is_held;       /* by a destination that does not respond, and that is recorded */
} Guard;

static void run_import(void *data)
{
    Guard *guard = data;

    guard->ok = import_run(guard->run, guard->source, &guard->view->reporter, &guard->record,
                           &guard->verdict, &guard->nothing_new, &guard->error);
}

static void keep(void *data G_GNUC_UNUSED)
{
}

/* ---- do they respond ---- */

static void ask(Destination *destination, bool now)
{
    int64_t ms = clock_ms();

    if (destination->call && async_wait(destination->call, 0)) {
        async_abandon(destination->call);
        destination->call = NULL;
    }
    if (destination->call || (!now && ms < destination->asked_ms + ASK_MS))
        return;
    destination->asked_ms = ms;
    destination->call = async_ask_servers(destination->directory);
}

/* How long it has not responded. */
static int64_t silent_ms(const Destination *destination)
{
    return destination->call ? clock_ms() - destination->asked_ms : 0;
}

/* The one that has not responded for the longest time, which is least_ms or more; NULL: none. */
static const char *silent(const Guard *guard, int64_t least_ms)
{
    const char *found = NULL;

    for (unsigned i = 0; i < guard->count; i++) {
        int64_t ms = silent_ms(&guard->destinations[i]);
        if (ms < least_ms)
            continue;
        least_ms = ms;
        found = guard->destinations[i].directory->pdata[0];
    }
    return found;
}

static void set_destinations(Guard *guard)
{
    for (char **to = guard->run->import->copy_to; *to && guard->count < COPIER_DESTINATIONS; to++) {
        Destination *destination = &guard->destinations[guard->count++];
        destination->directory = g_ptr_array_new_with_free_func(g_free);
        g_ptr_array_add(destination->directory, g_strdup(*to));
    }
}

static void clear(Guard *guard)
{
    for (unsigned i = 0; i < guard->count; i++) {
        async_abandon(guard->destinations[i].call);
        g_ptr_array_unref(guard->destinations[i].directory);
    }
    g_free(guard);
}

/* ---- an import that hangs ---- */

/* What is remembered of the card says it. NULL: nothing was begun. */
static CardRecord *record_hanging(const Guard *guard, CardState state, const char *reason,
                                  bool ends)
{
    g_autoptr(Catalog) catalog = NULL;
    g_autoptr(Error) error = NULL;
    CardRecord *record = NULL;

    if (guard->run->dry || !catalog_open(guard->run->state_dir, false, &catalog, &error) ||
        !catalog_set_hanging(catalog, state, reason, ends, &record, &error))
        return NULL;
    return record;
}

static char *silent_reason(const char *directory)
{
    g_autofree char *shown = text_escape(directory);

    return g_strdup_printf("'%s' does not respond; check its disk or its server, then import the "
                           "card again",
                           shown);
}

static void say_end(const Guard *guard, CardRecord *record, const char *reason)
{
    void *user = guard->view->reporter.user;

    if (record) {
        Verdict verdict = { .state = record->state,
                            .line = record->verdict,
                            .reasons = g_ptr_array_new(),
                            .done = record->done };
        guard->view->end(user, record, &verdict, false);
        g_ptr_array_unref(verdict.reasons);
        return;
    }
    Error *error = NULL;
    error_set(&error, ERROR_ENVIRONMENT, NULL, "%s", reason);
    guard->view->failed(user, error);
    error_free(error);
}

/* Its thread may go on at any moment: nothing that it uses is freed. */
static void leave(const Guard *guard, CardState state, const char *directory)
{
    g_autofree char *reason = directory ? silent_reason(directory)
                                        : g_strdup("it was stopped, and did not end within 30 "
                                                   "seconds");
    CardRecord *record = record_hanging(guard, state, reason, true);

    say_end(guard, record, reason);
    journal_stop();
    import_apart_leave(EXIT_FAILURE);
}

/* It goes on by itself when that responds again: then its thread records that. */
static void hold(Guard *guard, const char *directory)
{
    if (!directory || guard->is_held) {
        guard->is_held = directory != NULL;
        return;
    }
    guard->is_held = true;
    g_autofree char *reason = silent_reason(directory);
    CardRecord *record = record_hanging(guard, CARD_HELD, reason, false);
    if (record && guard->view->hangs)
        guard->view->hangs(guard->view->reporter.user, record);
    card_record_free(record);
}

/* ---- the wait ---- */

static void look(Guard *guard)
{
    bool stops = guard->run->stop && *guard->run->stop, first = stops && !guard->stopped_ms;

    if (first)
        guard->stopped_ms = clock_ms();
    for (unsigned i = 0; i < guard->count; i++)
        ask(&guard->destinations[i], first);
    if (!stops && guard->run->waits)
        hold(guard, silent(guard, IMPORT_SILENT_MS));
    else if (!stops && silent(guard, IMPORT_SILENT_MS))
        leave(guard, CARD_HELD, silent(guard, IMPORT_SILENT_MS));
    if (!stops)
        return;
    int64_t since_ms = clock_ms() - guard->stopped_ms;
    if (since_ms >= STOPPED_MS && silent(guard, STOPPED_MS))
        leave(guard, CARD_INTERRUPTED, silent(guard, STOPPED_MS));
    if (since_ms >= STOPPED_MOST_MS)
        leave(guard, CARD_INTERRUPTED, NULL);
}

bool import_guard_run(const ImportRun *run, const ImportSource *source, const ImportView *view,
                      CardRecord **record, Verdict **verdict, bool *nothing_new, Error **err)
{
    Guard *guard = g_new0(Guard, 1);

    guard->run = run;
    guard->source = source;
    guard->view = view;
    set_destinations(guard);
    AsyncCall *call = async_start(run_import, guard, keep);
    while (!async_wait(call, POLL_MS))
        look(guard);
    async_abandon(call);
    *record = guard->record;
    *verdict = guard->verdict;
    *nothing_new = guard->nothing_new;
    *err = guard->error;
    bool ok = guard->ok;
    clear(guard);
    return ok;
}
