/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A path is that of an original, wherever it lies, or of an output. */
#include "base/text.h"
#include "daemon/control/answers.h"
#include "daemon/control/json.h"
#include "daemon/control/pages.h"
#include "daemon/control/places.h"
#include "daemon/control/refusals.h"
#include "daemon/control/subject.h"

enum { LISTED = 100, PROBES = 100 };

/* A request on its way. */
typedef struct Undo {
    const ControlView *view;
    const Request *request;
    cJSON *pictures; /* of the first hundred that were undone */
    int64_t undone;
    Refusals refusals;
} Undo;

/* ---- one picture ---- */

static bool undo(Undo *it, const Folder *folder, const LedgerRow *row, Error **err)
{
    int outputs = 0;

    if (!subject_is_reachable(it->view, folder, err) ||
        !undoer_undo(it->view->undoer, folder, row, it->request->user, &outputs, err))
        return false;
    if (it->undone++ >= LISTED)
        return true;
    g_autofree char *path = subject_path(folder, row);
    cJSON *picture = cJSON_CreateObject();
    json_add_text(picture, "path", path);
    json_add_text(picture, "folder", folder->name);
    cJSON_AddNumberToObject(picture, "outputs", outputs);
    cJSON_AddItemToArray(it->pictures, picture);
    return true;
}

/* Another one has the row, or it has changed since it was read; or the disk has failed in between,
 * and the undoer goes on. */
static void explain(Error *error, const LedgerRow *row)
{
    g_autofree char *shown = text_escape(row->source);

    if (error->kind == ERROR_TAKEN) {
        g_free(error->what);
        error->what = g_strdup_printf("'%s', or a new file of its name, is in progress", shown);
        g_free(error->fix);
        error->fix = g_strdup("try again when that has ended");
    } else if (error->kind == ERROR_ENVIRONMENT && error->uncertain) {
        g_free(error->fix);
        error->fix = g_strdup("correct that; hotfolder then goes on with it by itself");
    }
}

/* Of a picture that is not done. */
static void refuse_state(const LedgerEntry *entry, Answer *answer)
{
    g_autofree char *shown = text_escape(entry->row.source);
    const char *by = entry->cancelled_by ? entry->cancelled_by : "a person";

    switch (entry->row.state) {
    case LEDGER_CANCELLED:
        answer_refuse(answer, ANSWER_REFUSED, "to have it made again, use `hotfolder retry`",
                      "'%s' was %s by %s already", shown,
                      entry->cancelled_why == CANCEL_UNDONE ? "undone" : "cancelled", by);
        return;
    case LEDGER_FAILED:
        answer_refuse(answer, ANSWER_REFUSED, "to have it made again, use `hotfolder retry`",
                      "'%s' has failed: nothing was made of it", shown);
        return;
    case LEDGER_SUPERSEDED:
        answer_refuse(answer, ANSWER_REFUSED, "give the path of its original",
                      "'%s' was made again since", shown);
        return;
    case LEDGER_QUEUED:
    case LEDGER_PROCESSING:
    case LEDGER_PUBLISHING:
    case LEDGER_FAILING:
    case LEDGER_DONE:
        answer_refuse(answer, ANSWER_REFUSED, "to stop it, use `hotfolder cancel`",
                      "'%s' is not done yet", shown);
    }
}

static void undo_entry(Undo *it, const Folder *folder, const LedgerEntry *entry, Answer *answer)
{
    g_autoptr(Error) error = NULL;

    if (entry->row.state != LEDGER_DONE) {
        refuse_state(entry, answer);
    } else if (!undo(it, folder, &entry->row, &error)) {
        explain(error, &entry->row);
        answer_error(answer, error->kind == ERROR_INTERNAL ? ANSWER_FAILED : ANSWER_REFUSED, error);
    }
}

/* Of entries, of which there are some. */
static const LedgerEntry *first_of(const GArray *entries)
{
    return &g_array_index(entries, LedgerEntry, 0);
}

static bool is_done(const GArray *entries)
{
    return entries->len && first_of(entries)->row.state == LEDGER_DONE;
}

static void answer_swap(Answer *one, Answer *other)
{
    Answer kept = *one;

    *one = *other;
    *other = kept;
}

/* An output of one folder may be an original of the next one: what that made comes first. */
static void undo_path(Undo *it, const char *path, Answer *answer)
{
    g_autoptr(GArray) originals = ledger_entries_new(), makers = ledger_entries_new();
    g_autoptr(Answer) refusal = answer_new();
    g_autoptr(Error) error = NULL;
    const Folder *folder = subject_picture(it->view, path, originals, refusal);
    const Folder *maker =
        is_done(originals) ? NULL : subject_maker(it->view, path, &makers, &error);

    if (error)
        answer_error(answer, ANSWER_FAILED, error);
    else if (maker && (!folder || is_done(makers)))
        undo_entry(it, maker, first_of(makers), answer);
    else if (folder)
        undo_entry(it, folder, first_of(originals), answer);
    else
        answer_swap(answer, refusal);
}

static void undo_job(Undo *it, int64_t job, Answer *answer)
{
    g_autoptr(GArray) entries = ledger_entries_new();
    const Folder *folder = subject_job(it->view, job, entries, answer);

    if (folder)
        undo_entry(it, folder, first_of(entries), answer);
}

/* ---- the last one, and many ---- */

static void undo_last(Undo *it, const Folder *folder, Answer *answer)
{
    LedgerQuery query = { .folder = folder ? folder->name : NULL,
                          .states = 1U << LEDGER_DONE,
                          .limit = PROBES };
    g_autoptr(GArray) entries = ledger_entries_new();
    g_autoptr(Error) error = NULL;

    if (!ledger_list(it->view->ledger, &query, entries, &error)) {
        answer_error(answer, ANSWER_FAILED, error);
        return;
    }
    while (entries->len && subject_is_probe(first_of(entries)))
        g_array_remove_index(entries, 0);
    const LedgerEntry *entry = entries->len ? first_of(entries) : NULL;
    const Folder *its = entry ? settings_find_folder(it->view->settings, entry->row.folder) : NULL;
    if (its)
        undo_entry(it, its, entry, answer);
    else if (entry)
        answer_refuse(answer, ANSWER_REFUSED, "give `folder`",
                      "the folder '%s' of the last picture is not configured", entry->row.folder);
    else
        answer_refuse(answer, ANSWER_UNKNOWN, NULL, "no picture is done that could be undone");
}

static void try_to_undo(Undo *it, const Folder *folder, const LedgerEntry *entry)
{
    g_autoptr(Error) error = NULL;

    if (subject_is_probe(entry) || undo(it, folder, &entry->row, &error))
        return;
    explain(error, &entry->row);
    g_autofree char *path = subject_path(folder, &entry->row);
    refusals_add(&it->refusals, path, error);
}

/* The newest first: a later picture may have replaced what an earlier one made. */
static void undo_since(Undo *it, const Folder *folder, Answer *answer)
{
    const LedgerQuery query = { .folder = folder->name,
                                .states = 1U << LEDGER_DONE,
                                .since_wall_ms = request_number(it->request, "since", 0) * 1000 };
    const LedgerEntry *entry = NULL;
    g_autoptr(Error) error = NULL;
    g_auto(Pages) pages = { 0 };

    if (!pages_begin(&pages, it->view, it->request, &query, answer) ||
        !pages_add_total(&pages, it->request, answer))
        return;
    while ((entry = pages_next(&pages, &error)))
        try_to_undo(it, folder, entry);
    if (error)
        answer_error(answer, ANSWER_FAILED, error);
    else
        pages_end(&pages, answer);
}

/* ---- the request ---- */

static void finish(Undo *it, Answer *answer)
{
    if (answer->status != ANSWER_OK) {
        cJSON_Delete(it->pictures);
        cJSON_Delete(it->refusals.list);
        return;
    }
    cJSON_AddNumberToObject(answer->json, "undone", (double) it->undone);
    cJSON_AddItemToObject(answer->json, "pictures", it->pictures);
    refusals_end(&it->refusals, answer->json);
}

/* Which of path, job, last and since were given: one of them is right. */
static bool is_clear(const Request *request)
{
    bool path = request_text(request, "path"), last = request_flag(request, "last");
    bool job = request_number(request, "job", -1) >= 0;
    bool folder = request_text(request, "folder"),
         since = request_number(request, "since", -1) >= 0;

    return path + job + last + since == 1 && (!(path || job) || !folder) && (!since || folder);
}

void answer_undo(const ControlView *view, const Request *request, Answer *answer)
{
    const char *path = request_text(request, "path"), *name = request_text(request, "folder");

    if (!is_clear(request)) {
        answer_refuse(answer, ANSWER_WRONG, "give path, or job, or last, or since and folder",
                      "it is not clear which pictures to undo");
        return;
    }
    const Folder *folder = name ? places_folder(view->settings, name, answer) : NULL;
    if (name && !folder)
        return;
    Undo it = { .view = view,
                .request = request,
                .pictures = cJSON_CreateArray(),
                .refusals = refusals_new() };
    int64_t job = request_number(request, "job", -1);
    if (path)
        undo_path(&it, path, answer);
    else if (job >= 0)
        undo_job(&it, job, answer);
    else if (request_flag(request, "last"))
        undo_last(&it, folder, answer);
    else if (folder)
        undo_since(&it, folder, answer);
    finish(&it, answer);
}
