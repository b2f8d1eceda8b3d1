#include "daemon/jobs/conversation.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/units.h"
#include "daemon/files/filename.h"
#include "daemon/folders/healthcheck.h"
#include "daemon/journal/journal.h"
#include "wire/wire.h"

enum {
    LOOK_MS = 200,   /* between two looks at the child: 0.1 ms each */
    SHUT_MS = 2000,  /* until an output that is still open for writing is the worker's doing */
    SAID_MAX = 1000, /* characters */
};

static bool send_job(const Job *job, int socket, Error **err)
{
    const Limits *limits = &job->folder->limits;
    g_autofree char *dir = NULL, *name = NULL;
    /* A batch's folders are called by their path; what a profile calls {folder} is its end. */
    g_autofree char *last = g_path_get_basename(job->folder->name);
    g_autofree char *folder = g_utf8_make_valid(last, -1);

    tree_split(job->row.source, &dir, &name);
    return wire_send(socket, MESSAGE_JOB,
                     g_variant_new("(ss^ay^ayxx(udix))", job->folder->profile->name, folder, dir,
                                   name, job->row.file.mtime_ns / 1000000000, job->memory,
                                   FORMAT_BIT(job->format), limits->max_pixels, limits->max_pages,
                                   limits->max_metadata),
                     job->fd, err);
}

/* What a worker says reaches people: nothing that would write over a terminal, nor whole books. */
static char *said(const char *text)
{
    return text_shorten(text, SAID_MAX);
}

static void note_step(Job *job, GVariant *body)
{
    const char *action = NULL;
    guint32 line = 0;

    g_variant_get(body, "(u&s)", &line, &action);
    g_autofree char *shown = said(action);
    g_free(job->step);
    job->step = g_strdup_printf("%s:%u (%s)", job->folder->profile->file, line, shown);
}

/* What can't be had ends the job, for a reason that we keep: the child is told no more than that.
 */
static bool refuse(Job *job, int socket, Error *no, Error **err)
{
    error_free(job->refusal);
    job->refusal = no;
    return wire_send(socket, MESSAGE_NO, g_variant_new("()"), -1, err);
}

static bool give_output(Job *job, int socket, GVariant *body, Error **err)
{
    g_autoptr(Error) no = NULL;
    const char *name = NULL;
    guint32 exists = 0;
    int fd = -1;

    g_variant_get(body, "(^&ayu)", &name, &exists);
    if (exists > EXISTS_SKIP || job->refusal)
        return error_set(err, ERROR_INTERNAL, NULL, "the worker asked for an output out of turn");
    if (!stage_open(job->stage, name, exists, &fd, &no))
        return refuse(job, socket, g_steal_pointer(&no), err);
    bool sent = wire_send(socket, fd < 0 ? MESSAGE_OUTPUT_SKIP : MESSAGE_OUTPUT_GO,
                          g_variant_new("()"), fd, err);
    if (fd >= 0)
        close(fd);
    return sent;
}

static bool give_sequence(Job *job, int socket, Error **err)
{
    g_autoptr(Error) no = NULL;
    int64_t number = 0;

    if (job->numbered)
        return error_set(err, ERROR_INTERNAL, NULL, "the worker asked for a second number");
    job->numbered = true;
    if (!ledger_sequence(job->context->ledger, job->row.id, &number, &no))
        return refuse(job, socket, g_steal_pointer(&no), err);
    return wire_send(socket, MESSAGE_NUMBER, g_variant_new("(x)", number), -1, err);
}

/* Why so much memory can't be had, ever. */
static bool too_much(int64_t need, const char *setting, int64_t most, Error **err)
{
    g_autofree char *is = units_bytes_about(need);
    g_autofree char *allowed = units_bytes_about(most);
    g_autofree char *fix = g_strdup_printf("raise `%s`, or make the picture smaller", setting);

    return error_set(err, ERROR_PICTURE, fix,
                     "working on it takes about %s of memory, more than %s = %s allows", is,
                     setting, allowed);
}

static void release_memory(Job *job)
{
    budget_give(job->context->budget, job->memory);
    job->memory = 0;
}

/* Whether the picture can still be read and its outputs can be written, as far as we can tell. */
static bool world_works(const Job *job)
{
    g_autoptr(Error) why = NULL;
    FileId again = job->row.file;

    return fileid_hash(job->fd, &again) && world_check(job->folder, job->row.file.size, &why);
}

/* A worker that its picture has taken over could hold its folder for good by calling the disk full.
 * It is believed when that is so; else once, as a disk may refuse one thing and take the next. */
static ErrorKind believed(const Job *job, guint32 kind)
{
    g_autoptr(Error) last = NULL, ignored = NULL;

    if (kind > ERROR_INTERNAL)
        return ERROR_INTERNAL;
    if (kind != ERROR_ENVIRONMENT || !world_works(job))
        return kind;
    bool again = ledger_error(job->context->ledger, job->row.id, &last, &ignored) && last &&
                 last->kind == ERROR_ENVIRONMENT;
    return again ? ERROR_TRANSIENT : ERROR_ENVIRONMENT;
}

/* The worker got no memory; what it may take, we know. */
static bool out_of_memory(const Job *job, const Child *child, const char *what, Error **err)
{
    int64_t max = job->folder->limits.max_memory;
    g_autofree char *most = max ? units_bytes_text(max) : units_bytes_about(child_allowance(child));
    g_autofree char *rule = max ? g_strdup_printf("max_memory = %s", most)
                                : g_strdup_printf("the %s that one of its size is given", most);

    return error_set(err, ERROR_MEMORY,
                     max ? "raise `max_memory`, or make the picture smaller"
                         : "set the folder's `max_memory` to more than that, or use fewer workers "
                           "if the machine's own memory has run out",
                     "%s: working on it took more than %s", what, rule);
}

static bool blame(const Job *job, const Child *child, guint32 kind, const char *what,
                  const char *fix, Error **err)
{
    if (!*what)
        what = "its worker gave no reason";
    return kind == ERROR_MEMORY
               ? out_of_memory(job, child, what, err)
               : error_set(err, believed(job, kind), *fix ? fix : NULL, "%s", what);
}

/* The result ends the conversation: true, or why not. What we refused, and that a limit of ours was
 * met, we know better than the child. */
static bool take_result(Job *job, const Child *child, GVariant *body, Error **err)
{
    const char *words[3] = { NULL };
    gboolean ok = FALSE;
    guint32 kind = 0;

    g_variant_get(body, "(bu&s&s&s)", &ok, &kind, &words[0], &words[1], &words[2]);
    g_autofree char *what = said(words[0]), *where = said(words[1]), *fix = said(words[2]);
    if (ok && !job->refusal)
        return true;
    if (job->refusal)
        *err = g_steal_pointer(&job->refusal);
    else if (stage_within_limits(job->stage, err))
        blame(job, child, kind, what, fix, err);
    return *where ? error_where(err, "%s", where) : false;
}

/* Threads are allowed, and counted; a swarm is ended at once. */
static bool check_threads(Child *child, Error **err)
{
    int threads = child_swarm(child);

    if (!threads)
        return true;
    child_kill(child);
    return error_set(err, ERROR_INTERNAL, NULL,
                     "it started %d threads, more than any picture needs", threads);
}

/* Limits that it can look away from. */
static bool look_at(Child *child, Error **err)
{
    if (child_overspent(child))
        return error_set(err, ERROR_TRANSIENT, NULL, "it computes on, beyond max_cpu");
    return check_threads(child, err);
}

typedef struct Wait {
    Child *child;
    Error *why; /* it is not waited for any longer */
} Wait;

/* Who waits for memory is looked after, too: without a look at its outputs, which may lie where
 * nothing answers, while others wait behind it. */
static bool look_on(void *user)
{
    Wait *wait = user;

    return look_at(wait->child, &wait->why);
}

/* Waits for the memory; false with *no set where the child is to be told that it can't have it, and
 * with *err where nobody waits any longer. */
static bool take_memory(Job *job, Child *child, int64_t need, Error **no, Error **err)
{
    Budget *budget = job->context->budget;
    int64_t most = job->folder->limits.max_memory;
    Wait wait = { .child = child };

    if (most && need > most)
        return too_much(need, "max_memory", most, no);
    switch (budget_take(budget, need, look_on, &wait)) {
    case GRANT_YES:
        job->memory = need;
        return true;
    case GRANT_NEVER:
        return too_much(need, "memory", budget_use(budget).bytes, no);
    case GRANT_STOP:
        job->stopped = true;
        return error_set(err, ERROR_TRANSIENT, NULL, "hotfolder stops");
    case GRANT_LEFT:
        *err = wait.why;
        return false;
    }
    g_assert_not_reached();
}

/* Lets the child go on when there is room for what it needs; the time until then is not its own. */
static bool give_memory(Job *job, Child *child, GVariant *body, int64_t *deadline, Error **err)
{
    int64_t need = 0, began = clock_ms();
    g_autoptr(Error) no = NULL;

    g_variant_get(body, "(x)", &need);
    if (need <= 0 || job->asked || job->refusal)
        return error_set(err, ERROR_INTERNAL, NULL, "the worker asked for memory out of turn");
    job->asked = true;
    release_memory(job); /* whoever has some and waits for more keeps it from others who do so */
    bool taken = take_memory(job, child, need, &no, err);
    *deadline += clock_ms() - began;
    if (!taken)
        return no && refuse(job, child_socket(child), g_steal_pointer(&no), err);
    child_confine(child, &job->folder->limits, need);
    return wire_send(child_socket(child), MESSAGE_MEMORY_GO, g_variant_new("()"), -1, err);
}

/* Waits for its next message, or until the deadline, and looks after it meanwhile. */
static bool await(const Job *job, Child *child, int64_t deadline, int64_t *look_ms, Error **err)
{
    for (;;) {
        int64_t now = clock_ms();
        /* the kernel holds each output to its limit, but not all of them together */
        if (now >= *look_ms && !(look_at(child, err) && stage_within_limits(job->stage, err)))
            return false;
        if (now >= *look_ms)
            *look_ms = now + LOOK_MS;
        if (now >= deadline || wire_wait(child_socket(child), MIN(deadline, *look_ms)))
            return true;
    }
}

/* Answers until the result is there; false when the conversation itself broke. */
static bool converse(Job *job, Child *child, int64_t *deadline, GVariant **result, Error **err)
{
    static const char *const formats[MESSAGE_COUNT] = PROTOCOL_FORMATS;
    int socket = child_socket(child);
    int64_t look_ms = clock_ms() + LOOK_MS;

    for (;;) {
        g_autoptr(GVariant) body = NULL;
        unsigned type = 0;
        int fd = -1;

        if (!await(job, child, *deadline, &look_ms, err) ||
            !wire_receive(socket, formats, MESSAGE_COUNT, *deadline, &type, &body, &fd, err))
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
            return error_set(err, ERROR_INTERNAL, NULL, "the worker sent message %u out of turn",
                             type);
        }
    }
}

static const char *cure_of(bool overdue, bool busy, bool killed)
{
    return overdue  ? "raise the folder's `deadline` if the picture is just large"
           : busy   ? "raise the folder's `max_cpu` if the picture is just large"
           : killed ? "if memory ran out, lower `memory` or `workers`, or raise MemoryMax= of the "
                      "service"
                    : NULL;
}

/* What is known of a child that died, hung or talked nonsense over this picture. */
static bool end_of_child(Job *job, Child *child, bool overdue, const Error *why, Error **err)
{
    int64_t took_ms = clock_ms() - job->started_ms;
    g_auto(ChildEnd) end = { 0 };

    bool overspent = child_overspent(child); /* and has not died of it */
    if (overdue || overspent)
        child_kill(child);
    if (!child_end(child, &end))
        end.words = g_strdup("ended before this");
    bool busy = end.signal == SIGXCPU || overspent;
    bool killed = end.signal == SIGKILL && why->kind != ERROR_INTERNAL;
    g_autofree char *what =
        overdue ? g_strdup_printf("no result within %g s", (double) job->folder->deadline_ms / 1000)
        : why->kind == ERROR_INTERNAL ? g_strdup(why->what)
        : busy ? g_strdup_printf("no result within %g s of computing (max_cpu)",
                                 (double) job->folder->limits.max_cpu / 1000)
               : g_strdup_printf("the worker %s", end.words);
    g_autofree char *evidence =
        g_strdup_printf("%s (after %.1f s, with %.0f MB of memory at most)", what,
                        (double) took_ms / 1000, (double) end.memory_kb / 1024);

    job->death = overdue || busy ? DEATH_OF_TIME : DEATH_OF_UNKNOWN;
    if (!atomic_load(&job->context->stopping))
        journal_event(EVENT_WORKER_DIED, JOB_FIELDS(job), .reason = evidence, .step = job->step,
                      .signal = end.signal, .call = end.call, .memory_kb = end.memory_kb,
                      .duration_ms = took_ms);
    if (end.starved && !overdue && !busy && why->kind != ERROR_INTERNAL)
        out_of_memory(job, child, evidence, err);
    else
        error_set(err, ERROR_TRANSIENT, cure_of(overdue, busy, killed), "%s", evidence);
    return job->step ? error_where(err, "%s", job->step) : false;
}

/* A process that another thread is starting has copies of our descriptors until it runs its own
 * program: for that moment it looks as if somebody could write. */
static bool is_shut(const Job *job)
{
    for (int64_t until = clock_ms() + SHUT_MS; !stage_is_shut(job->stage); usleep(1000))
        if (clock_ms() >= until)
            return false;
    return true;
}

/* Every profile saves. And a worker that could still write what has its name by then would have
 * more than its own picture. */
static bool is_over(const Job *job, Child *child, GVariant *result, Error **err)
{
    gboolean ok = FALSE;

    g_variant_get_child(result, 0, "b", &ok);
    if (ok && !job->refusal && stage_is_empty(job->stage))
        return error_set(err, ERROR_INTERNAL, NULL, "the worker made nothing, and calls it done");
    if (!check_threads(child, err)) /* or the next picture would be blamed */
        return false;
    if (job->folder->isolate || stage_is_unsure(job->stage)) /* who is gone writes no more */
        child_end(child, NULL);
    return is_shut(job) ||
           error_set(err, ERROR_INTERNAL, NULL, "the worker did not let go of an output");
}

bool render(Job *job, Child *child, Error **err)
{
    int64_t deadline = clock_ms() + job->folder->deadline_ms;
    g_autoptr(GVariant) result = NULL;
    g_autoptr(Error) why = NULL;

    child_confine(child, &job->folder->limits, 0);
    if (budget_try(job->context->budget, PROTOCOL_FEW_BYTES))
        job->memory = PROTOCOL_FEW_BYTES;
    bool done = send_job(job, child_socket(child), &why) &&
                converse(job, child, &deadline, &result, &why) && is_over(job, child, result, &why);
    bool ok = done && take_result(job, child, result, err);
    release_memory(job);
    if (done)
        return ok;
    /* one that waits for memory that nobody gives any more, or whose outputs are too large */
    bool ours = job->stopped || why->kind == ERROR_PICTURE;
    if (!ours)
        return end_of_child(job, child, clock_ms() >= deadline, why, err);
    child_kill(child);
    child_end(child, NULL);
    *err = g_steal_pointer(&why);
    return false;
}
