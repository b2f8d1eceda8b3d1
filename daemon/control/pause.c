/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/control/pause.h"

#include "base/clock.h"
#include "base/text.h"
#include "daemon/control/answers.h"
#include "daemon/control/json.h"
#include "daemon/control/places.h"
#include "daemon/journal/journal.h"
#include "daemon/ledger/steering.h"

/* So that the ledger and the health have their changes in the same order. */
static GMutex one_at_a_time;

static void clear_pause(void *data)
{
    ledger_pause_clear(data);
}

static GArray *pauses_new(void)
{
    GArray *pauses = g_array_new(FALSE, TRUE, sizeof(LedgerPause));

    g_array_set_clear_func(pauses, clear_pause);
    return pauses;
}

static void report(EventId event, const char *folder, const char *who)
{
    bool all = !*folder;

    journal_event(event, .folder = all ? NULL : folder, .reason = all ? "all folders" : NULL,
                  .who = who);
}

bool pause_restore(Ledger *ledger, Health *health, Error **err)
{
    g_autoptr(GArray) pauses = pauses_new();

    if (!ledger_paused(ledger, pauses, err))
        return false;
    for (guint i = 0; i < pauses->len; i++) {
        const LedgerPause *pause = &g_array_index(pauses, LedgerPause, i);
        health_pause(health, pause->folder, pause->who, pause->since_wall_ms);
        report(EVENT_FOLDER_PAUSED, pause->folder, pause->who);
    }
    return true;
}

/* { "folder", "by", "since" }, without a folder where it is of all. */
static void add_pause(cJSON *object, const LedgerPause *pause)
{
    if (*pause->folder)
        json_add_text(object, "folder", pause->folder);
    json_add_text(object, "by", pause->who);
    json_add_time(object, "since", pause->since_wall_ms);
}

static const LedgerPause *find_pause(const GArray *pauses, const char *folder)
{
    for (guint i = 0; i < pauses->len; i++) {
        const LedgerPause *pause = &g_array_index(pauses, LedgerPause, i);
        if (g_str_equal(pause->folder, folder))
            return pause;
    }
    return NULL;
}

/* The name of the folder that is asked about, borrowed; "": all; NULL with a refusal. */
static const char *name_asked(const ControlView *view, const Request *request, Answer *answer)
{
    const char *name = request_text(request, "folder");
    const Folder *folder = name ? places_folder(view->settings, name, answer) : NULL;

    if (!name)
        return "";
    return folder ? folder->name : NULL;
}

/* ---- pause ---- */

static bool begin_pause(const ControlView *view, const char *name, const char *who, Answer *answer,
                        Error **err)
{
    g_autoptr(GArray) pauses = pauses_new();
    bool was = false;

    if (!ledger_pause(view->ledger, name, who, &was, err) ||
        !ledger_paused(view->ledger, pauses, err))
        return false;
    const LedgerPause *pause = find_pause(pauses, name);
    if (!pause)
        return error_set(err, ERROR_INTERNAL, NULL, "the ledger did not keep the pause");
    health_pause(view->health, name, pause->who, pause->since_wall_ms);
    if (!was)
        report(EVENT_FOLDER_PAUSED, name, who);
    add_pause(answer->json, pause);
    cJSON_AddBoolToObject(answer->json, "already", was);
    return true;
}

void answer_pause(const ControlView *view, const Request *request, Answer *answer)
{
    g_autoptr(Error) error = NULL;
    const char *name = name_asked(view, request, answer);

    g_mutex_lock(&one_at_a_time);
    if (name && !begin_pause(view, name, request->user, answer, &error))
        answer_error(answer, ANSWER_FAILED, error);
    g_mutex_unlock(&one_at_a_time);
    dispatch_wake(view->dispatch);
}

/* ---- resume ---- */

/* A folder that is paused only with all others can't be resumed alone. */
static bool refuse_alone(const GArray *pauses, const char *name, Answer *answer)
{
    const LedgerPause *all = find_pause(pauses, "");

    if (!*name || !all || find_pause(pauses, name))
        return false;
    g_autofree char *since = clock_text(all->since_wall_ms);
    answer_refuse(answer, ANSWER_REFUSED, "`hotfolder resume` ends that",
                  "all folders are paused by %s since %s", all->who, since);
    return true;
}

/* What is paused still, of what was asked about. */
static void add_others(const GArray *pauses, const char *name, Answer *answer)
{
    cJSON *list = cJSON_AddArrayToObject(answer->json, "still_paused");

    for (guint i = 0; i < pauses->len; i++) {
        const LedgerPause *pause = &g_array_index(pauses, LedgerPause, i);
        if (g_str_equal(pause->folder, name) || (*name && *pause->folder))
            continue;
        cJSON *object = cJSON_CreateObject();
        add_pause(object, pause);
        cJSON_AddItemToArray(list, object);
    }
}

static bool end_pause(const ControlView *view, const char *name, const char *who, Answer *answer,
                      Error **err)
{
    g_autoptr(GArray) pauses = pauses_new();
    bool was = false;

    if (!ledger_paused(view->ledger, pauses, err))
        return false;
    if (refuse_alone(pauses, name, answer))
        return true;
    if (!ledger_resume(view->ledger, name, &was, err))
        return false;
    health_resume(view->health, name);
    if (was)
        report(EVENT_FOLDER_RESUMED, name, who);
    if (*name)
        json_add_text(answer->json, "folder", name);
    cJSON_AddBoolToObject(answer->json, "already", !was);
    add_others(pauses, name, answer);
    return true;
}

void answer_resume(const ControlView *view, const Request *request, Answer *answer)
{
    g_autoptr(Error) error = NULL;
    const char *name = name_asked(view, request, answer);

    g_mutex_lock(&one_at_a_time);
    if (name && !end_pause(view, name, request->user, answer, &error))
        answer_error(answer, ANSWER_FAILED, error);
    g_mutex_unlock(&one_at_a_time);
    dispatch_wake(view->dispatch);
}
