/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/control/answers.h"
#include "daemon/control/json.h"
#include "daemon/control/subject.h"
#include "daemon/journal/journal.h"

enum { TRIES = 5 }; /* of a picture whose state changes just then */

static void end(const ControlView *view, const Request *request, const LedgerEntry *entry,
                Answer *answer)
{
    bool queued = entry->row.state == LEDGER_QUEUED;

    dispatch_cancel(view->dispatch, &entry->row);
    json_add_text(answer->json, "path", request_text(request, "path"));
    cJSON_AddStringToObject(answer->json, "was", queued ? "queued" : "in progress");
    journal_event(EVENT_CANCELLED, .folder = entry->row.folder, .source = entry->row.source,
                  .job = entry->row.id, .who = request->user);
}

static void refuse(const LedgerEntry *entry, Answer *answer)
{
    g_autofree char *by = entry->cancelled_by
                              ? g_strdup_printf("; %s has cancelled it before", entry->cancelled_by)
                              : NULL;

    switch (entry->row.state) {
    case LEDGER_DONE:
    case LEDGER_SUPERSEDED:
        answer_refuse(answer, ANSWER_REFUSED, "to take it back, use `hotfolder undo`",
                      "the picture is done");
        return;
    case LEDGER_FAILED:
        answer_refuse(answer, ANSWER_REFUSED, NULL,
                      "the picture has failed: nothing more is made of it");
        return;
    case LEDGER_CANCELLED:
        answer_refuse(answer, ANSWER_REFUSED, NULL, "the picture is ignored%s", by ? by : "");
        return;
    case LEDGER_QUEUED:
    case LEDGER_PROCESSING:
    case LEDGER_PUBLISHING:
        answer_refuse(answer, ANSWER_REFUSED, "wait until it is done, and use `hotfolder undo`",
                      "the outputs of the picture are being published");
        return;
    case LEDGER_FAILING:
        answer_refuse(answer, ANSWER_REFUSED, NULL,
                      "the picture has failed: its original is being moved to failed/");
    }
}

/* *again: the picture has changed between the question and the change. */
static void try_cancel(const ControlView *view, const Request *request, bool last, bool *again,
                       Answer *answer)
{
    g_autoptr(GArray) entries = ledger_entries_new();
    g_autoptr(Error) error = NULL;

    *again = false;
    if (!subject_picture(view, request_text(request, "path"), entries, answer))
        return;
    const LedgerEntry *entry = &g_array_index(entries, LedgerEntry, 0);
    if (entry->row.state != LEDGER_QUEUED && entry->row.state != LEDGER_PROCESSING)
        refuse(entry, answer);
    else if (ledger_cancel(view->ledger, &entry->row, request->user, CANCEL_ASKED, &error))
        end(view, request, entry, answer);
    else if (error->kind == ERROR_TAKEN && !last)
        *again = true;
    else if (error->kind == ERROR_TAKEN)
        answer_refuse(answer, ANSWER_REFUSED, "try again", "the picture changes just now");
    else
        answer_error(answer, ANSWER_FAILED, error);
}

void answer_cancel(const ControlView *view, const Request *request, Answer *answer)
{
    bool again = true;

    for (int i = 1; again && i <= TRIES; i++)
        try_cancel(view, request, i == TRIES, &again, answer);
}
