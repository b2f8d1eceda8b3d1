/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker/serve.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "actions/metadata.h"
#include "actions/sidecar.h"
#include "actions/warm_up.h"
#include "actions/warnings.h"
#include "wire/protocol.h"
#include "wire/wire.h"
#include "worker/check.h"
#include "worker/document.h"
#include "worker/imports.h"
#include "worker/measure.h"
#include "worker/plan_text.h"
#include "worker/raw.h"
#include "worker/render.h"
#include "worker/sandbox.h"
#include "worker/shots.h"

enum {
    IDLE_MS = 2000,     /* without a job, before memory is given back */
    TEXT_MAX = 4 * 1024 /* bytes of one text in a result */
};

G_STATIC_ASSERT((unsigned) OUTPUT_NUMBER == EXISTS_NUMBER);
G_STATIC_ASSERT((unsigned) OUTPUT_REPLACE == EXISTS_REPLACE);
G_STATIC_ASSERT((unsigned) OUTPUT_SKIP == EXISTS_SKIP);
G_STATIC_ASSERT(OUTPUT_NOW == PROTOCOL_NOW && OUTPUT_OF_SOURCE == PROTOCOL_OF_SOURCE &&
                OUTPUT_TIME_MAX == PROTOCOL_TIME_MAX);

static const char *const formats[MESSAGE_COUNT] = PROTOCOL_FORMATS;

typedef struct Serve {
    GPtrArray *profiles; /* of Profile */
    GPtrArray *errors;   /* of Error: why a profile may be missing */
    int64_t memory;      /* bytes that it may use without a request */
    bool saved;          /* an output of this job was requested */
    int sidecar;         /* of the job that follows, open; -1: it has none */
    char *sidecar_name;
    Tells tells; /* of the steps of its picture */
} Serve;

/* ---- requests to the daemon ---- */

/* Sends a request and waits for the reply: its type, or 0 with *err set. */
static unsigned request(Message message, GVariant *body, GVariant **reply, int *fd, Error **err)
{
    unsigned type = 0;

    if (!wire_send(PROTOCOL_SOCKET, message, body, -1, err) ||
        !wire_receive(PROTOCOL_SOCKET, formats, MESSAGE_COUNT, 0, &type, reply, fd, err))
        return 0;
    return type;
}

static bool refuse_unexpected(unsigned type, int fd, Error **err)
{
    if (fd >= 0)
        close(fd);
    return error_set(err, ERROR_INTERNAL, NULL, "unexpected message %u from the daemon", type);
}

/* The daemon knows the reason and reports it. */
static bool refused(Error **err)
{
    return error_set(err, ERROR_CONFIG, NULL, "the daemon refused");
}

static bool output_open(void *user, const char *name, unsigned exists, int64_t mtime, int *fd,
                        Error **err)
{
    Serve *serve = user;
    g_autoptr(GVariant) reply = NULL;
    int passed = -1;
    GVariant *body = g_variant_new("(^ayux)", name, (guint32) exists, (gint64) mtime);
    unsigned type = request(MESSAGE_OUTPUT, body, &reply, &passed, err);

    *fd = -1;
    serve->saved = true;
    if (!type)
        return false;
    if (type == MESSAGE_NO && passed < 0)
        return refused(err);
    if (type == MESSAGE_OUTPUT_SKIP && passed < 0)
        return true;
    if (type != MESSAGE_OUTPUT_GO || passed < 0)
        return refuse_unexpected(type, passed, err);
    *fd = passed;
    return true;
}

static bool memory_wait(void *user, int64_t bytes, Error **err)
{
    const Serve *serve = user;
    g_autoptr(GVariant) reply = NULL;
    int passed = -1;

    if (bytes <= serve->memory)
        return true;
    unsigned type =
        request(MESSAGE_MEMORY, g_variant_new("(x)", (gint64) bytes), &reply, &passed, err);

    if (!type)
        return false;
    if (type == MESSAGE_NO && passed < 0)
        return refused(err);
    return (type == MESSAGE_MEMORY_GO && passed < 0) || refuse_unexpected(type, passed, err);
}

/* A reply that brings a file. */
static bool take_file(unsigned type, Message expected, int passed, int *fd, Error **err)
{
    *fd = -1;
    if (!type)
        return false;
    if (type == MESSAGE_NO && passed < 0)
        return refused(err);
    if (type != (unsigned) expected || passed < 0)
        return refuse_unexpected(type, passed, err);
    *fd = passed;
    return true;
}

static bool program_file(void *user G_GNUC_UNUSED, int *fd, Error **err)
{
    g_autoptr(GVariant) reply = NULL;
    int passed = -1;
    unsigned type = request(MESSAGE_PROGRAM_FILE, g_variant_new("()"), &reply, &passed, err);

    return take_file(type, MESSAGE_OUTPUT_GO, passed, fd, err);
}

static bool program_run(void *user G_GNUC_UNUSED, const char *name, int64_t most, int *fd,
                        Error **err)
{
    g_autoptr(GVariant) reply = NULL;
    int passed = -1;
    GVariant *body = g_variant_new("(sx)", name, (gint64) most);
    unsigned type = request(MESSAGE_PROGRAM, body, &reply, &passed, err);

    return take_file(type, MESSAGE_PROGRAM_GO, passed, fd, err);
}

static bool rename_original(void *user G_GNUC_UNUSED, const char *name, Error **err)
{
    return wire_send(PROTOCOL_SOCKET, MESSAGE_RENAME, g_variant_new("(^ay)", name), -1, err);
}

static bool send_step(int line, const char *doing, Error **err)
{
    return wire_send(PROTOCOL_SOCKET, MESSAGE_STEP, g_variant_new("(us)", (guint32) line, doing),
                     -1, err);
}

static bool on_step(void *user G_GNUC_UNUSED, const Step *step, Error **err)
{
    return send_step(step->line, step->action->name, err);
}

/* ---- the plan ---- */

/* The next message finds out where the daemon is gone. */
static void send_planned(const char *line)
{
    g_autoptr(Error) ignored = NULL;

    wire_send(PROTOCOL_SOCKET, MESSAGE_PLANNED, g_variant_new("(s)", line), -1, &ignored);
}

static void on_planned(void *user G_GNUC_UNUSED, const PlanStep *step)
{
    g_autofree char *line = plan_text(step);

    send_planned(line);
}

static void on_memory(void *user G_GNUC_UNUSED, double bytes)
{
    g_autofree char *line = plan_memory_text(bytes);

    send_planned(line);
}

/* Each step by itself, with what it took. */
static bool render_measured(const Profile *profile, Image *image, Error **err)
{
    g_autoptr(Measure) measure = measure_new();
    const PlanListener plan = { measure_planned, measure };
    const RenderListener listener = { .step = on_step,
                                      .user = measure,
                                      .plan = &plan,
                                      .memory = measure_memory,
                                      .did = measure_did };

    if (!render_profile(profile, image, &listener, err))
        return false;
    measure_tell(measure, send_planned);
    return true;
}

static bool render(const Serve *serve, const Profile *profile, Image *image, Error **err)
{
    bool tells = serve->tells == TELLS_PLAN;
    const PlanListener plan = { .tell = on_planned };
    const RenderListener listener = { .step = on_step,
                                      .plan = tells ? &plan : NULL,
                                      .memory = tells ? on_memory : NULL };

    return serve->tells == TELLS_WORK ? render_measured(profile, image, err)
                                      : render_profile(profile, image, &listener, err);
}

/* ---- a job ---- */

static void forget_sidecar(Serve *serve)
{
    if (serve->sidecar >= 0)
        close(serve->sidecar);
    serve->sidecar = -1;
    g_clear_pointer(&serve->sidecar_name, g_free);
}

/* Of the job that follows; takes over fd. */
static bool keep_sidecar(Serve *serve, GVariant *body, int fd)
{
    const char *name = NULL;

    g_variant_get(body, "(^&ay)", &name);
    forget_sidecar(serve);
    serve->sidecar = fd;
    serve->sidecar_name = g_utf8_make_valid(name, -1);
    return true;
}

/* A text for a message: valid UTF-8 of limited length, "" for none; newly allocated. */
static char *wire_text(const char *text)
{
    g_autofree char *cut = g_strndup(text ? text : "", TEXT_MAX);

    return g_utf8_make_valid(cut, -1);
}

static bool send_result(const Error *error, const char *notes, Error **err)
{
    g_autofree char *noted = wire_text(notes);
    g_autofree char *what = wire_text(error ? error->what : NULL);
    g_autofree char *where = wire_text(error ? error->where : NULL);
    g_autofree char *fix = wire_text(error ? error->fix : NULL);

    return wire_send(PROTOCOL_SOCKET, MESSAGE_RESULT,
                     g_variant_new("(bussss)", !error,
                                   (guint32) (error ? error->kind : ERROR_TRANSIENT), what, where,
                                   fix, noted),
                     -1, err);
}

/* A profile with an error is missing here; the daemon has reported it before it started us. */
static bool report_missing_profile(const Serve *serve, const char *name, Error **err)
{
    const Error *error = serve->errors->len ? serve->errors->pdata[0] : NULL;

    error_set(err, ERROR_CONFIG, error ? error->fix : "run `hotfolder check`",
              "profile \"%s\" cannot be used%s%s", name, error ? ": " : "",
              error ? error->what : "");
    return error && error->where ? error_set_where(err, "%s", error->where) : false;
}

static bool texts_are_drawn(Error **err)
{
    g_autofree char *complaint = warnings_take_text();

    return !complaint || error_set(err, ERROR_CONFIG,
                                   "install or repair the fonts that it names (fc-list lists the "
                                   "installed ones), or save its texts as outlines",
                                   "cannot draw the text of the picture: %s", complaint);
}

/* Said once for all pictures of a file. */
static bool say_what_is_not_saved(const Serve *serve, Image *image, Error **err)
{
    if (serve->saved)
        return true;
    image_note(image, "no output: no save is enabled for this picture");
    return wire_send(PROTOCOL_SOCKET, MESSAGE_NO_OUTPUT, g_variant_new("()"), -1, err);
}

/* One that cannot be read costs no picture: *why says it. Closes it. */
static Sidecar *take_sidecar(Serve *serve, const Limits *limits, Error **why)
{
    Sidecar *sidecar = serve->sidecar < 0 ? NULL
                                          : sidecar_read(serve->sidecar, serve->sidecar_name,
                                                         limits->max_metadata, why);

    forget_sidecar(serve);
    return sidecar;
}

static void lay_beside(Image *image, const ImageSidecar *beside, const Error *unread)
{
    const Sidecar *sidecar = beside->user;

    if (sidecar && sidecar_says(sidecar))
        image_set_sidecar(image, beside);
    if (unread)
        image_note(image, "%s: it was not read", unread->what);
    if (sidecar && sidecar_crops(sidecar))
        image_note(image, "the crop in %s was not applied", sidecar_name(sidecar));
}

/* Processes the picture open as fd, which it takes over. *notes: as image_notes(). */
static bool process(Serve *serve, const SourceNames *names, const Limits *limits, int fd,
                    char **notes, Error **err)
{
    const Outputs outputs = { serve,        output_open, memory_wait,
                              program_file, program_run, rename_original };
    const Profile *profile = profile_find(serve->profiles, names->profile);
    g_autoptr(Error) unread = NULL;
    g_autoptr(Sidecar) sidecar = take_sidecar(serve, limits, &unread);
    const ImageSidecar beside = { sidecar ? sidecar_name(sidecar) : NULL, sidecar, sidecar_apply };
    g_autoptr(Image) image = NULL;

    if (!profile) {
        close(fd);
        return report_missing_profile(serve, names->profile, err);
    }
    if (!send_step(profile->line, "open", err)) {
        close(fd);
        return false;
    }
    image = image_open_raw(fd, &profile->settings.raw, limits, names, &outputs, err);
    if (image)
        lay_beside(image, &beside, unread);
    if (!image || !raw_settle(profile, image, err) || !render(serve, profile, image, err) ||
        !texts_are_drawn(err) || !say_what_is_not_saved(serve, image, err))
        return false;
    *notes = image_notes(image);
    return true;
}

static bool serve_job(Serve *serve, GVariant *body, int fd, Error **err)
{
    SourceNames names = { 0 };
    Limits limits = { 0 };
    guint32 tells = TELLS_NOTHING;
    g_autoptr(Error) failure = NULL;
    g_autofree char *notes = NULL;

    g_variant_get(body, "(&s&s^&ay^&ayx(xxx)x(udix)u)", &names.profile, &names.folder, &names.dir,
                  &names.name, &names.mtime, &names.sequence.folder, &names.sequence.day,
                  &names.sequence.run, &serve->memory, &limits.accept, &limits.max_pixels,
                  &limits.max_pages, &limits.max_metadata, &tells);
    serve->saved = false;
    serve->tells = (Tells) tells;
    process(serve, &names, &limits, fd, &notes, &failure);
    return send_result(failure, notes, err);
}

/* ---- an import's questions ---- */

static bool serve_match(GVariant *body, Error **err)
{
    g_autoptr(Error) failure = NULL;
    bool fits = false;

    return shots_match(body, &fits, &failure)
               ? wire_send(PROTOCOL_SOCKET, MESSAGE_MATCHED, g_variant_new("(b)", fits), -1, err)
               : send_result(failure, NULL, err);
}

/* Takes over fd, which may be -1. */
static bool serve_shot(Serve *serve, GVariant *body, int fd, Error **err)
{
    static const Limits limits = { 0 };
    g_autoptr(Error) failure = NULL, unread = NULL;
    g_autoptr(Sidecar) sidecar = take_sidecar(serve, &limits, &unread);
    GVariant *said = NULL; /* floating */
    g_autofree char *name = NULL;
    bool known = shots_ask(body, fd, sidecar, unread, &said, &name, &failure);

    if (fd >= 0)
        close(fd);
    if (!known || !wire_send(PROTOCOL_SOCKET, MESSAGE_SHOT_FACTS, said, -1, err))
        return known ? false : send_result(failure, NULL, err);
    return name ? wire_send(PROTOCOL_SOCKET, MESSAGE_SHOT_NAME, g_variant_new("(^ay)", name), -1,
                            err)
                : send_result(failure, NULL, err);
}

/* ---- the loop ---- */

/* Big buffers are kept from one picture to the next (see main.c), but not while we are idle. */
static void wait_for_message(void)
{
    struct pollfd ready = { .fd = PROTOCOL_SOCKET, .events = POLLIN };

    if (poll(&ready, 1, IDLE_MS) == 0)
        malloc_trim(0);
}

/* Handles one message: false when it was the last, with *err set unless the daemon is gone. */
static bool serve_next(Serve *serve, Error **err)
{
    g_autoptr(GVariant) body = NULL;
    g_autoptr(Error) why = NULL;
    unsigned type = 0;
    int fd = -1;

    wait_for_message();
    if (!wire_receive(PROTOCOL_SOCKET, formats, MESSAGE_COUNT, 0, &type, &body, &fd, &why)) {
        if (why->kind == ERROR_INTERNAL)
            *err = g_steal_pointer(&why);
        return false;
    }
    if (type == MESSAGE_SHOT)
        return serve_shot(serve, body, fd, &why);
    if (type == MESSAGE_MATCH && fd < 0)
        return serve_match(body, &why);
    if (fd < 0 || (type != MESSAGE_JOB && type != MESSAGE_SIDECAR))
        return refuse_unexpected(type, fd, err);
    if (type == MESSAGE_SIDECAR)
        return keep_sidecar(serve, body, fd);
    return serve_job(serve, body, fd, &why); /* an answer that cannot be sent: the daemon is gone */
}

static bool mute(Error **err)
{
    return sandbox_mute() || error_errno(err, errno, "cannot close standard output");
}

/* The daemon sees the end of the answer. */
static bool answer_check(const Serve *serve, const char *lacks, Error **err)
{
    if (!check_print(serve->profiles, serve->errors, lacks))
        return error_errno(err, errno, "cannot answer");
    return mute(err);
}

/* The order matters: all paths are opened before they close; everything has run once before the
 * list of system calls closes; and only then is a file decoded, a watermark's too. */
static bool prepare(Serve *serve, bool fonts, bool check, Error **err)
{
    g_autofree char *document = document_read();
    g_autofree char *version = wire_version(formats, MESSAGE_COUNT);
    g_autoptr(GString) lacks = g_string_new(NULL);

    if (!document)
        return error_errno(err, errno, "cannot read the profiles");
    if (!metadata_start(err))
        return false;
    serve->profiles = profiles_read(document, serve->errors);
    profiles_open(serve->profiles, serve->errors);
    warm_reserve_code(profiles_longest(serve->profiles));
    fonts = sandbox_close_paths(fonts || profiles_draw_text(serve->profiles), lacks);
    warm_up();
    if (!check && !mute(err))
        return false;
    sandbox_close_calls(fonts, lacks);
    if (!fonts)
        profiles_refuse_text(serve->profiles, serve->errors);
    profiles_prepare(serve->profiles, serve->errors);
    if (check && !answer_check(serve, lacks->str, err))
        return false;
    return wire_send(PROTOCOL_SOCKET, MESSAGE_READY,
                     g_variant_new("(sus)", version, (guint32) serve->profiles->len, lacks->str),
                     -1, err);
}

int worker_serve(bool fonts, bool check)
{
    Serve serve = { .sidecar = -1,
                    .errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free) };
    g_autoptr(Error) error = NULL;

    if (libvips_start("hotfolder-worker", &error) && prepare(&serve, fonts, check, &error))
        while (serve_next(&serve, &error))
            ;
    forget_sidecar(&serve);
    g_clear_pointer(&serve.profiles, g_ptr_array_unref);
    imports_forget();
    g_ptr_array_unref(serve.errors);
    libvips_stop();
    if (!error)
        return 0;
    fprintf(stderr, "hotfolder-worker: %s\n", error->what);
    return 1;
}
