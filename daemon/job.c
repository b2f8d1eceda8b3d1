#include "daemon/job.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/probe.h"
#include "base/units.h"
#include "daemon/beneath.h"
#include "daemon/journal.h"
#include "daemon/obituary.h"
#include "daemon/render.h"
#include "daemon/retire.h"
#include "daemon/retry.h"
#include "daemon/sandbox.h"
#include "daemon/world.h"

enum {
    BARRED_MS = 10 * 1000, /* until a file that may not be read is tried again */
    TWIN_MS = 500, /* until the outcome of another picture of the same content is looked at */
};

Job *job_new(JobContext *context, Settings *settings, const Folder *folder, LedgerRow *row)
{
    Job *job = g_new0(Job, 1);

    job->context = context;
    job->settings = settings_ref(settings);
    job->folder = folder;
    job->row = *row;
    *row = (LedgerRow){ 0 };
    job->fd = -1;
    return job;
}

void job_free(Job *job)
{
    if (!job)
        return;
    stage_free(job->stage);
    if (job->fd >= 0)
        close(job->fd);
    g_free(job->step);
    g_free(job->names);
    error_free(job->refusal);
    ledger_row_clear(&job->row);
    settings_unref(job->settings);
    g_free(job);
}

/* ---- the four steps ---- */

static bool superseded(Job *job, const char *how, Error **err)
{
    job->superseded = true;
    return error_set(err, ERROR_LATER, NULL, "the file %s", how);
}

/* Why nothing could be had at its place; `code` is an errno value. */
static bool missing(Job *job, int code, Error **err)
{
    if (code != ENOENT && code != ENOTDIR && code != ELOOP)
        return error_errno(err, code, "cannot open the picture");
    /* The file is gone, or all of them: a mount that went away takes no picture's place. */
    if (access(job->folder->path, F_OK) < 0)
        return error_set(err, ERROR_WORLD, "mount it again; work goes on by itself",
                         "the watched directory '%s' is missing", job->folder->path);
    return superseded(job, "is gone", err);
}

/* Whether the place still holds the file that this job is about. */
static bool unchanged(Job *job, Error **err)
{
    struct stat st, open_st;

    if (!beneath_stat(job->folder->path, job->row.source, &st))
        return missing(job, errno, err);
    FileId there = fileid_of(&st);
    if (!fileid_same(&there, &job->row.file) || fstat(job->fd, &open_st) < 0)
        return superseded(job, "was replaced", err);
    FileId opened = fileid_of(&open_st);
    return fileid_same(&opened, &job->row.file) || superseded(job, "was changed", err);
}

static bool open_source(Job *job, Error **err)
{
    job->fd = beneath_open(job->folder->path, job->row.source, O_RDONLY | O_NONBLOCK);
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
    return error_set(err, ERROR_IMAGE, "raise `max_bytes`, or make the file smaller",
                     "the file has %s, more than max_bytes = %s allows", is, most);
}

/* Told once: the first attempt at it. */
static void note_belied(const Job *job, Format format)
{
    if (job->row.attempt > 1 || !format_belied(format, job->row.source))
        return;
    g_autofree char *reason =
        g_strdup_printf("its name says otherwise, but it is %s", format_name(format));
    journal_event(EVENT_BELIED, JOB_FIELDS(job), .reason = reason);
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
        return error_set(err, ERROR_IMAGE, "send it again: the copy or upload broke off",
                         "the %s is incomplete: %s is missing", probe.kind, probe.missing);
    job->format = probe.format;
    job->origins = (Origins){
        .source = fileid_text_hash(path),
        .content = { job->row.file.hash[0], job->row.file.hash[1] },
        .profile = job->folder->profile->hash,
    };
    return true;
}

/* What an earlier attempt left behind when it was cut off, or when the disk refused to remove it.
 * The number of the attempt says nothing: one that met a broken world was given back. */
static bool clear_leftovers(Job *job, Error **err)
{
    g_autoptr(GArray) outputs = NULL;

    if (!ledger_outputs(job->context->ledger, job->row.id, &outputs, err))
        return false;
    if (outputs->len)
        output_sweep(job->folder, outputs);
    return true;
}

/* What the last death left in the ledger. */
static bool died_over_it(const Job *job, Error **err)
{
    g_autoptr(Error) last = NULL, ignored = NULL;

    ledger_error(job->context->ledger, job->row.id, &last, &ignored);
    error_set(err, ERROR_IMAGE, last ? last->fix : NULL, "%s",
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
        err, ERROR_IMAGE, "if a viewer shows it, report it with the journal of those times",
        "it was in work at %d stops of hotfolder that were no orderly ones", row->attempt - 1);
}

/* Remembers the content. Where the folder wants no second picture of it, nobody can tell while
 * another one is in work. */
static bool record_content(Job *job, Error **err)
{
    LedgerTwin twin = TWIN_NONE;
    bool once = job->folder->duplicates == DUPLICATES_SKIP;

    if (!ledger_hash(job->context->ledger, &job->row, once ? &twin : NULL, err))
        return false;
    job->duplicate = twin == TWIN_DONE;
    job->twin_in_work = twin == TWIN_IN_WORK;
    return !job->twin_in_work ||
           error_set(err, ERROR_LATER, NULL, "a picture of the same content is in work");
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
        return error_set(err, ERROR_LATER, NULL, "somebody else works on it");
    return clear_leftovers(job, err) && find_room(job, err) && open_source(job, err) &&
           unchanged(job, err) && small_enough(job, err) && read_content(job, err) &&
           refuse_killer(job, err) && inspect(job, err) && record_content(job, err);
}

/* A file that was changed while it was worked on may well have taken its worker down by that (what
 * is cut off under a decoder's eyes is a bus error): what it was is not to blame. Always false. */
static bool let_off(Job *job, Error **err)
{
    g_autoptr(Error) changed = NULL;

    if (job->death && !unchanged(job, &changed) && job->superseded) {
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
    return child_ready(child, job->settings, err) &&
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
    if (stage_is_recorded(job->stage) && (job->placed || (*err)->kind != ERROR_IMAGE))
        job->row.state = LEDGER_PUBLISHING;
    return job->placed;
}

static char *hidden_name(const Job *job)
{
    return g_strdup_printf(".hotfolder-%s-%" PRId64 "-original", ledger_tag(job->context->ledger),
                           job->row.id);
}

static Retiring retiring_of(const Job *job, const char *temp)
{
    return (Retiring){ .folder = job->folder,
                       .source = job->row.source,
                       .file = &job->row.file,
                       .temp = temp,
                       .again = job->again };
}

static bool job_retire(Job *job, Error **err)
{
    g_autofree char *temp = hidden_name(job);
    Retiring retiring = retiring_of(job, temp);
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
    return error_set(err, ERROR_LATER, NULL, "an output was lost before it was placed");
}

/* ---- how it ended ---- */

static JobEnd tell(Job *job, JobEnd end, const char *names, const Error *error)
{
    if (job->context->ended)
        job->context->ended(job->context->user, job, end, names, error);
    return end;
}

static JobEnd unrecorded(Job *job, const Error *error)
{
    journal_event(EVENT_TROUBLE, JOB_FIELDS(job), .error = error);
    return tell(job, JOB_UNRECORDED, NULL, error);
}

static JobEnd end_done(Job *job)
{
    g_autofree char *names =
        job->stage ? stage_names(job->stage) : g_steal_pointer(&job->names);

    health_proved(job->context->health, job->folder->name);
    journal_event(job->duplicate ? EVENT_DUPLICATE : EVENT_DONE, JOB_FIELDS(job), .output = names,
                  .duration_ms = clock_ms() - job->started_ms);
    return tell(job, JOB_DONE, names, NULL);
}

static JobEnd end_superseded(Job *job)
{
    g_autoptr(Error) error = NULL;

    if (!ledger_forget(job->context->ledger, job->row.id, &error))
        return unrecorded(job, error);
    journal_event(EVENT_SUPERSEDED, JOB_FIELDS(job));
    return tell(job, JOB_SUPERSEDED, NULL, NULL);
}

/* Back to waiting, publishing, or failing, until `next_try`. */
static bool defer(Job *job, int64_t next_try, bool spend, const Error *why, Error **err)
{
    Ledger *ledger = job->context->ledger;

    if (job->row.state != LEDGER_WORKING)
        return ledger_put_off(ledger, job->row.id, next_try, why, err);
    return ledger_defer(ledger, job->row.id, next_try, spend, job->death, why, err);
}

static JobEnd end_stopped(Job *job, const Error *why)
{
    g_autoptr(Error) error = NULL;

    job->death = DEATH_NONE;
    return defer(job, 0, false, why, &error) ? tell(job, JOB_STOPPED, NULL, NULL)
                                             : unrecorded(job, error);
}

/* Holds the folder because of `cause`; the picture goes behind those that have not met it, since
 * one unreadable sector must not hold up all others. `recorded` is what its row keeps. */
static JobEnd hold(Job *job, const Error *cause, const Error *recorded)
{
    g_autofree char *reason = error_text(cause);
    g_autoptr(Error) error = NULL;

    health_hold(job->context->health, job->folder->name, reason, job->row.file.size);
    return defer(job, clock_ms(), false, recorded, &error) ? tell(job, JOB_HELD, NULL, cause)
                                                           : unrecorded(job, error);
}

static JobEnd end_held(Job *job, const Error *why)
{
    return hold(job, why, why);
}

/* Whether the ledger knows this reason already: what was told is not told again. */
static bool is_news(const Job *job, const Error *why)
{
    g_autoptr(Error) last = NULL, ignored = NULL;

    return !ledger_error(job->context->ledger, job->row.id, &last, &ignored) || !last ||
           strcmp(last->what, why->what) != 0;
}

/* Waiting for somebody to give the right to read it, or for another picture. */
static JobEnd end_waiting(Job *job, int64_t delay, const Error *why)
{
    g_autofree char *reason = error_text(why);
    g_autoptr(Error) error = NULL;
    bool news = job->barred && is_news(job, why);

    if (!defer(job, clock_ms() + delay, false, job->barred ? why : NULL, &error))
        return unrecorded(job, error);
    if (news)
        journal_event(EVENT_WAITING, .folder = job->folder->name, .source = job->row.source,
                      .reason = reason);
    return tell(job, job->barred ? JOB_BARRED : JOB_DEFERRED, NULL, why);
}

static JobEnd end_deferred(Job *job, const Error *why)
{
    const RetryPolicy *retry = &job->folder->retry;
    bool moving = job->placed;
    /* A move that a person has to make possible is tried seldom, and told once. */
    bool persons = moving && why->kind == ERROR_SETUP, news = !persons || is_news(job, why);
    int64_t delay =
        persons ? retry->max_ms : retry_delay(job->row.attempt, retry, g_random_double());
    g_autoptr(Error) error = NULL;

    if (!defer(job, clock_ms() + delay, true, why, &error))
        return unrecorded(job, error);
    if (news)
        journal_event(moving ? EVENT_RETIRE_FAILED : EVENT_DEFERRED, JOB_FIELDS(job), .error = why,
                      .delay_ms = delay);
    return tell(job, JOB_DEFERRED, NULL, why);
}

/* Its row says so, and nothing more is done about it. */
static JobEnd end_given_up(Job *job, bool gone, const Error *why)
{
    g_autoptr(Error) error = NULL;

    if (!ledger_fail(job->context->ledger, job->row.id, gone, why, &error))
        return unrecorded(job, error);
    journal_event(EVENT_FAILED, JOB_FIELDS(job), .error = why);
    return tell(job, JOB_FAILED, NULL, why);
}

/* The reason first, then the move: whenever this is cut off, it is taken up again. */
static JobEnd end_failed(Job *job, const Error *why)
{
    g_autofree char *temp = hidden_name(job);
    Retiring retiring = retiring_of(job, temp);
    Ledger *ledger = job->context->ledger;
    g_autoptr(Error) stuck = NULL, error = NULL;
    bool gone = false;

    if (job->context->dry || job->folder->originals == ORIGINALS_UNTOUCHED)
        return end_given_up(job, false, why);
    if (job->row.state != LEDGER_FAILING &&
        (!clear_leftovers(job, &error) || !ledger_hash(ledger, &job->row, NULL, &error) ||
         !ledger_failing(ledger, job->row.id, why, &error)))
        return unrecorded(job, error);
    job->row.state = LEDGER_FAILING;
    if (!retire_failed(&retiring, job->row.attempt, why, &gone, &stuck)) {
        if (stuck->kind == ERROR_WORLD)
            return hold(job, stuck, why);
        journal_event(EVENT_RETIRE_FAILED, JOB_FIELDS(job), .error = stuck);
    }
    return end_given_up(job, gone, why);
}

static JobEnd end_unfinished(Job *job, const Error *why)
{
    int crashes = job->row.crashes + (job->death != DEATH_NONE);

    if (job->row.state == LEDGER_PUBLISHING)
        return why->kind == ERROR_WORLD ? end_held(job, why) : end_deferred(job, why);
    job->barred &= job->folder->originals != ORIGINALS_UNTOUCHED; /* a batch waits for nobody */
    if (job->barred || job->twin_in_work)
        return end_waiting(job, job->barred ? BARRED_MS : TWIN_MS, why);
    switch (retry_decide(why->kind, job->row.attempt, crashes, &job->folder->retry)) {
    case RETRY_HOLD:
        return end_held(job, why);
    case RETRY_AGAIN:
        return end_deferred(job, why);
    case RETRY_FAIL:
        break;
    }
    return end_failed(job, why);
}

/* A crash, or a broken world, caught it in `failing`: the reason is in the ledger. */
static JobEnd job_fail_again(Job *job)
{
    g_autoptr(Error) why = NULL, error = NULL;

    if (!ledger_error(job->context->ledger, job->row.id, &why, &error))
        return unrecorded(job, error);
    if (!why)
        error_set(&why, ERROR_BUG, NULL, "the reason was lost");
    return end_failed(job, why);
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
    if (health_get(job->context->health, job->folder->name, NULL) != HEALTH_ALIVE)
        return JOB_NOT_OURS; /* since it was given: it waits as all others of its folder */
    bool publishing = job->row.state == LEDGER_PUBLISHING;
    job->claimed = job->again = ledger_in_work(job->row.state);
    if (job->again && !is_still_due(job, &error))
        return error ? unrecorded(job, error) : JOB_NOT_OURS;
    if (job->row.crashes >= RETRY_GIVE_UP && !died_over_it(job, &error))
        return end_given_up(job, false, error);
    if (job->row.state == LEDGER_FAILING)
        return job_fail_again(job);
    if (publishing ? job_roll_forward(job, &error) : job_run(job, child, &error))
        return end_done(job);
    if (!job->claimed)
        return error->kind == ERROR_LATER ? JOB_NOT_OURS : unrecorded(job, error);
    if (publishing && job->row.state == LEDGER_WAITING)
        return tell(job, JOB_DEFERRED, NULL, error);
    if (job->superseded)
        return end_superseded(job);
    if (job->stopped || (job->death && atomic_load(&job->context->stopping)))
        return end_stopped(job, error);
    return end_unfinished(job, error);
}

JobEnd job_process(Job *job, Child *child)
{
    obituary_subject(job->folder->name, job->row.source);
    JobEnd end = process(job, child);
    obituary_subject(NULL, NULL);
    return end;
}
