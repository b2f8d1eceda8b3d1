/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/process/program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/paths.h"
#include "base/text.h"
#include "daemon/process/launch.h"
#include "wire/program.h"
#include "wire/wire.h"

enum {
    END_MS = 10000,  /* that a child has to remove what its program has left */
    ANSWER_MS = 500, /* for an answer that has begun to come */
    TEXT_MAX = 400,
};

static const char *const formats[PROGRAM_COUNT] = PROGRAM_FORMATS;

struct Helper {
    int socket;
    pid_t pid; /* of a child; 0: it is none */
};

int helper_socket(const Helper *helper)
{
    return helper->socket;
}

/* ---- its start ---- */

static bool connect_to(const char *path, int *socket_fd, Error **err)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    *socket_fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
    if (*socket_fd >= 0 &&
        !connect(*socket_fd, (const struct sockaddr *) &address, sizeof(address)))
        return true;
    return error_set(err, ERROR_TRANSIENT, "systemctl enable --now hotfolder-program.socket",
                     "cannot ask for a program to be run at '%s': %s", path, g_strerror(errno));
}

static bool start_child(Helper *helper, Error **err)
{
    g_autofree char *program = paths_program();
    char *argv[] = { program, (char[]){ "--serve" }, NULL };
    int code = launch_program(argv, &helper->pid, &helper->socket);

    if (!code)
        return true;
    helper->pid = 0;
    const char *fix = paths_worker_fix(code);
    return error_set(err, ERROR_TRANSIENT,
                     fix ? fix : "install hotfolder-program beside hotfolder-worker",
                     "cannot run '%s': %s", program, g_strerror(code));
}

static bool start(Helper *helper, Error **err)
{
    const char *path = g_getenv("HOTFOLDER_PROGRAM_SOCKET");

    if (!(path && *path ? connect_to(path, &helper->socket, err) : start_child(helper, err)))
        return false;
    fcntl(helper->socket, F_SETFL, O_NONBLOCK);
    return true;
}

Helper *helper_ask(const Program *program, int picture, int64_t deadline_ms, int64_t most,
                   Error **err)
{
    g_autoptr(Helper) helper = g_new0(Helper, 1);
    g_autofree char *version = wire_version(formats, PROGRAM_COUNT);

    helper->socket = -1;
    if (!start(helper, err) ||
        !wire_send(helper->socket, PROGRAM_RUN,
                   g_variant_new("(s^asssxx)", version, program->run,
                                 format_extension(program->takes), format_extension(program->gives),
                                 deadline_ms, most),
                   picture, err))
        return NULL;
    return g_steal_pointer(&helper);
}

/* ---- its answer ---- */

static bool failed(const Program *program, GVariant *body, Error **err)
{
    static const ErrorKind kinds[PROGRAM_FAILURES] = { [PROGRAM_CANNOT] = ERROR_TRANSIENT,
                                                       [PROGRAM_EXITED] = ERROR_PICTURE,
                                                       [PROGRAM_DIED] = ERROR_TRANSIENT };
    const char *what = NULL, *last = NULL;
    guint32 failure = 0;

    g_variant_get(body, "(u&s&s)", &failure, &what, &last);
    g_autofree char *did = text_shorten(what, TEXT_MAX), *line = text_shorten(last, TEXT_MAX);
    g_autofree char *path = text_escape(*program->run);
    g_autofree char *fix = g_strdup_printf("run %s by hand on the picture", path);
    return error_set(err, failure < PROGRAM_FAILURES ? kinds[failure] : ERROR_TRANSIENT, fix,
                     "program %s %s%s%s", program->name, did, *line ? ": " : "", line);
}

/* Whether nothing changes the file, which is not believed. Files that have no seals give -1. */
static bool is_sealed(int fd)
{
    const int needed = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    int seals = fcntl(fd, F_GET_SEALS);

    return seals >= 0 && (seals & needed) == needed;
}

bool helper_take(const Helper *helper, const Program *program, int *result, Error **err)
{
    g_autoptr(GVariant) body = NULL;
    g_autoptr(Error) why = NULL;
    unsigned type = 0;
    int fd = -1;

    if (!wire_receive(helper->socket, formats, PROGRAM_COUNT, clock_ms() + ANSWER_MS, &type, &body,
                      &fd, &why))
        return error_set(err, ERROR_TRANSIENT, "read its messages in the journal",
                         "hotfolder-program has ended without an answer: %s", why->what);
    if (type == PROGRAM_DONE && fd >= 0 && is_sealed(fd)) {
        *result = fd;
        return true;
    }
    if (fd >= 0)
        close(fd);
    if (type == PROGRAM_FAILED)
        return failed(program, body, err);
    return error_set(err, ERROR_TRANSIENT, NULL,
                     "hotfolder-program sent an answer that is not valid");
}

/* ---- its end ---- */

/* It sees its socket close, and removes what the program has left. */
static void end_child(pid_t pid)
{
    int watcher = pidfd_open(pid, 0);
    int64_t until = clock_ms() + END_MS;

    if (watcher < 0 || !wire_wait(watcher, until))
        kill(pid, SIGKILL);
    if (watcher >= 0)
        close(watcher);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
}

void helper_free(Helper *helper)
{
    if (!helper)
        return;
    if (helper->socket >= 0)
        close(helper->socket);
    if (helper->pid > 0)
        end_child(helper->pid);
    g_free(helper);
}
