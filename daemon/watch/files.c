#include "daemon/watch/files.h"

#include <string.h>

#include "base/clock.h"
#include "daemon/files/beneath.h"
#include "daemon/journal/crash_record.h"
#include "daemon/journal/journal.h"
#include "daemon/settings/ignore.h"

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static void drop_pending(WatchedFolder *watched, const char *path)
{
    PendingFile *file = pending_find(watched->files.pending, path);

    if (file)
        pending_drop(watched->files.pending, file);
}

static void gone(WatchedFolder *watched, const char *path)
{
    drop_pending(watched, path);
    ignored_drop(watched->files.ignored, path);
}

/* Names that are always litter are only counted; a file that might have been meant is told of. */
static void ignore(WatchedFolder *watched, const char *path, const FileId *id, const char *reason,
                   bool tell)
{
    bool news = ignored_add(watched->files.ignored, path, id, reason);

    drop_pending(watched, path);
    if (news && tell)
        journal_event(EVENT_IGNORED, .folder = watched->folder->name, .source = path,
                      .reason = reason);
}

/* Waits for as long as the rule says; NULL when too many are waiting, and a scan shall come back.
 */
static PendingFile *wait_on(WatchedFolder *watched, const char *path, const FileHistory *history,
                            const char *reason, int64_t due_ms, int64_t now_ms)
{
    PendingFile *file = pending_add(watched->files.pending, path, now_ms);
    int64_t tell_ms = history->first_ms + READINESS_REPORT_MS;

    if (!file) {
        watched->scan.wanted_ms = MIN(watched->scan.wanted_ms, now_ms + RESCAN_SOON_MS);
        return NULL;
    }
    file->history = *history;
    if (!file->reported && now_ms >= tell_ms) {
        file->reported = true;
        journal_event(EVENT_PENDING, .folder = watched->folder->name, .source = path,
                      .reason = reason);
    }
    pending_schedule(watched->files.pending, file, reason,
                     file->reported ? due_ms : MIN(due_ms, tell_ms));
    ignored_pause(watched->files.ignored, path);
    return file;
}

/* The intake did not take it: it stays, and is looked at again after a growing while. */
static void on_refused(WatchedFolder *watched, const char *path, const FileHistory *history,
                       const Error *error, int64_t now_ms)
{
    const char *reason = error->kind == ERROR_TRANSIENT ? "replaced while it is worked on"
                                                        : "the ledger cannot take it";
    PendingFile *file = wait_on(watched, path, history, reason, now_ms, now_ms);
    int64_t delay_ms = 0;

    if (file) {
        delay_ms = MIN(INT64_C(250) << MIN(file->refusals, 8), 60000);
        file->refusals++;
        pending_schedule(watched->files.pending, file, reason, now_ms + delay_ms);
    }
    if (error->kind != ERROR_TRANSIENT && !watched->common->trouble_reported) {
        watched->common->trouble_reported = true;
        journal_event(EVENT_ERROR, .folder = watched->folder->name, .source = path, .error = error);
    }
}

static void offer(WatchedFolder *watched, const char *path, const Observation *observation,
                  const FileHistory *history, int64_t now_ms)
{
    WatchCommon *common = watched->common;
    g_autoptr(Error) error = NULL;

    if (!intake_offer(common->intake, watched->folder, path, observation->fd, &observation->id,
                      &error)) {
        on_refused(watched, path, history, error, now_ms);
        return;
    }
    common->trouble_reported = false;
    finished_drop(watched->files.finished, path);
    gone(watched, path); /* from what we have to care for */
    if (++common->offered >= TURN_ENTRIES)
        files_flush(common, now_ms);
}

void files_flush(WatchCommon *common, int64_t now_ms)
{
    g_autoptr(Error) error = NULL;

    if (intake_flush(common->intake, &error)) {
        common->offered = 0;
        common->flush_ms = 0;
        common->flush_fails = 0;
        return;
    }
    common->offered = 1; /* something is left to be flushed */
    common->flush_ms = now_ms + MIN(INT64_C(250) << MIN(common->flush_fails, 8), 60000);
    if (error->kind ==
        ERROR_TRANSIENT) /* all was taken but what is in work: others need not wait */
        common->flush_fails = 0;
    else if (common->flush_fails++ == 0)
        journal_event(EVENT_ERROR, .error = error);
}

static void decide(WatchedFolder *watched, const char *path, const Observation *observation,
                   int64_t now_ms)
{
    const PendingFile *file = pending_find(watched->files.pending, path);
    FileHistory history = file ? file->history : (FileHistory){ 0 };
    Verdict verdict;

    readiness_note(&history, observation, now_ms);
    verdict = readiness_verdict(observation, &history, watched->folder, now_ms);
    switch (verdict.kind) {
    case VERDICT_GONE:
        gone(watched, path);
        watched_check(watched, now_ms); /* or the whole folder is gone, which no event tells */
        break;
    case VERDICT_PENDING:
        wait_on(watched, path, &history, verdict.reason, verdict.again_ms, now_ms);
        break;
    case VERDICT_READY:
        if (!watched->folder->chain && intake_made(watched->common->intake, &observation->id)) {
            ignore(watched, path, &observation->id, readiness_made_by_us, true);
            break;
        }
        G_GNUC_FALLTHROUGH;
    case VERDICT_INCOMPLETE: /* the attempt at it will say what is missing */
        offer(watched, path, observation, &history, now_ms);
        break;
    case VERDICT_IGNORE:
        ignore(watched, path, observation->presence == PRESENCE_FILE ? &observation->id : NULL,
               verdict.reason, true);
        break;
    }
}

static void check_now(WatchedFolder *watched, const char *path, int64_t now_ms)
{
    Observation observation;

    obituary_subject(watched->folder->name, path);
    observe(watched->folder->path, path, &observation);
    decide(watched, path, &observation, now_ms);
    observation_close(&observation);
    obituary_subject(NULL, NULL);
}

/* Whether nothing needs to be opened: its name, its type, or an earlier verdict on this very file
 * says enough. */
static bool known(WatchedFolder *watched, const char *path, const char *name, const struct stat *st)
{
    const char *litter = litter_reason(watched->folder, name, false);
    const char *irregular = look_odd(st->st_mode);
    FileId id = fileid_of(st);
    bool over = false;

    if (litter || irregular) {
        ignore(watched, path, NULL, litter ? litter : irregular, !litter);
        return true;
    }
    if (ignored_knows(watched->files.ignored, path, &id))
        return true;
    if (id.size == 0 || !intake_knows(watched->common->intake, watched->folder, path, &id, &over))
        return false;
    if (over && watch_poll_any(watched->poll))
        finished_add(watched->files.finished, path, &id);
    gone(watched, path);
    return true;
}

void files_on_entry(WatchedFolder *watched, const char *path, const char *name,
                    const struct stat *st, bool poll, int64_t now_ms)
{
    FileId id = fileid_of(st);

    if (poll && finished_has(watched->files.finished, path, &id))
        return;
    if (known(watched, path, name, st))
        return;
    const PendingFile *file = pending_find(watched->files.pending, path);
    if (file && file->due_ms != CLOCK_NEVER) { /* it has its own time */
        ignored_pause(watched->files.ignored, path);
        return;
    }
    check_now(watched, path, now_ms);
    watched->scan.observing_ms += clock_ms() - now_ms;
}

void files_touched(WatchedFolder *watched, const char *path)
{
    if (g_hash_table_contains(watched->files.touched_set, path))
        return;
    if (watched->files.touched->len >= watched->common->hints_max) {
        watched_hints_lost(watched, clock_ms());
        return;
    }
    g_ptr_array_add(watched->files.touched, g_strdup(path));
    g_hash_table_add(watched->files.touched_set,
                     watched->files.touched->pdata[watched->files.touched->len - 1]);
}

void files_gone(WatchedFolder *watched, const char *path)
{
    gone(watched, path);
    if (g_str_has_suffix(path, ".aria2")) { /* the download beside it has ended */
        g_autofree char *download = g_strndup(path, strlen(path) - strlen(".aria2"));

        files_touched(watched, download);
    }
}

void files_check_touched(WatchedFolder *watched, int64_t now_ms)
{
    guint done = 0;

    /* A look may read many megabytes: other folders have their turn, too. */
    for (; done < watched->files.touched->len && (!done || clock_ms() < now_ms + TURN_MS); done++) {
        const char *path = watched->files.touched->pdata[done];
        PendingFile *file = pending_find(watched->files.pending, path);
        struct stat st;

        if (file)
            file->history.event_ms = now_ms;

        if (!beneath_stat(watched->folder->path, path, &st)) {
            check_now(watched, path, now_ms); /* gone, most likely: the rule knows */
        } else if (S_ISDIR(st.st_mode)) {
            gone(watched, path);
        } else if (!known(watched, path, last_part(path), &st)) {
            check_now(watched, path, clock_ms());
        }
    }
    for (guint i = 0; i < done; i++)
        g_hash_table_remove(watched->files.touched_set, watched->files.touched->pdata[i]);
    if (done)
        g_ptr_array_remove_range(watched->files.touched, 0, done);
}

void files_check_due(WatchedFolder *watched, int64_t now_ms)
{
    const PendingFile *file = NULL;

    for (int i = 0; i < TURN_ENTRIES && (!i || clock_ms() < now_ms + TURN_MS) &&
                    (file = pending_due(watched->files.pending, now_ms));
         i++) {
        g_autofree char *path = g_strdup(file->path); /* the look may drop it */

        check_now(watched, path, now_ms);
    }
}
