/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/import_apart.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/files/mounts.h"

enum { END_MS = 1000 }; /* what the second process needs to end where it does not hang */

static volatile pid_t child;   /* the second process */
static int pipe_to_first = -1; /* -1: there is none */
static void (*tell_other)(void *user, int status);
static void *other;

/* By its text alone: it may not respond. */
static bool is_of_program(const GPtrArray *mounts, const char *directory)
{
    const Mount *mount = mounts_find(mounts, directory);

    return mount && g_str_has_prefix(mount->type, "fuse");
}

static bool any_is_of_program(const Settings *settings)
{
    g_autoptr(GPtrArray) mounts = mounts_read();

    for (guint i = 0; i < settings->imports->len; i++) {
        const Import *import = settings->imports->pdata[i];
        for (char **to = import->copy_to; *to; to++)
            if (is_of_program(mounts, *to))
                return true;
    }
    return false;
}

/* ---- the first process ---- */

/* A terminal sends its signals to both. */
static void pass_on(int number, siginfo_t *info, void *context)
{
    (void) context;
    if (info->si_code != SI_KERNEL)
        kill(child, number);
}

static void pass_signals_on(void)
{
    static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
    struct sigaction action = { .sa_sigaction = pass_on, .sa_flags = SA_SIGINFO };

    for (size_t i = 0; i < G_N_ELEMENTS(signals); i++)
        sigaction(signals[i], &action, NULL);
}

static int status_of(int code)
{
    if (WIFEXITED(code))
        return WEXITSTATUS(code);
    fprintf(stderr, "hotfolder: the import has ended by signal %d (%s)\n", WTERMSIG(code),
            g_strsignal(WTERMSIG(code)));
    return EXIT_FAILURE;
}

/* What the second process says, or how it ends. */
static int wait_for_child(int pipe_fd)
{
    struct pollfd end = { .fd = (int) syscall(SYS_pidfd_open, child, 0), .events = POLLIN };
    unsigned char said = EXIT_FAILURE;
    ssize_t got = 0;
    int code = 0;

    while ((got = read(pipe_fd, &said, 1)) < 0 && errno == EINTR)
        continue;
    while (got == 1 && end.fd >= 0 && poll(&end, 1, END_MS) < 0 && errno == EINTR)
        continue;
    if (got == 1 && !(end.revents & POLLIN))
        return said;
    while (waitpid(child, &code, 0) < 0)
        if (errno != EINTR)
            return said;
    return status_of(code);
}

/* ---- both ---- */

bool import_apart_begin(const Settings *settings, Process *worker, int *status)
{
    pid_t parent = getpid();
    int ends[2] = { -1, -1 };

    if (!any_is_of_program(settings) || pipe2(ends, O_CLOEXEC) < 0)
        return false;
    process_end(worker, NULL);
    child = fork();
    if (child == 0) {
        close(ends[0]);
        pipe_to_first = ends[1];
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() != parent)
            _exit(EXIT_FAILURE);
        return false;
    }
    close(ends[1]);
    if (child > 0) {
        pass_signals_on();
        *status = wait_for_child(ends[0]);
    }
    close(ends[0]);
    return child > 0;
}

void import_apart_tell(void (*tell)(void *user, int status), void *user)
{
    tell_other = tell;
    other = user;
}

/* What its threads have open stays open as long as they hang: a pipe shall end at once. */
void import_apart_leave(int status)
{
    unsigned char said = (unsigned char) status;

    fflush(stdout);
    close(STDOUT_FILENO);
    close(STDERR_FILENO);
    if (tell_other)
        tell_other(other, status);
    if (pipe_to_first >= 0)
        while (write(pipe_to_first, &said, 1) < 0 && errno == EINTR)
            continue;
    _exit(status);
}
