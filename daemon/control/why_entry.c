/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the ledger knows of a picture, in words. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "daemon/control/json.h"
#include "daemon/control/why_internal.h"
#include "daemon/ledger/parts.h"
#include "daemon/ledger/unmoved.h"

enum {
    OUTPUTS_MAX = 10,      /* that are named */
    BEFORE_MAX = 10000,    /* that are counted */
    DIRECTORIES_MAX = 100, /* of originals that could not be moved */
};

void why_fail(Question *question, const Error *error)
{
    question->failed = true;
    answer_error(question->answer, ANSWER_FAILED, error);
}

/* The path of its original while it lay in the folder, as a word for a shell; newly allocated. */
static char *quoted_source(const Question *question, const LedgerEntry *entry)
{
    g_autofree char *path = g_build_filename(question->folder->path, entry->row.source, NULL);

    return text_shell_word(path);
}

/* "5 attempts" */
static char *attempts_of(const LedgerEntry *entry)
{
    return why_count(entry->row.attempt, "attempt", "attempts");
}

/* ---- queued ---- */

static const char *order_note(Order order)
{
    return order == ORDER_NEWEST ? "the one that arrived last comes first (order = newest)"
           : order == ORDER_NAME ? "they come in the order of their names (order = name)"
                                 : NULL;
}

/* Another folder with a higher priority whose pictures come first. */
static void note_priority(Question *question)
{
    const GPtrArray *folders = question->view->settings->folders;

    for (guint i = 0; i < folders->len; i++) {
        const Folder *other = folders->pdata[i];
        g_autoptr(Error) unknown = NULL;
        LedgerCounts counts = { 0 };

        if (other->priority <= question->folder->priority ||
            !ledger_count(question->view->ledger, other->name, &counts, &unknown) || !counts.queued)
            continue;
        g_autofree char *name = text_escape(other->name);
        g_autofree char *pictures = why_count(counts.queued, "picture", "pictures");
        why_note(question, "folder '%s' has %s queued, and a higher priority (%d)", name, pictures,
                 other->priority);
    }
}

static void tell_place(Question *question, const LedgerEntry *entry)
{
    g_autoptr(Error) unknown = NULL;
    Order order = question->folder->order;
    const char *note = order_note(order);
    int64_t before = 0;

    if (!ledger_count_before(question->view->ledger, &entry->row, order, BEFORE_MAX, &before,
                             &unknown))
        why_set_state(question, "queued", "queued");
    else if (before >= BEFORE_MAX)
        why_set_state(question, "queued", "queued: more than %d pictures are before it",
                      BEFORE_MAX);
    else if (before == 0)
        why_set_state(question, "queued", "queued: it is the next one");
    else
        why_set_state(question, "queued", "queued: %d %s before it", (int) before,
                      before == 1 ? "picture is" : "pictures are");
    if (!unknown)
        cJSON_AddNumberToObject(question->answer->json, "before", (double) before);
    if (note && before)
        why_note(question, "%s", note);
    note_priority(question);
}

static void tell_retry(Question *question, const LedgerEntry *entry)
{
    int64_t at_ms = clock_wall_ms() + entry->retry_ms;
    g_autofree char *time = clock_text(at_ms);
    g_autofree char *error = entry->why ? why_error(entry->why) : NULL;
    g_autofree char *quoted = quoted_source(question, entry);

    json_add_time(question->answer->json, "next_attempt", at_ms);
    why_set_state(question, "queued", "queued: next attempt at %s%s%s", time,
                  error ? " after: " : "", error ? error : "");
    if (entry->row.attempt)
        why_note(question, "%d of %d attempts were made; to try now: hotfolder retry %s",
                 entry->row.attempt, question->folder->retry.attempts, quoted);
}

/* The pause of all folders is not ended by that of one. */
void why_note_resume(Question *question)
{
    g_autofree char *who = NULL, *name = text_shell_word(question->folder->name);
    int64_t since_ms = 0;
    bool all = health_is_paused(question->view->health, "", &who, &since_ms);

    why_note(question, "to go on: hotfolder resume%s%s", all ? "" : " ", all ? "" : name);
}

/* Whether the folder keeps it from being processed. */
static bool tell_obstacle(Question *question)
{
    g_autofree char *reason = text_escape(question->health_reason ? question->health_reason : "");
    int64_t since_ms = health_since(question->view->health, question->folder->name);
    g_autofree char *since = since_ms ? clock_text(why_wall(since_ms)) : NULL;

    if (question->health == HEALTH_HELD) {
        why_set_state(question, "held", "held: %s%s%s", reason, since ? ", since " : "",
                      since ? since : "");
        why_note(question, "it is queued, and no attempt is spent; correct that, and hotfolder "
                           "continues by itself");
    } else if (question->health == HEALTH_UNAVAILABLE) {
        why_set_state(question, "queued", "queued: its folder is unavailable%s%s: %s",
                      since ? " since " : "", since ? since : "", reason);
    } else if (question->health == HEALTH_PAUSED) {
        why_set_state(question, "queued", "queued: its folder is paused %s", reason);
        why_note_resume(question);
    } else {
        return false;
    }
    return true;
}

static void tell_queued(Question *question, const LedgerEntry *entry)
{
    if (entry->held)
        why_set_state(question, "queued", "queued: it is the next one");
    else if (tell_obstacle(question))
        ; /* that is the answer */
    else if (entry->retry_ms > 0)
        tell_retry(question, entry);
    else
        tell_place(question, entry);
    if (entry->row.alone)
        why_note(question, "it waits until nothing else is in progress: a worker has crashed over "
                           "it, or beside it");
    g_autofree char *arrived = clock_text(entry->arrived_wall_ms);
    why_note(question, "it is queued since %s", arrived);
    if (question->look.result == LOOK_GONE)
        why_note(question, "it is not there any more: nothing will be made of it");
}

/* ---- in progress ---- */

typedef struct Waits {
    const LedgerEntry *entry;
    const char *what; /* static; NULL: for nothing, as far as is known */
} Waits;

static void look_at_job(void *user, const PoolJob *job)
{
    Waits *waits = user;
    const LedgerRow *row = &waits->entry->row;

    if (strcmp(job->folder, row->folder) != 0 || strcmp(job->source, row->source) != 0)
        return;
    if (job->waits)
        waits->what = "it waits for memory, which other pictures have";
    else if (job->still)
        waits->what = "it stands still: a disk or a share, that of the folder or that of the "
                      "outputs, does not respond or is slow";
}

static void note_waits(Question *question, const LedgerEntry *entry)
{
    Waits waits = { .entry = entry };

    if (question->view->dispatch)
        dispatch_for_each_job(question->view->dispatch, look_at_job, &waits);
    if (waits.what)
        why_note(question, "%s", waits.what);
}

static void tell_in_progress(Question *question, const LedgerEntry *entry)
{
    g_autofree char *since = clock_text(entry->changed_wall_ms);
    const char *step = entry->row.state == LEDGER_PUBLISHING ? "; its outputs are being published"
                       : entry->row.state == LEDGER_FAILING  ? "; it fails, and is being moved"
                                                             : "";

    why_set_state(question, "in progress", "in progress since %s: attempt %d of %d%s", since,
                  entry->row.attempt, question->folder->retry.attempts, step);
    note_waits(question, entry);
}

/* ---- done ---- */

/* What lets the originals of its directory be moved. */
static void note_unmoved(Question *question, const LedgerEntry *entry)
{
    g_autofree char *directory = g_path_get_dirname(entry->row.source);
    g_autoptr(GArray) groups = NULL;
    g_autoptr(Error) unknown = NULL;
    int64_t originals = 0;

    why_note(question, "its original could not be moved yet; that is tried again");
    unmoved_count(question->view->ledger, question->folder->name, DIRECTORIES_MAX, &originals,
                  &groups, &unknown);
    for (guint i = 0; groups && i < groups->len; i++) {
        const UnmovedGroup *group = &g_array_index(groups, UnmovedGroup, i);
        if (!group->fix || strcmp(*group->dir ? group->dir : ".", directory) != 0)
            continue;
        g_autofree char *fix = text_escape(group->fix);
        why_note(question, "what helps: %s", fix);
    }
}

static void note_original(Question *question, const LedgerEntry *entry)
{
    const Folder *folder = question->folder;

    if (entry->unmoved)
        note_unmoved(question, entry);
    else if (entry->original == ORIGINAL_MISSING)
        why_note(question, "its original was removed or renamed meanwhile");
    else if (entry->original == ORIGINAL_STAYS)
        why_note(question, "its original stays where it is");
    else if (entry->row.state == LEDGER_FAILED)
        why_note(question, "its original is in failed/, with a report beside it");
    else if (folder->originals == ORIGINALS_DONE || folder->originals == ORIGINALS_TRASH)
        why_note(question, "its original was moved %s",
                 folder->originals == ORIGINALS_DONE ? "to done/" : "to the trash");
}

/* Names an output. *look: its disk responds, as far as is known. */
static void note_output(Question *question, const char *inside, const char *shown, bool *look)
{
    Look there =
        *look ? why_look(question->folder->output, inside) : (Look){ .result = LOOK_SILENT };

    *look = there.result != LOOK_SILENT;
    why_note(question, "%s%s", shown,
             there.result == LOOK_GONE ? " (it is not there any more)" : "");
}

static void add_outputs(Question *question, const LedgerEntry *entry)
{
    g_autoptr(GArray) outputs = ledger_outputs_new();
    g_autoptr(Error) unknown = NULL;

    if (!ledger_outputs_of(question->view->ledger, entry->row.id, outputs, &unknown))
        return;
    cJSON *list = cJSON_AddArrayToObject(question->answer->json, "outputs");
    bool look = true;
    for (guint i = 0; i < outputs->len; i++) {
        const LedgerOutput *output = &g_array_index(outputs, LedgerOutput, i);
        g_autofree char *path = g_build_filename(question->folder->output, output->path, NULL);
        g_autofree char *shown = text_escape(path);

        cJSON_AddItemToArray(list, cJSON_CreateString(shown));
        if (i < OUTPUTS_MAX)
            note_output(question, output->path, shown, &look);
        else if (i == OUTPUTS_MAX)
            why_note(question, "and %u more", outputs->len - i);
    }
}

static void note_duplicate(Question *question, const LedgerEntry *entry)
{
    if (!entry->duplicate_of)
        return;
    g_autofree char *path = g_build_filename(question->folder->path, entry->duplicate_of, NULL);
    g_autofree char *shown = text_escape(path);
    why_note(question, "the picture of the same content: %s", shown);
}

/* Whether the profile that the folder has now says this. */
static bool says(const Question *question, const char *regex)
{
    return g_regex_match_simple(regex, question->folder->profile->text, G_REGEX_RAW, 0);
}

static void tell_no_output(Question *question, const LedgerEntry *entry, const char *time)
{
    g_autofree char *profile = text_escape(entry->profile ? entry->profile : "?");

    if (!says(question, "\\bexists\\s*=\\s*[\"']?skip\\b")) {
        why_set_state(question, "done",
                      "done %s: no output, as no save of profile %s is enabled for this picture",
                      time, profile);
        return;
    }
    why_set_state(question, "done",
                  "done %s: no new output, as each that profile %s makes was there already "
                  "(exists = skip)",
                  time, profile);
    if (says(question, "\\benabled\\s*="))
        why_note(question, "or no save of it is enabled for this picture");
}

static void tell_done(Question *question, const LedgerEntry *entry)
{
    g_autofree char *time = clock_text(entry->changed_wall_ms);
    g_autofree char *outputs = why_count(entry->outputs, "output", "outputs");
    g_autofree char *profile = entry->profile ? text_escape(entry->profile) : NULL;

    if (entry->outputs == 0 && !entry->duplicate) {
        tell_no_output(question, entry, time);
    } else if (entry->duplicate) {
        why_set_state(question, "done",
                      "done %s: nothing was made, as a picture of the same content is done already "
                      "(duplicates = skip)",
                      time);
        note_duplicate(question, entry);
    } else {
        why_set_state(question, "done", "done %s: %s%s%s", time, outputs,
                      profile ? " by profile " : "", profile ? profile : "");
        add_outputs(question, entry);
    }
    note_original(question, entry);
}

/* ---- failed, and cancelled ---- */

static void tell_failed(Question *question, const LedgerEntry *entry)
{
    g_autofree char *attempts = attempts_of(entry);
    g_autofree char *quoted = quoted_source(question, entry);
    g_autofree char *what = entry->why ? text_escape(entry->why->what) : g_strdup("unknown");
    g_autofree char *time = clock_text(entry->changed_wall_ms);

    why_set_state(question, "failed", "failed after %s: %s; try again with: hotfolder retry %s",
                  attempts, what, quoted);
    why_note(question, "it failed at %s", time);
    if (entry->why && entry->why->where) {
        g_autofree char *where = text_escape(entry->why->where);
        why_note(question, "where: %s", where);
    }
    if (entry->why && entry->why->fix) {
        g_autofree char *fix = text_escape(entry->why->fix);
        why_note(question, "what helps: %s", fix);
    }
    note_original(question, entry);
    if (entry->report) {
        g_autofree char *path = g_build_filename(question->folder->path, entry->report, NULL);
        g_autofree char *report = text_escape(path);
        why_note(question, "its report: %s", report);
    }
}

static void tell_cancelled(Question *question, const LedgerEntry *entry)
{
    g_autofree char *who = text_escape(entry->cancelled_by ? entry->cancelled_by : "?");
    g_autofree char *time = clock_text(entry->cancelled_wall_ms);
    g_autofree char *quoted = quoted_source(question, entry);

    why_set_state(question, "ignored", "ignored: %s by %s at %s; hotfolder retry %s takes it",
                  entry->cancelled_why == CANCEL_UNDONE ? "undone" : "cancelled", who, time,
                  quoted);
}

/* ---- any ---- */

static void add_facts(Question *question, const LedgerEntry *entry)
{
    cJSON *json = question->answer->json;

    g_autofree char *path = g_build_filename(question->folder->path, entry->row.source, NULL);

    json_add_text(json, "source", path);
    cJSON_AddNumberToObject(json, "job", (double) entry->row.id);
    cJSON_AddNumberToObject(json, "attempts", entry->row.attempt);
    json_add_time(question->answer->json, "arrived", entry->arrived_wall_ms);
    json_add_time(question->answer->json, "changed", entry->changed_wall_ms);
    if (entry->profile)
        json_add_text(json, "profile", entry->profile);
    if (entry->why)
        cJSON_AddItemToObject(json, "error", json_error(entry->why));
}

/* The other files of its shot. */
static void note_companions(Question *question, const LedgerEntry *entry)
{
    g_autoptr(GArray) parts = ledger_parts_new();
    g_autoptr(GString) list = g_string_new(NULL);
    g_autoptr(Error) unknown = NULL;

    if (!parts_of(question->view->ledger, entry->row.id, parts, &unknown) || !parts->len)
        return;
    for (guint i = 0; i < parts->len; i++) {
        g_autofree char *source = text_escape(g_array_index(parts, LedgerPart, i).source);
        g_string_append_printf(list, "%s%s", i ? ", " : "", source);
    }
    why_note(question, "its companions go with it: %s", list->str);
}

void why_entry(Question *question, const LedgerEntry *entry)
{
    add_facts(question, entry);
    switch (entry->row.state) {
    case LEDGER_QUEUED:
        tell_queued(question, entry);
        break;
    case LEDGER_PROCESSING:
    case LEDGER_PUBLISHING:
    case LEDGER_FAILING:
        tell_in_progress(question, entry);
        break;
    case LEDGER_DONE:
    case LEDGER_SUPERSEDED:
        tell_done(question, entry);
        break;
    case LEDGER_FAILED:
        tell_failed(question, entry);
        break;
    case LEDGER_CANCELLED:
        tell_cancelled(question, entry);
        break;
    }
    note_companions(question, entry);
    if (entry->row.state != LEDGER_QUEUED) /* that says it itself */
        why_note_disk(question, ledger_has_ended(entry->row.state)
                                    ? "that is what hotfolder remembers: "
                                    : "");
}

char *why_entry_text(const Question *question, const LedgerEntry *entry)
{
    g_autofree char *time = clock_text(entry->changed_wall_ms);
    g_autofree char *what = entry->why ? text_escape(entry->why->what) : NULL;

    (void) question;
    switch (entry->row.state) {
    case LEDGER_QUEUED:
        return g_strdup("queued");
    case LEDGER_PROCESSING:
    case LEDGER_PUBLISHING:
    case LEDGER_FAILING:
        return g_strdup("in progress");
    case LEDGER_DONE:
        return g_strdup_printf("done %s", time);
    case LEDGER_FAILED:
        return g_strdup_printf("failed %s%s%s", time, what ? ": " : "", what ? what : "");
    case LEDGER_CANCELLED:
        return g_strdup_printf("cancelled %s", time);
    case LEDGER_SUPERSEDED:
        return g_strdup_printf("done %s, made again since", time);
    }
    return NULL;
}
