/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/jobs/conversation.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/units.h"
#include "daemon/files/filename.h"
#include "daemon/files/portable.h"
#include "daemon/folders/healthcheck.h"
#include "daemon/jobs/crash.h"
#include "daemon/jobs/programs.h"
#include "daemon/settings/probe_name.h"
#include "wire/wire.h"

enum {
    CHECK_MS = 200, /* between two checks of a worker's limits, which take 0.1 ms each */
    CLOSED_CHECK_US = 1000,
    TEXT_MAX = 1000, /* characters that are kept of a worker's text */
};

/* ---- the job, as the worker gets it ---- */

static bool send_sidecar(const Job *job, int socket, Error **err)
{
    return job->source.sidecar < 0 ||
           wire_send(socket, MESSAGE_SIDECAR, g_variant_new("(^ay)", job->source.sidecar_name),
                     job->source.sidecar, err);
}

/* A batch's folders are called by their path: a profile's {folder} is the last part of that. */
static bool send_job(const Job *job, int socket, Error **err)
{
    const Limits *limits = &job->folder->limits;
    g_autofree char *dir = NULL, *name = NULL;
    g_autofree char *last = g_path_get_basename(job->folder->name);
    g_autofree char *folder = g_utf8_make_valid(last, -1);
    Tells tells = job->context->measures  ? TELLS_WORK
                  : job->context->planned ? TELLS_PLAN
                                          : TELLS_NOTHING;

    filename_split(job->row.source, &dir, &name);
    /* the fields of MESSAGE_JOB: PROTOCOL_FORMATS in wire/protocol.h */
    return wire_send(socket, MESSAGE_JOB,
                     g_variant_new("(ss^ay^ayx(xxx)x(udix)u)", job->folder->profile->name, folder,
                                   dir, name, job->source.provenance.time, job->row.sequence.folder,
                                   job->row.sequence.day, job->row.sequence.run, job->render.memory,
                                   FORMAT_BIT(job->source.format), limits->max_pixels,
                                   limits->max_pages, limits->max_metadata, (guint32) tells),
                     job->source.fd, err);
}

/* ---- limits that only the daemon can enforce ---- */

/* A worker that starts more threads than any picture needs has been taken over by its picture: it
 * is killed at once. */
static bool check_threads(Process *process, Error **err)
{
    int threads = process_excess_threads(process);

    if (!threads)
        return true;
    process_kill(process);
    return error_set(err, ERROR_INTERNAL, NULL,
                     "the worker started %d threads, more than any picture needs", threads);
}

/* A worker can ignore the kernel's signal that its processor time is used up. */
static bool check_worker(Process *process, Error **err)
{
    if (process_is_over_cpu_time(process))
        return error_set(err, ERROR_TRANSIENT, NULL,
                         "the worker used more processor time than max_cpu allows");
    return check_threads(process, err);
}

/* Whether the picture is still to be made. */
static bool check_wanted(const Job *job, Error **err)
{
    return !atomic_load(&job->cancelled) ||
           error_set(err, ERROR_TAKEN, NULL, "a person has cancelled the picture");
}

/* The kernel holds each output to its limit, but not all of them together. */
static bool check_limits(const Job *job, Process *process, Error **err)
{
    return check_wanted(job, err) && check_worker(process, err) &&
           staging_within_limits(job->staging, err);
}

/* ---- answers to the worker's requests ---- */

/* A worker's text reaches people: it must not write over a terminal, nor fill a journal. */
static char *printable(const char *text)
{
    return text_shorten(text, TEXT_MAX);
}

static void record_step(Job *job, GVariant *body)
{
    const char *action = NULL;
    guint32 line = 0;

    g_variant_get(body, "(u&s)", &line, &action);
    g_autofree char *shown = printable(action);
    g_free(job->render.step);
    job->render.step = g_strdup_printf("%s:%u (%s)", job->folder->profile->file, line, shown);
}

/* A refusal ends the job. Its reason, which `reason` hands over, stays here: the worker learns only
 * that it was refused. */
static bool refuse(Job *job, int socket, Error *reason, Error **err)
{
    error_free(job->render.refusal);
    job->render.refusal = reason;
    return wire_send(socket, MESSAGE_NO, g_variant_new("()"), -1, err);
}

static bool answer_output(Job *job, int socket, GVariant *body, Error **err)
{
    g_autoptr(Error) reason = NULL;
    const char *name = NULL;
    guint32 exists = 0;
    gint64 mtime = 0;
    int fd = -1;

    g_variant_get(body, "(^&ayux)", &name, &exists, &mtime);
    if (exists > EXISTS_SKIP /* not a value of Exists */ || job->render.refusal)
        return error_set(err, ERROR_INTERNAL, NULL,
                         "the worker requested an output at a wrong time");
    if (mtime == PROTOCOL_OF_SOURCE)
        mtime = job->row.file.mtime_ns / INT64_C(1000000000);
    if (!staging_open(job->staging, name, exists, mtime, &fd, &reason))
        return refuse(job, socket, g_steal_pointer(&reason), err);
    bool sent = wire_send(socket, fd < 0 ? MESSAGE_OUTPUT_SKIP : MESSAGE_OUTPUT_GO,
                          g_variant_new("()"), fd, err);
    if (fd >= 0)
        close(fd);
    return sent;
}

static bool needs_too_much(int64_t need, const char *setting, int64_t most, Error **err)
{
    g_autofree char *is = units_bytes_rounded(need);
    g_autofree char *allowed = units_bytes_rounded(most);
    g_autofree char *fix = g_strdup_printf("raise `%s`, or make the picture smaller", setting);

    return error_set(err, ERROR_PICTURE, fix,
                     "the picture needs about %s of memory, more than %s = %s allows", is, setting,
                     allowed);
}

static void release_memory(Job *job)
{
    budget_give(job->context->budget, job->render.memory);
    job->render.memory = 0;
}

typedef struct MemoryWait {
    const Job *job;
    Process *process;
    Error *why; /* why the wait was abandoned */
} MemoryWait;

/* A BudgetCare. A worker that waits for memory is checked, too; its outputs are not: they may lie
 * on a share that does not respond, and others wait behind this one. */
static bool check_while_waiting(void *user)
{
    MemoryWait *wait = user;

    return check_wanted(wait->job, &wait->why) && check_worker(wait->process, &wait->why);
}

/* Waits for the memory. False with *refusal when the worker can't have it, and with *err when the
 * conversation is over. */
static bool take_memory(Job *job, Process *process, int64_t need, Error **refusal, Error **err)
{
    Budget *budget = job->context->budget;
    int64_t most = job->folder->limits.max_memory;
    MemoryWait wait = { .job = job, .process = process };

    if (most && need > most)
        return needs_too_much(need, "max_memory", most, refusal);
    atomic_store(&job->waits, true);
    Grant grant = budget_take(budget, need, check_while_waiting, &wait);
    atomic_store(&job->waits, false);
    switch (grant) {
    case GRANT_YES:
        job->render.memory = need;
        return true;
    case GRANT_NEVER:
        return needs_too_much(need, "memory", budget_use(budget).bytes, refusal);
    case GRANT_STOPPING:
        job->outcome = OUTCOME_STOPPED;
        return error_set(err, ERROR_TRANSIENT, NULL, "hotfolder stops");
    case GRANT_ABANDONED:
        *err = wait.why;
        return false;
    }
    g_assert_not_reached();
}

/* The worker goes on when the budget has room for what it needs; the wait moves its deadline. The
 * memory that it has goes back first: workers that keep some and wait for more would block each
 * other. */
static bool answer_memory(Job *job, Process *process, GVariant *body, int64_t *deadline,
                          Error **err)
{
    int64_t need = 0, began = clock_ms();
    g_autoptr(Error) refusal = NULL;

    g_variant_get(body, "(x)", &need);
    if (need <= 0 || job->render.memory_requested || job->render.refusal)
        return error_set(err, ERROR_INTERNAL, NULL, "the worker requested memory at a wrong time");
    job->render.memory_requested = true;
    release_memory(job);
    bool taken = take_memory(job, process, need, &refusal, err);
    *deadline += clock_ms() - began;
    if (!taken) /* without a refusal *err is set */
        return refusal && refuse(job, process_socket(process), g_steal_pointer(&refusal), err);
    process_set_limits(process, &job->folder->limits, need);
    return wire_send(process_socket(process), MESSAGE_MEMORY_GO, g_variant_new("()"), -1, err);
}

/* ---- a program of the administrator's ---- */

static bool program_at_wrong_time(Error **err)
{
    return error_set(err, ERROR_INTERNAL, NULL, "the worker requested a program at a wrong time");
}

static bool answer_program_file(Job *job, int socket, Error **err)
{
    int fd = -1;

    if (job->render.refusal)
        return program_at_wrong_time(err);
    if (!programs_open(job, &fd, err))
        return false;
    bool sent = wire_send(socket, MESSAGE_OUTPUT_GO, g_variant_new("()"), fd, err);
    close(fd);
    return sent;
}

/* The picture's memory stays admitted meanwhile, and the job's deadline runs. */
static bool answer_program(Job *job, Process *process, GVariant *body, int64_t deadline,
                           Error **err)
{
    MemoryWait wait = { .job = job, .process = process };
    const ProgramCare care = { check_while_waiting, &wait, process_socket(process) };
    g_autoptr(Error) refusal = NULL;
    const char *name = NULL;
    gint64 most = 0;
    int fd = -1;

    g_variant_get(body, "(&sx)", &name, &most);
    if (job->render.refusal)
        return program_at_wrong_time(err);
    if (programs_run(job, name, most, deadline, &care, &fd, &refusal, err)) {
        bool sent =
            wire_send(process_socket(process), MESSAGE_PROGRAM_GO, g_variant_new("()"), fd, err);
        close(fd);
        return sent;
    }
    if (wait.why)
        *err = wait.why;
    return refusal && refuse(job, process_socket(process), g_steal_pointer(&refusal), err);
}

/* ---- the messages, until the result ---- */

/* Waits for the next message, or until the deadline, which wire_receive() reports. Meanwhile it
 * checks the limits, next at *check_ms. */
static bool wait_for_message(const Job *job, Process *process, int64_t deadline, int64_t *check_ms,
                             Error **err)
{
    for (;;) {
        int64_t now = clock_ms();
        if (now >= *check_ms) {
            if (!check_limits(job, process, err))
                return false;
            *check_ms = now + CHECK_MS;
        }
        if (now >= deadline || wire_wait(process_socket(process), MIN(deadline, *check_ms)))
            return true;
    }
}

/* A profile has at most as many lines, and only some batches ask for them. */
static bool keep_planned(Job *job, GVariant *body, Error **err)
{
    enum { LINES_MAX = 4096 };
    const char *line = NULL;

    if (!(job->context->planned || job->context->measures) ||
        (job->render.plan && job->render.plan->len == LINES_MAX))
        return error_set(err, ERROR_INTERNAL, NULL, "the worker sent a plan at a wrong time");
    if (!job->render.plan)
        job->render.plan = g_ptr_array_new_null_terminated(0, g_free, TRUE);
    g_variant_get(body, "(&s)", &line);
    g_ptr_array_add(job->render.plan, printable(line));
    return true;
}

static bool takes_new_name(const Job *job)
{
    g_autofree char *name = g_path_get_basename(job->row.source);

    return folder_moves_originals(job->folder) && fnmatch(PROBE_GLOB, name, 0) != 0;
}

/* What stays where it is keeps its name; a probe is looked for by its own. */
static bool keep_new_name(Job *job, GVariant *body, Error **err)
{
    const char *name = NULL;

    g_variant_get(body, "(^&ay)", &name);
    if (!filename_is_plain(name))
        return error_set(err, ERROR_INTERNAL, NULL, "the worker gave the original a wrong name");
    if (!takes_new_name(job))
        return true;
    g_free(job->row.new_name);
    job->row.new_name = job->folder->names == NAMES_PORTABLE ? portable_path(name) : g_strdup(name);
    return true;
}

/* Answers one message; a result is kept in *result. False when the conversation is broken. */
static bool handle_request(Job *job, Process *process, unsigned type, GVariant *body,
                           int64_t *deadline, GVariant **result, Error **err)
{
    switch (type) {
    case MESSAGE_STEP:
        record_step(job, body);
        return true;
    case MESSAGE_OUTPUT:
        return answer_output(job, process_socket(process), body, err);
    case MESSAGE_MEMORY:
        return answer_memory(job, process, body, deadline, err);
    case MESSAGE_PROGRAM_FILE:
        return answer_program_file(job, process_socket(process), err);
    case MESSAGE_PROGRAM:
        return answer_program(job, process, body, *deadline, err);
    case MESSAGE_EXIT_NOTE:
        process_keep_exit_note(process, body);
        return true;
    case MESSAGE_NO_OUTPUT:
        job->render.no_output = true;
        return true;
    case MESSAGE_RENAME:
        return keep_new_name(job, body, err);
    case MESSAGE_PLANNED:
        return keep_planned(job, body, err);
    case MESSAGE_RESULT:
        *result = g_variant_ref(body);
        return true;
    default:
        return error_set(err, ERROR_INTERNAL, NULL, "the worker sent message %u at a wrong time",
                         type);
    }
}

static bool handle_requests(Job *job, Process *process, int64_t *deadline, GVariant **result,
                            Error **err)
{
    static const char *const formats[MESSAGE_COUNT] = PROTOCOL_FORMATS;
    int64_t check_ms = clock_ms() + CHECK_MS;

    while (!*result) {
        g_autoptr(GVariant) body = NULL;
        unsigned type = 0;
        int fd = -1;

        if (!wait_for_message(job, process, *deadline, &check_ms, err) ||
            !wire_receive(process_socket(process), formats, MESSAGE_COUNT, *deadline, &type, &body,
                          &fd, err))
            return false;
        if (fd >= 0)
            close(fd);
        if (!handle_request(job, process, type, body, deadline, result, err))
            return false;
    }
    return true;
}

/* ---- the end of the conversation: the worker releases the picture ---- */

/* A process that another thread is just starting has copies of the outputs' descriptors until it
 * runs its own program: for that moment an output seems to have a writer. */
static bool outputs_are_closed(const Job *job)
{
    int64_t until = clock_ms() + job->context->times->close_outputs_ms;

    for (; !staging_is_closed(job->staging); usleep(CLOSED_CHECK_US))
        if (clock_ms() >= until)
            return false;
    return true;
}

/* Whether the worker has saved something, unless it says that there is nothing to save. */
static bool made_outputs(const Job *job)
{
    return job->render.no_output || !staging_is_empty(job->staging);
}

/* Checks that the worker has saved what the profile makes, and is done with the picture.
 * Threads that go on would be blamed on the next picture. A worker that has an output open for
 * writing could change it after it is published: it must have closed all of them, and where the
 * file system cannot show that, the worker is ended first. A worker of an isolated folder is never
 * used again. */
static bool check_release(const Job *job, Process *process, GVariant *result, Error **err)
{
    gboolean ok = FALSE;

    g_variant_get_child(result, 0, "b", &ok);
    if (ok && !job->render.refusal && !made_outputs(job))
        return error_set(err, ERROR_INTERNAL, NULL,
                         "the worker reports success, but saved no output");
    if (!check_threads(process, err))
        return false;
    if (job->folder->isolate || staging_is_uncertain(job->staging))
        process_end(process, NULL);
    return outputs_are_closed(job) ||
           error_set(err, ERROR_INTERNAL, NULL, "the worker did not close an output");
}

/* ---- the result: success, or the worker's reason ---- */

/* Whether the picture can be read to its end and its outputs can be written; else *err says where
 * that fails, as the worker can't: it knows no path. */
static bool environment_works(const Job *job, Error **err)
{
    FileId again = job->row.file;
    bool read = fileid_hash(job->source.fd, &again);
    g_autofree char *source = read ? NULL : text_escape(job->row.source);

    if (!read)
        error_errno(err, errno, "cannot read '%s' in '%s'", source, job->folder->path);
    bool works = read && healthcheck_run(job->folder, job->row.file.size, err);
    if (!works)
        (*err)->kind = ERROR_ENVIRONMENT;
    return works;
}

/* What the check above did not find, most likely since the outputs are larger than the room that is
 * left. The worker's own words come last. */
static bool refused_output(const Job *job, const char *what, Error **err)
{
    const char *output = job->folder->output;
    struct statvfs fs = { 0 };
    g_autofree char *left = statvfs(output, &fs) == 0
                                ? units_bytes_rounded((int64_t) (fs.f_bavail * fs.f_frsize))
                                : g_strdup("an unknown number of bytes");

    return error_set(err, ERROR_ENVIRONMENT,
                     "free some space on that disk, or repair it; hotfolder then continues",
                     "the disk of '%s', which has %s free, refused an output: %s", output, left,
                     what);
}

/* Whether the worker named the environment before, at the last attempt. */
static bool was_environment(const Job *job)
{
    g_autoptr(Error) last = NULL, ignored = NULL;

    return ledger_last_error(job->context->ledger, &job->row, &last, &ignored) && last &&
           last->kind == ERROR_ENVIRONMENT;
}

/* The worker says that the disk is full or broken. One that its picture has taken over could hold
 * its folder for good like that: where a check finds nothing wrong, it is believed once, since a
 * disk may refuse one file and take the next. */
static bool environment_error(const Job *job, const char *what, const char *fix, Error **err)
{
    if (!environment_works(job, err))
        return false;
    return was_environment(job) ? error_set(err, ERROR_TRANSIENT, fix, "%s", what)
                                : refused_output(job, what, err);
}

static bool worker_error(const Job *job, const Process *process, guint32 kind, const char *what,
                         const char *fix, Error **err)
{
    if (!*what)
        what = "the worker gave no reason";
    if (kind == ERROR_MEMORY)
        return crash_out_of_memory(job, process, what, err);
    if (kind == ERROR_ENVIRONMENT)
        return environment_error(job, what, *fix ? fix : NULL, err);
    return error_set(err, MIN(kind, ERROR_INTERNAL), *fix ? fix : NULL, "%s", what);
}

/* Of a picture that is done. */
static void keep_notes(Job *job, const char *notes)
{
    g_free(job->render.notes);
    job->render.notes = *notes ? printable(notes) : NULL;
}

/* True for success. Else *err is, in this order: why the daemon refused a request, which limit the
 * outputs exceed, or the worker's own error. */
static bool take_result(Job *job, const Process *process, GVariant *result, Error **err)
{
    const char *texts[4] = { NULL };
    gboolean ok = FALSE;
    guint32 kind = 0;

    g_variant_get(result, "(bu&s&s&s&s)", &ok, &kind, &texts[0], &texts[1], &texts[2], &texts[3]);
    g_autofree char *what = printable(texts[0]), *where = printable(texts[1]);
    g_autofree char *fix = printable(texts[2]);
    keep_notes(job, texts[3]);
    if (ok && !job->render.refusal)
        return true;
    if (job->render.refusal)
        *err = g_steal_pointer(&job->render.refusal);
    else if (staging_within_limits(job->staging, err))
        worker_error(job, process, kind, what, fix, err);
    if (*where && (*err)->kind != ERROR_ENVIRONMENT) /* no step is to blame for a full disk */
        error_set_where(err, "%s", where);
    return false;
}

/* Whether the worker did nothing wrong: the daemon stops, a person has cancelled the picture, or
 * the outputs are too large. */
static bool is_innocent(const Job *job, const Error *why)
{
    return job->outcome == OUTCOME_STOPPED || why->kind == ERROR_TAKEN ||
           why->kind == ERROR_PICTURE;
}

/* Ends such a worker in the middle of its picture. Always false. */
static bool end_early(Process *process, Error *why, Error **err)
{
    process_kill(process);
    process_end(process, NULL);
    *err = why;
    return false;
}

/* ---- the conversation ---- */

bool conversation_run(Job *job, Process *process, Error **err)
{
    int64_t deadline = clock_ms() + job->folder->deadline_ms;
    g_autoptr(GVariant) result = NULL;
    g_autoptr(Error) why = NULL;

    process_set_limits(process, &job->folder->limits, 0);
    if (budget_try(job->context->budget, PROTOCOL_FEW_BYTES)) /* small pictures need no request */
        job->render.memory = PROTOCOL_FEW_BYTES;
    bool whole = send_sidecar(job, process_socket(process), &why) &&
                 send_job(job, process_socket(process), &why) &&
                 handle_requests(job, process, &deadline, &result, &why) &&
                 check_release(job, process, result, &why);
    bool ok = whole && take_result(job, process, result, err);
    release_memory(job);
    if (whole)
        return ok;
    if (is_innocent(job, why))
        return end_early(process, g_steal_pointer(&why), err);
    return crash_end(job, process, clock_ms() >= deadline, why, err);
}
