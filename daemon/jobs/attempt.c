#include "daemon/jobs/attempt.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/units.h"
#include "daemon/files/beneath.h"
#include "daemon/files/lease.h"
#include "daemon/folders/healthcheck.h"
#include "daemon/jobs/conversation.h"
#include "daemon/jobs/outcome.h"
#include "daemon/jobs/retry.h"
#include "daemon/journal/crash_record.h"
#include "daemon/journal/journal.h"
#include "daemon/originals/originals.h"
#include "daemon/outputs/publish.h"
#include "daemon/outputs/recover.h"
#include "daemon/process/sandbox_report.h"
#include "formats/probe.h"

static bool superseded(Job *job, const char *how, Error **err)
{
    job->superseded = true;
    return error_set(err, ERROR_TRANSIENT, NULL, "the file %s", how);
}

/* Why nothing could be had at its place; `code` is an errno value. */
static bool missing(Job *job, int code, Error **err)
{
    if (code != ENOENT && code != ENOTDIR && code != ELOOP)
        return error_errno(err, code, "cannot open the picture");
    /* The file is gone, or all of them: a mount that went away takes no picture's place. */
    if (access(job->folder->path, F_OK) < 0)
        return error_set(err, ERROR_ENVIRONMENT, "mount it again; work goes on by itself",
                         "the watched directory '%s' is missing", job->folder->path);
    return superseded(job, "is gone", err);
}

/* Whoever sends a file may give it the time that it had elsewhere when all of it is there (wget,
 * cp -p): with the same content it is the same picture, under its new date. */
static void heed_touch(Job *job)
{
    FileId *file = &job->row.file;
    struct stat st;

    if (job->fd < 0 || !(file->hash[0] || file->hash[1]) || fstat(job->fd, &st) < 0)
        return;
    FileId now = fileid_of(&st);
    if (now.ino == file->ino && now.size == file->size && now.mtime_ns != file->mtime_ns &&
        fileid_hash(job->fd, &now) && !memcmp(now.hash, file->hash, sizeof(now.hash)))
        *file = now;
}

/* Whether the place still holds the file that this job is about. */
static bool unchanged(Job *job, Error **err)
{
    struct stat st, open_st;

    heed_touch(job);
    if (!beneath_stat(job->folder->path, job->row.source, &st))
        return missing(job, errno, err);
    FileId there = fileid_of(&st);
    if (!fileid_same(&there, &job->row.file) || fstat(job->fd, &open_st) < 0)
        return superseded(job, "was replaced", err);
    FileId opened = fileid_of(&open_st);
    bool foreign = job->folder->originals != ORIGINALS_UNTOUCHED &&
                   look_is_foreign(job->folder->path, &open_st);
    return (fileid_same(&opened, &job->row.file) && !foreign) ||
           superseded(job, "was changed", err);
}

static bool open_source(Job *job, Error **err)
{
    struct stat st;

    /* who waits at a pipe is not to be woken, nor a device */
    if (beneath_stat(job->folder->path, job->row.source, &st) && !S_ISREG(st.st_mode))
        return superseded(job, "was replaced", err);
    job->fd = beneath_open(job->folder->path, job->row.source, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (job->fd >= 0)
        return true;
    int code = errno;
    job->barred = code == EACCES || code == EPERM;
    return missing(job, code, err);
}

static bool small_enough(const Job *job, Error **err)
{
    int64_t size = job->row.file.size, max = job->folder->limits.max_bytes;

    if (!max || size <= max)
        return true;
    g_autofree char *is = units_bytes_about(size);
    g_autofree char *most = units_bytes_text(max);
    return error_set(err, ERROR_PICTURE, "raise `max_bytes`, or make the file smaller",
                     "the file has %s, more than max_bytes = %s allows", is, most);
}

/* Told once: the first attempt at it. */
static void note_belied(const Job *job, Format format)
{
    if (job->row.attempt > 1 || !format_belied(format, job->row.source))
        return;
    g_autofree char *reason =
        g_strdup_printf("its name says otherwise, but it is %s", format_name(format));
    journal_event(EVENT_WRONG_EXTENSION, JOB_FIELDS(job), .reason = reason);
}

static bool read_content(Job *job, Error **err)
{
    return fileid_hash(job->fd, &job->row.file) ||
           error_errno(err, errno, "cannot read the picture");
}

/* What it is, and whether it is all there: the decoder would take half a JPEG for a whole one. */
static bool inspect(Job *job, Error **err)
{
    g_autofree char *path = beneath_path(job->folder->path, job->row.source);
    Probe probe = { 0 };

    if (!probe_file(job->fd, &probe))
        return error_errno(err, errno, "cannot read the picture");
    if (!(job->folder->limits.accept & FORMAT_BIT(probe.format)))
        return probe_refuse(&probe, err);
    note_belied(job, probe.format);
    if (probe.complete == COMPLETE_NO)
        return error_set(err, ERROR_PICTURE, "send it again: the copy or upload broke off",
                         "the %s is incomplete: %s is missing", probe.kind, probe.missing);
    job->format = probe.format;
    job->origins = (Origins){
        .source = fileid_text_hash(path),
        .content = { job->row.file.hash[0], job->row.file.hash[1] },
        .profile = job->folder->profile->hash,
    };
    return true;
}

/* What the last death left in the ledger. */
static bool died_over_it(const Job *job, Error **err)
{
    g_autoptr(Error) last = NULL, ignored = NULL;

    ledger_error(job->context->ledger, job->row.id, &last, &ignored);
    error_set(err, ERROR_PICTURE, last ? last->fix : NULL, "%s",
              last ? last->what : "a worker died over it");
    return last && last->where ? error_where(err, "%s", last->where) : false;
}

/* A picture that took the daemon itself down twice, or was in hand at every death of it that left
 * no cause, is not begun again. */
static bool refuse_killer(const Job *job, Error **err)
{
    const LedgerRow *row = &job->row;

    if (row->crashes >= RETRY_CRASHES)
        return died_over_it(job, err);
    if (!retry_spent(row->attempt, &job->folder->retry))
        return true;
    return error_set(
        err, ERROR_PICTURE, "if a viewer shows it, report it with the journal of those times",
        "it was in work at %d stops of hotfolder that were no orderly ones", row->attempt - 1);
}

/* Remembers the content. Where the folder wants no second picture of it, nobody can tell while
 * another one is in work. */
static bool record_content(Job *job, Error **err)
{
    LedgerTwin twin = { .state = TWIN_NONE };
    bool once = job->folder->duplicates == DUPLICATES_SKIP;

    if (!ledger_hash(job->context->ledger, &job->row, once ? &twin : NULL, err))
        return false;
    job->duplicate = twin.state == TWIN_DONE;
    job->twin_in_work = twin.state == TWIN_IN_WORK;
    job->twin_ms = twin.next_try;
    return !job->twin_in_work ||
           error_set(err, ERROR_TRANSIENT, NULL, "a picture of the same content is in work");
}

/* Room to work in, before anything is begun: a disk that is nearly full is not filled up. */
static bool find_room(const Job *job, Error **err)
{
    return job->context->dry || world_room(job->folder, err);
}

static bool job_claim(Job *job, Error **err)
{
    if (!ledger_claim(job->context->ledger, &job->row, &job->claimed, err))
        return false;
    if (!job->claimed)
        return error_set(err, ERROR_TRANSIENT, NULL, "somebody else works on it");
    return job_clear_leftovers(job, err) && find_room(job, err) && open_source(job, err) &&
           unchanged(job, err) && small_enough(job, err) && read_content(job, err) &&
           refuse_killer(job, err) && inspect(job, err) && record_content(job, err);
}

/* A file that was changed while it was worked on may well have taken its worker down by that (what
 * is cut off under a decoder's eyes is a bus error), or be of another format by now: what it was is
 * not to blame. Always false. */
static bool let_off(Job *job, Error **err)
{
    g_autoptr(Error) changed = NULL;

    if (!unchanged(job, &changed) && job->superseded) {
        error_free(*err);
        *err = g_steal_pointer(&changed);
    }
    return false;
}

static bool job_render(Job *job, Child *child, Error **err)
{
    job->stage =
        stage_new(job->folder, &job->row, &job->origins, job->context->ledger, job->context->dry);
    if (job->duplicate)
        return true;
    return child_ready(child, job->settings, job->folder->isolate, err) &&
           sandbox_allows(job->folder, job->format, err) &&
           (render(job, child, err) || let_off(job, err)) && unchanged(job, err);
}

/* Whoever sees the outputs may wipe the card that the picture came from: so the original is on disk
 * before them, though whoever brought it has not synced it. One that is not ours to move lies where
 * it always lay. */
static bool secure_source(const Job *job, Error **err)
{
    /* Some file systems have nothing to sync and say EINVAL. */
    return job->folder->originals == ORIGINALS_UNTOUCHED || fdatasync(job->fd) == 0 ||
           errno == EINVAL || errno == EROFS || error_errno(err, errno, "cannot sync the original");
}

static bool job_publish(Job *job, Error **err)
{
    if (job->context->dry)
        return true;
    job->placed = secure_source(job, err) && stage_publish(job->stage, err);
    /* What can never be placed is failed from `working`, as all that can't be done. */
    if (stage_is_recorded(job->stage) && (job->placed || (*err)->kind != ERROR_PICTURE))
        job->row.state = LEDGER_PUBLISHING;
    return job->placed;
}

static bool job_retire(Job *job, Error **err)
{
    g_autofree char *temp = job_hidden_name(job);
    heed_touch(job);
    Retiring retiring = job_retiring(job, temp);
    bool gone = false;

    return retire_finished(&retiring, &gone, err) &&
           ledger_done(job->context->ledger, job->row.id, gone, job->duplicate, err);
}

/* Nothing appears in the destination until everything has succeeded. */
static bool job_run(Job *job, Child *child, Error **err)
{
    return job_claim(job, err) &&         /* ledger: working, attempt + 1; still the same file? */
           job_render(job, child, err) && /* the child: open, steps, encode into staged files */
           job_publish(job, err) &&       /* ledger: publishing + names; sync, link all */
           job_retire(job, err);          /* the source: keep, move to done/, trash; ledger: done */
}

/* Newly allocated; NULL for none. */
static char *names_of(const GArray *outputs)
{
    GString *names = g_string_new(NULL);

    for (unsigned i = 0; i < outputs->len; i++)
        g_string_append_printf(names, "%s%s", i ? ", " : "",
                               g_array_index(outputs, LedgerOutput, i).path);
    return g_string_free(names, names->len == 0);
}

/* A crash caught it in `publishing`: place what is whole, then go on as ever. */
static bool job_roll_forward(Job *job, Error **err)
{
    g_autoptr(GArray) outputs = NULL;
    bool lost = false;

    if (!ledger_outputs(job->context->ledger, job->row.id, &outputs, err) ||
        !output_roll_forward(job->folder, job->context->ledger, outputs, &lost, err))
        return false;
    /* Outputs that were there already leave no rows either. */
    job->names = names_of(outputs);
    job->duplicate = !job->names && job->folder->duplicates == DUPLICATES_SKIP;
    job->placed = !lost;
    if (job->placed)
        return job_retire(job, err);
    if (!ledger_again(job->context->ledger, job->row.id, err))
        return false;
    job->row.state = LEDGER_WAITING;
    return error_set(err, ERROR_TRANSIENT, NULL, "an output was lost before it was placed");
}

/* What waits is claimed; what goes on may have ended between being read as due and being given. */
static bool is_still_due(const Job *job, Error **err)
{
    bool still = false;

    return ledger_still(job->context->ledger, &job->row, &still, err) && still;
}

static JobEnd process(Job *job, Child *child)
{
    g_autoptr(Error) error = NULL;

    job->started_ms = clock_ms();
    if (health_get(job->context->health, job->folder->name, NULL) != HEALTH_AVAILABLE)
        return JOB_NOT_OURS; /* since it was given: it waits as all others of its folder */
    bool publishing = job->row.state == LEDGER_PUBLISHING;
    job->claimed = job->again = ledger_in_work(job->row.state);
    if (job->again && !is_still_due(job, &error))
        return error ? job_end_unrecorded(job, error) : JOB_NOT_OURS;
    if (job->row.crashes >= RETRY_GIVE_UP && !died_over_it(job, &error))
        return job_end_given_up(job, false, error);
    if (job->row.state == LEDGER_FAILING)
        return job_end_failing(job);
    if (publishing ? job_roll_forward(job, &error) : job_run(job, child, &error))
        return job_end_done(job);
    if (!job->claimed)
        return error->kind == ERROR_TRANSIENT ? JOB_NOT_OURS : job_end_unrecorded(job, error);
    if (publishing && job->row.state == LEDGER_WAITING)
        return job_tell(job, JOB_DEFERRED, NULL, error);
    if (job->superseded)
        return job_end_superseded(job);
    if (job->stopped || (job->death && atomic_load(&job->context->stopping)))
        return job_end_stopped(job, error);
    return job_end_unfinished(job, error);
}

JobEnd attempt_run(Job *job, Child *child)
{
    obituary_subject(job->folder->name, job->row.source);
    JobEnd end = process(job, child);
    obituary_subject(NULL, NULL);
    return end;
}
