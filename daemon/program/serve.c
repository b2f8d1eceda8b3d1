/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "program/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "program/confine.h"
#include "program/run.h"
#include "wire/wire.h"

enum {
    REQUEST_MS = 10 * 1000, /* until the request must be there */
    PART = 1024 * 1024,     /* bytes copied at once */
    COPIES = 2,             /* of the result, that a program may need on its way */
    NAMES_MAX = 16,         /* characters of an extension */
};

static const char *const formats[PROGRAM_COUNT] = PROGRAM_FORMATS;

typedef struct Request {
    const char **run;     /* a list whose texts are borrowed */
    const char *in, *out; /* extensions */
    gint64 deadline_ms, most;
    int picture;
} Request;

static void request_clear(Request *request)
{
    g_free(request->run);
    if (request->picture >= 0)
        close(request->picture);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Request, request_clear)

/* ---- answers ---- */

static bool send_failure(int socket, ProgramFailure failure, const char *what, const char *last,
                         Error **err)
{
    g_autofree char *did = g_utf8_make_valid(what, -1), *line = g_utf8_make_valid(last, -1);

    return wire_send(socket, PROGRAM_FAILED, g_variant_new("(uss)", (guint32) failure, did, line),
                     -1, err);
}

/* A file in memory that nothing can change any more, with what `from` has; -1 with errno set. */
static int sealed_copy(int from, int64_t size)
{
    g_autofree char *part = g_malloc(PART);
    int fd = memfd_create("result", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    ssize_t got = 0;

    for (off_t at = 0; fd >= 0 && at < size; at += got) {
        got = pread(from, part, (size_t) MIN(size - at, PART), at);
        if (got <= 0 || pwrite(fd, part, (size_t) got, at) != got) {
            close(fd);
            return -1;
        }
    }
    if (fd >= 0)
        fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
    return fd;
}

/* All processes that could write it have ended. */
static bool send_result(int socket, const Request *request, const Directory *directory,
                        const char *name, const char *last, Error **err)
{
    int made = directory_open(directory, name), result = -1;
    struct stat st = { 0 };

    if (made < 0 || fstat(made, &st) || st.st_size <= 0 || st.st_size > request->most) {
        const char *what = made < 0 || st.st_size <= 0
                               ? "exited with status 0 and made no result"
                               : "made a result that is larger than it may be";
        if (made >= 0)
            close(made);
        return send_failure(socket, PROGRAM_EXITED, what, last, err);
    }
    result = sealed_copy(made, st.st_size);
    int code = errno;
    close(made);
    if (result < 0)
        return send_failure(socket, PROGRAM_CANNOT, g_strerror(code), "", err);
    bool sent = wire_send(socket, PROGRAM_DONE, g_variant_new("()"), result, err);
    close(result);
    return sent;
}

/* ---- the request ---- */

/* Paths stand for the words of the protocol, also inside of an argument. */
static char **arguments(const Request *request, const Directory *directory, const char *in,
                        const char *out)
{
    g_autoptr(GStrvBuilder) argv = g_strv_builder_new();
    g_autofree char *input = g_build_filename(directory->path, in, NULL);
    g_autofree char *output = g_build_filename(directory->path, out, NULL);

    for (const char **word = request->run; *word; word++) {
        g_autoptr(GString) text = g_string_new(*word);
        if (word != request->run) {
            g_string_replace(text, PROGRAM_IN, input, 0);
            g_string_replace(text, PROGRAM_OUT, output, 0);
        }
        g_strv_builder_add(argv, text->str);
    }
    return g_strv_builder_end(argv);
}

static bool makes_another_file(const Request *request)
{
    for (const char **word = request->run; *word; word++)
        if (strstr(*word, PROGRAM_OUT))
            return true;
    return false;
}

static int64_t size_of(int fd)
{
    struct stat st = { 0 };

    return fstat(fd, &st) ? 0 : (int64_t) st.st_size;
}

static bool answer_in(int socket, const Request *request, const Directory *directory, Error **err)
{
    g_autofree char *in = g_strdup_printf("in.%s", request->in);
    g_autofree char *out = g_strdup_printf("out.%s", request->out);
    g_auto(GStrv) argv = arguments(request, directory, in, out);
    const Run what = { .argv = argv,
                       .deadline_ms = request->deadline_ms,
                       .most = request->most,
                       .room = size_of(request->picture) + COPIES * request->most,
                       .client = socket };
    g_auto(RunEnd) end = { 0 };
    g_autoptr(Error) why = NULL;

    if (!directory_put(directory, in, request->picture, &why))
        return send_failure(socket, PROGRAM_CANNOT, why->what, "", err);
    if (!run(&what, directory, &end))
        return send_failure(socket, end.failure, end.what, end.last, err);
    return send_result(socket, request, directory, makes_another_file(request) ? out : in, end.last,
                       err);
}

static bool is_extension(const char *word)
{
    size_t length = strlen(word);

    for (const char *c = word; *c; c++)
        if (!g_ascii_isalnum(*c))
            return false;
    return length && length <= NAMES_MAX;
}

static bool read_request(GVariant *body, Request *request, Error **err)
{
    g_autofree char *ours = wire_version(formats, PROGRAM_COUNT);
    const char *its = NULL;

    g_variant_get(body, "(&s^a&s&s&sxx)", &its, &request->run, &request->in, &request->out,
                  &request->deadline_ms, &request->most);
    if (strcmp(its, ours) != 0)
        return error_set(err, ERROR_ENVIRONMENT, NULL,
                         "hotfolder was replaced while it was running");
    return (request->picture >= 0 && request->run[0] && *request->run[0] == '/' &&
            request->deadline_ms > 0 && request->most > 0 && is_extension(request->in) &&
            is_extension(request->out)) ||
           error_set(err, ERROR_INTERNAL, NULL, "the request is not valid");
}

static uid_t user_for(const Request *request)
{
    return confine_user(request->run[0], g_get_tmp_dir());
}

bool program_serve(int socket, Error **err)
{
    g_auto(Request) request = { .picture = -1 };
    g_autoptr(GVariant) body = NULL;
    g_autoptr(Error) why = NULL;
    Directory directory = { .fd = -1 };
    unsigned type = 0;

    if (!wire_receive(socket, formats, PROGRAM_COUNT, clock_ms() + REQUEST_MS, &type, &body,
                      &request.picture, err))
        return false;
    if (type != PROGRAM_RUN)
        return error_set(err, ERROR_INTERNAL, NULL, "unexpected message %u", type);
    if (!read_request(body, &request, &why) ||
        !directory_make(&directory, user_for(&request), &why))
        return send_failure(socket, PROGRAM_CANNOT, why->what, "", err);
    bool answered = answer_in(socket, &request, &directory, err);
    directory_remove(&directory);
    return answered;
}
