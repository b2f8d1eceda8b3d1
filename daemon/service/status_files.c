/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/service/status_files.h"

#include <string.h>

#include "base/clock.h"
#include "daemon/control/folder_text.h"
#include "daemon/files/async.h"
#include "daemon/folders/status_file.h"
#include "daemon/journal/journal.h"

enum {
    WRITE_MS = 10 * 1000, /* between two texts of a folder */
    ERROR_MS = 60 * 1000, /* from an error to the next try */
    STOP_MS = 1000,       /* that a stop waits for the last ones */
};

/* What one thread does. */
typedef struct Work {
    char *path, *text; /* NULL: remove the file */
    Error *error;      /* NULL: it was done */
} Work;

/* The file of a folder, by the directory that it lies in: the folder may get another name. */
typedef struct Kept {
    char *path, *folder;
    char *written;   /* the text that it has; NULL: unknown, or no file */
    bool ours;       /* the setting was on since the start: errors are logged */
    bool removed;    /* there is no file of ours */
    char *logged;    /* the error that was logged last, until a call succeeds */
    int64_t next_ms; /* on clock_ms(): not before is another text written */
    AsyncCall *call; /* NULL: none runs */
    Work *work;      /* of the call, which frees it */
} Kept;

struct StatusFiles {
    GPtrArray *kept; /* of Kept */
};

static void work_free(void *data)
{
    Work *work = data;

    g_free(work->path);
    g_free(work->text);
    error_free(work->error);
    g_free(work);
}

static void do_work(void *data)
{
    Work *work = data;

    if (work->text)
        status_file_write(work->path, work->text, &work->error);
    else
        status_file_remove(work->path, &work->error);
}

static void kept_free(void *data)
{
    Kept *kept = data;

    async_abandon(kept->call);
    g_free(kept->path);
    g_free(kept->folder);
    g_free(kept->written);
    g_free(kept->logged);
    g_free(kept);
}

StatusFiles *status_files_new(void)
{
    StatusFiles *files = g_new0(StatusFiles, 1);

    files->kept = g_ptr_array_new_with_free_func(kept_free);
    return files;
}

/* ---- the folders ---- */

static Kept *find(const StatusFiles *files, const char *path)
{
    for (guint i = 0; i < files->kept->len; i++) {
        Kept *kept = files->kept->pdata[i];
        if (!strcmp(kept->path, path))
            return kept;
    }
    return NULL;
}

static void add_folders(StatusFiles *files, const Settings *settings)
{
    for (guint i = 0; i < settings->folders->len; i++) {
        const Folder *folder = settings->folders->pdata[i];
        Kept *kept = find(files, folder->path);
        if (!kept) {
            kept = g_new0(Kept, 1);
            kept->path = g_strdup(folder->path);
            g_ptr_array_add(files->kept, kept);
        }
        g_free(kept->folder);
        kept->folder = g_strdup(folder->name);
    }
}

/* NULL: the configuration does not have it any more. */
static const Folder *folder_of(const Kept *kept, const Settings *settings)
{
    const Folder *folder = settings_find_folder(settings, kept->folder);

    return folder && !strcmp(folder->path, kept->path) ? folder : NULL;
}

/* ---- the calls ---- */

static void start(Kept *kept, char *text)
{
    Work *work = g_new0(Work, 1);

    work->path = g_strdup(kept->path);
    work->text = text;
    kept->ours = kept->ours || text;
    kept->work = work;
    kept->next_ms = clock_ms() + WRITE_MS;
    kept->call = async_start(do_work, work, work_free);
}

static void log_once(Kept *kept, const Error *error)
{
    g_autofree char *text = error_text(error);

    if (g_strcmp0(kept->logged, text) == 0)
        return;
    journal_event(EVENT_STATUS_FILE, .folder = kept->folder, .error = error);
    g_free(kept->logged);
    kept->logged = g_steal_pointer(&text);
}

/* The result of a call that has ended. Where the setting was never on, the first look for a file of
 * an earlier run is all, and its error is of no interest. */
static void take_result(Kept *kept)
{
    Work *work = kept->work;

    g_clear_pointer(&kept->written, g_free);
    kept->removed = !work->text && !(work->error && kept->ours);
    if (work->error && kept->ours) {
        log_once(kept, work->error);
        kept->next_ms = clock_ms() + ERROR_MS;
    } else {
        g_clear_pointer(&kept->logged, g_free);
        kept->written = g_steal_pointer(&work->text);
    }
}

/* Whether a call still runs, or hangs. */
static bool is_busy(Kept *kept)
{
    if (!kept->call)
        return false;
    bool ended = async_wait(kept->call, 0);
    if (!ended && !async_mounts_changed(kept->call))
        return true;
    if (ended)
        take_result(kept);
    async_abandon(g_steal_pointer(&kept->call));
    return false;
}

/* ---- a turn ---- */

static void keep(Kept *kept, const ControlView *view, const Folder *folder)
{
    g_autofree char *text = clock_ms() >= kept->next_ms ? folder_text(view, folder) : NULL;

    if (text && g_strcmp0(text, kept->written) != 0)
        start(kept, g_steal_pointer(&text));
}

/* False: nothing is left to be done for it, while the settings stay. */
static bool turn(Kept *kept, const ControlView *view)
{
    const Folder *folder = folder_of(kept, view->settings);

    if (is_busy(kept))
        return true;
    if (folder && health_get(view->health, folder->name, NULL) == HEALTH_UNAVAILABLE) {
        g_clear_pointer(&kept->written, g_free); /* what comes back may be another disk */
        return folder->status_file || !kept->removed;
    }
    if (folder && folder->status_file) {
        keep(kept, view, folder);
        return true;
    }
    if (!kept->removed && (kept->written || clock_ms() >= kept->next_ms))
        start(kept, NULL);
    return !kept->removed;
}

int64_t status_files_turn(StatusFiles *files, const ControlView *view)
{
    bool due = false;

    add_folders(files, view->settings);
    for (guint i = files->kept->len; i-- > 0;) {
        Kept *kept = files->kept->pdata[i];
        if (turn(kept, view))
            due = true;
        else if (!folder_of(kept, view->settings))
            g_ptr_array_remove_index_fast(files->kept, i);
    }
    return due ? WRITE_MS : CLOCK_NEVER;
}

/* ---- the end ---- */

static void say_stopped(StatusFiles *files, const ControlView *view)
{
    int64_t end_ms = clock_ms() + STOP_MS;

    for (guint i = 0; i < files->kept->len; i++) {
        Kept *kept = files->kept->pdata[i];
        const Folder *folder = folder_of(kept, view->settings);
        if (!is_busy(kept) && kept->written && folder && folder->status_file &&
            health_get(view->health, folder->name, NULL) != HEALTH_UNAVAILABLE)
            start(kept, g_strdup(folder_text_stopped));
    }
    for (guint i = 0; i < files->kept->len; i++) {
        Kept *kept = files->kept->pdata[i];
        if (kept->call)
            async_wait(kept->call, MAX(end_ms - clock_ms(), 0));
    }
}

void status_files_stop(StatusFiles *files, const ControlView *view)
{
    if (!files)
        return;
    if (view->settings)
        say_stopped(files, view);
    g_ptr_array_unref(files->kept);
    g_free(files);
}
