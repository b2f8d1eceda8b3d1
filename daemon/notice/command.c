/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "notice/command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/last_line.h"
#include "base/limits.h"
#include "base/text.h"

enum {
    REFUSAL_BYTES = 400,
    STATUS_CANNOT = 127,
    LINGER_US = 50000, /* between two looks at what is left */
    KILL_US = 1000,
    KILLS_MAX = 1000, /* looks for children that start others while they are killed */
};

/* ---- what it finds ---- */

/* Of ours, what a program of a user's session needs to reach that user. */
static const char *const kept[] = {
    "HOME",    "USER",           "LOGNAME", "TMPDIR", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS",
    "DISPLAY", "WAYLAND_DISPLAY"
};

char **command_environment(const char *const *more)
{
    char **list = NULL;

    list = g_environ_setenv(list, "PATH",
                            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", TRUE);
    list = g_environ_setenv(list, "LANG", "C.UTF-8", TRUE);
    for (size_t i = 0; i < G_N_ELEMENTS(kept); i++)
        if (g_getenv(kept[i]))
            list = g_environ_setenv(list, kept[i], g_getenv(kept[i]), TRUE);
    for (; more && *more; more++) {
        const char *equals = strchr(*more, '=');
        g_autofree char *name = equals ? g_strndup(*more, (gsize) (equals - *more)) : NULL;
        if (name && *name)
            list = g_environ_setenv(list, name, equals + 1, TRUE);
    }
    return list;
}

/* A file in memory, which no one has to write while it is read; -1 with errno. */
static int open_input(const char *text)
{
    int fd = memfd_create("notice", MFD_CLOEXEC);
    size_t size = strlen(text);

    if (fd >= 0 && (write(fd, text, size) != (ssize_t) size || lseek(fd, 0, SEEK_SET))) {
        close(fd);
        return -1;
    }
    return fd;
}

/* ---- its process ---- */

/* What the process says before it becomes the program; then nothing comes after. */
static void cannot(int said, const char *what)
{
    ssize_t ignored = write(said, what, strlen(what));

    (void) ignored;
    _exit(STATUS_CANNOT);
}

/* systemd lets services ignore SIGPIPE, which a program would inherit: in a shell, what writes into
 * a pipe of `head` would then complain instead of ending. */
static void reset_signals(void)
{
    sigset_t none;

    sigemptyset(&none);
    signal(SIGPIPE, SIG_DFL);
    pthread_sigmask(SIG_SETMASK, &none, NULL);
}

/* `said`: closes when the program begins, else it gets why it does not. */
static void become(const Command *command, int input, int output, int said)
{
    limits_lower(RLIMIT_CORE, 0);
    reset_signals();
    setsid();
    dup2(input, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    if (chdir("/"))
        cannot(said, "cannot enter /");
    if (command->is_confined &&
        (prctl(PR_SET_PDEATHSIG, SIGKILL) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
         !limits_drop_capabilities()))
        cannot(said, "it cannot be confined");
    execve(command->argv[0], (char *const *) (uintptr_t) command->argv, command->environment);
    cannot(said, g_strerror(errno));
}

/* Why the program did not begin, newly allocated; NULL: it did. */
static char *read_refusal(int fd)
{
    char text[REFUSAL_BYTES + 1] = "";
    ssize_t got = 0;

    do
        got = read(fd, text, REFUSAL_BYTES);
    while (got < 0 && errno == EINTR);
    return got > 0 ? g_strndup(text, (gsize) got) : NULL;
}

static void close_all(const int *fds, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (fds[i] >= 0)
            close(fds[i]);
}

/* Starts it; NULL, or why it did not begin, newly allocated. */
static char *start(const Command *command, pid_t *pid, LastLine *lines)
{
    int output[2] = { -1, -1 }, said[2] = { -1, -1 }, input = open_input(command->input);

    *pid = -1;
    if (input >= 0 && !pipe2(output, O_CLOEXEC) && !pipe2(said, O_CLOEXEC))
        *pid = fork();
    if (*pid == 0)
        become(command, input, output[1], said[1]);
    int code = errno;
    close_all((int[]){ input, output[1], said[1] }, 3);
    char *refusal = *pid < 0 ? g_strdup(g_strerror(code)) : read_refusal(said[0]);
    close_all(&said[0], 1);
    lines->fd = output[0];
    if (lines->fd >= 0)
        fcntl(lines->fd, F_SETFL, O_NONBLOCK);
    return refusal;
}

/* ---- until its end ---- */

/* Waits until it has ended, or must: why it must, static; NULL: it has ended. */
static const char *watch(const Command *command, int watcher, LastLine *lines)
{
    bool says = true; /* its output is open */

    for (;;) {
        struct pollfd ready[] = { { .fd = watcher, .events = POLLIN },
                                  { .fd = command->client, .events = POLLIN },
                                  { .fd = says ? lines->fd : -1, .events = POLLIN } };
        int64_t left = command->until_ms - clock_ms();
        int got = left > 0 ? poll(ready, G_N_ELEMENTS(ready), (int) MIN(left, G_MAXINT)) : 0;
        if (got > 0 && ready[2].revents)
            says = last_line_read(lines);
        if (got > 0 && ready[0].revents)
            return NULL;
        if (got > 0 && ready[1].revents)
            return "was killed, as hotfolder stops";
        if (left <= 0)
            return "was killed at its time limit";
    }
}

/* Kills those children that are left: of a program that has ended they come to us. */
static void kill_children(void)
{
    FILE *list = fopen("/proc/thread-self/children", "re");
    int pid = 0;

    while (list && fscanf(list, "%d", &pid) == 1) /* NOLINT(cert-err34-c) */
        kill(pid, SIGKILL);
    if (list)
        fclose(list);
}

/* Until none is left that we may kill. */
static void end_children(void)
{
    for (int i = 0; i < KILLS_MAX; i++) {
        kill_children();
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ;
        if (waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD)
            return;
        g_usleep(KILL_US);
    }
}

static char *status_text(int status)
{
    if (WIFEXITED(status))
        return g_strdup_printf("exited with status %d", WEXITSTATUS(status));
    return g_strdup_printf("was killed by signal %d (%s)", WTERMSIG(status),
                           sigdescr_np(WTERMSIG(status)));
}

/* NULL: it exited with status 0; else what it did, newly allocated. */
static char *end_of(const Command *command, pid_t pid, LastLine *lines)
{
    int watcher = pidfd_open(pid, 0), status = 0;
    const char *reason = watch(command, watcher, lines);
    bool all_end = reason || command->is_confined;

    if (all_end)
        kill(-pid, SIGKILL); /* its whole group */
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    close(watcher);
    if (all_end)
        end_children();
    if (reason)
        return g_strdup(reason);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? NULL : status_text(status);
}

bool command_run(const Command *command, DeliveryEnd *end)
{
    LastLine lines = last_line_new();
    pid_t pid = -1;
    g_autofree char *refusal = start(command, &pid, &lines);
    g_autofree char *did = refusal ? NULL : end_of(command, pid, &lines);
    g_autofree char *shown = text_escape(command->argv[0]);

    if (refusal && pid > 0)
        waitpid(pid, NULL, 0);
    end->last = last_line_end(&lines);
    end->needs_person = refusal;
    if (refusal)
        end->what = g_strdup_printf("'%s' cannot be run: %s", shown, refusal);
    else if (did)
        end->what = g_strdup_printf("'%s' %s", shown, did);
    return !refusal && !did;
}

void command_linger(int64_t until_ms)
{
    while (clock_ms() < until_ms) {
        pid_t pid = waitpid(-1, NULL, WNOHANG);
        if (pid < 0 && errno == ECHILD)
            return;
        if (pid == 0)
            g_usleep(LINGER_US);
    }
}
