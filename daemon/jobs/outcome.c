#include "daemon/jobs/outcome.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>

#include "base/clock.h"
#include "daemon/jobs/retry.h"
#include "daemon/journal/journal.h"
#include "daemon/outputs/recover.h"

enum {
    BARRED_MS = 10 * 1000, /* until a file that may not be read is tried again */
    TWIN_MS = 500,   /* until the outcome of another picture of the same content is looked at */
    TWIN_SHARE = 20, /* ... and so many times as long as that takes */
};

char *job_hidden_name(const Job *job)
{
    return g_strdup_printf(".hotfolder-%s-%" PRId64 "-original", ledger_tag(job->context->ledger),
                           job->row.id);
}

Retiring job_retiring(const Job *job, const char *temp)
{
    return (Retiring){ .folder = job->folder,
                       .source = job->row.source,
                       .file = &job->row.file,
                       .temp = temp,
                       .again = job->again };
}

/* They are there when an attempt was cut off, or when the disk refused to remove them. */
bool job_clear_leftovers(Job *job, Error **err)
{
    g_autoptr(GArray) outputs = NULL;

    if (!ledger_outputs(job->context->ledger, job->row.id, &outputs, err))
        return false;
    if (outputs->len)
        output_sweep(job->folder, outputs);
    return true;
}

JobEnd job_tell(Job *job, JobEnd end, const char *names, const Error *error)
{
    if (job->context->ended)
        job->context->ended(job->context->user, job, end, names, error);
    return end;
}

JobEnd job_end_unrecorded(Job *job, const Error *error)
{
    journal_event(EVENT_ERROR, JOB_FIELDS(job), .error = error);
    return job_tell(job, JOB_UNRECORDED, NULL, error);
}

JobEnd job_end_done(Job *job)
{
    g_autofree char *names = job->stage ? stage_names(job->stage) : g_steal_pointer(&job->names);

    health_proved(job->context->health, job->folder->name);
    journal_event(job->duplicate ? EVENT_DUPLICATE : EVENT_DONE, JOB_FIELDS(job), .output = names,
                  .duration_ms = clock_ms() - job->started_ms);
    return job_tell(job, JOB_DONE, names, NULL);
}

JobEnd job_end_superseded(Job *job)
{
    g_autoptr(Error) error = NULL;

    if (!ledger_forget(job->context->ledger, job->row.id, &error))
        return job_end_unrecorded(job, error);
    journal_event(EVENT_SUPERSEDED, JOB_FIELDS(job));
    return job_tell(job, JOB_SUPERSEDED, NULL, NULL);
}

/* Back to waiting, publishing, or failing, until `next_try`. */
static bool defer(Job *job, int64_t next_try, bool spend, const Error *why, Error **err)
{
    Ledger *ledger = job->context->ledger;

    if (job->row.state != LEDGER_WORKING)
        return ledger_put_off(ledger, job->row.id, next_try, why, err);
    return ledger_defer(ledger, job->row.id, next_try, spend, job->death, why, err);
}

JobEnd job_end_stopped(Job *job, const Error *why)
{
    g_autoptr(Error) error = NULL;

    job->death = DEATH_NONE;
    return defer(job, 0, false, why, &error) ? job_tell(job, JOB_STOPPED, NULL, NULL)
                                             : job_end_unrecorded(job, error);
}

/* Holds the folder because of `cause`; the picture goes behind those that have not met it, since
 * one unreadable sector must not hold up all others. `recorded` is what its row keeps. */
static JobEnd hold(Job *job, const Error *cause, const Error *recorded)
{
    g_autofree char *reason = error_text(cause);
    g_autoptr(Error) error = NULL;

    health_hold(job->context->health, job->folder->name, reason, job->row.file.size);
    return defer(job, clock_ms(), false, recorded, &error) ? job_tell(job, JOB_HELD, NULL, cause)
                                                           : job_end_unrecorded(job, error);
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
        return job_end_unrecorded(job, error);
    if (news)
        journal_event(EVENT_PENDING, .folder = job->folder->name, .source = job->row.source,
                      .reason = reason);
    return job_tell(job, job->barred ? JOB_BARRED : JOB_DEFERRED, NULL, why);
}

static JobEnd end_deferred(Job *job, const Error *why)
{
    const RetryPolicy *retry = &job->folder->retry;
    bool moving = job->placed;
    /* A move that a person has to make possible is tried seldom, and told once. */
    bool persons = moving && why->kind == ERROR_CONFIG, news = !persons || is_news(job, why);
    int64_t delay =
        persons ? retry->max_ms : retry_delay(job->row.attempt, retry, g_random_double());
    g_autoptr(Error) error = NULL;

    if (!defer(job, clock_ms() + delay, true, why, &error))
        return job_end_unrecorded(job, error);
    if (news)
        journal_event(moving ? EVENT_ORIGINAL_NOT_MOVED : EVENT_DEFERRED, JOB_FIELDS(job),
                      .error = why, .delay_ms = delay);
    return job_tell(job, JOB_DEFERRED, NULL, why);
}

/* Its row says so, and nothing more is done about it. */
JobEnd job_end_given_up(Job *job, bool gone, const Error *why)
{
    g_autoptr(Error) error = NULL;

    if (!ledger_fail(job->context->ledger, job->row.id, gone, why, &error))
        return job_end_unrecorded(job, error);
    journal_event(EVENT_FAILED, JOB_FIELDS(job), .error = why,
                  .duration_ms = clock_ms() - job->started_ms);
    return job_tell(job, JOB_FAILED, NULL, why);
}

/* The reason first, then the move: whenever this is cut off, it is taken up again. */
static JobEnd end_failed(Job *job, const Error *why)
{
    g_autofree char *temp = job_hidden_name(job);
    Retiring retiring = job_retiring(job, temp);
    Ledger *ledger = job->context->ledger;
    g_autoptr(Error) stuck = NULL, error = NULL;
    bool gone = false;

    if (job->context->dry || job->folder->originals == ORIGINALS_UNTOUCHED)
        return job_end_given_up(job, false, why);
    if (job->row.state != LEDGER_FAILING &&
        (!job_clear_leftovers(job, &error) || !ledger_hash(ledger, &job->row, NULL, &error) ||
         !ledger_failing(ledger, job->row.id, why, &error)))
        return job_end_unrecorded(job, error);
    job->row.state = LEDGER_FAILING;
    if (!retire_failed(&retiring, job->row.attempt, why, &gone, &stuck)) {
        if (stuck->kind == ERROR_ENVIRONMENT)
            return hold(job, stuck, why);
        journal_event(EVENT_ORIGINAL_NOT_MOVED, JOB_FIELDS(job), .error = stuck);
    }
    return job_end_given_up(job, gone, why);
}

/* Its content is read each time: that takes no more than a small part of the time. The other one
 * may be finished but for its original, which can't be moved. */
static int64_t twin_delay(const Job *job)
{
    int64_t now_ms = clock_ms(), least = MAX(TWIN_MS, TWIN_SHARE * (now_ms - job->started_ms));

    return MAX(least, job->twin_ms - now_ms);
}

JobEnd job_end_unfinished(Job *job, const Error *why)
{
    int crashes = job->row.crashes + (job->death != DEATH_NONE);

    if (job->row.state == LEDGER_PUBLISHING)
        return why->kind == ERROR_ENVIRONMENT ? end_held(job, why) : end_deferred(job, why);
    job->barred &= job->folder->originals != ORIGINALS_UNTOUCHED; /* a batch waits for nobody */
    if (job->barred || job->twin_in_work)
        return end_waiting(job, job->barred ? BARRED_MS : twin_delay(job), why);
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
JobEnd job_end_failing(Job *job)
{
    g_autoptr(Error) why = NULL, error = NULL;

    if (!ledger_error(job->context->ledger, job->row.id, &why, &error))
        return job_end_unrecorded(job, error);
    if (!why)
        error_set(&why, ERROR_INTERNAL, NULL, "the reason was lost");
    return end_failed(job, why);
}
