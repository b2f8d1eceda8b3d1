#include "worker/serve.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "actions/complaint.h"
#include "actions/warm.h"
#include "wire/protocol.h"
#include "wire/wire.h"
#include "worker/document.h"
#include "worker/render.h"
#include "worker/sandbox.h"

enum {
    IDLE_MS = 2000,     /* without work, before memory is given back */
    TEXT_MAX = 4 * 1024 /* bytes of one text in a result */
};

G_STATIC_ASSERT((unsigned) OUTPUT_NUMBER == EXISTS_NUMBER);
G_STATIC_ASSERT((unsigned) OUTPUT_REPLACE == EXISTS_REPLACE);
G_STATIC_ASSERT((unsigned) OUTPUT_SKIP == EXISTS_SKIP);

static const char *const formats[MESSAGE_COUNT] = PROTOCOL_FORMATS;

typedef struct Serve {
    GPtrArray *profiles; /* of Profile */
    GPtrArray *mistakes; /* of Error: why a profile may be missing */
    int64_t sequence;    /* of this job; -1: not asked for yet */
    int64_t memory;      /* that it may take without asking */
} Serve;

/* --- what a picture may ask of the daemon --- */

/* Asks and waits for the answer: the type of the reply, or 0 with *err set. */
static unsigned ask(Message question, GVariant *body, GVariant **reply, int *fd, Error **err)
{
    unsigned type = 0;

    if (!wire_send(PROTOCOL_SOCKET, question, body, -1, err) ||
        !wire_receive(PROTOCOL_SOCKET, formats, MESSAGE_COUNT, 0, &type, reply, fd, err))
        return 0;
    return type;
}

static bool out_of_turn(unsigned type, int fd, Error **err)
{
    if (fd >= 0)
        close(fd);
    return error_set(err, ERROR_BUG, NULL, "the daemon sent message %u out of turn", type);
}

/* What the daemon says of it, it says itself. */
static bool refused(Error **err)
{
    return error_set(err, ERROR_SETUP, NULL, "the daemon refused");
}

static bool output_open(void *user G_GNUC_UNUSED, const char *name, unsigned exists, int *fd,
                        Error **err)
{
    g_autoptr(GVariant) reply = NULL;
    int passed = -1;
    unsigned type =
        ask(MESSAGE_OUTPUT, g_variant_new("(^ayu)", name, (guint32) exists), &reply, &passed, err);

    *fd = -1;
    if (!type)
        return false;
    if (type == MESSAGE_NO && passed < 0)
        return refused(err);
    if (type == MESSAGE_OUTPUT_SKIP && passed < 0)
        return true;
    if (type != MESSAGE_OUTPUT_GO || passed < 0)
        return out_of_turn(type, passed, err);
    *fd = passed;
    return true;
}

static bool sequence_number(void *user, int64_t *number, Error **err)
{
    Serve *serve = user;
    g_autoptr(GVariant) reply = NULL;
    int passed = -1;
    unsigned type = 0;

    if (serve->sequence < 0) {
        type = ask(MESSAGE_SEQUENCE, g_variant_new("()"), &reply, &passed, err);
        if (!type)
            return false;
        if (type == MESSAGE_NO && passed < 0)
            return refused(err);
        if (type != MESSAGE_NUMBER || passed >= 0)
            return out_of_turn(type, passed, err);
        g_variant_get(reply, "(x)", &serve->sequence);
    }
    *number = serve->sequence;
    return true;
}

static bool memory_wait(void *user, int64_t bytes, Error **err)
{
    const Serve *serve = user;
    g_autoptr(GVariant) reply = NULL;
    int passed = -1;

    if (bytes <= serve->memory)
        return true;
    unsigned type = ask(MESSAGE_MEMORY, g_variant_new("(x)", (gint64) bytes), &reply, &passed, err);

    if (!type)
        return false;
    if (type == MESSAGE_NO && passed < 0)
        return refused(err);
    return (type == MESSAGE_MEMORY_GO && passed < 0) || out_of_turn(type, passed, err);
}

static bool tell_doing(int line, const char *doing, Error **err)
{
    return wire_send(PROTOCOL_SOCKET, MESSAGE_STEP, g_variant_new("(us)", (guint32) line, doing),
                     -1, err);
}

static bool tell_step(void *user G_GNUC_UNUSED, const Step *step, Error **err)
{
    return tell_doing(step->line, step->action->name, err);
}

/* --- a job --- */

/* A text as the wire takes it: UTF-8 of a bearable length, "" for none; newly allocated. */
static char *wire_text(const char *text)
{
    g_autofree char *cut = g_strndup(text ? text : "", TEXT_MAX);

    return g_utf8_make_valid(cut, -1);
}

static bool send_result(const Error *error, Error **err)
{
    g_autofree char *what = wire_text(error ? error->what : NULL);
    g_autofree char *where = wire_text(error ? error->where : NULL);
    g_autofree char *fix = wire_text(error ? error->fix : NULL);

    return wire_send(PROTOCOL_SOCKET, MESSAGE_RESULT,
                     g_variant_new("(busss)", !error, (guint32) (error ? error->kind : ERROR_LATER),
                                   what, where, fix),
                     -1, err);
}

/* A profile that had a mistake isn't there; the daemon has told of it before we were started. */
static bool no_profile(const Serve *serve, const char *name, Error **err)
{
    const Error *mistake = serve->mistakes->len ? serve->mistakes->pdata[0] : NULL;

    error_set(err, ERROR_SETUP, mistake ? mistake->fix : "see what `hotfolder check` says",
              "the profile \"%s\" can't be used%s%s", name, mistake ? ": " : "",
              mistake ? mistake->what : "");
    return mistake && mistake->where ? error_where(err, "%s", mistake->where) : false;
}

static bool texts_are_drawn(Error **err)
{
    g_autofree char *complaint = complaint_of_text();

    return !complaint || error_set(err, ERROR_SETUP,
                                   "install or repair the fonts that it names (fc-list shows those "
                                   "that are there), or save its texts as outlines",
                                   "cannot draw the text of the picture: %s", complaint);
}

/* Works on the picture open as fd, which is taken over. */
static bool work(Serve *serve, const Origin *origin, const Limits *limits, int fd, Error **err)
{
    const Outputs outputs = { serve, output_open, sequence_number, memory_wait };
    const Profile *profile = profile_find(serve->profiles, origin->profile);
    g_autoptr(Image) image = NULL;

    if (!profile) {
        close(fd);
        return no_profile(serve, origin->profile, err);
    }
    if (!tell_doing(profile->line, "open", err)) {
        close(fd);
        return false;
    }
    image = image_open(fd, limits, origin, &outputs, err);
    return image && render_profile(profile, image, tell_step, serve, err) && texts_are_drawn(err);
}

static bool serve_job(Serve *serve, GVariant *body, int fd, Error **err)
{
    Origin origin = { 0 };
    Limits limits = { 0 };
    g_autoptr(Error) failure = NULL;

    g_variant_get(body, "(&s&s^&ay^&ayxx(udix))", &origin.profile, &origin.folder, &origin.dir,
                  &origin.name, &origin.mtime, &serve->memory, &limits.accept, &limits.max_pixels,
                  &limits.max_pages, &limits.max_metadata);
    serve->sequence = -1;
    work(serve, &origin, &limits, fd, &failure);
    return send_result(failure, err);
}

/* --- the loop --- */

/* Big buffers are kept from one picture to the next (see main.c), but not while nothing comes. */
static void await(void)
{
    struct pollfd ready = { .fd = PROTOCOL_SOCKET, .events = POLLIN };

    if (poll(&ready, 1, IDLE_MS) == 0)
        malloc_trim(0);
}

/* One message: false when it was the last, with *err set unless the daemon is simply gone. */
static bool serve_next(Serve *serve, Error **err)
{
    g_autoptr(GVariant) body = NULL;
    g_autoptr(Error) why = NULL;
    unsigned type = 0;
    int fd = -1;

    await();
    if (!wire_receive(PROTOCOL_SOCKET, formats, MESSAGE_COUNT, 0, &type, &body, &fd, &why)) {
        if (why->kind == ERROR_BUG)
            *err = g_steal_pointer(&why);
        return false;
    }
    if (type != MESSAGE_JOB || fd < 0)
        return out_of_turn(type, fd, err);
    return serve_job(serve, body, fd, &why); /* an answer that nobody takes: the daemon is gone */
}

/* The order is the point: what has a path is opened, then no path is; everything was done once when
 * the list of system calls closes; and only behind it is a file decoded, a watermark's too. */
static bool get_ready(Serve *serve, bool fonts, Error **err)
{
    g_autofree char *document = document_read();
    g_autofree char *dialect = wire_dialect(formats, MESSAGE_COUNT);
    g_autoptr(GString) lacks = g_string_new(NULL);

    if (!document)
        return error_errno(err, errno, "cannot read the profiles");
    serve->profiles = profiles_read(document, serve->mistakes);
    profiles_open(serve->profiles, serve->mistakes);
    image_reserve_code(profiles_longest(serve->profiles));
    fonts = sandbox_close_paths(fonts, lacks);
    image_warm();
    sandbox_close_calls(fonts, true, lacks);
    profiles_prepare(serve->profiles, serve->mistakes);
    return wire_send(PROTOCOL_SOCKET, MESSAGE_READY,
                     g_variant_new("(sus)", dialect, (guint32) serve->profiles->len, lacks->str),
                     -1, err);
}

int worker_serve(bool fonts)
{
    Serve serve = { .mistakes = g_ptr_array_new_with_free_func((GDestroyNotify) error_free) };
    g_autoptr(Error) error = NULL;

    if (image_start("hotfolder-worker", &error) && get_ready(&serve, fonts, &error))
        while (serve_next(&serve, &error))
            ;
    g_clear_pointer(&serve.profiles, g_ptr_array_unref);
    g_ptr_array_unref(serve.mistakes);
    image_stop();
    if (!error)
        return 0;
    fprintf(stderr, "hotfolder-worker: %s\n", error->what);
    return 1;
}
