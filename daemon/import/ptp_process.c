/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/import/ptp_process.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/paths.h"
#include "base/text.h"
#include "daemon/process/launch.h"
#include "wire/camera.h"
#include "wire/wire.h"

enum {
    SLICE_MS = 500,           /* between two looks at the stop */
    HELLO_MS = 60 * 1000,     /* a camera may wake up first */
    FILE_MS = 60 * 60 * 1000, /* a long film; a camera that is silent fails in libgphoto2 */
    FIRST_WAIT_MS = 1000,     /* before it is started again, twice as long each time */
    TRIES = 5,
    MODEL_MAX = 100,
};

static const char *const formats[CAMERA_COUNT] = CAMERA_FORMATS;

struct PtpProcess {
    char *port, *model, *serial;
    const volatile int *stop;
    int socket; /* -1: it does not run */
    pid_t pid;
    bool is_absent; /* no camera is there */
};

/* ---- its end ---- */

static void end(PtpProcess *process)
{
    if (process->socket < 0)
        return;
    close(process->socket);
    process->socket = -1;
    kill(process->pid, SIGKILL);
    while (waitpid(process->pid, NULL, 0) < 0 && errno == EINTR)
        ;
}

void ptp_process_free(PtpProcess *process)
{
    if (!process)
        return;
    end(process);
    g_free(process->port);
    g_free(process->model);
    g_free(process->serial);
    g_free(process);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PtpProcess, ptp_process_free)

/* ---- its answers ---- */

/* Why the camera failed; *gone: the process is of no use any more. Always false. */
static bool failed(PtpProcess *process, GVariant *body, bool *gone, Error **err)
{
    const char *what = NULL;
    guint32 failure = 0;

    g_variant_get(body, "(u&s)", &failure, &what);
    g_autofree char *shown = text_escape(what);
    if (failure == CAMERA_REFUSED)
        return error_set(err, ERROR_ENVIRONMENT, NULL, "the camera does not give it: %s", shown);
    *gone = true;
    if (failure == CAMERA_HELD)
        return error_set(err, ERROR_CONFIG,
                         "as the user of the desktop, run: gio mount -s gphoto2; so that it never "
                         "takes cameras: systemctl --user mask --now gvfs-gphoto2-volume-monitor",
                         "another program has the camera at %s, mostly a desktop's", process->port);
    process->is_absent = failure == CAMERA_ABSENT;
    if (process->is_absent)
        return error_set(err, ERROR_CONFIG, "run gphoto2 --auto-detect, which lists them",
                         "no camera is at %s", process->port);
    return error_set(err, ERROR_ENVIRONMENT, "see whether it is on, and plugged in",
                     "the camera at %s does not answer: %s", process->port, shown);
}

static bool wait_for_it(const PtpProcess *process, int64_t until_ms, Error **err)
{
    while (!*process->stop && clock_ms() < until_ms) {
        if (wire_wait(process->socket, clock_ms() + SLICE_MS))
            return true;
        if (errno != ETIMEDOUT)
            break;
    }
    return error_set(err, ERROR_ENVIRONMENT, NULL, "%s",
                     *process->stop ? "stopped" : "the camera is silent");
}

/* The next message, which is of type `wanted` or `also`. */
static bool receive(PtpProcess *process, CameraMessage wanted, CameraMessage also, int64_t until_ms,
                    unsigned *type, GVariant **body, bool *gone, Error **err)
{
    int fd = -1;

    *gone = true;
    if (!wait_for_it(process, until_ms, err))
        return false;
    bool ok = wire_receive(process->socket, formats, CAMERA_COUNT, until_ms, type, body, &fd, err);
    if (fd >= 0)
        close(fd);
    if (!ok)
        return false;
    *gone = false;
    if (*type == CAMERA_FAILED)
        return failed(process, *body, gone, err);
    if (*type == wanted || *type == also)
        return true;
    *gone = true;
    return error_set(err, ERROR_ENVIRONMENT, NULL, "hotfolder-ptp sent what is not valid");
}

/* ---- its start ---- */

static bool cannot_start(const char *program, int code, Error **err)
{
    const char *fix = paths_worker_fix(code);

    return error_set(err, ERROR_ENVIRONMENT, fix ? fix : "install the package hotfolder-ptp",
                     "cannot run '%s': %s", program, g_strerror(code));
}

static bool launch_it(PtpProcess *process, Error **err)
{
    g_autofree char *program = paths_ptp();
    char *argv[] = { program, (char[]){ "--serve" }, process->port, NULL };
    int code = launch_program(argv, &process->pid, &process->socket);

    return !code || cannot_start(program, code, err);
}

static bool hear_hello(PtpProcess *process, Error **err)
{
    g_autofree char *ours = wire_version(formats, CAMERA_COUNT);
    g_autoptr(GVariant) body = NULL;
    const char *its = NULL, *model = NULL, *serial = NULL;
    unsigned type = 0;
    bool gone = false;

    if (!receive(process, CAMERA_HELLO, CAMERA_HELLO, clock_ms() + HELLO_MS, &type, &body, &gone,
                 err))
        return false;
    g_variant_get(body, "(&s&s&s)", &its, &model, &serial);
    if (strcmp(its, ours) != 0)
        return error_set(err, ERROR_ENVIRONMENT, "install the same version of both packages",
                         "hotfolder-ptp is of another version than hotfolder");
    g_free(process->model);
    g_free(process->serial);
    process->model = text_shorten(model, MODEL_MAX);
    process->serial = text_shorten(serial, MODEL_MAX);
    return true;
}

static bool start(PtpProcess *process, Error **err)
{
    if (launch_it(process, err) && hear_hello(process, err))
        return true;
    end(process);
    return false;
}

/* False: a stop came. */
static bool rest(const PtpProcess *process, int64_t ms)
{
    int64_t until = clock_ms() + ms;

    while (!*process->stop && clock_ms() < until)
        g_usleep((gulong) SLICE_MS * (G_USEC_PER_SEC / 1000));
    return !*process->stop;
}

/* A camera that is busy, or just waking up, answers later. */
static bool start_with_patience(PtpProcess *process, Error **err)
{
    g_autoptr(Error) why = NULL;
    int64_t wait_ms = FIRST_WAIT_MS;

    for (int i = 0; i < TRIES; i++, wait_ms *= 2) {
        g_clear_pointer(&why, error_free);
        if (start(process, &why))
            return true;
        if (process->is_absent || (i + 1 < TRIES && !rest(process, wait_ms)))
            break;
    }
    *err = g_steal_pointer(&why);
    return false;
}

PtpProcess *ptp_process_new(const char *port, const volatile int *stop, Error **err)
{
    g_autoptr(PtpProcess) process = g_new0(PtpProcess, 1);

    process->port = g_strdup(port);
    process->stop = stop;
    process->socket = -1;
    return start_with_patience(process, err) ? g_steal_pointer(&process) : NULL;
}

bool ptp_process_again(PtpProcess *process, Error **err)
{
    end(process);
    return start_with_patience(process, err);
}

const char *ptp_process_model(const PtpProcess *process)
{
    return process->model;
}

const char *ptp_process_serial(const PtpProcess *process)
{
    return process->serial;
}

/* ---- its files ---- */

static bool ask(PtpProcess *process, CameraMessage message, GVariant *body, int fd, Error **err)
{
    if (process->socket >= 0)
        return wire_send(process->socket, message, body, fd, err);
    g_variant_unref(g_variant_ref_sink(body));
    return error_set(err, ERROR_ENVIRONMENT, NULL, "the camera is gone");
}

static void report(GVariant *body, PtpFound *found, void *user)
{
    const char *path = NULL;
    gint64 size = 0, mtime_s = 0;
    gboolean is_protected = FALSE;

    g_variant_get(body, "(^&ayxxb)", &path, &size, &mtime_s, &is_protected);
    if (*path == '/')
        found(user, path, size, mtime_s, is_protected);
}

bool ptp_process_list(PtpProcess *process, PtpFound *found, void *user, Error **err)
{
    bool gone = false;

    if (!ask(process, CAMERA_LIST, g_variant_new("()"), -1, err))
        return false;
    for (;;) {
        g_autoptr(GVariant) body = NULL;
        unsigned type = 0;
        if (!receive(process, CAMERA_FILE, CAMERA_LISTED, clock_ms() + HELLO_MS, &type, &body,
                     &gone, err))
            return false;
        if (type == CAMERA_LISTED)
            return true;
        report(body, found, user);
    }
}

bool ptp_process_get(PtpProcess *process, const char *path, int fd, bool *gone, Error **err)
{
    g_autoptr(GVariant) body = NULL;
    unsigned type = 0;

    *gone = true;
    return ask(process, CAMERA_GET, g_variant_new("(^ay)", path), fd, err) &&
           receive(process, CAMERA_GOT, CAMERA_GOT, clock_ms() + FILE_MS, &type, &body, gone, err);
}
