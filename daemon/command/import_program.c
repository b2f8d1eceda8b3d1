/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An import as a program gets it: one object. */
#include "base/clock.h"
#include "command/import_state.h"
#include "command/import_view.h"
#include "command/json.h"
#include "daemon/control/cards.h"

typedef struct Answer {
    bool dry;
    cJSON *planned, *troubles;
} Answer;

static void hear_progress(void *user G_GNUC_UNUSED, const CardRecord *record G_GNUC_UNUSED)
{
}

static void take_planned(void *user, const CardFile *file, const char *name)
{
    Answer *answer = user;
    cJSON *entry = cJSON_CreateObject();

    json_add_text(entry, "file", file->path);
    json_add_text(entry, "name", name);
    cJSON_AddItemToArray(answer->planned, entry);
}

static void take_trouble(void *user, const CardFile *file, const char *destination,
                         const Error *error)
{
    Answer *answer = user;
    cJSON *entry = cJSON_CreateObject();

    json_add_text(entry, "file", file->path);
    if (destination)
        json_add_text(entry, "destination", destination);
    cJSON_AddItemToObject(entry, "error", json_error(error));
    cJSON_AddItemToArray(answer->troubles, entry);
}

static void take_not_handed(void *user, const CardFile *file, const char *folder,
                            const Error *error)
{
    Answer *answer = user;
    cJSON *entry = cJSON_CreateObject();

    json_add_text(entry, "file", file->path);
    json_add_text(entry, "folder", folder);
    cJSON_AddItemToObject(entry, "error", json_error(error));
    cJSON_AddItemToArray(answer->troubles, entry);
}

static void say_damaged(void *user G_GNUC_UNUSED, const char *copy)
{
    import_state_say_damaged(copy);
}

static cJSON *reasons_of(const Verdict *verdict)
{
    cJSON *list = cJSON_CreateArray();

    for (guint i = 0; i < verdict->reasons->len; i++) {
        cJSON *holder = cJSON_CreateObject();
        json_add_text(holder, "reason", verdict->reasons->pdata[i]);
        cJSON_AddItemToArray(list, cJSON_DetachItemFromObject(holder, "reason"));
        cJSON_Delete(holder);
    }
    return list;
}

static void print_end(void *user, const CardRecord *record, const Verdict *verdict,
                      bool nothing_new)
{
    Answer *answer = user;
    cJSON *object = cards_json_of(record, clock_wall_ms());

    cJSON_DeleteItemFromObject(object, "verdict");
    json_add_text(object, "verdict", verdict->line);
    if (record->state != CARD_HELD && record->state != CARD_INTERRUPTED) { /* all, not only one */
        cJSON_DeleteItemFromObject(object, "reasons");
        cJSON_AddItemToObject(object, "reasons", reasons_of(verdict));
    }
    cJSON_AddBoolToObject(object, "nothing_new", nothing_new);
    cJSON_AddBoolToObject(object, "dry_run", answer->dry);
    cJSON_AddItemToObject(object, "troubles", g_steal_pointer(&answer->troubles));
    if (answer->dry)
        cJSON_AddItemToObject(object, "planned", g_steal_pointer(&answer->planned));
    json_print(object);
}

static void print_failure(void *user G_GNUC_UNUSED, const Error *error)
{
    cJSON *object = cJSON_CreateObject();

    cJSON_AddStringToObject(object, "state", card_state_word(CARD_FAILED));
    cJSON_AddBoolToObject(object, "safe", false);
    cJSON_AddItemToObject(object, "error", json_error(error));
    json_print(object);
}

static void free_answer(void *user)
{
    Answer *answer = user;

    cJSON_Delete(answer->planned);
    cJSON_Delete(answer->troubles);
    g_free(answer);
}

ImportView *import_view_of_program(bool dry)
{
    ImportView *view = g_new0(ImportView, 1);
    Answer *answer = g_new0(Answer, 1);

    *answer = (Answer){ dry, cJSON_CreateArray(), cJSON_CreateArray() };
    view->reporter = (ImportReporter){ .user = answer,
                                       .progress = hear_progress,
                                       .planned = take_planned,
                                       .trouble = take_trouble,
                                       .not_handed = take_not_handed,
                                       .damaged = say_damaged };
    view->end = print_end;
    view->failed = print_failure;
    view->free = free_answer;
    return view;
}
