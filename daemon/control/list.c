/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "daemon/control/answers.h"
#include "daemon/control/json.h"
#include "daemon/control/pages.h"
#include "daemon/control/places.h"
#include "daemon/control/subject.h"
#include "daemon/ledger/parts.h"
#include "daemon/originals/put_back.h"

enum { LIMIT = 100, LIMIT_MAX = 1000 };

/* The words of people, and what the ledger calls it. */
static const struct {
    const char *word;
    unsigned states;
} state_words[] = {
    { "queued", 1U << LEDGER_QUEUED },
    { "held", 1U << LEDGER_QUEUED }, /* of a folder that is held */
    { "in progress", 1U << LEDGER_PROCESSING | 1U << LEDGER_PUBLISHING | 1U << LEDGER_FAILING },
    { "done", 1U << LEDGER_DONE },
    { "failed", 1U << LEDGER_FAILED },
    { "ignored", 1U << LEDGER_CANCELLED },
};

/* What was made again is listed as its newer row. */
#define LISTED ((1U << LEDGER_STATES) - 1 - (1U << LEDGER_SUPERSEDED))

/* ---- the query ---- */

static bool read_state(const char *state, LedgerQuery *query, Answer *answer)
{
    if (!state)
        return true;
    for (size_t i = 0; i < G_N_ELEMENTS(state_words); i++) {
        if (strcmp(state, state_words[i].word) != 0)
            continue;
        query->states = state_words[i].states;
        return true;
    }
    answer_refuse(answer, ANSWER_WRONG,
                  "give queued, held, in progress, done, failed or ignored; `hotfolder status` "
                  "counts files that are pending",
                  "there is no list of that state");
    return false;
}

static bool read_limit(const Request *request, LedgerQuery *query, Answer *answer)
{
    int64_t limit = request_number(request, "limit", LIMIT);

    query->limit = (int) CLAMP(limit, 1, LIMIT_MAX);
    if (limit == query->limit)
        return true;
    answer_refuse(answer, ANSWER_WRONG, "give 1 to 1000", "limit is wrong");
    return false;
}

static bool read_query(const ControlView *view, const Request *request, LedgerQuery *query,
                       Answer *answer)
{
    const char *name = request_text(request, "folder");
    const Folder *folder = name ? places_folder(view->settings, name, answer) : NULL;

    *query = (LedgerQuery){ .folder = folder ? folder->name : NULL,
                            .states = LISTED,
                            .since_wall_ms = request_number(request, "since", 0) * 1000,
                            .reason = request_text(request, "reason") };
    return (!name || folder) && read_state(request_text(request, "state"), query, answer) &&
           read_limit(request, query, answer);
}

/* ---- the answer ---- */

static const char *original_word(LedgerOriginal original)
{
    return original == ORIGINAL_STAYS ? "there" : original == ORIGINAL_MOVED ? "moved" : "missing";
}

static void add_end(cJSON *object, const LedgerEntry *entry)
{
    cJSON_AddStringToObject(object, "original", original_word(entry->original));
    if (entry->profile)
        json_add_text(object, "profile", entry->profile);
    cJSON_AddNumberToObject(object, "outputs", entry->outputs);
}

static char *output_path(const Folder *folder, const LedgerOutput *output)
{
    g_autofree char *path = g_build_filename(folder->output, output->path, NULL);

    return text_escape(path);
}

/* Of one that is done: others have not published theirs. */
static void add_made(cJSON *object, const ControlView *view, const Folder *folder,
                     const LedgerEntry *entry)
{
    g_autoptr(GArray) outputs = ledger_outputs_new();
    g_autoptr(Error) unknown = NULL;

    if (entry->row.state != LEDGER_DONE || !entry->outputs ||
        !ledger_outputs_of(view->ledger, entry->row.id, outputs, &unknown))
        return;
    cJSON *list = cJSON_AddArrayToObject(object, "made");
    for (guint i = 0; i < outputs->len; i++) {
        g_autofree char *path = output_path(folder, &g_array_index(outputs, LedgerOutput, i));
        cJSON_AddItemToArray(list, cJSON_CreateString(path));
    }
}

/* The other files of its shot, by the places that they came from. */
static void add_companions(cJSON *object, const ControlView *view, const LedgerEntry *entry)
{
    g_autoptr(GArray) parts = ledger_parts_new();
    g_autoptr(Error) unknown = NULL;

    if (!parts_of(view->ledger, entry->row.id, parts, &unknown) || !parts->len)
        return;
    cJSON *list = cJSON_AddArrayToObject(object, "companions");
    for (guint i = 0; i < parts->len; i++) {
        g_autofree char *source = text_escape(g_array_index(parts, LedgerPart, i).source);
        cJSON_AddItemToArray(list, cJSON_CreateString(source));
    }
}

static void add_place(cJSON *object, const Folder *folder, const LedgerEntry *entry)
{
    cJSON_AddNumberToObject(object, "job", (double) entry->row.id);
    json_add_text(object, "folder", entry->row.folder);
    json_add_text(object, "source", entry->row.source);
    if (folder) {
        g_autofree char *path = subject_path(folder, &entry->row);
        json_add_text(object, "path", path);
    }
}

static void add_why(cJSON *object, const LedgerEntry *entry, const char *reason)
{
    if (reason)
        json_add_sentence(object, "reason", reason);
    if (entry->why && entry->why->fix)
        json_add_sentence(object, "fix", entry->why->fix);
    if (entry->why)
        cJSON_AddItemToObject(object, "error", json_error(entry->why));
}

/* What a person may ask for, as far as the ledger knows: the files may have changed since. */
static void add_choices(cJSON *object, const Folder *folder, const LedgerEntry *entry,
                        bool replaced)
{
    bool gone = entry->original == ORIGINAL_MISSING;
    bool undo = entry->row.state == LEDGER_DONE, retry = entry->retry_ms && !entry->held;

    if (entry->row.state == LEDGER_FAILED || entry->row.state == LEDGER_CANCELLED)
        retry = !replaced && !gone;
    cJSON_AddBoolToObject(object, "can_undo", folder && undo && !gone);
    cJSON_AddBoolToObject(object, "can_retry", folder && retry);
}

static cJSON *entry_json(const ControlView *view, const LedgerEntry *entry, const char *state,
                         const char *reason, bool replaced)
{
    cJSON *object = cJSON_CreateObject();
    const Folder *folder = settings_find_folder(view->settings, entry->row.folder);

    add_place(object, folder, entry);
    cJSON_AddStringToObject(object, "state", state);
    add_why(object, entry, reason);
    add_choices(object, folder, entry, replaced);
    json_add_time(object, "arrived", entry->arrived_wall_ms);
    json_add_time(object, "changed", entry->changed_wall_ms);
    if (entry->retry_ms)
        json_add_time(object, "next_attempt", clock_wall_ms() + entry->retry_ms);
    cJSON_AddNumberToObject(object, "attempts", entry->row.attempt);
    if (ledger_has_ended(entry->row.state))
        add_end(object, entry);
    if (folder)
        add_made(object, view, folder, entry);
    add_companions(object, view, entry);
    return object;
}

/* Whether the original of a failed picture lies in failed/ still. */
static bool is_kept(const ControlView *view, const LedgerEntry *entry)
{
    const Folder *folder = settings_find_folder(view->settings, entry->row.folder);
    g_autoptr(Error) ignored = NULL;
    g_auto(Spot) spot = { 0 };

    if (!folder)
        return false;
    const Belonging it = { folder->path, entry->row.source, &entry->row.file, NULL };
    return put_back_find(&it, SPOT_BIT(SPOT_FAILED), &spot, &ignored);
}

static void say_replaced(char **reason)
{
    char *both =
        g_strconcat("replaced by a newer file that is done", *reason ? ": " : NULL, *reason, NULL);

    g_free(*reason);
    *reason = both;
}

/* Adds the entry if it is in the state that was asked for, NULL: in any. */
static void add_entry(cJSON *list, const ControlView *view, const LedgerEntry *entry,
                      const char *wanted)
{
    g_autofree char *reason = NULL;
    const char *state = subject_state(view, entry, &reason);

    if (subject_is_probe(entry) || (wanted && strcmp(state, wanted) != 0))
        return;
    bool replaced = subject_is_replaced(view, entry);
    if (replaced)
        say_replaced(&reason);
    if (!replaced || is_kept(view, entry))
        cJSON_AddItemToArray(list, entry_json(view, entry, state, reason, replaced));
}

/* Of queued pictures many may not be in the state: their folders decide. */
void answer_list(const ControlView *view, const Request *request, Answer *answer)
{
    const char *state = request_text(request, "state");
    const LedgerEntry *entry = NULL;
    g_autoptr(Error) error = NULL;
    g_auto(Pages) pages = { 0 };
    LedgerQuery query = { 0 };

    if (!read_query(view, request, &query, answer) ||
        !pages_begin(&pages, view, request, &query, answer))
        return;
    cJSON *list = cJSON_AddArrayToObject(answer->json, "pictures");
    while (cJSON_GetArraySize(list) < query.limit && (entry = pages_next(&pages, &error)))
        add_entry(list, view, entry, state);
    if (error)
        answer_error(answer, ANSWER_FAILED, error);
    else
        pages_add_next(&pages, answer);
}
