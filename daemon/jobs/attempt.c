/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/jobs/attempt.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/units.h"
#include "daemon/files/beneath.h"
#include "daemon/files/lease.h"
#include "daemon/files/lock.h"
#include "daemon/files/rights.h"
#include "daemon/folders/healthcheck.h"
#include "daemon/jobs/conversation.h"
#include "daemon/jobs/duplicate.h"
#include "daemon/jobs/outcome.h"
#include "daemon/jobs/parts.h"
#include "daemon/jobs/parts_copy.h"
#include "daemon/jobs/parts_read.h"
#include "daemon/jobs/retry.h"
#include "daemon/jobs/second_copy.h"
#include "daemon/jobs/sidecar.h"
#include "daemon/jobs/unmoved.h"
#include "daemon/journal/crash_record.h"
#include "daemon/journal/journal.h"
#include "daemon/originals/originals.h"
#include "daemon/outputs/publish.h"
#include "daemon/outputs/recover.h"
#include "daemon/process/sandbox_report.h"
#include "formats/probe.h"

static const char resend[] = "send the file again: its copy or upload was not finished";

/* Ends the attempt with an outcome of its own. Always false. */
static bool end_as(Job *job, Outcome outcome)
{
    job->outcome = outcome;
    return false;
}

/* ---- whether the source is still the file that was found ---- */

static bool end_superseded(Job *job, const char *how, Error **err)
{
    error_set(err, ERROR_TRANSIENT, NULL, "the file %s", how);
    return end_as(job, OUTCOME_SUPERSEDED);
}

/* Says why the source can't be opened; `code` is an errno value. Where the watched directory is
 * missing too, its mount is gone and not the picture. Always false. */
static bool cannot_open(Job *job, int code, Error **err)
{
    if (!beneath_is_absence(code))
        return rights_error_reading(err, code, "cannot open the picture");
    if (access(job->folder->path, F_OK) < 0)
        return error_set(err, ERROR_ENVIRONMENT,
                         "make it, or mount its file system; hotfolder then continues",
                         "the directory '%s' is missing", job->folder->path);
    return end_superseded(job, "was renamed or removed", err);
}

/* Programs that send a file (wget, cp -p) may give it its old date as their last step: a file with
 * a new date and the same content is the same picture, and the job goes on with that date. Before
 * the claim has hashed the content there is nothing to compare. */
static void accept_new_mtime(Job *job)
{
    FileId *file = &job->row.file;
    g_autoptr(Error) ignored = NULL;
    struct stat st;

    if (job->source.fd < 0 || fstat(job->source.fd, &st) < 0)
        return;
    FileId now = fileid_of(&st);
    if (now.ino != file->ino || now.size != file->size || now.mtime_ns == file->mtime_ns ||
        !fileid_was_read(file) || !ledger_hash(job->context->ledger, job->source.fd, &now) ||
        !fileid_same_content(&now, file))
        return;
    *file = now;
    /* by this date the intake knows the file when it is renamed, too */
    ledger_update_file(job->context->ledger, &job->row, file, &ignored);
}

/* Whether the file that is open, and the one at the source's path, are the one of the job's row. */
static bool source_unchanged(Job *job, Error **err)
{
    struct stat st, open_st;

    accept_new_mtime(job);
    if (!beneath_stat(job->folder->path, job->row.source, &st))
        return cannot_open(job, errno, err);
    FileId there = fileid_of(&st);
    if (!fileid_same(&there, &job->row.file) || fstat(job->source.fd, &open_st) < 0)
        return end_superseded(job, "was replaced", err);
    FileId opened = fileid_of(&open_st);
    /* another user may have linked a file of ours here, for us to read or move */
    bool foreign = !job_is_batch(job) && file_is_foreign_link(job->folder->path, &open_st);
    return (fileid_same(&opened, &job->row.file) && !foreign) ||
           end_superseded(job, "was changed", err);
}

/* ---- claim: the source is opened and identified, and the row becomes `processing` ---- */

/* A disk that is nearly full is not filled up. */
static bool check_room(const Job *job, Error **err)
{
    return job->context->planned || healthcheck_space(job->folder, err);
}

/* A pipe or a device is never opened: that could wake up its other end. A file that may not be read
 * waits for the permission; a batch, which leaves originals untouched, waits for no one. */
static bool open_source(Job *job, Error **err)
{
    struct stat st;

    if (beneath_stat(job->folder->path, job->row.source, &st) && !S_ISREG(st.st_mode))
        return end_superseded(job, "was replaced", err);
    job->source.fd =
        beneath_open(job->folder->path, job->row.source, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (job->source.fd >= 0)
        return true;
    int code = errno;
    if ((code == EACCES || code == EPERM) && !job_is_batch(job))
        job->outcome = OUTCOME_UNREADABLE;
    return cannot_open(job, code, err);
}

/* Always false. */
static bool refuse_shared_folder(const Job *job, pid_t pid, Error **err)
{
    g_autofree char *who = pid ? g_strdup_printf("process %d", (int) pid)
                               : g_strdup("a process that is not visible from here");

    return error_set(err, ERROR_ENVIRONMENT,
                     "let only one hotfolder watch the folder; this one continues when the other "
                     "one has ended",
                     "another hotfolder (%s) has locked a picture in '%s'", who, job->folder->path);
}

/* Another service may watch the folder too: its ledger does not know that we work on the picture.
 * An original that stays where it is may have the outputs of both, and may be locked by any
 * program. */
static bool lock_source(Job *job, Error **err)
{
    pid_t pid = 0;
    LockHolder holder =
        folder_moves_originals(job->folder) ? file_lock(job->source.fd, &pid) : LOCK_NONE;

    if (holder == LOCK_NONE)
        return true;
    if (holder == LOCK_HOTFOLDER)
        return refuse_shared_folder(job, pid, err);
    lock_error(pid, err);
    return end_as(job, OUTCOME_LOCKED);
}

static bool check_size(const Job *job, Error **err)
{
    int64_t size = job->row.file.size, max = job->folder->limits.max_bytes;

    if (!max || size <= max)
        return true;
    g_autofree char *is = units_bytes_rounded(size);
    g_autofree char *most = units_bytes_text(max);
    return error_set(err, ERROR_PICTURE, "raise `max_bytes`, or make the file smaller",
                     "the file has %s, more than max_bytes = %s allows", is, most);
}

static bool hash_source(Job *job, Error **err)
{
    return ledger_hash(job->context->ledger, job->source.fd, &job->row.file) ||
           error_errno(err, errno, "cannot read the picture");
}

/* The error that the last crash left in the ledger. Always false. */
static bool last_crash(const Job *job, Error **err)
{
    g_autoptr(Error) last = NULL, ignored = NULL;

    ledger_last_error(job->context->ledger, &job->row, &last, &ignored);
    error_set(err, ERROR_PICTURE, last ? last->fix : NULL, "%s",
              last ? last->what : "a worker died while it processed the picture");
    return last && last->where ? error_set_where(err, "%s", last->where) : false;
}

/* A picture with RETRY_CRASHES recorded crashes, of its worker or of the daemon, is not begun
 * again, nor one that was in progress each time the daemon ended without a recorded cause. The
 * number of this attempt counts it already. */
static bool refuse_poison(const Job *job, Error **err)
{
    const LedgerRow *row = &job->row;

    if (row->crashes >= RETRY_CRASHES)
        return last_crash(job, err);
    if (!retry_spent(row->attempt, &job->folder->retry))
        return true;
    return error_set(
        err, ERROR_PICTURE,
        "if a viewer shows the picture, report this with the journal of those times",
        "hotfolder was killed or lost power %d times while this picture was in progress",
        row->attempt - 1);
}

/* At the first attempt only: a retry repeats no message. */
static void report_wrong_extension(const Job *job, Format format)
{
    if (job->row.attempt > 1 || !format_contradicts_name(format, job->row.source))
        return;
    g_autofree char *reason =
        g_strdup_printf("its extension is wrong: the content is %s", format_name(format));
    journal_event(EVENT_WRONG_EXTENSION, JOB_FIELDS(job), .reason = reason);
}

/* What is said of a picture without an end marker of which all else is there; NULL: in its format
 * the rows would be missing. */
static const char *note_of_missing_end(Format format)
{
    if (format == FORMAT_JPEG)
        return "its end marker (EOI) is missing, but all of its rows are whole";
    if (format == FORMAT_GIF)
        return "its end marker (trailer) is missing, but all rows of its first picture are whole";
    if (format == FORMAT_PNG)
        return "its end marker (IEND) is missing, but all of its rows are whole";
    return NULL;
}

/* A file that is still incomplete after the wait. Where only the end marker is missing, the decoder
 * says whether all rows are there. */
static bool accept_missing_end(Job *job, const Probe *probe, Error **err)
{
    job->source.note = note_of_missing_end(probe->format);
    return job->source.note ||
           error_set(err, ERROR_PICTURE, resend, "the %s is incomplete: %s is missing", probe->kind,
                     probe->missing);
}

/* What the outputs will be known by. */
static Provenance provenance_of(const Job *job)
{
    g_autofree char *path = beneath_path(job->folder->path, job->row.source);
    Provenance provenance = {
        .source = fileid_text_hash(path),
        .content = { job->row.file.hash[0], job->row.file.hash[1] },
        .profile = job->folder->profile->hash,
        .folder = fileid_text_hash(job->folder->path),
        .sequence = job->row.sequence,
    };

    provenance.time =
        named_time(job->context->named, &provenance, job->row.file.mtime_ns / INT64_C(1000000000));
    return provenance;
}

/* The format must be accepted, and the file complete as far as its frame says. */
static bool identify_source(Job *job, Error **err)
{
    Probe probe = { 0 };

    if (!probe_file(job->source.fd, &probe))
        return error_errno(err, errno, "cannot read the picture");
    if (!(job->folder->limits.accept & FORMAT_BIT(probe.format)))
        return probe_refusal(&probe, job->row.source, job->folder->limits.accept, err);
    report_wrong_extension(job, probe.format);
    if (probe.complete == COMPLETE_NO && !accept_missing_end(job, &probe, err))
        return false;
    job->source.format = probe.format;
    job->source.provenance = provenance_of(job);
    return true;
}

/* A sandbox that the kernel cannot give is not the picture's fault: it waits, and others go on. A
 * batch, which leaves originals untouched, waits for no one. */
static bool is_confined(Job *job, Format format, Error **err)
{
    if (sandbox_report_allows(job->folder, format, err))
        return true;
    if ((*err)->kind == ERROR_CONFIG && !job_is_batch(job))
        job->outcome = OUTCOME_UNCONFINED;
    return false;
}

/* The same before the file is read whole: one that waits is tried often. What is no picture fails
 * later. */
static bool may_be_confined(Job *job, Error **err)
{
    Probe probe = { 0 };

    return !sandbox_report_is_incomplete() || !probe_file(job->source.fd, &probe) ||
           !(job->folder->limits.accept & FORMAT_BIT(probe.format)) ||
           is_confined(job, probe.format, err);
}

/* The ledger counts the attempt before its work begins, and knows its content. Where the folder
 * skips duplicates, it also knows whether the content was finished before; while a picture of the
 * same content is in progress, this one waits. */
static bool begin(Job *job, Error **err)
{
    g_auto(LedgerDuplicate) other = { .state = DUPLICATE_NONE };
    bool skips = job_skips_duplicates(job);

    if (!ledger_begin(job->context->ledger, &job->row, skips ? &other : NULL, err))
        return end_as(job, OUTCOME_UNRECORDED);
    job->source.duplicate = other.state == DUPLICATE_DONE && duplicate_is_certain(job, &other.row);
    job->source.duplicate_delay_ms = other.delay_ms;
    if (other.state != DUPLICATE_IN_PROGRESS)
        return true;
    error_set(err, ERROR_TRANSIENT, NULL, "a picture of the same content is in progress");
    return end_as(job, OUTCOME_DUPLICATE_IN_PROGRESS);
}

/* A file that was changed while it was read is not to blame for what happened there: a decoder dies
 * of a bus error when a mapped file is cut off, and the format may be another one by now. The
 * change then takes the place of the error. Always false. */
static bool excuse_changed_source(Job *job, Error **err)
{
    g_autoptr(Error) changed = NULL;

    if (!source_unchanged(job, &changed) && job->outcome == OUTCOME_SUPERSEDED) {
        error_free(*err);
        *err = g_steal_pointer(&changed);
    }
    return false;
}

/* Before anything else is done to it, or it is moved. */
static bool keep_arrival(Job *job, Error **err)
{
    return second_copy_original(job, err) || excuse_changed_source(job, err);
}

static bool claim(Job *job, Error **err)
{
    return job_remove_leftovers(job, err) && check_room(job, err) && open_source(job, err) &&
           lock_source(job, err) && source_unchanged(job, err) && may_be_confined(job, err) &&
           keep_arrival(job, err) && check_size(job, err) && hash_source(job, err) &&
           refuse_poison(job, err) && identify_source(job, err) && sidecar_open_part(job, err) &&
           begin(job, err);
}

/* ---- render: the worker opens, applies the steps, encodes into staged files ---- */

/* The worker decoded what is there: its end is missing, too. Always false. */
static bool advise_resend(const Job *job, Error **err)
{
    if (job->source.note && *err && (*err)->kind == ERROR_PICTURE) {
        g_free((*err)->fix);
        (*err)->fix = g_strdup(resend);
    }
    return false;
}

static bool render(Job *job, Process *process, Error **err)
{
    job->staging = staging_new(job->folder, &job->row, &job->source.provenance,
                               job->context->ledger, job->context->planned);
    if (job->source.duplicate)
        return true;
    sidecar_find(job);
    return process_ensure_ready(process, job->settings, job->folder->isolate, err) &&
           is_confined(job, job->source.format, err) &&
           (conversation_run(job, process, err) || advise_resend(job, err) ||
            excuse_changed_source(job, err)) &&
           source_unchanged(job, err);
}

/* ---- publish: all outputs get their names at once ---- */

/* The original is on disk before its outputs appear: a person who sees them may wipe the card that
 * it came from, and the program that brought it may not have synced it. An untouched original lies
 * where it always lay. EINVAL: the file system has nothing to sync. */
static bool sync_source(const Job *job, Error **err)
{
    return job_is_batch(job) || fdatasync(job->source.fd) == 0 || errno == EINVAL ||
           errno == EROFS || error_errno(err, errno, "cannot sync the original");
}

/* A row that the ledger calls `publishing` goes on with that in a later attempt; outputs that can
 * never be published are failed from `processing`, as a picture is that can never succeed. */
static bool publish(Job *job, Error **err)
{
    if (job->context->planned)
        return true;
    job->publish.complete = parts_copy(job, err) && second_copy_of_kept(job, err) &&
                            sync_source(job, err) && publish_outputs(job->staging, err);
    if (publish_is_recorded(job->staging) &&
        (job->publish.complete || (*err)->kind != ERROR_PICTURE))
        job->row.state = LEDGER_PUBLISHING;
    job->publish.bytes = staging_published_bytes(job->staging);
    return job->publish.complete;
}

/* "a.jpg, thumbs/a.jpg", newly allocated; NULL: no outputs. */
static char *names_of(const GArray *outputs)
{
    GString *names = g_string_new(NULL);

    for (unsigned i = 0; i < outputs->len; i++)
        g_string_append_printf(names, "%s%s", i ? ", " : "",
                               g_array_index(outputs, LedgerOutput, i).path);
    return g_string_free(names, names->len == 0);
}

static bool make_lost_output_again(Job *job, Error **err)
{
    if (!ledger_requeue(job->context->ledger, &job->row, err) || !job_remove_leftovers(job, err))
        return false;
    error_set(err, ERROR_TRANSIENT, NULL, "an output was lost before it was published");
    return end_as(job, OUTCOME_OUTPUT_LOST);
}

/* Goes on where a crash cut off an earlier attempt that published. An attempt that made nothing has
 * no rows of outputs: if the folder skips duplicates, the picture is recorded as one. */
static bool roll_forward(Job *job, Error **err)
{
    g_autoptr(GArray) outputs = NULL;
    bool lost = false;

    if (!ledger_read_outputs(job->context->ledger, &job->row, &outputs, err) ||
        !recover_roll_forward(job->folder, job->context->ledger, outputs, &lost, err))
        return false;
    job->publish.names = names_of(outputs);
    job->source.duplicate = !job->publish.names && job_skips_duplicates(job);
    job->publish.complete = !lost;
    return !lost || make_lost_output_again(job, err);
}

/* ---- retire: the original stays, moves to done/, or to the trash ---- */

/* An original that can't be moved does not keep its picture from being done, unless the disk is
 * full or broken, which concerns the whole folder, or a program still writes into it: then it may
 * become another picture. */
static bool keep_original(Job *job, Error **err)
{
    if (job->unmoved->kind != ERROR_ENVIRONMENT && job->unmoved->kind != ERROR_TRANSIENT)
        return unmoved_record(job, err);
    *err = g_steal_pointer(&job->unmoved);
    return false;
}

static bool move_finished(const Job *job, const Original *original, const void *user, bool *gone,
                          Error **why)
{
    (void) job, (void) user;
    return originals_move_finished(original, gone, why);
}

/* Parts stay for the same reasons. */
static bool keep_parts(Job *job, LedgerOriginal original, Error **err)
{
    if (!job->parts.unmoved || job->parts.unmoved->kind != ERROR_ENVIRONMENT)
        return parts_record(job, original, err);
    *err = g_steal_pointer(&job->parts.unmoved);
    return false;
}

static bool retire(Job *job, Error **err)
{
    LedgerOriginal end = ORIGINAL_STAYS;

    accept_new_mtime(job); /* its sender may have set the date only now */
    if (!parts_read(job, err))
        return false;
    return (parts_move(job, false, move_finished, NULL, &end, &job->unmoved)
                ? keep_parts(job, end, err)
                : keep_original(job, err)) &&
           ledger_done(job->context->ledger, &job->row, end, job->source.duplicate, err);
}

/* ---- the attempt ---- */

/* The folder may have become unavailable, or was paused, since the job was given. */
static bool is_available(Job *job)
{
    return health_get(job->context->health, job->folder->name, NULL) == HEALTH_AVAILABLE ||
           end_as(job, OUTCOME_NOT_BEGUN);
}

/* A picture that crashes the daemon even while it is failed stays where it is. */
static bool is_safe_to_fail(Job *job, Error **err)
{
    if (job->row.crashes < RETRY_GIVE_UP)
        return true;
    last_crash(job, err);
    return end_as(job, OUTCOME_POISON);
}

static bool is_not_failed_yet(Job *job)
{
    return job->row.state != LEDGER_FAILING || end_as(job, OUTCOME_FAILING);
}

static bool may_begin(Job *job, Error **err)
{
    return is_available(job) && is_safe_to_fail(job, err) && is_not_failed_yet(job);
}

/* Outputs that an earlier attempt has made are not made again. */
static bool make(Job *job, Process *process, Error **err)
{
    return may_begin(job, err) &&
           (job->row.state == LEDGER_PUBLISHING || (claim(job, err) && render(job, process, err)));
}

static bool finish(Job *job, Error **err)
{
    if (job->staging)
        return publish(job, err) && retire(job, err);
    if (!job->row.missing)
        return roll_forward(job, err) && retire(job, err);
    job->publish.complete = true;
    return retire(job, err);
}

bool attempt_make(Job *job, Process *process)
{
    crash_record_set_subject(&(CrashSubject){ job->folder->name, job->row.source, job->row.id,
                                              job->row.token }); /* named if we crash now */
    job->started_ms = clock_ms();
    job->waited_ms = MAX(clock_wall_ms() - job->row.changed_wall_ms, 0);
    job->resumed = ledger_is_in_progress(job->row.state);
    job->made = !ledger_has_ended(job->row.state) && make(job, process, &job->error);
    job->made_ms = clock_ms();
    return job->made;
}

JobEnd attempt_end(Job *job)
{
    JobEnd end = JOB_NOT_BEGUN;

    if (ledger_has_ended(job->row.state)) {
        end = unmoved_run(job);
    } else {
        if (job->made && finish(job, &job->error))
            job->outcome = OUTCOME_DONE;
        end = outcome_record(job, job->error);
        job_close_files(job);
    }
    crash_record_set_subject(NULL);
    return end;
}
