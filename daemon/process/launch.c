/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/process/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/paths.h"
#include "daemon/process/spawn.h"
#include "wire/protocol.h"

/* The profiles document as a file, for its standard input. */
static int open_profiles(const char *document)
{
    int fd = memfd_create("profiles", MFD_CLOEXEC);
    size_t size = strlen(document);

    if (fd < 0)
        return -1;
    if (write(fd, document, size) == (ssize_t) size && lseek(fd, 0, SEEK_SET) == 0)
        return fd;
    close(fd);
    return -1;
}

/* Our environment without what systemd set for the daemon alone, and with one malloc arena, which
 * keeps a worker at 41-48 MB instead of 86-95 (measured over 400 mixed pictures). LibRaw would use
 * all processors for one picture. */
static char **environment(void)
{
    char **list = g_get_environ();
    g_autofree char *parent = g_strdup_printf("%d", getpid());

    list = g_environ_unsetenv(list, "NOTIFY_SOCKET");
    list = g_environ_unsetenv(list, "WATCHDOG_USEC");
    list = g_environ_unsetenv(list, "WATCHDOG_PID");
    list = g_environ_unsetenv(list, "JOURNAL_STREAM");
    list = g_environ_setenv(list, "MALLOC_ARENA_MAX", "1", TRUE);
    list = g_environ_setenv(list, "OMP_NUM_THREADS", "1", TRUE);
    return g_environ_setenv(list, "HOTFOLDER_PARENT", parent, TRUE);
}

/* The two ends of a socket; the second one is for the program. A descriptor that already is its
 * PROTOCOL_SOCKET would keep its close-on-exec flag through dup2(2). 0, or an errno value. */
static int make_pair(int pair[2])
{
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return errno;
    if (pair[1] == PROTOCOL_SOCKET) {
        pair[1] = fcntl(PROTOCOL_SOCKET, F_DUPFD_CLOEXEC, PROTOCOL_SOCKET + 1);
        close(PROTOCOL_SOCKET);
    }
    return 0;
}

int launch_program(char *const *argv, pid_t *pid, int *socket)
{
    g_auto(GStrv) env = environment();
    int pair[2] = { -1, -1 };
    int code = make_pair(pair);

    *socket = -1;
    if (code)
        return code;
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    code = spawn(&(Spawn){ argv[0], argv, env, null, -1, pair[1] }, pid);
    close(null);
    close(pair[1]);
    if (code)
        close(pair[0]);
    else
        *socket = pair[0];
    return code;
}

/* ---- the worker ---- */

static bool cannot_start(int code, Error **err)
{
    return error_set(err, ERROR_ENVIRONMENT, paths_worker_fix(code), "cannot start a worker: %s",
                     g_strerror(code));
}

static void add_arguments(GPtrArray *argv, char *program, const Launch *what)
{
    static char serve[] = "--serve", fonts[] = "--fonts", check[] = "--check";

    g_ptr_array_add(argv, program);
    g_ptr_array_add(argv, serve);
    if (what->fonts)
        g_ptr_array_add(argv, fonts);
    if (what->answer >= 0)
        g_ptr_array_add(argv, check);
    g_ptr_array_add(argv, NULL);
}

bool launch(const Launch *what, pid_t *pid, int *socket, Error **err)
{
    g_auto(GStrv) env = environment();
    g_autofree char *program = paths_worker();
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    int pair[2] = { -1, -1 }, profiles = open_profiles(what->document), code = 0;

    if (profiles < 0)
        return cannot_start(errno, err);
    code = make_pair(pair);
    if (code) {
        close(profiles);
        return cannot_start(code, err);
    }
    /* Our end never blocks: a worker that sends requests and reads no answer would block us for
     * ever. */
    fcntl(pair[0], F_SETFL, O_NONBLOCK);
    add_arguments(argv, program, what);
    code = spawn(&(Spawn){ program, (char **) argv->pdata, env, profiles, what->answer, pair[1] },
                 pid);
    close(profiles);
    close(pair[1]);
    if (!code) {
        *socket = pair[0];
        return true;
    }
    close(pair[0]);
    const char *fix = paths_worker_fix(code);
    return error_set(err, ERROR_ENVIRONMENT,
                     fix ? fix : "install hotfolder-worker beside hotfolderd",
                     "cannot run '%s': %s", program, g_strerror(code));
}
