/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/jobs/unmoved.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/files/beneath.h"
#include "daemon/files/filename.h"
#include "daemon/files/rights.h"
#include "daemon/jobs/parts.h"
#include "daemon/jobs/parts_read.h"
#include "daemon/jobs/retry.h"
#include "daemon/journal/journal.h"
#include "daemon/ledger/unmoved.h"

/* The directory of the original, relative to the folder; newly allocated. */
static char *dir_of(const Job *job)
{
    g_autofree char *name = NULL;
    char *dir = NULL;

    filename_split(job->row.source, &dir, &name);
    return dir;
}

/* The command that helps, or the remedy of the error: newly allocated, may be NULL. *shut: nothing
 * can be moved out of its directory. */
static char *fix_of(const Job *job, const char *dir, const Error *why, bool *shut)
{
    int fd = beneath_open(job->folder->path, dir, O_PATH | O_DIRECTORY);
    char *command = fd >= 0 ? rights_command(fd) : NULL;

    *shut = fd >= 0 && !rights_may_change(fd);
    if (fd >= 0)
        close(fd);
    return command ? command : g_strdup(why->fix);
}

/* After the directory refused one original, the others in it are not tried. */
static bool keep(const Job *job, const Error *why, Error **err)
{
    bool shut = false;
    g_autofree char *dir = dir_of(job), *fix = fix_of(job, dir, why, &shut);

    return unmoved_keep(job->context->ledger, &job->row, dir, shut, fix,
                        job->context->times->unmoved_retry_ms, err);
}

bool unmoved_record(const Job *job, Error **err)
{
    return keep(job, job->unmoved, err);
}

void unmoved_report(const Job *job)
{
    if (job->unmoved)
        journal_event(EVENT_ORIGINAL_NOT_MOVED, JOB_FIELDS(job), .error = job->unmoved,
                      .delay_ms = job->context->times->unmoved_retry_ms);
}

/* ---- the report of a failed picture whose original stays ---- */

/* `report` is what this try has written; NULL: none. A user may have renamed the original since an
 * earlier one was written. Without the ledger, or the row, no more is recorded of the picture
 * either.
 */
static void replace_report(const Job *job, const char *report, bool gone)
{
    Ledger *ledger = job->context->ledger;
    g_autoptr(Error) ignored = NULL;
    g_autofree char *earlier = NULL;

    if (!unmoved_read_report(ledger, &job->row, &earlier, &ignored) ||
        !g_strcmp0(report, earlier) || !(report || gone))
        return;
    if (earlier)
        originals_remove_report(job->folder, earlier);
    unmoved_set_report(ledger, &job->row, report, &ignored);
}

bool unmoved_move_failed(const Job *job, Original original, const Error *why, bool *gone,
                         Error **err)
{
    g_autofree char *report = NULL;

    original.report = &report;
    bool ok = originals_move_failed(&original, job->row.attempt, why, gone, err);
    replace_report(job, report, *gone);
    return ok;
}

/* ---- later tries ---- */

/* What lies at the path of the original. */
typedef enum Present {
    PLACE_UNKNOWN,  /* its directory cannot be searched */
    PLACE_OTHER,    /* nothing, or another file */
    PLACE_ORIGINAL, /* the original */
    PLACE_TOUCHED, /* most likely the original, with a new date that the ledger does not know yet */
} Present;

static bool look(const Job *job, Present *place, Error **err)
{
    bool history = false;
    struct stat st;

    *place = PLACE_UNKNOWN;
    if (!unmoved_is_history(job->context->ledger, &job->row, &history, err))
        return false;
    if (!beneath_stat(job->folder->path, job->row.source, &st)) {
        *place = beneath_is_absence(errno) ? PLACE_OTHER : PLACE_UNKNOWN;
        return true;
    }
    FileId there = fileid_of(&st);
    *place = PLACE_OTHER;
    if (fileid_same(&there, &job->row.file))
        *place = PLACE_ORIGINAL;
    else if (!history && there.ino == job->row.file.ino)
        *place = PLACE_TOUCHED;
    return true;
}

static bool move_original(const Job *job, const Original *original, const void *user, bool *gone,
                          Error **why)
{
    g_autoptr(Error) reason = NULL;

    (void) user;
    if (job->row.state == LEDGER_DONE)
        return originals_move_finished(original, gone, why);
    if (!ledger_last_error(job->context->ledger, &job->row, &reason, why))
        return false;
    if (!reason)
        error_set(&reason, ERROR_INTERNAL, NULL, "the reason was lost");
    return unmoved_move_failed(job, *original, reason, gone, why);
}

static bool move(Job *job, LedgerOriginal *end, Error **why)
{
    return parts_read(job, why) &&
           parts_move(job, job->row.state == LEDGER_FAILED, move_original, NULL, end, why);
}

/* A row that is no longer ours has another name, which a user gave to its original. */
static JobEnd end_unrecorded(const Job *job, const Error *why)
{
    if (why->kind == ERROR_TAKEN)
        return JOB_NOT_BEGUN;
    journal_event(EVENT_ERROR, JOB_FIELDS(job), .error = why);
    return JOB_UNRECORDED;
}

static JobEnd give_back(const Job *job, JobEnd end)
{
    g_autoptr(Error) error = NULL;

    return ledger_release(job->context->ledger, &job->row, &error) ? end
                                                                   : end_unrecorded(job, error);
}

/* What was moved is found by the row of its picture. */
static void report_moved(const Job *job, Present place, LedgerOriginal end)
{
    g_autofree char *names = parts_moved_now(job);

    if (place == PLACE_ORIGINAL && end == ORIGINAL_MOVED)
        journal_event(EVENT_ORIGINAL_MOVED, JOB_FIELDS(job));
    if (names)
        journal_event(EVENT_PARTS_MOVED, JOB_FIELDS(job), .parts = names);
}

static JobEnd end_moved(const Job *job, Present place, LedgerOriginal end)
{
    g_autoptr(Error) error = NULL;

    if (!unmoved_forget(job->context->ledger, &job->row, end, &error))
        return end_unrecorded(job, error);
    report_moved(job, place, end);
    return JOB_DONE;
}

/* An original that still can't be moved was reported when its picture ended. */
static JobEnd end_unmoved(const Job *job, const Error *why)
{
    bool hold = why->kind == ERROR_ENVIRONMENT;
    g_autofree char *reason = error_text(why);
    g_autoptr(Error) error = NULL;

    if (hold)
        health_hold(job->context->health, job->folder->name, reason, job->row.file.size);
    if (!keep(job, why, &error))
        return end_unrecorded(job, error);
    return give_back(job, hold ? JOB_HELD : JOB_DEFERRED);
}

/* The original is where it belongs, if it was to be moved; parts still can't be moved. */
static JobEnd end_parts_unmoved(Job *job, Present place, LedgerOriginal end)
{
    const Error *why = job->parts.unmoved;
    bool hold = why->kind == ERROR_ENVIRONMENT;
    g_autofree char *reason = error_text(why);
    g_autoptr(Error) error = NULL;

    if (hold)
        health_hold(job->context->health, job->folder->name, reason, job->row.file.size);
    if (!parts_record(job, end, &error))
        return end_unrecorded(job, error);
    report_moved(job, place, end);
    return give_back(job, hold ? JOB_HELD : JOB_DEFERRED);
}

/* Whether an interrupted try has set something aside, under the hidden name beside the original. */
static bool is_aside(const Job *job)
{
    g_autofree char *dir = dir_of(job), *hidden = job_hidden_name(job);
    g_autofree char *path = filename_join(dir, hidden);
    struct stat st;

    return beneath_stat(job->folder->path, path, &st) || !beneath_is_absence(errno);
}

/* A person may have taken the original away, since it did not move. */
static bool is_over(const Job *job, Present place, const Error *why)
{
    return place == PLACE_OTHER && why->kind != ERROR_ENVIRONMENT && !job->parts.only &&
           !is_aside(job);
}

static JobEnd try_move(Job *job, Error **err)
{
    g_autoptr(Error) why = NULL;
    Present place = PLACE_OTHER;
    LedgerOriginal end = ORIGINAL_STAYS;

    if (!look(job, &place, err))
        return end_unrecorded(job, *err);
    if (place == PLACE_TOUCHED) {
        error_set(&why, ERROR_TRANSIENT, NULL, "the original was changed just now");
        return end_unmoved(job, why);
    }
    if (move(job, &end, &why))
        return job->parts.unmoved ? end_parts_unmoved(job, place, end) : end_moved(job, place, end);
    if (!is_over(job, place, why))
        return end_unmoved(job, why);
    replace_report(job, NULL, true);
    return end_moved(job, place, ORIGINAL_MISSING);
}

JobEnd unmoved_run(Job *job)
{
    g_autoptr(Error) error = NULL;

    if (health_get(job->context->health, job->folder->name, NULL) != HEALTH_AVAILABLE)
        return JOB_NOT_BEGUN;
    if (job->row.crashes >= RETRY_GIVE_UP) /* the move itself crashed the daemon, most likely */
        return end_moved(job, PLACE_OTHER, ORIGINAL_STAYS);
    job->resumed = true; /* an earlier try may have been cut off anywhere */
    return try_move(job, &error);
}
