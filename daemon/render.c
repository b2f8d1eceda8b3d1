#include "daemon/render.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
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

static bool refuse_output(int socket, const Error *no, Error **err)
{
    g_autofree char *what = g_utf8_make_valid(no->what, -1);
    g_autofree char *where = g_utf8_make_valid(no->where ? no->where : "", -1);
    g_autofree char *fix = g_utf8_make_valid(no->fix ? no->fix : "", -1);

    return wire_send(socket, MESSAGE_OUTPUT_NO, g_variant_new("(usss)", no->kind, what, where, fix),
                     -1, err);
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
        return refuse_output(socket, no, err);
    return wire_send(socket, fd < 0 ? MESSAGE_OUTPUT_SKIP : MESSAGE_OUTPUT_GO, g_variant_new("()"),
                     fd, err);
}

static bool give_sequence(Job *job, int socket, Error **err)
{
    int64_t number = 0;

    return ledger_sequence(job->context->ledger, job->row.id, &number, err) &&
           wire_send(socket, MESSAGE_NUMBER, g_variant_new("(x)", number), -1, err);
}

/* The result ends the conversation: true, or the child's error. */
static bool take_result(GVariant *body, Error **err)
{
    const char *what = NULL, *where = NULL, *fix = NULL;
    gboolean ok = FALSE;
    guint32 kind = 0;

    g_variant_get(body, "(bu&s&s&s)", &ok, &kind, &what, &where, &fix);
    if (ok)
        return true;
    error_set(err, kind <= ERROR_BUG ? kind : ERROR_BUG, *fix ? fix : NULL, "%s", what);
    return *where ? error_where(err, "%s", where) : false;
}

/* Answers until the result is there; false when the conversation itself broke. */
static bool converse(Job *job, Child *child, int64_t deadline, GVariant **result, Error **err)
{
    static const char *const formats[MESSAGE_COUNT] = PROTOCOL_FORMATS;
    int socket = child_socket(child);

    for (;;) {
        g_autoptr(GVariant) body = NULL;
        unsigned type = 0;
        int fd = -1;

        if (!wire_receive(socket, formats, MESSAGE_COUNT, deadline, &type, &body, &fd, err))
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
    if (overdue)
        child_kill(child);
    g_autofree char *end = child_end(child);
    g_autofree char *evidence =
        overdue ? g_strdup_printf("no result within %g s", (double) job->folder->deadline_ms / 1000)
        : why->kind == ERROR_BUG ? g_strdup(why->what)
                                 : g_strdup_printf("the worker was %s", end);

    job->crashed = true;
    if (!atomic_load(&job->context->stopping))
        journal_event(EVENT_WORKER_DIED, JOB_FIELDS(job), .reason = evidence);
    error_set(err, ERROR_LATER,
              overdue ? "raise the folder's `deadline` if the picture is just large" : NULL, "%s",
              evidence);
    return job->step ? error_where(err, "%s", job->step) : false;
}

bool render(Job *job, Child *child, Error **err)
{
    int64_t deadline = clock_ms() + job->folder->deadline_ms;
    g_autoptr(GVariant) result = NULL;
    g_autoptr(Error) why = NULL;

    if (!send_job(job, child_socket(child), &why) || !converse(job, child, deadline, &result, &why))
        return end_of_child(job, child, clock_ms() >= deadline, why, err);
    return take_result(result, err);
}
