/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "program/run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/last_line.h"
#include "program/confine.h"

enum {
    CHECK_MS = 100, /* between two looks at what it has written */
    REFUSAL_BYTES = 400,
    STATUS_CANNOT = 127,
};

void run_end_clear(RunEnd *end)
{
    g_clear_pointer(&end->what, g_free);
    g_clear_pointer(&end->last, g_free);
}

/* ---- its process ---- */

/* What the process says before it becomes the program; then nothing comes after. */
static void cannot(const char *what)
{
    ssize_t ignored = write(STDERR_FILENO, what, strlen(what));

    (void) ignored;
    _exit(STATUS_CANNOT);
}

static char **environment(const Directory *directory)
{
    char **list = NULL;

    list = g_environ_setenv(list, "PATH", "/usr/local/bin:/usr/bin:/bin", TRUE);
    list = g_environ_setenv(list, "LANG", "C.UTF-8", TRUE);
    list = g_environ_setenv(list, "HOME", directory->path, TRUE);
    return g_environ_setenv(list, "TMPDIR", directory->path, TRUE);
}

/* `said`: closes when the program begins, else it gets why it does not. */
static void become(const Run *what, const Directory *directory, int errors, int said)
{
    const Confine walls = { .program = what->argv[0],
                            .directory = directory->path,
                            .user = directory->user,
                            .most = what->most,
                            .deadline_ms = what->deadline_ms };
    g_auto(GStrv) env = environment(directory);
    g_autoptr(Error) error = NULL;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    setpgid(0, 0);
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    dup2(said, STDERR_FILENO);
    if (fchdir(directory->fd))
        cannot("cannot enter its directory");
    if (!confine(&walls, &error))
        cannot(error->what);
    dup2(errors, STDERR_FILENO);
    execve(what->argv[0], what->argv, env);
    int code = errno;
    dup2(said, STDERR_FILENO);
    cannot(g_strerror(code));
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

typedef struct Child {
    pid_t pid;
    int watcher; /* readable when it has ended */
} Child;

/* Starts it; NULL, or why it did not begin, newly allocated. */
static char *start(const Run *what, const Directory *directory, Child *child, LastLine *lines)
{
    int errors[2] = { -1, -1 }, said[2] = { -1, -1 };

    if (pipe2(errors, O_CLOEXEC) || pipe2(said, O_CLOEXEC))
        return g_strdup(g_strerror(errno));
    child->pid = fork();
    if (child->pid == 0)
        become(what, directory, errors[1], said[1]);
    char *refusal = child->pid < 0 ? g_strdup(g_strerror(errno)) : NULL;
    close(errors[1]);
    close(said[1]);
    lines->fd = errors[0];
    fcntl(lines->fd, F_SETFL, O_NONBLOCK);
    if (!refusal)
        refusal = read_refusal(said[0]);
    close(said[0]);
    child->watcher = child->pid > 0 ? pidfd_open(child->pid, 0) : -1;
    return refusal;
}

/* ---- until its end ---- */

/* Why it is killed now, static; NULL: it goes on. */
static const char *reason_to_kill(const Run *what, const Directory *directory, int64_t deadline)
{
    struct pollfd client = { .fd = what->client, .events = POLLIN };

    if (clock_ms() >= deadline)
        return "was killed at its deadline";
    if (poll(&client, 1, 0) > 0)
        return "was killed, as its result is not wanted any more";
    return directory_holds(directory, what->room)
               ? NULL
               : "was killed, as it wrote more than a result may be";
}

/* Waits until it has ended, or must; static, NULL: it has ended. */
static const char *watch(const Run *what, const Directory *directory, const Child *child,
                         LastLine *lines)
{
    int64_t deadline = clock_ms() + what->deadline_ms, next = 0;
    bool says = true; /* its standard error is open */
    const char *reason = NULL;

    while (!reason) {
        struct pollfd ready[] = { { .fd = child->watcher, .events = POLLIN },
                                  { .fd = what->client, .events = POLLIN },
                                  { .fd = says ? lines->fd : -1, .events = POLLIN } };
        poll(ready, G_N_ELEMENTS(ready), (int) CLAMP(deadline - clock_ms(), 0, CHECK_MS));
        says = says && (!ready[2].revents || last_line_read(lines));
        if (ready[0].revents)
            return NULL;
        if (clock_ms() >= next) {
            reason = reason_to_kill(what, directory, deadline);
            next = clock_ms() + CHECK_MS;
        }
    }
    return reason;
}

/* Its whole group at once, which none of them can leave; its status as waitpid(2) gives it. */
static int reap(const Child *child)
{
    int status = 0;

    kill(-child->pid, SIGKILL);
    while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
        ;
    while (waitpid(-1, NULL, 0) > 0 || errno == EINTR) /* its children come to us */
        ;
    if (child->watcher >= 0)
        close(child->watcher);
    return status;
}

static char *status_text(int status)
{
    if (WIFEXITED(status))
        return g_strdup_printf("exited with status %d", WEXITSTATUS(status));
    if (WTERMSIG(status) == SIGXFSZ)
        return g_strdup("was killed, as it wrote more than a result may be");
    return g_strdup_printf("was killed by signal %d (%s)", WTERMSIG(status),
                           sigdescr_np(WTERMSIG(status)));
}

static bool run_to_end(const Run *what, const Directory *directory, LastLine *lines, RunEnd *end)
{
    Child child = { 0 };
    g_autofree char *refusal = start(what, directory, &child, lines);
    const char *reason = refusal ? NULL : watch(what, directory, &child, lines);
    int status = child.pid > 0 ? reap(&child) : 0;

    if (refusal) {
        end->failure = PROGRAM_CANNOT;
        end->what = g_strdup_printf("cannot be run: %s", refusal);
        return false;
    }
    if (!reason && WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    end->failure = !reason && WIFEXITED(status) ? PROGRAM_EXITED : PROGRAM_DIED;
    end->what = reason ? g_strdup(reason) : status_text(status);
    return false;
}

bool run(const Run *what, const Directory *directory, RunEnd *end)
{
    LastLine lines = last_line_new();
    bool done = run_to_end(what, directory, &lines, end);

    end->last = last_line_end(&lines);
    return done;
}
