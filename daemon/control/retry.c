/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/text.h"
#include "daemon/control/answers.h"
#include "daemon/control/pages.h"
#include "daemon/control/places.h"
#include "daemon/control/refusals.h"
#include "daemon/control/subject.h"
#include "daemon/jobs/again.h"
#include "daemon/journal/journal.h"

enum { TRIES = 5 };

/* Another one has the row, or it has changed since it was read. */
static void explain(Error *error, const LedgerRow *row)
{
    g_autofree char *shown = text_escape(row->source);

    if (error->kind != ERROR_TAKEN)
        return;
    g_free(error->what);
    error->what = g_strdup_printf("'%s' is in progress", shown);
}

static bool retry(const ControlView *view, const Request *request, const Folder *folder,
                  const LedgerEntry *entry, Error **err)
{
    if ((ledger_has_ended(entry->row.state) && !subject_is_reachable(view, folder, err)) ||
        !again_retry(view->ledger, folder, entry, err)) {
        explain(*err, &entry->row);
        return false;
    }
    journal_event(EVENT_RETRIED, .folder = entry->row.folder, .source = entry->row.source,
                  .job = entry->row.id, .who = request->user);
    dispatch_wake(view->dispatch);
    return true;
}

/* ---- one picture ---- */

static void tell(int64_t retried, Refusals *refusals, Answer *answer)
{
    cJSON_AddNumberToObject(answer->json, "retried", (double) retried);
    refusals_end(refusals, answer->json);
}

static void refuse(const Error *error, Answer *answer)
{
    answer_error(answer, error->kind == ERROR_INTERNAL ? ANSWER_FAILED : ANSWER_REFUSED, error);
}

/* Whether it is to be tried again: it has changed between the question and the change. */
static bool try_one(const ControlView *view, const Request *request, bool last, Answer *answer)
{
    g_autoptr(GArray) entries = ledger_entries_new();
    g_autoptr(Error) error = NULL;
    const char *path = request_text(request, "path");
    const Folder *folder =
        path ? subject_picture(view, path, entries, answer)
             : subject_job(view, request_number(request, "job", 0), entries, answer);

    if (!folder)
        return false;
    const LedgerEntry *entry = &g_array_index(entries, LedgerEntry, 0);
    if (retry(view, request, folder, entry, &error)) {
        Refusals none = refusals_new();
        tell(1, &none, answer);
    } else if (error->kind == ERROR_TAKEN && !last) {
        return true;
    } else {
        refuse(error, answer);
    }
    return false;
}

static void retry_one(const ControlView *view, const Request *request, Answer *answer)
{
    for (int i = 1; i <= TRIES && try_one(view, request, i == TRIES, answer); i++)
        ;
}

/* ---- many ---- */

typedef struct Many {
    const ControlView *view;
    const Request *request;
    int64_t retried;
    Refusals refusals;
} Many;

static void retry_entry(Many *many, const LedgerEntry *entry)
{
    const Folder *folder = settings_find_folder(many->view->settings, entry->row.folder);
    g_autoptr(Error) error = NULL;

    if (!folder || (entry->row.state == LEDGER_QUEUED && (!entry->retry_ms || entry->held)) ||
        subject_is_probe(entry) || subject_is_replaced(many->view, entry))
        return;
    if (retry(many->view, many->request, folder, entry, &error)) {
        many->retried++;
        return;
    }
    g_autofree char *path = subject_path(folder, &entry->row);
    refusals_add(&many->refusals, path, error);
}

/* What is queued again has changed now: it is not behind the last entry. */
static void retry_many(const ControlView *view, const Request *request, const Folder *folder,
                       Answer *answer)
{
    const LedgerQuery query = { .folder = folder ? folder->name : NULL,
                                .states = 1U << LEDGER_FAILED | 1U << LEDGER_QUEUED,
                                .reason = request_text(request, "reason") };
    const LedgerEntry *entry = NULL;
    g_autoptr(Error) error = NULL;
    g_auto(Pages) pages = { 0 };

    if (!pages_begin(&pages, view, request, &query, answer) ||
        !pages_add_total(&pages, request, answer))
        return;
    Many many = { .view = view, .request = request, .refusals = refusals_new() };
    while ((entry = pages_next(&pages, &error)))
        retry_entry(&many, entry);
    tell(many.retried, &many.refusals, answer);
    pages_end(&pages, answer);
    if (error)
        answer_error(answer, ANSWER_FAILED, error);
}

void answer_retry(const ControlView *view, const Request *request, Answer *answer)
{
    const char *path = request_text(request, "path"), *name = request_text(request, "folder");
    bool many = request_flag(request, "all") || name || request_text(request, "reason");
    bool job = request_number(request, "job", -1) >= 0;

    if ((path != NULL) + job + many != 1) {
        answer_refuse(answer, ANSWER_WRONG, "give path, or job, or else all, folder or reason",
                      "it is not clear which pictures to try again");
        return;
    }
    const Folder *folder = name ? places_folder(view->settings, name, answer) : NULL;
    if (path || job)
        retry_one(view, request, answer);
    else if (!name || folder)
        retry_many(view, request, folder, answer);
}
