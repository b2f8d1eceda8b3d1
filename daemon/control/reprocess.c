/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/control/answers.h"
#include "daemon/control/pages.h"
#include "daemon/control/places.h"
#include "daemon/control/refusals.h"
#include "daemon/control/subject.h"
#include "daemon/jobs/again.h"
#include "daemon/journal/journal.h"

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

static bool is_available(const ControlView *view, const Folder *folder, Answer *answer)
{
    g_autoptr(Error) error = NULL;
    bool reachable = subject_is_reachable(view, folder, &error);

    if (!reachable)
        answer_error(answer, ANSWER_REFUSED, error);
    return reachable;
}

static void tell(Pass *pass, const Request *request, Answer *answer)
{
    cJSON_AddNumberToObject(answer->json, "queued", (double) pass->queued);
    cJSON_AddNumberToObject(answer->json, "unchanged", (double) pass->unchanged);
    refusals_end(&pass->refusals, answer->json);
    if (!pass->queued)
        return;
    dispatch_wake(pass->view->dispatch);
    journal_event(EVENT_REPROCESSED, .folder = pass->folder->name, .who = request->user,
                  .count = pass->queued);
}

/* Of each name what had it last: an earlier picture's outputs are not replaced. */
void answer_reprocess(const ControlView *view, const Request *request, Answer *answer)
{
    Pass pass = { .view = view, .all = request_flag(request, "all") };
    const LedgerEntry *entry = NULL;
    g_autoptr(Error) error = NULL;
    g_auto(Pages) pages = { 0 };

    pass.folder = places_folder(view->settings, request_text(request, "folder"), answer);
    if (!pass.folder || !is_available(view, pass.folder, answer))
        return;
    pages_begin_names(&pages, view, request, pass.folder);
    if (!pages_add_total(&pages, request, answer))
        return;
    pass.refusals = refusals_new();
    while ((entry = pages_next(&pages, &error)))
        look_at(&pass, entry);
    tell(&pass, request, answer);
    pages_end(&pages, answer);
    if (error)
        answer_error(answer, ANSWER_FAILED, error);
}
