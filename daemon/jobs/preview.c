/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/jobs/preview.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/units.h"
#include "formats/probe.h"
#include "wire/protocol.h"
#include "wire/wire.h"

enum {
    CHECK_MS = 100, /* between two checks of the worker's limits, or two tries to get memory */
    CPU_MS = 20 * 1000,
    BYTES_MAX = 16 * 1024 * 1024, /* of a preview: one of noise has less */
    TEXT_MAX = 400,               /* characters that are kept of a worker's text */
};

/* That a preview may take in any case, where the budget is small. */
static const int64_t least_memory = INT64_C(256) << 20;

/* The worker knows one profile. The size stands where a job has its number. */
#define PROFILE "preview"
static const char document[] =
    "profile \"" PROFILE "\" {\n"
    "    upright {}\n"
    "    scale { width = \"{seq.run}\"  height = \"{seq.run}\" }\n"
    "    save { name = \"preview.jpg\"  format = jpeg  quality = 82  metadata = none  space = srgb "
    "}\n"
    "}\n";

static const char *const formats[MESSAGE_COUNT] = PROTOCOL_FORMATS;

/* A conversation about one file. */
typedef struct Preview {
    Process *process;
    Budget *budget;
    const PreviewFile *file;
    int64_t deadline_ms, memory; /* bytes taken of the budget */
    int output;                  /* what the worker writes; -1: nothing yet */
    Error *refusal;              /* why it did not get what it requested */
    GVariant *result;
} Preview;

Settings *preview_settings(bool fonts)
{
    Settings *settings = settings_new(PROFILE);

    settings->profiles_text = g_strdup(document);
    settings->profiles_draw_text = fonts;
    return settings;
}

/* ---- the worker's requests ---- */

static bool send_message(const Preview *preview, Message message, int fd, Error **err)
{
    return wire_send(process_socket(preview->process), message, g_variant_new("()"), fd, err);
}

static bool answer_output(Preview *preview, Error **err)
{
    if (preview->output < 0)
        preview->output = memfd_create("preview", MFD_CLOEXEC);
    if (preview->output < 0)
        return error_errno(err, errno, "cannot make a file in memory");
    return send_message(preview, MESSAGE_OUTPUT_GO, preview->output, err);
}

/* Pictures come first: it never waits in their queue. */
static bool take_memory(Preview *preview, int64_t bytes)
{
    while (!budget_try(preview->budget, bytes)) {
        if (clock_ms() + CHECK_MS >= preview->deadline_ms)
            return false;
        usleep(CHECK_MS * 1000);
    }
    preview->memory = bytes;
    return true;
}

static bool refuse_memory(Preview *preview, int64_t need, int64_t most)
{
    g_autofree char *is = units_bytes_rounded(need), *allowed = units_bytes_rounded(most);

    return error_set(&preview->refusal, ERROR_PICTURE, "open it with another program",
                     "it is too large for a preview: that takes %s of memory, more than %s", is,
                     allowed);
}

static bool answer_memory(Preview *preview, GVariant *body, Error **err)
{
    int64_t most = MAX(budget_use(preview->budget).bytes / 4, least_memory);
    gint64 need = 0;

    g_variant_get(body, "(x)", &need);
    budget_give(preview->budget, preview->memory);
    preview->memory = 0;
    if (need < 0 || need > most)
        refuse_memory(preview, need, most);
    else if (!take_memory(preview, need))
        error_set(&preview->refusal, ERROR_TRANSIENT, "try again later",
                  "pictures have the memory now");
    if (preview->refusal)
        return send_message(preview, MESSAGE_NO, -1, err);
    process_set_limits(preview->process, &preview->file->limits, need);
    return send_message(preview, MESSAGE_MEMORY_GO, -1, err);
}

static bool handle(Preview *preview, unsigned type, GVariant *body, Error **err)
{
    switch (type) {
    case MESSAGE_STEP:
    case MESSAGE_NO_OUTPUT:
        return true;
    case MESSAGE_OUTPUT:
        return answer_output(preview, err);
    case MESSAGE_MEMORY:
        return answer_memory(preview, body, err);
    case MESSAGE_EXIT_NOTE:
        process_keep_exit_note(preview->process, body);
        return true;
    case MESSAGE_RESULT:
        preview->result = g_variant_ref(body);
        return true;
    default:
        return error_set(err, ERROR_INTERNAL, NULL, "the worker sent message %u at a wrong time",
                         type);
    }
}

/* ---- the conversation ---- */

/* Until there is a message, or the deadline, which wire_receive() reports. */
static bool wait_for_message(const Preview *preview, Error **err)
{
    int socket = process_socket(preview->process);

    while (clock_ms() < preview->deadline_ms &&
           !wire_wait(socket, MIN(preview->deadline_ms, clock_ms() + CHECK_MS)))
        if (process_is_over_cpu_time(preview->process) || process_excess_threads(preview->process))
            return error_set(err, ERROR_INTERNAL, NULL, "the worker used too much");
    return true;
}

static bool talk(Preview *preview, Error **err)
{
    while (!preview->result) {
        g_autoptr(GVariant) body = NULL;
        unsigned type = 0;
        int fd = -1;

        if (!wait_for_message(preview, err) ||
            !wire_receive(process_socket(preview->process), formats, MESSAGE_COUNT,
                          preview->deadline_ms, &type, &body, &fd, err))
            return false;
        if (fd >= 0)
            close(fd);
        if (!handle(preview, type, body, err))
            return false;
    }
    return true;
}

static bool send_job(Preview *preview, Error **err)
{
    const Limits *limits = &preview->file->limits;

    if (budget_try(preview->budget, PROTOCOL_FEW_BYTES))
        preview->memory = PROTOCOL_FEW_BYTES;
    /* the fields of MESSAGE_JOB: PROTOCOL_FORMATS in wire/protocol.h */
    return wire_send(process_socket(preview->process), MESSAGE_JOB,
                     g_variant_new("(ss^ay^ayx(xxx)x(udix)u)", PROFILE, "", "", PROFILE, (gint64) 0,
                                   (gint64) 1, (gint64) 1, (gint64) preview->file->size,
                                   (gint64) preview->memory, limits->accept, limits->max_pixels,
                                   limits->max_pages, limits->max_metadata,
                                   (guint32) TELLS_NOTHING),
                     preview->file->fd, err);
}

/* ---- its end ---- */

/* Of a worker that has not answered as it should. Always NULL. */
static GBytes *end_worker(const Preview *preview, Error **err)
{
    g_auto(ProcessEnd) end = { 0 };
    bool late = clock_ms() >= preview->deadline_ms;

    g_clear_pointer(err, error_free);
    if (late)
        process_kill(preview->process);
    process_end(preview->process, &end);
    if (late)
        error_set(err, ERROR_TRANSIENT, "try again later",
                  "the preview was not ready in time: the machine is busy, or its disk is slow");
    else
        error_set(err, ERROR_PICTURE, "look at the file with another program",
                  "the worker that made its preview %s", end.words ? end.words : "has ended");
    return NULL;
}

static GBytes *take_error(const Preview *preview, Error **err)
{
    const char *what = NULL, *fix = NULL;
    guint32 kind = 0;

    if (preview->refusal) {
        *err = error_copy(preview->refusal);
        return NULL;
    }
    g_variant_get(preview->result, "(bu&s&s&s&s)", NULL, &kind, &what, NULL, &fix, NULL);
    g_autofree char *said = text_shorten(what, TEXT_MAX), *remedy = text_shorten(fix, TEXT_MAX);
    error_set(err, ERROR_PICTURE, *remedy ? remedy : NULL, "no preview can be made: %s",
              *said ? said : "the worker gave no reason");
    return NULL;
}

static GBytes *read_output(const Preview *preview)
{
    struct stat st = { 0 };
    Probe probe = { 0 };

    if (preview->output < 0 || fstat(preview->output, &st) || st.st_size > BYTES_MAX ||
        !probe_file(preview->output, &probe) || probe.format != FORMAT_JPEG)
        return NULL;
    char *bytes = g_malloc((gsize) st.st_size);
    ssize_t got = pread(preview->output, bytes, (size_t) st.st_size, 0);
    return g_bytes_new_take(bytes, (gsize) MAX(got, 0));
}

/* A worker that its picture has taken over may have written anything, or have answered before it
 * was asked. */
static GBytes *take_result(const Preview *preview, Error **err)
{
    gboolean ok = FALSE;

    g_variant_get_child(preview->result, 0, "b", &ok);
    if (!ok || preview->refusal)
        return take_error(preview, err);
    GBytes *made = read_output(preview);
    if (made)
        return made;
    process_end(preview->process, NULL);
    error_set(err, ERROR_PICTURE, "try again later", "the worker made no preview");
    return NULL;
}

static void preview_clear(Preview *preview)
{
    budget_give(preview->budget, preview->memory);
    g_clear_pointer(&preview->refusal, error_free);
    g_clear_pointer(&preview->result, g_variant_unref);
    if (preview->output >= 0)
        close(preview->output);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Preview, preview_clear)

GBytes *preview_make(Process *process, Settings *settings, Budget *budget, const PreviewFile *file,
                     int64_t deadline_ms, Error **err)
{
    PreviewFile limited = *file;
    g_auto(Preview) preview = { process, budget, &limited, deadline_ms, .output = -1 };

    limited.limits.max_cpu = CPU_MS;
    limited.limits.max_output_bytes = BYTES_MAX;
    if (!process_ensure_ready(process, settings, file->isolate, err))
        return NULL;
    process_set_limits(process, &limited.limits, 0);
    GBytes *made = send_job(&preview, err) && talk(&preview, err) ? take_result(&preview, err)
                                                                  : end_worker(&preview, err);
    if (file->isolate ||
        process_excess_threads(process)) /* which the next file would be blamed for */
        process_end(process, NULL);
    return made;
}
