/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/control/subject.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "daemon/control/places.h"
#include "daemon/files/beneath.h"
#include "daemon/files/mounts.h"
#include "daemon/settings/probe_name.h"

/* ---- a picture ---- */

char *subject_unnumbered(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    const char *dot = strrchr(name, '.'), *end = dot && dot > name ? dot : name + strlen(name);
    const char *at = end;

    while (at > name && g_ascii_isdigit(at[-1]))
        at--;
    if (at == end || at <= name + 1 || at[-1] != '-')
        return NULL;
    return g_strdup_printf("%.*s%s", (int) (at - 1 - path), path, end);
}

static bool put_first(GArray *entries, const char *source)
{
    for (guint i = 0; source && i < entries->len; i++) {
        LedgerEntry *first = &g_array_index(entries, LedgerEntry, 0);
        LedgerEntry *entry = &g_array_index(entries, LedgerEntry, i);

        if (strcmp(entry->row.source, source) != 0)
            continue;
        LedgerEntry kept = *first;
        *first = *entry;
        *entry = kept;
        return true;
    }
    return false;
}

void subject_prefer(GArray *entries, const char *name)
{
    g_autofree char *plain = subject_unnumbered(name);

    if (!put_first(entries, name))
        put_first(entries, plain);
}

/* The file may have another name there than it had. */
static bool find_moved(const ControlView *view, const Folder *folder, const char *inside,
                       GArray *entries, Error **err)
{
    struct stat st;

    if (!beneath_stat(folder->path, inside, &st))
        return true;
    FileId file = fileid_of(&st);
    if (!ledger_of_file(view->ledger, folder->name, &file, entries, err))
        return false;
    const char *slash = strchr(inside, '/');
    if (slash)
        subject_prefer(entries, slash + 1);
    return true;
}

static const Folder *refuse_place(const char *path, Answer *answer)
{
    g_autofree char *shown = text_escape(path);

    answer_refuse(answer, ANSWER_UNKNOWN,
                  "`hotfolder status` shows the folders; give the path of an original",
                  "'%s' is in no folder", shown);
    return NULL;
}

static const Folder *refuse_unknown(const char *path, Answer *answer)
{
    g_autofree char *shown = text_escape(path), *quoted = text_shell_word(path);
    g_autofree char *fix = g_strdup_printf("ask what is known of it: hotfolder why %s", quoted);

    answer_refuse(answer, ANSWER_UNKNOWN, fix, "no picture '%s' was queued yet", shown);
    return NULL;
}

bool subject_is_reachable(const ControlView *view, const Folder *folder, Error **err)
{
    g_autofree char *reason = NULL, *name = NULL;

    if (health_get(view->health, folder->name, &reason) != HEALTH_UNAVAILABLE)
        return true;
    name = text_escape(folder->name);
    return error_set(err, ERROR_ENVIRONMENT, "correct that, and try again",
                     "folder '%s' is unavailable: %s", name, reason ? reason : "");
}

const Folder *subject_picture(const ControlView *view, const char *path, GArray *entries,
                              Answer *answer)
{
    const char *inside = NULL;
    const Folder *folder = places_of_input(view->settings, path, &inside);
    g_autoptr(Error) error = NULL;

    if (!folder)
        return refuse_place(path, answer);
    bool moved = places_is_reserved(inside);
    if (moved && !subject_is_reachable(view, folder, &error)) {
        answer_error(answer, ANSWER_REFUSED, error);
        return NULL;
    }
    bool ok = moved ? find_moved(view, folder, inside, entries, &error)
                    : ledger_history(view->ledger, folder->name, inside, 1, entries, &error);
    if (!ok) {
        answer_error(answer, ANSWER_FAILED, error);
        return NULL;
    }
    return entries->len ? folder : refuse_unknown(path, answer);
}

const Folder *subject_job(const ControlView *view, int64_t job, GArray *entries, Answer *answer)
{
    g_autoptr(Error) error = NULL;

    if (!ledger_entry(view->ledger, job, entries, &error)) {
        answer_error(answer, ANSWER_FAILED, error);
        return NULL;
    }
    if (!entries->len) {
        answer_refuse(answer, ANSWER_UNKNOWN, "`hotfolder list --json` has the numbers",
                      "no picture has the number %" PRId64, job);
        return NULL;
    }
    const char *name = g_array_index(entries, LedgerEntry, 0).row.folder;
    const Folder *folder = settings_find_folder(view->settings, name);
    g_autofree char *shown = text_escape(name);
    if (!folder)
        answer_refuse(answer, ANSWER_UNKNOWN, NULL,
                      "the folder '%s' of the picture is not configured", shown);
    return folder;
}

const Folder *subject_maker(const ControlView *view, const char *path, GArray **entries,
                            Error **err)
{
    const Folder *maker = NULL;
    int64_t newest = 0;

    for (guint i = 0; i < view->settings->folders->len && !*err; i++) {
        const Folder *folder = view->settings->folders->pdata[i];
        const char *inside = mounts_below(path, folder->output);
        g_autoptr(GArray) made = ledger_entries_new();

        if (!inside || !*inside || !ledger_made(view->ledger, folder->name, inside, 1, made, err) ||
            !made->len || g_array_index(made, LedgerEntry, 0).row.id < newest)
            continue;
        newest = g_array_index(made, LedgerEntry, 0).row.id;
        g_array_unref(*entries);
        *entries = g_steal_pointer(&made);
        maker = folder;
    }
    return *err ? NULL : maker;
}

char *subject_path(const Folder *folder, const LedgerRow *row)
{
    return g_build_filename(folder->path, row->source, NULL);
}

/* ---- its state ---- */

bool subject_is_probe(const LedgerEntry *entry)
{
    return ledger_has_ended(entry->row.state) && fnmatch(PROBE_GLOB, entry->row.source, 0) == 0;
}

bool subject_is_replaced(const ControlView *view, const LedgerEntry *entry)
{
    g_autoptr(GArray) newest = ledger_entries_new();
    g_autoptr(Error) ignored = NULL;
    const LedgerRow *row = &entry->row;

    return row->state == LEDGER_FAILED &&
           ledger_history(view->ledger, row->folder, row->source, 1, newest, &ignored) &&
           newest->len && g_array_index(newest, LedgerEntry, 0).row.id != row->id &&
           g_array_index(newest, LedgerEntry, 0).row.state == LEDGER_DONE;
}

static char *cancelled_text(const LedgerEntry *entry)
{
    return g_strdup_printf("%s by %s",
                           entry->cancelled_why == CANCEL_UNDONE ? "undone" : "cancelled",
                           entry->cancelled_by ? entry->cancelled_by : "a person");
}

/* Its folder may keep it from being processed. */
static const char *queued_state(const ControlView *view, const LedgerEntry *entry, char **reason)
{
    HealthState health = health_get(view->health, entry->row.folder, reason);

    if (health == HEALTH_AVAILABLE && entry->why)
        *reason = g_strdup(entry->why->what);
    if (health == HEALTH_PAUSED) {
        g_autofree char *by = *reason;
        *reason = g_strdup_printf("paused %s", by);
    }
    return health == HEALTH_HELD ? "held" : "queued";
}

const char *subject_state(const ControlView *view, const LedgerEntry *entry, char **reason)
{
    *reason = NULL;
    switch (entry->row.state) {
    case LEDGER_QUEUED:
        return queued_state(view, entry, reason);
    case LEDGER_PROCESSING:
    case LEDGER_PUBLISHING:
    case LEDGER_FAILING:
        return "in progress";
    case LEDGER_DONE:
        *reason = entry->duplicate ? g_strdup("its content was done before") : NULL;
        return "done";
    case LEDGER_FAILED:
        *reason = entry->why ? g_strdup(entry->why->what) : NULL;
        return "failed";
    case LEDGER_CANCELLED:
        *reason = cancelled_text(entry);
        return "ignored";
    case LEDGER_SUPERSEDED:
        *reason = g_strdup("it was made again since");
        return "done";
    }
    g_assert_not_reached();
}
