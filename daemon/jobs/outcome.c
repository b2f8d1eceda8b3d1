/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/jobs/outcome.h"

#include <string.h>

#include "base/clock.h"
#include "daemon/files/beneath.h"
#include "daemon/files/lease.h"
#include "daemon/files/lock.h"
#include "daemon/jobs/parts.h"
#include "daemon/jobs/parts_read.h"
#include "daemon/jobs/retry.h"
#include "daemon/jobs/tally.h"
#include "daemon/jobs/unmoved.h"
#include "daemon/journal/journal.h"
#include "daemon/outputs/recover.h"

/* A picture that waits for another one of the same content is read at each attempt; the wait is
 * this many times as long: reading stays a small part of the time. */
enum { DUPLICATE_WAIT_FACTOR = 20 };

/* A lock that is still there at the second attempt may stay for hours. */
enum { LOCKED_LONG_FACTOR = 5 };

static JobEnd report_end(Job *job, JobEnd end, const char *names, const Error *error)
{
    tally_end(job, end, error);
    if (job->context->ended)
        job->context->ended(job->context->user, job, end, names, error);
    return end;
}

/* ---- outcomes that leave the row as it is ---- */

/* Its outputs and its original are the other one's; what carries our token is removed with the
 * staging. A row that was not begun yet was replaced by the watcher, as its file was, or was
 * renamed by a user: nothing is reported. A person who has cancelled it was answered. */
static JobEnd end_taken_over(Job *job, const Error *why)
{
    if (job->row.state == LEDGER_QUEUED)
        return JOB_NOT_BEGUN;
    if (ledger_is_shared(job->context->ledger))
        journal_event(EVENT_TAKEN_OVER, JOB_FIELDS(job));
    return report_end(job, JOB_TAKEN_OVER, NULL, why);
}

static JobEnd end_unrecorded(Job *job, const Error *why)
{
    if (why->kind == ERROR_TAKEN)
        return end_taken_over(job, why);
    journal_event(EVENT_ERROR, JOB_FIELDS(job), .error = why);
    return report_end(job, JOB_UNRECORDED, NULL, why);
}

/* The dispatcher gives the row back. */
static JobEnd end_not_begun(Job *job G_GNUC_UNUSED, const Error *why G_GNUC_UNUSED)
{
    return JOB_NOT_BEGUN;
}

/* The row is queued already. */
static JobEnd end_output_lost(Job *job, const Error *why)
{
    g_autoptr(Error) error = NULL;

    return ledger_release(job->context->ledger, &job->row, &error)
               ? report_end(job, JOB_DEFERRED, NULL, why)
               : end_unrecorded(job, error);
}

/* ---- outcomes that finish the row ---- */

/* retire() has recorded it. */
static JobEnd end_done(Job *job, const Error *why G_GNUC_UNUSED)
{
    g_autofree char *names =
        job->staging ? staging_names(job->staging) : g_steal_pointer(&job->publish.names);
    g_autofree char *notes = job->source.duplicate ? NULL : job_notes(job);

    health_end_trial(job->context->health, job->folder->name);
    if (!job->row.missing) /* else it was reported when its outputs were made */
        journal_event(job->source.duplicate ? EVENT_DUPLICATE : EVENT_DONE, JOB_FIELDS(job),
                      .output = names, .parts = job->parts.names, .note = notes,
                      .duration_ms = clock_ms() - job->started_ms);
    unmoved_report(job);
    parts_report(job);
    return report_end(job, JOB_DONE, names, NULL);
}

/* Offers a file that came back to its name: while the row was there, the watcher took it for known.
 * A batch looks at each file once. A file that the watcher ignores would come back for ever. */
static bool offer_again(const Job *job, Error **err)
{
    LedgerOffer offer = { job->row.folder, job->row.source, job->row.file, false,
                          job->row.sequence };
    struct stat st;

    if (job_is_batch(job) || !beneath_stat(job->folder->path, job->row.source, &st) ||
        !S_ISREG(st.st_mode))
        return true;
    FileId there = fileid_of(&st);
    return !fileid_same(&there, &job->row.file) || file_is_foreign_link(job->folder->path, &st) ||
           ledger_add(job->context->ledger, &offer, 1, NULL, err);
}

/* The ledger knows the hidden outputs until they are gone. */
static JobEnd end_superseded(Job *job, const Error *why)
{
    g_autoptr(Error) error = NULL;

    job_close_files(job);
    if (!ledger_forget(job->context->ledger, &job->row, &error) || !offer_again(job, &error))
        return end_unrecorded(job, error);
    journal_event(EVENT_SUPERSEDED, JOB_FIELDS(job), .reason = why->what);
    return report_end(job, JOB_SUPERSEDED, NULL, why);
}

/* Nothing more is done about it. */
static JobEnd give_up(Job *job, LedgerOriginal original, const Error *why)
{
    g_autoptr(Error) error = NULL;

    if (!ledger_fail(job->context->ledger, &job->row, original, why, &error))
        return end_unrecorded(job, error);
    if (!job->row.missing) /* else it was reported when it failed */
        journal_event(EVENT_FAILED, JOB_FIELDS(job), .parts = job->parts.names, .error = why,
                      .duration_ms = clock_ms() - job->started_ms);
    unmoved_report(job);
    parts_report(job);
    return report_end(job, JOB_FAILED, NULL, why);
}

/* Moving the original to failed/ could crash the daemon again. */
static JobEnd end_poison(Job *job, const Error *why)
{
    return give_up(job, ORIGINAL_STAYS, why);
}

/* ---- outcomes after which the ledger offers the row again ---- */

static bool defer(const Job *job, int64_t delay_ms, bool spend, const Error *why, Error **err)
{
    return ledger_defer(job->context->ledger, &job->row, delay_ms, spend, job->render.crash, why,
                        err);
}

/* The attempt is given back; a worker that the daemon killed in order to stop did not crash. */
static JobEnd end_stopped(Job *job, const Error *why)
{
    g_autoptr(Error) error = NULL;

    job->render.crash = CRASH_NONE;
    return defer(job, 0, false, why, &error) ? report_end(job, JOB_STOPPED, NULL, NULL)
                                             : end_unrecorded(job, error);
}

/* Holds the folder because of `cause`. The picture goes behind those that have not met the cause,
 * since one unreadable sector must not hold up all others. `recorded` is what its row keeps. */
static JobEnd hold(Job *job, const Error *cause, const Error *recorded)
{
    g_autofree char *reason = error_text(cause);
    g_autoptr(Error) error = NULL;

    health_hold(job->context->health, job->folder->name, reason, job->row.file.size);
    return defer(job, LEDGER_BEHIND, false, recorded, &error)
               ? report_end(job, JOB_HELD, NULL, cause)
               : end_unrecorded(job, error);
}

/* Whether the ledger has another reason, or none: a reason is reported once. */
static bool is_news(const Job *job, const Error *why)
{
    g_autoptr(Error) last = NULL, ignored = NULL;

    return !ledger_last_error(job->context->ledger, &job->row, &last, &ignored) || !last ||
           strcmp(last->what, why->what) != 0;
}

/* Without spending an attempt. */
static JobEnd end_pending(Job *job, const Error *why, bool news, int64_t delay_ms)
{
    g_autofree char *reason = error_text(why);
    g_autoptr(Error) error = NULL;

    if (!defer(job, delay_ms, false, why, &error))
        return end_unrecorded(job, error);
    if (news)
        journal_event(EVENT_PENDING, .folder = job->folder->name, .source = job->row.source,
                      .reason = reason);
    return report_end(job, JOB_BLOCKED, NULL, why);
}

/* Until a person permits reading the file. */
static JobEnd end_unreadable(Job *job, const Error *why)
{
    return end_pending(job, why, is_news(job, why), job->context->times->unreadable_retry_ms);
}

/* Until the other program ends its lock. */
static JobEnd end_locked(Job *job, const Error *why)
{
    bool news = is_news(job, why);

    return end_pending(job, why, news,
                       (news ? 1 : LOCKED_LONG_FACTOR) * job->context->times->locked_retry_ms);
}

/* Until a person completes the sandbox, or permits decoding without it. */
static JobEnd end_unconfined(Job *job, const Error *why)
{
    g_autoptr(Error) error = NULL;
    bool news = is_news(job, why);

    if (!defer(job, job->context->times->unconfined_retry_ms, false, why, &error))
        return end_unrecorded(job, error);
    if (news)
        journal_event(EVENT_ERROR, .folder = job->folder->name, .source = job->row.source,
                      .error = why);
    return report_end(job, JOB_BLOCKED, NULL, why);
}

/* Until the other picture of the same content has ended, which may itself wait in the ledger: its
 * outputs are published, and its original can't be moved. */
static JobEnd end_duplicate_in_progress(Job *job, const Error *why)
{
    int64_t wait_ms = MAX(job->context->times->duplicate_retry_ms,
                          DUPLICATE_WAIT_FACTOR * (clock_ms() - job->started_ms));
    int64_t delay_ms = MAX(wait_ms, job->source.duplicate_delay_ms);
    g_autoptr(Error) error = NULL;

    return defer(job, delay_ms, false, NULL, &error) ? report_end(job, JOB_DEFERRED, NULL, why)
                                                     : end_unrecorded(job, error);
}

/* What the message says: worker-died has the whole reason already. */
static Error *news_of(const Job *job, const Error *why)
{
    Error *news = NULL;

    if (job->render.crash == CRASH_NONE)
        return error_copy(why);
    error_set(&news, why->kind, NULL, "its worker died");
    return news;
}

/* An attempt is spent. */
static JobEnd try_again(Job *job, const Error *why)
{
    int64_t delay = retry_delay(job->row.attempt, &job->folder->retry, g_random_double());
    g_autoptr(Error) error = NULL, news = news_of(job, why);

    if (!defer(job, delay, true, why, &error))
        return end_unrecorded(job, error);
    journal_event(EVENT_DEFERRED, JOB_FIELDS(job), .error = news, .delay_ms = delay);
    return report_end(job, JOB_DEFERRED, NULL, why);
}

/* ---- failures ---- */

/* Records `failing` and the reason before the original moves: after a crash at any point, the next
 * attempt does the rest. Hidden outputs are removed after that, since a row that is `publishing`
 * without them looks as if they were published. */
static bool record_failing(Job *job, const Error *why, Error **err)
{
    Ledger *ledger = job->context->ledger;

    if (job->row.state != LEDGER_FAILING && !ledger_begin_failing(ledger, &job->row, why, err))
        return false;
    job->row.state = LEDGER_FAILING;
    return job_remove_leftovers(job, err);
}

/* A batch leaves the original alone, and has no other attempt that could clean up. */
static JobEnd fail_untouched(Job *job, const Error *why)
{
    g_autoptr(Error) ignored = NULL;

    if (!job->context->planned)
        job_remove_leftovers(job, &ignored);
    return give_up(job, ORIGINAL_STAYS, why);
}

/* A program has the original open. It stays `failing`, and its row keeps the reason. */
static JobEnd move_later(Job *job, const Error *cause, const Error *why)
{
    int64_t delay = retry_delay(job->row.attempt, &job->folder->retry, g_random_double());
    g_autoptr(Error) error = NULL;

    if (!defer(job, delay, true, why, &error))
        return end_unrecorded(job, error);
    return report_end(job, JOB_DEFERRED, NULL, cause);
}

static bool move_failed(const Job *job, const Original *original, const void *user, bool *gone,
                        Error **why)
{
    return unmoved_move_failed(job, *original, user, gone, why);
}

/* *stays: why it, or one of its parts, does not let the picture end; NULL: it ends. */
static bool move_to_failed(Job *job, const Error *why, LedgerOriginal *end, Error **stays,
                           Error **err)
{
    if (!parts_read(job, err))
        return false;
    if (parts_move(job, true, move_failed, why, end, &job->unmoved)) {
        if (!job->parts.unmoved || job->parts.unmoved->kind != ERROR_ENVIRONMENT)
            return parts_record(job, *end, err);
        *stays = g_steal_pointer(&job->parts.unmoved);
        return true;
    }
    if (job->unmoved->kind != ERROR_ENVIRONMENT && job->unmoved->kind != ERROR_TRANSIENT)
        return unmoved_record(job, err);
    *stays = g_steal_pointer(&job->unmoved);
    return true;
}

static JobEnd fail(Job *job, const Error *why)
{
    LedgerOriginal end = ORIGINAL_STAYS;
    g_autoptr(Error) error = NULL, stays = NULL;

    if (job->context->planned || job_is_batch(job))
        return fail_untouched(job, why);
    if (!record_failing(job, why, &error) || !move_to_failed(job, why, &end, &stays, &error))
        return end_unrecorded(job, error);
    if (stays)
        return stays->kind == ERROR_ENVIRONMENT ? hold(job, stays, why)
                                                : move_later(job, stays, why);
    return give_up(job, end, why);
}

/* A crash of the daemon, or a held folder, cut off an earlier failure, whose reason is in the
 * ledger. */
static JobEnd end_failing(Job *job, const Error *why G_GNUC_UNUSED)
{
    g_autoptr(Error) reason = NULL, error = NULL;

    if (!ledger_last_error(job->context->ledger, &job->row, &reason, &error))
        return end_unrecorded(job, error);
    if (!reason)
        error_set(&reason, ERROR_INTERNAL, NULL, "the reason was lost");
    return fail(job, reason);
}

/* ---- no outcome of its own: the error decides ---- */

/* A job that publishes is never failed: its outputs have their names, or get them. */
static RetryVerdict verdict_on(const Job *job, const Error *why)
{
    int crashes = job->row.crashes + (job->render.crash != CRASH_NONE);

    if (job->row.state == LEDGER_PUBLISHING)
        return why->kind == ERROR_ENVIRONMENT ? RETRY_HOLD : RETRY_AGAIN;
    return retry_decide(why->kind, job->row.attempt, crashes, &job->folder->retry);
}

/* Where originals stay, the claim has locked none; that of a failed picture moves all the same. */
static bool is_locked(const Job *job, Error **locked)
{
    bool moves = !job->context->planned && job->folder->originals == ORIGINALS_KEEP;
    pid_t pid = 0;

    return moves && job->source.fd >= 0 && file_lock(job->source.fd, &pid) != LOCK_NONE &&
           !lock_error(pid, locked);
}

static JobEnd fail_unless_locked(Job *job, const Error *why)
{
    g_autoptr(Error) locked = NULL;

    return is_locked(job, &locked) ? end_locked(job, locked) : fail(job, why);
}

static JobEnd end_by_error(Job *job, const Error *why)
{
    if (why->kind == ERROR_TAKEN)
        return end_taken_over(job, why);
    switch (verdict_on(job, why)) {
    case RETRY_HOLD:
        return hold(job, why, why);
    case RETRY_AGAIN:
        return try_again(job, why);
    case RETRY_FAIL:
        return fail_unless_locked(job, why);
    }
    g_assert_not_reached();
}

/* Where an error does not say whether the ledger has changed the row, the row itself does. */
static bool knows_state(Job *job, const Error *why, Error **err)
{
    return !why || !why->uncertain || ledger_ask(job->context->ledger, &job->row, err);
}

JobEnd outcome_record(Job *job, const Error *why)
{
    static JobEnd (*const enders[])(Job * job, const Error *why) = {
        [OUTCOME_BY_ERROR] = end_by_error,
        [OUTCOME_DONE] = end_done,
        [OUTCOME_NOT_BEGUN] = end_not_begun,
        [OUTCOME_UNRECORDED] = end_unrecorded,
        [OUTCOME_POISON] = end_poison,
        [OUTCOME_FAILING] = end_failing,
        [OUTCOME_SUPERSEDED] = end_superseded,
        [OUTCOME_UNREADABLE] = end_unreadable,
        [OUTCOME_LOCKED] = end_locked,
        [OUTCOME_UNCONFINED] = end_unconfined,
        [OUTCOME_DUPLICATE_IN_PROGRESS] = end_duplicate_in_progress,
        [OUTCOME_STOPPED] = end_stopped,
        [OUTCOME_OUTPUT_LOST] = end_output_lost,
    };

    g_autoptr(Error) error = NULL;

    return knows_state(job, why, &error) ? enders[job->outcome](job, why)
                                         : end_unrecorded(job, error);
}
