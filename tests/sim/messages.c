/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls of what has no file system: sockets with the descriptors that travel along, eventfds,
 * pipes, poll(2), and the calls that are made by number. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/sim/calls.h"
#include "tests/sim/calls_inside.h"
#include "tests/sim/disk.h"
#include "tests/sim/schedule.h"
#include "wire/wire.h"

enum { EXTRAS = 3 }; /* descriptors of a message beyond the first */

/* The disk's messages have one descriptor; further ones lie in a tail, already the receiver's. */
typedef struct Tail {
    int extras[EXTRAS], count;
    uint64_t sign;
} Tail;
static const uint64_t tail_sign = 0x68665f7461696c21;
static char room[WIRE_MAX + sizeof(Tail)];

/* ---- messages ---- */

static int passed_fds(const struct msghdr *message, int fds[1 + EXTRAS])
{
    const struct cmsghdr *head = message->msg_control ? CMSG_FIRSTHDR(message) : NULL;
    size_t bytes = head && head->cmsg_type == SCM_RIGHTS ? head->cmsg_len - CMSG_LEN(0) : 0;

    if (bytes > (1 + EXTRAS) * sizeof(int))
        abort();
    if (bytes)
        memcpy(fds, CMSG_DATA(head), bytes);
    return (int) (bytes / sizeof(int));
}

static size_t gather(const struct msghdr *message)
{
    size_t size = 0;

    for (size_t i = 0; i < message->msg_iovlen; i++) {
        const struct iovec *part = &message->msg_iov[i];
        if (size + part->iov_len > WIRE_MAX)
            abort();
        memcpy(room + size, part->iov_base, part->iov_len);
        size += part->iov_len;
    }
    return size;
}

static void close_extras(const Tail *tail)
{
    int code = errno;

    for (int i = 0; i < tail->count; i++)
        sim_close(tail->extras[i]);
    errno = code;
}

static Tail make_tail(const int *fds, int count)
{
    Tail tail = { .sign = tail_sign };

    for (int i = 1; i < count; i++)
        tail.extras[tail.count++] = sim_dup(fiber_process(), fds[i], 0, O_CLOEXEC);
    return tail;
}

static ssize_t send_once(int fd, const struct msghdr *message, size_t *size)
{
    int fds[1 + EXTRAS] = { -1 };
    int count = passed_fds(message, fds);

    for (int i = 0; i < count; i++)
        if (sim_fcntl(fds[i], F_GETFD, 0) < 0)
            return -1;
    Tail tail = make_tail(fds, count);
    *size = gather(message);
    memcpy(room + *size, &tail, sizeof(tail));
    ssize_t sent = sim_send(fd, room, *size + (tail.count ? sizeof(tail) : 0), fds[0]);
    if (sent <= 0)
        close_extras(&tail);
    return sent;
}

static bool may_wait(int fd, int flags, ssize_t result)
{
    if (result >= 0 || errno != EAGAIN || flags & MSG_DONTWAIT || !call_waits(fd))
        return false;
    wait_for(sim_ready_key(fd), -1);
    return true;
}

CALL(ssize_t, sendmsg, int fd, const struct msghdr *message, int flags)
{
    ssize_t sent = -1;
    size_t size = 0;

    point("sendmsg");
    do
        sent = send_once(fd, message, &size);
    while (may_wait(fd, flags, sent));
    if (!sent)
        errno = EPIPE;
    return sent > 0 ? (ssize_t) size : -1;
}

static size_t take_tail(size_t size, Tail *tail)
{
    memset(tail, 0, sizeof(*tail));
    if (size >= sizeof(*tail))
        memcpy(tail, room + size - sizeof(*tail), sizeof(*tail));
    if (tail->sign == tail_sign)
        return size - sizeof(*tail);
    tail->count = 0;
    return size;
}

static size_t scatter(struct msghdr *message, size_t size)
{
    size_t at = 0;

    for (size_t i = 0; i < message->msg_iovlen && at < size; i++) {
        const struct iovec *part = &message->msg_iov[i];
        size_t here = size - at < part->iov_len ? size - at : part->iov_len;
        memcpy(part->iov_base, room + at, here);
        at += here;
    }
    if (at < size)
        message->msg_flags |= MSG_TRUNC;
    return at;
}

static void hand_over(struct msghdr *message, const int *fds, size_t count)
{
    struct cmsghdr *head = (struct cmsghdr *) message->msg_control;
    size_t fits = message->msg_controllen < CMSG_LEN(sizeof(int))
                      ? 0
                      : (message->msg_controllen - CMSG_LEN(0)) / sizeof(int);

    for (size_t i = fits; i < count; i++) {
        sim_close(fds[i]);
        message->msg_flags |= MSG_CTRUNC;
    }
    count = count < fits ? count : fits;
    message->msg_controllen = count ? CMSG_SPACE(count * sizeof(int)) : 0;
    if (!count)
        return;
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(head), fds, count * sizeof(int));
}

CALL(ssize_t, recvmsg, int fd, struct msghdr *message, int flags)
{
    int fds[1 + EXTRAS] = { -1 };
    ssize_t got = -1;
    Tail tail;

    point("recvmsg");
    do
        got = sim_receive(fiber_process(), fd, room, sizeof(room), &fds[0]);
    while (may_wait(fd, flags, got));
    message->msg_flags = 0;
    if (got < 0)
        return -1;
    size_t size = scatter(message, take_tail((size_t) got, &tail));
    memcpy(fds + 1, tail.extras, sizeof(tail.extras));
    hand_over(message, fds, fds[0] < 0 ? 0 : 1 + (size_t) tail.count);
    return (ssize_t) size;
}

/* The daemon only looks whether something is there. */
CALL(ssize_t, recv, int fd, void *data, size_t size, int flags)
{
    point("recv");
    if (!(flags & MSG_PEEK) || !size)
        abort();
    short ready = sim_ready(fd);
    if (!(ready & (POLLIN | POLLHUP))) {
        errno = EAGAIN;
        return -1;
    }
    *(char *) data = 0;
    return ready & POLLIN ? 1 : 0;
}

CALL(int, shutdown, int fd, int how)
{
    point("shutdown");
    return sim_shutdown(fd, how);
}

CALL(int, socketpair, int domain, int type, int protocol, int fds[2])
{
    (void) domain, (void) protocol;
    return call_begins_with("socketpair", -1, TAKES_NUMBER)
               ? sim_socketpair(fiber_process(), type, fds)
               : -1;
}

/* No other program of the machine has a socket here. */
CALL(int, socket, int domain, int type, int protocol)
{
    (void) domain, (void) type, (void) protocol;
    errno = EAFNOSUPPORT;
    return -1;
}

CALL(int, connect, int fd, const struct sockaddr *to, socklen_t size)
{
    (void) fd, (void) to, (void) size;
    errno = ECONNREFUSED;
    return -1;
}

CALL(ssize_t, sendto, int fd, const void *data, size_t size, int flags, const struct sockaddr *to,
     socklen_t to_size)
{
    (void) fd, (void) data, (void) size, (void) flags, (void) to, (void) to_size;
    errno = ECONNREFUSED;
    return -1;
}

CALL(int, setsockopt, int fd, int level, int option, const void *value, socklen_t size)
{
    (void) fd, (void) level, (void) option, (void) value, (void) size;
    return 0;
}

/* ---- eventfds and pipes ---- */

CALL(int, eventfd, unsigned value, int flags)
{
    return call_begins_with("eventfd", -1, TAKES_NUMBER)
               ? sim_eventfd(fiber_process(), value, flags)
               : -1;
}

CALL(int, eventfd_read, int fd, eventfd_t *value)
{
    point("eventfd_read");
    return sim_read(fd, value, sizeof(*value)) == sizeof(*value) ? 0 : -1;
}

CALL(int, eventfd_write, int fd, eventfd_t value)
{
    point("eventfd_write");
    return sim_write(fd, &value, sizeof(value)) == sizeof(value) ? 0 : -1;
}

CALL(int, pipe2, int fds[2], int flags)
{
    return call_begins_with("pipe2", -1, TAKES_NUMBER) ? sim_pipe2(fiber_process(), fds, flags)
                                                       : -1;
}

CALL(int, inotify_rm_watch, int fd, int wd)
{
    point("inotify_rm_watch");
    return sim_inotify_rm_watch(fd, wd);
}

CALL(int, inotify_add_watch, int fd, const char *path, uint32_t mask)
{
    return call_begins("inotify_add_watch", disk_mount_of_path(AT_FDCWD, path))
               ? sim_inotify_add_watch(fd, AT_FDCWD, path, mask)
               : -1;
}

/* ---- waiting for several ---- */

static int count_ready(struct pollfd *fds, nfds_t count)
{
    int ready = 0;

    for (nfds_t i = 0; i < count; i++) {
        fds[i].revents = 0;
        if (fds[i].fd < 0)
            continue;
        short asked = (short) (fds[i].events | POLLHUP | POLLERR | POLLNVAL);
        fds[i].revents = (short) (sim_ready(fds[i].fd) & asked);
        ready += fds[i].revents != 0;
    }
    return ready;
}

static const void *key_of(const struct pollfd *fds, nfds_t count)
{
    for (nfds_t i = 0; i < count; i++)
        if (fds[i].fd >= 0)
            return sim_ready_key(fds[i].fd);
    return NULL;
}

CALL(int, poll, struct pollfd *fds, nfds_t count, int timeout_ms)
{
    point("poll");
    int64_t until_us = timeout_ms < 0 ? -1 : now_us + INT64_C(1000) * timeout_ms;
    int ready = count_ready(fds, count);

    while (!ready && (until_us < 0 || now_us < until_us)) {
        wait_for(key_of(fds, count), until_us);
        ready = count_ready(fds, count);
    }
    return ready;
}

/* ---- calls by number ---- */

static int no_capabilities(void *data)
{
    if (data)
        memset(data, 0, 2 * sizeof(struct __user_cap_data_struct));
    return 0;
}

static int open_beneath(int dir, const char *path, const void *how, size_t size)
{
    return call_begins_with("openat2", disk_mount_of_path(dir, path), MAY_FAIL | TAKES_NUMBER)
               ? sim_openat2(fiber_process(), dir, path, how, size)
               : -1;
}

int call_close(int fd);

/* The thread that starts processes uses recvmsg(2) and close(2) by number. */
CALL(long, syscall, long number, long a, long b, long c, long d)
{
    switch (number) {
    case SYS_openat2:
        return open_beneath((int) a, (const char *) b, (const void *) c, (size_t) d);
    case SYS_recvmsg:
        return call_recvmsg((int) a, (struct msghdr *) b, (int) c);
    case SYS_close:
        return call_close((int) a);
    case SYS_capget:
        return no_capabilities((void *) b);
    default: /* Landlock, and what only children call */
        errno = ENOSYS;
        return -1;
    }
}
