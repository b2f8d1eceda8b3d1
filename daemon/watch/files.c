/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watch/files.h"

#include <string.h>

#include "base/clock.h"
#include "base/reasons.h"
#include "daemon/files/beneath.h"
#include "daemon/files/lock.h"
#include "daemon/journal/crash_record.h"
#include "daemon/journal/journal.h"
#include "daemon/metrics/metrics.h"
#include "daemon/settings/ignore.h"
#include "daemon/watch/companions.h"

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

static void forget(WatchedFolder *watched, const char *path)
{
    drop_pending(watched, path);
    known_drop(watched->files.known, path);
    gather_drop(watched->files.gather, path);
}

/* A file that the user may have meant to be processed is reported; others are only counted. */
static void ignore(WatchedFolder *watched, const char *path, const FileId *id, const char *reason,
                   bool report)
{
    bool is_new = known_ignore(watched->files.known, path, id, reason);

    drop_pending(watched, path);
    gather_drop(watched->files.gather, path);
    if (is_new && report)
        journal_event(EVENT_IGNORED, .folder = watched->folder->name, .source = path,
                      .reason = reason);
}

void files_ignore_directory(WatchedFolder *watched, const char *path, const char *reason,
                            bool report)
{
    ignore(watched, path, NULL, reason, report);
}

/* Makes the file pending until due_ms. `message` is the reason as the journal has it; NULL: it says
 * nothing. NULL: too many are pending; a scan will find it later. */
static PendingFile *set_pending(WatchedFolder *watched, const char *path,
                                const FileHistory *history, const char *reason, const char *message,
                                int64_t due_ms, int64_t now_ms)
{
    PendingFile *file = pending_add(watched->files.pending, path, now_ms);
    int64_t report_ms = history->first_ms + READINESS_REPORT_MS;

    if (!file) {
        watched->scan.wanted_ms = MIN(watched->scan.wanted_ms, now_ms + RESCAN_SOON_MS);
        return NULL;
    }
    pending_note(watched->files.pending, file, history);
    if (message && !file->reported && now_ms >= report_ms) {
        file->reported = true;
        journal_event(EVENT_PENDING, .folder = watched->folder->name, .source = path,
                      .reason = message);
    }
    pending_schedule(watched->files.pending, file, reason,
                     file->reported || !message ? due_ms : MIN(due_ms, report_ms));
    known_pause(watched->files.known, path);
    if (watched->folder->shots == SHOTS_TOGETHER)
        gather_put(watched->files.gather, path, !message);
    return file;
}

/* The intake refused the file: it is pending, and is offered again after a growing delay. */
static void on_refused(WatchedFolder *watched, const char *path, const FileHistory *history,
                       const Error *error, int64_t now_ms)
{
    const char *reason = error->kind == ERROR_TRANSIENT ? REASON_REPLACED : REASON_LEDGER;
    PendingFile *file = set_pending(watched, path, history, reason, reason, now_ms, now_ms);
    int64_t delay_ms = 0;

    if (file) {
        delay_ms = MIN(INT64_C(250) << MIN(file->refusals, 8), 60000);
        file->refusals++;
        pending_schedule(watched->files.pending, file, reason, now_ms + delay_ms);
    }
    if (error->kind != ERROR_TRANSIENT && !watched->common->refusal_reported) {
        watched->common->refusal_reported = true;
        journal_event(EVENT_ERROR, .folder = watched->folder->name, .source = path, .error = error);
    }
}

/* The companions that wait for the picture at `path`, which was offered, go with it. */
static void take_along(WatchedFolder *watched, const char *path, const Observation *observation)
{
    g_autoptr(GPtrArray) parts = companions_follow(watched, path);
    char *key = companions_may_be_twin(observation) ? shot_key(path) : NULL;

    if (key)
        g_hash_table_add(watched->common->twins, key);
    for (guint i = 0; parts && i < parts->len; i++)
        forget(watched, parts->pdata[i]);
}

/* How long the file took from its last event, or from when it was found, until it was ready. */
static void measure(const WatchedFolder *watched, const FileHistory *history)
{
    int64_t since_ms = watched->files.event_ms ? watched->files.event_ms : history->event_ms;

    metrics_observe(METRIC_READY_SECONDS, (double) (clock_ms() - since_ms) / 1000,
                    watched->folder->name);
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
    common->refusal_reported = false;
    measure(watched, history);
    forget(watched, path); /* neither pending nor known */
    if (watched->folder->shots == SHOTS_TOGETHER)
        take_along(watched, path, observation);
    if (++common->offered >= TURN_ENTRIES)
        files_flush(common, now_ms);
}

void files_flush(WatchCommon *common, int64_t now_ms)
{
    g_autoptr(Error) error = NULL;

    if (intake_flush(common->intake, &error)) {
        common->offered = 0;
        g_hash_table_remove_all(common->twins);
        common->flush_ms = 0;
        common->flush_fails = 0;
        return;
    }
    common->offered = 1; /* something is still to be written */
    common->flush_ms = now_ms + MIN(INT64_C(250) << MIN(common->flush_fails, 8), 60000);
    if (error->kind == ERROR_TRANSIENT) /* only files of running jobs: others need not wait */
        common->flush_fails = 0;
    else if (common->flush_fails++ == 0)
        journal_event(EVENT_ERROR, .error = error);
}

/* Whether a program keeps the picture waiting by its lock. An original that stays is only read. */
static bool await_lock(WatchedFolder *watched, const char *path, const Observation *observation,
                       const FileHistory *history, int64_t now_ms)
{
    Verdict verdict = readiness_locked(history, now_ms);
    pid_t pid = 0;

    if (!folder_moves_originals(watched->folder) || !file_is_locked(observation->fd, &pid))
        return false;
    g_autofree char *message = lock_reason(pid);
    set_pending(watched, path, history, verdict.reason, message, verdict.again_ms, now_ms);
    return true;
}

/* The ledger has the file as a part of its shot. */
static void on_part(WatchedFolder *watched, const char *path, const FileId *id)
{
    watched->common->refusal_reported = false;
    forget(watched, path);
    if (watch_poll_any(watched->poll))
        known_finish(watched->files.known, path, id);
}

/* It waits for its shot: a picture that waits for this one is checked again. */
static void await_shot(WatchedFolder *watched, const char *path, const FileHistory *history,
                       const ShotVerdict *verdict, int64_t now_ms)
{
    const PendingFile *before = pending_find(watched->files.pending, path);
    bool is_new = !before || strcmp(before->reason, verdict->reason) != 0;

    set_pending(watched, path, history, verdict->reason, NULL, verdict->again_ms, now_ms);
    g_autoptr(GPtrArray) others = is_new ? gather_others(watched->files.gather, path, true) : NULL;
    for (guint i = 0; others && i < others->len; i++)
        if (!shot_kind_is_companion(shot_kind(others->pdata[i])))
            files_touched(watched, others->pdata[i]);
}

/* A file that is ready, and no program has locked. */
static void settle(WatchedFolder *watched, const char *path, ShotKind kind,
                   const Observation *observation, const FileHistory *history, int64_t now_ms)
{
    g_autoptr(Error) error = NULL;
    ShotVerdict verdict = { SETTLED_PICTURE, NULL, 0 };

    if (kind != SHOT_NONE && companions_want_flush(watched, path, observation))
        files_flush(watched->common, now_ms);
    if (kind != SHOT_NONE)
        verdict = companions_settle(watched, path, kind, observation, history, now_ms, &error);
    switch (verdict.settlement) {
    case SETTLED_PICTURE:
        offer(watched, path, observation, history, now_ms);
        break;
    case SETTLED_PART:
        on_part(watched, path, &observation->id);
        break;
    case SETTLED_WAIT:
        await_shot(watched, path, history, &verdict, now_ms);
        break;
    case SETTLED_ALONE: /* a picture may come later */
        ignore(watched, path, &observation->id, verdict.reason, true);
        gather_put(watched->files.gather, path, true);
        break;
    case SETTLED_NOT:
        on_refused(watched, path, history, error, now_ms);
        break;
    }
}

static void decide(WatchedFolder *watched, const char *path, const Observation *observation,
                   int64_t now_ms)
{
    ShotKind kind = companions_kind(watched, path, observation);
    const PendingFile *file = pending_find(watched->files.pending, path);
    FileHistory history = file ? file->history : (FileHistory){ 0 };
    Verdict verdict;

    readiness_add(&history, observation, now_ms);
    verdict = companions_only(watched, kind)
                  ? readiness_companion(observation, &history, watched->folder, now_ms)
                  : readiness_verdict(observation, &history, watched->folder, now_ms);
    switch (verdict.kind) {
    case VERDICT_GONE:
        forget(watched, path);
        watched_check(watched, now_ms); /* or the whole folder is gone, which has no event */
        break;
    case VERDICT_PENDING:
        set_pending(watched, path, &history, verdict.reason, verdict.reason, verdict.again_ms,
                    now_ms);
        break;
    case VERDICT_READY:
        if (!watched->folder->chain &&
            intake_is_output(watched->common->intake, &observation->id)) {
            ignore(watched, path, &observation->id, readiness_made_by_us, true);
            break;
        }
        G_GNUC_FALLTHROUGH;
    case VERDICT_INCOMPLETE: /* the attempt will say what is missing */
        if (!await_lock(watched, path, observation, &history, now_ms))
            settle(watched, path, kind, observation, &history, now_ms);
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

    crash_record_set_subject(&(CrashSubject){ .folder = watched->folder->name, .source = path });
    observe(watched->folder->path, path, &observation);
    decide(watched, path, &observation, now_ms);
    observation_close(&observation);
    crash_record_set_subject(NULL);
}

/* Whether the file need not be opened: its name, its type or an earlier verdict is enough. */
static bool needs_no_check(WatchedFolder *watched, const char *path, const char *name,
                           const struct stat *st)
{
    const char *unwanted = ignore_reason(watched->folder, name, false);
    const char *irregular = file_refusal(st->st_mode);
    FileId id = fileid_of(st);
    bool over = false;

    if (unwanted == ignore_status_file)
        return true;
    if (unwanted || irregular) {
        ignore(watched, path, NULL, unwanted ? unwanted : irregular,
               !unwanted || ignore_is_notable(name, false, unwanted));
        return true;
    }
    if (known_is_ignored(watched->files.known, path, &id)) {
        gather_seen(watched->files.gather, path);
        return true;
    }
    if (id.size == 0 || !intake_knows(watched->common->intake, watched->folder, path, &id, &over))
        return false;
    forget(watched, path);
    if (over && watch_poll_any(watched->poll))
        known_finish(watched->files.known, path, &id);
    return true;
}

void files_on_entry(WatchedFolder *watched, const char *path, const char *name,
                    const struct stat *st, bool poll, int64_t now_ms)
{
    FileId id = fileid_of(st);

    if (poll && known_is_finished(watched->files.known, path, &id))
        return;
    if (needs_no_check(watched, path, name, st))
        return;
    const PendingFile *file = pending_find(watched->files.pending, path);
    if (file && file->due_ms != CLOCK_NEVER) { /* it has a due time */
        known_pause(watched->files.known, path);
        gather_seen(watched->files.gather, path);
        return;
    }
    check_now(watched, path, now_ms);
    watched->scan.observing_ms += clock_ms() - now_ms;
}

void files_touched(WatchedFolder *watched, const char *path)
{
    int64_t now_ms = clock_ms();

    if (g_hash_table_contains(watched->files.touched_set, path))
        return;
    if (watched->files.touched->len >= watched->common->hints_max) {
        watched_hints_lost(watched, now_ms);
        return;
    }
    g_ptr_array_add(watched->files.touched, g_strdup(path));
    g_hash_table_insert(watched->files.touched_set,
                        watched->files.touched->pdata[watched->files.touched->len - 1],
                        g_memdup2(&now_ms, sizeof(now_ms)));
}

void files_gone(WatchedFolder *watched, const char *path)
{
    forget(watched, path);
    companions_gone(watched, path);
    if (g_str_has_suffix(path, ".aria2")) { /* the download of this control file has ended */
        g_autofree char *download = g_strndup(path, strlen(path) - strlen(".aria2"));

        files_touched(watched, download);
    }
}

void files_check_touched(WatchedFolder *watched, int64_t now_ms)
{
    guint done = 0;

    /* A check may read many megabytes: the turn ends after TURN_MS. */
    for (; done < watched->files.touched->len && (!done || clock_ms() < now_ms + TURN_MS); done++) {
        const char *path = watched->files.touched->pdata[done];
        PendingFile *file = pending_find(watched->files.pending, path);
        struct stat st;

        if (file)
            pending_on_event(watched->files.pending, file, now_ms);
        const int64_t *event_ms = g_hash_table_lookup(watched->files.touched_set, path);
        watched->files.event_ms = event_ms ? *event_ms : now_ms;
        if (!beneath_stat(watched->folder->path, path, &st)) {
            check_now(watched, path, now_ms); /* most likely gone: the verdict decides */
        } else if (S_ISDIR(st.st_mode)) {
            forget(watched, path);
        } else if (!needs_no_check(watched, path, last_part(path), &st)) {
            check_now(watched, path, clock_ms());
        }
    }
    watched->files.event_ms = 0;
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
        g_autofree char *path = g_strdup(file->path); /* the check may drop it */

        check_now(watched, path, now_ms);
    }
}
