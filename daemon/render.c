#include "daemon/render.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/units.h"
#include "base/wire.h"
#include "daemon/journal.h"
#include "daemon/tree.h"

static bool send_job(const Job *job, int socket, Error **err)
{
    const Limits *limits = &job->folder->limits;
    g_autofree char *dir = NULL, *name = NULL;
    /* A batch's folders are called by their path; what a profile calls {folder} is its end. */
    g_autofree char *last = g_path_get_basename(job->folder->name);
    g_autofree char *folder = g_utf8_make_valid(last, -1);

    tree_split(job->row.source, &dir, &name);
    return wire_send(socket, MESSAGE_JOB,
                     g_variant_new("(ss^ay^ayx(udix))", job->folder->profile->name, folder, dir,
                                   name, job->row.file.mtime_ns / 1000000000, limits->accept,
                                   limits->max_pixels, limits->max_pages, limits->max_metadata),
                     job->fd, err);
}

static void note_step(Job *job, GVariant *body)
{
    const char *action = NULL;
    guint32 line = 0;

    g_variant_get(body, "(u&s)", &line, &action);
    g_free(job->step);
    job->step = g_strdup_printf("%s:%u (%s)", job->folder->profile->file, line, action);
}

static bool refuse(int socket, const Error *no, Error **err)
{
    g_autofree char *what = g_utf8_make_valid(no->what, -1);
    g_autofree char *where = g_utf8_make_valid(no->where ? no->where : "", -1);
    g_autofree char *fix = g_utf8_make_valid(no->fix ? no->fix : "", -1);

    return wire_send(socket, MESSAGE_NO, g_variant_new("(usss)", no->kind, what, where, fix), -1,
                     err);
}

/* An output that can't be had ends the job with our reason, told back by the child; a reason of the
 * world's making (a full disk) keeps its kind that way. */
static bool give_output(Job *job, int socket, GVariant *body, Error **err)
{
    g_autoptr(Error) no = NULL;
    const char *name = NULL;
    guint32 exists = 0;
    int fd = -1;

    g_variant_get(body, "(^&ayu)", &name, &exists);
    if (exists > EXISTS_SKIP)
        return error_set(err, ERROR_BUG, NULL, "the worker asked for an output in an unknown way");
    if (!stage_open(job->stage, name, exists, &fd, &no))
        return refuse(socket, no, err);
    return wire_send(socket, fd < 0 ? MESSAGE_OUTPUT_SKIP : MESSAGE_OUTPUT_GO, g_variant_new("()"),
                     fd, err);
}

static bool give_sequence(Job *job, int socket, Error **err)
{
    int64_t number = 0;

    return ledger_sequence(job->context->ledger, job->row.id, &number, err) &&
           wire_send(socket, MESSAGE_NUMBER, g_variant_new("(x)", number), -1, err);
}

/* Why so much memory can't be had, ever. */
static bool too_much(int64_t need, const char *setting, int64_t most, Error **err)
{
    g_autofree char *is = units_bytes_about(need);
    g_autofree char *allowed = units_bytes_about(most);
    g_autofree char *fix = g_strdup_printf("raise `%s`, or make the picture smaller", setting);

    return error_set(err, ERROR_IMAGE, fix,
                     "working on it takes about %s of memory, more than %s = %s allows", is,
                     setting, allowed);
}

/* Waits for the memory; false with *no set where the child is to be told why it can't have it, or
 * with job->stopped where nobody waits any longer. */
static bool take_memory(Job *job, int64_t need, Error **no)
{
    Budget *budget = job->context->budget;
    int64_t most = job->folder->limits.max_memory;

    if (most && need > most)
        return too_much(need, "max_memory", most, no);
    switch (budget_take(budget, need)) {
    case GRANT_YES:
        job->memory = need;
        return true;
    case GRANT_NEVER:
        return too_much(need, "memory", budget_use(budget).bytes, no);
    case GRANT_STOP:
        job->stopped = true;
        return error_set(no, ERROR_LATER, NULL, "hotfolder stops");
    }
    g_assert_not_reached();
}

/* Lets the child go on when there is room for what it needs; the time until then is not its own. */
static bool give_memory(Job *job, Child *child, GVariant *body, int64_t *deadline, Error **err)
{
    int64_t need = 0, began = clock_ms();
    g_autoptr(Error) no = NULL;

    g_variant_get(body, "(x)", &need);
    if (need < 0 || job->memory)
        return error_set(err, ERROR_BUG, NULL, "the worker asked for memory out of turn");
    if (!take_memory(job, need, &no)) {
        if (!job->stopped)
            return refuse(child_socket(child), no, err);
        *err = g_steal_pointer(&no);
        return false;
    }
    *deadline += clock_ms() - began;
    child_confine(child, &job->folder->limits, need);
    return wire_send(child_socket(child), MESSAGE_MEMORY_GO, g_variant_new("()"), -1, err);
}

/* The result ends the conversation: true, or the child's error. It only knows that it could not
 * write on; that this was our limit, we know. */
static bool take_result(const Job *job, GVariant *body, Error **err)
{
    const char *what = NULL, *where = NULL, *fix = NULL;
    gboolean ok = FALSE;
    guint32 kind = 0;

    g_variant_get(body, "(bu&s&s&s)", &ok, &kind, &what, &where, &fix);
    if (ok)
        return true;
    if (!stage_within_limits(job->stage, err))
        return false;
    error_set(err, kind <= ERROR_BUG ? kind : ERROR_BUG, *fix ? fix : NULL, "%s", what);
    return *where ? error_where(err, "%s", where) : false;
}

/* Answers until the result is there; false when the conversation itself broke. */
static bool converse(Job *job, Child *child, int64_t *deadline, GVariant **result, Error **err)
{
    static const char *const formats[MESSAGE_COUNT] = PROTOCOL_FORMATS;
    int socket = child_socket(child);

    for (;;) {
        g_autoptr(GVariant) body = NULL;
        unsigned type = 0;
        int fd = -1;

        if (!wire_receive(socket, formats, MESSAGE_COUNT, *deadline, &type, &body, &fd, err))
            return false;
        if (fd >= 0)
            close(fd);
        switch (type) {
        case MESSAGE_STEP:
            note_step(job, body);
            break;
        case MESSAGE_OUTPUT:
            if (!give_output(job, socket, body, err))
                return false;
            break;
        case MESSAGE_SEQUENCE:
            if (!give_sequence(job, socket, err))
                return false;
            break;
        case MESSAGE_MEMORY:
            if (!give_memory(job, child, body, deadline, err))
                return false;
            break;
        case MESSAGE_RESULT:
            *result = g_steal_pointer(&body);
            return true;
        case MESSAGE_LAST_WORDS:
            child_heed(child, body);
            break;
        default:
            return error_set(err, ERROR_BUG, NULL, "the worker sent message %u out of turn", type);
        }
    }
}

/* What is known of a child that died, hung or talked nonsense over this picture. */
static bool end_of_child(Job *job, Child *child, bool overdue, const Error *why, Error **err)
{
    int64_t took_ms = clock_ms() - job->started_ms;
    g_auto(ChildEnd) end = { 0 };

    if (overdue)
        child_kill(child);
    child_end(child, &end);
    bool busy = end.signal == SIGXCPU;
    g_autofree char *what =
        overdue ? g_strdup_printf("no result within %g s", (double) job->folder->deadline_ms / 1000)
        : why->kind == ERROR_BUG ? g_strdup(why->what)
        : busy                   ? g_strdup_printf("no result within %g s of computing (max_cpu)",
                                                   (double) job->folder->limits.max_cpu / 1000)
                                 : g_strdup_printf("the worker was %s", end.words);
    g_autofree char *evidence =
        g_strdup_printf("%s (after %.1f s, with %.0f MB of memory at most)", what,
                        (double) took_ms / 1000, (double) end.memory_kb / 1024);

    job->crashed = true;
    if (!atomic_load(&job->context->stopping))
        journal_event(EVENT_WORKER_DIED, JOB_FIELDS(job), .reason = evidence, .step = job->step,
                      .signal = end.signal, .memory_kb = end.memory_kb, .duration_ms = took_ms);
    error_set(err, ERROR_LATER,
              overdue ? "raise the folder's `deadline` if the picture is just large"
              : busy  ? "raise the folder's `max_cpu` if the picture is just large"
                      : NULL,
              "%s", evidence);
    return job->step ? error_where(err, "%s", job->step) : false;
}

bool render(Job *job, Child *child, Error **err)
{
    int64_t deadline = clock_ms() + job->folder->deadline_ms;
    g_autoptr(GVariant) result = NULL;
    g_autoptr(Error) why = NULL;

    child_confine(child, &job->folder->limits, 0);
    bool done =
        send_job(job, child_socket(child), &why) && converse(job, child, &deadline, &result, &why);
    budget_give(job->context->budget, job->memory);
    job->memory = 0;
    if (done)
        return take_result(job, result, err);
    if (!job->stopped)
        return end_of_child(job, child, clock_ms() >= deadline, why, err);
    child_kill(child); /* it waits for memory that nobody gives any more */
    child_end(child, NULL);
    *err = g_steal_pointer(&why);
    return false;
}
