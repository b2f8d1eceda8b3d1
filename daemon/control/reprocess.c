/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/control/answers.h"
#include "daemon/control/places.h"
#include "daemon/control/refusals.h"
#include "daemon/control/subject.h"
#include "daemon/jobs/again.h"
#include "daemon/journal/journal.h"

enum { PAGE = 100 };

typedef struct Pass {
    const ControlView *view;
    const Folder *folder;
    bool all;
    int64_t queued, unchanged;
    Refusals refusals;
} Pass;

/* A duplicate has no outputs, and gets none now. */
static void look_at(Pass *pass, const LedgerEntry *entry)
{
    Ledger *ledger = pass->view->ledger;
    g_autoptr(Error) error = NULL;

    if (entry->row.state != LEDGER_DONE || entry->duplicate || subject_is_probe(entry))
        return;
    if (!pass->all && !again_is_changed(ledger, pass->folder, entry)) {
        pass->unchanged++;
        return;
    }
    if (again_remake(ledger, pass->folder, entry, &error)) {
        pass->queued++;
        return;
    }
    g_autofree char *path = subject_path(pass->folder, &entry->row);
    refusals_add(&pass->refusals, path, error);
}

/* Of each name what had it last: an earlier picture's outputs are not replaced. */
static bool run(Pass *pass, Error **err)
{
    g_autofree char *after = g_strdup("");
    guint found = 0;

    do {
        g_autoptr(GArray) entries = ledger_entries_new();

        if (!ledger_newest(pass->view->ledger, pass->folder->name, after, PAGE, entries, err))
            return false;
        for (guint i = 0; i < entries->len; i++)
            look_at(pass, &g_array_index(entries, LedgerEntry, i));
        found = entries->len;
        if (found) {
            g_free(after);
            after = g_strdup(g_array_index(entries, LedgerEntry, found - 1).row.source);
        }
        dispatch_wake(pass->view->dispatch);
    } while (found == PAGE);
    return true;
}

static bool is_available(const ControlView *view, const Folder *folder, Answer *answer)
{
    g_autofree char *reason = NULL;

    if (health_get(view->health, folder->name, &reason) != HEALTH_UNAVAILABLE)
        return true;
    answer_refuse(answer, ANSWER_REFUSED, "correct that, and try again",
                  "the folder is unavailable: %s", reason);
    return false;
}

void answer_reprocess(const ControlView *view, const Request *request, Answer *answer)
{
    Pass pass = { .view = view, .all = request_flag(request, "all") };
    g_autoptr(Error) error = NULL;

    pass.folder = places_folder(view->settings, request_text(request, "folder"), answer);
    if (!pass.folder || !is_available(view, pass.folder, answer))
        return;
    pass.refusals = refusals_new();
    bool ok = run(&pass, &error);
    cJSON_AddNumberToObject(answer->json, "queued", (double) pass.queued);
    cJSON_AddNumberToObject(answer->json, "unchanged", (double) pass.unchanged);
    refusals_end(&pass.refusals, answer->json);
    if (pass.queued)
        journal_event(EVENT_REPROCESSED, .folder = pass.folder->name, .who = request->user,
                      .count = pass.queued);
    if (!ok)
        answer_error(answer, ANSWER_FAILED, error);
}
