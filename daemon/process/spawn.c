/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/process/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/thread.h"
#include "wire/protocol.h"

enum { PASSED = 2 }; /* descriptors: the input and the socket */

static struct {
    pthread_mutex_t turn; /* of one caller at a time */
    bool runs;
    pthread_t thread;
    int pair[2]; /* ours and the thread's: descriptors pass through it */
    /* whose turn it is, writes these; then the thread, until it has answered */
    sem_t asked, answered;
    const Spawn *what;
    pid_t pid;
    int code;
} thread = { .turn = PTHREAD_MUTEX_INITIALIZER };

static int spawn_here(const Spawn *what, pid_t *pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none, all;

    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, what->input, STDIN_FILENO);
    if (what->output >= 0)
        posix_spawn_file_actions_adddup2(&files, what->output, STDOUT_FILENO);
    else
        posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&files, what->socket, PROTOCOL_SOCKET);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    /* A process group of its own: Ctrl-C on a terminal is for the daemon alone, which lets the
     * worker finish its picture. */
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                              POSIX_SPAWN_SETPGROUP);
    int code = posix_spawn(pid, what->program, &files, &attributes, what->argv, what->env);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return code;
}

/* ---- the thread ----
 *
 * Its descriptors have numbers of their own, which mean others elsewhere: it uses the system calls
 * themselves, as ThreadSanitizer knows one table only. */

static void close_range_here(int first, int last)
{
    if (first <= last)
        syscall(SYS_close_range, (unsigned) first, (unsigned) last, 0);
}

/* Where it may not have one, as in many containers, it goes on with ours. */
static void take_own_table(void)
{
    int kept = thread.pair[1];

    if (unshare(CLONE_FILES))
        return;
    close_range_here(STDERR_FILENO + 1, kept - 1);
    close_range_here(kept + 1, INT_MAX);
}

/* One byte, and the descriptors beside it. */
typedef struct Passing {
    char byte;
    struct iovec part;
    _Alignas(struct cmsghdr) char beside[CMSG_SPACE(PASSED * sizeof(int))];
    struct msghdr head;
} Passing;

static void prepare(Passing *passing)
{
    *passing = (Passing){ 0 };
    passing->part = (struct iovec){ .iov_base = &passing->byte, .iov_len = 1 };
    passing->head.msg_iov = &passing->part;
    passing->head.msg_iovlen = 1;
    passing->head.msg_control = passing->beside;
    passing->head.msg_controllen = sizeof(passing->beside);
}

/* False when no more will come. With too few descriptors left, -1 stands for one. */
static bool receive(int fds[PASSED])
{
    Passing passing;

    prepare(&passing);
    memset(fds, -1, PASSED * sizeof(int));
    if (TEMP_FAILURE_RETRY(syscall(SYS_recvmsg, thread.pair[1], &passing.head, MSG_CMSG_CLOEXEC)) <=
        0)
        return false;
    const struct cmsghdr *head = CMSG_FIRSTHDR(&passing.head);
    if (head)
        memcpy(fds, CMSG_DATA(head), MIN(head->cmsg_len - CMSG_LEN(0), PASSED * sizeof(int)));
    return true;
}

static void answer(const int fds[PASSED])
{
    Spawn what = *thread.what;

    what.input = fds[0];
    what.socket = fds[1];
    thread.code = fds[1] < 0 ? EMFILE : spawn_here(&what, &thread.pid);
    for (int i = 0; i < PASSED; i++)
        if (fds[i] >= 0)
            syscall(SYS_close, fds[i]);
}

static void *serve(void *data G_GNUC_UNUSED)
{
    int fds[PASSED];

    take_own_table();
    sem_post(&thread.answered);
    while (receive(fds)) {
        sem_wait(&thread.asked); /* already posted, or about to be */
        answer(fds);
        sem_post(&thread.answered);
    }
    return NULL;
}

/* ---- other threads ---- */

static void await(sem_t *semaphore)
{
    while (sem_wait(semaphore))
        ;
}

void spawn_start(void)
{
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, thread.pair))
        return;
    sem_init(&thread.asked, 0, 0);
    sem_init(&thread.answered, 0, 0);
    thread.runs = thread_start(&thread.thread, serve, NULL) == 0;
    if (thread.runs) {
        await(&thread.answered);
        return;
    }
    close(thread.pair[0]);
    close(thread.pair[1]);
}

void spawn_stop(void)
{
    if (!thread.runs)
        return;
    shutdown(thread.pair[0], SHUT_RDWR);
    pthread_join(thread.thread, NULL);
    thread.runs = false;
    close(thread.pair[0]);
    close(thread.pair[1]);
}

static bool pass(const Spawn *what)
{
    Passing passing;

    prepare(&passing);
    struct cmsghdr *head = CMSG_FIRSTHDR(&passing.head);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(PASSED * sizeof(int));
    memcpy(CMSG_DATA(head), (int[PASSED]){ what->input, what->socket }, PASSED * sizeof(int));
    return TEMP_FAILURE_RETRY(sendmsg(thread.pair[0], &passing.head, MSG_NOSIGNAL)) == 1;
}

static int ask(const Spawn *what, pid_t *pid)
{
    thread.what = what;
    if (!pass(what))
        return errno;
    sem_post(&thread.asked);
    await(&thread.answered);
    *pid = thread.pid;
    return thread.code;
}

int spawn(const Spawn *what, pid_t *pid)
{
    if (!thread.runs || what->output >= 0)
        return spawn_here(what, pid);
    pthread_mutex_lock(&thread.turn);
    int code = ask(what, pid);
    pthread_mutex_unlock(&thread.turn);
    return code;
}
