/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "wire/wire.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/clock.h"

enum { LONGEST_POLL_MS = 3600000 };

char *wire_version(const char *const *formats, unsigned count)
{
    g_autoptr(GString) all = g_string_new(NULL);

    for (unsigned i = 0; i < count; i++)
        g_string_append_printf(all, "%s;", formats[i] ? formats[i] : "");
    return g_strdup_printf(HOTFOLDER_VERSION " %08x", g_str_hash(all->str));
}

bool wire_send(int socket, unsigned type, GVariant *body, int fd, Error **err)
{
    g_autoptr(GVariant) kept = g_variant_ref_sink(body);
    unsigned char head = (unsigned char) type;
    struct iovec parts[] = {
        { .iov_base = &head, .iov_len = 1 },
        { .iov_base = (void *) (uintptr_t) g_variant_get_data(kept),
          .iov_len = g_variant_get_size(kept) },
    };
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = { .bytes = { 0 } };
    struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };
    ssize_t sent = 0;

    if (parts[1].iov_len >= WIRE_MAX)
        return error_set(err, ERROR_PICTURE, NULL, "a message of %zu bytes is too long to be sent",
                         parts[1].iov_len);
    if (fd >= 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof(control.bytes);
        struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(rights), &fd, sizeof(int));
    }
    do
        sent = sendmsg(socket, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent < 0 && errno == EAGAIN)
        return error_set(err, ERROR_INTERNAL, NULL,
                         "the other process does not read the answers to its requests");
    if (sent < 0)
        return error_set(err, ERROR_TRANSIENT, NULL, "cannot send a message: %s",
                         g_strerror(errno));
    return true;
}

bool wire_wait(int socket, int64_t deadline_ms)
{
    struct pollfd ready = { .fd = socket, .events = POLLIN };

    for (;;) {
        int64_t left = deadline_ms ? deadline_ms - clock_ms() : -1;
        int n = 0;

        if (deadline_ms && left <= 0) {
            errno = ETIMEDOUT;
            return false;
        }
        n = poll(&ready, 1, (int) MIN(left, LONGEST_POLL_MS));
        if (n > 0)
            return true;
        if (n < 0 && errno != EINTR)
            return false;
    }
}

/* The descriptor in a message's control data; any further one is closed. */
static int receive_fd(struct msghdr *message)
{
    int taken = -1;

    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        for (size_t i = 0; i < (c->cmsg_len - CMSG_LEN(0)) / sizeof(int); i++) {
            int fd = -1;
            memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
            if (taken < 0)
                taken = fd;
            else
                close(fd);
        }
    }
    return taken;
}

static bool refuse_message(Error **err, const char *what)
{
    return error_set(err, ERROR_INTERNAL, NULL, "the other process sent a message that is %s",
                     what);
}

bool wire_receive(int socket, const char *const *formats, unsigned count, int64_t deadline_ms,
                  unsigned *type, GVariant **body, int *fd, Error **err)
{
    g_autofree char *buffer = g_malloc(WIRE_MAX);
    unsigned char head = 0;
    struct iovec parts[] = { { .iov_base = &head, .iov_len = 1 },
                             { .iov_base = buffer, .iov_len = WIRE_MAX - 1 } };
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(4 * sizeof(int))];
    } control;
    struct msghdr message = { .msg_iov = parts,
                              .msg_iovlen = 2,
                              .msg_control = control.bytes,
                              .msg_controllen = sizeof(control.bytes) };
    ssize_t got = 0;

    if (!wire_wait(socket, deadline_ms))
        return error_set(err, ERROR_TRANSIENT, NULL, "no message arrived: %s", g_strerror(errno));
    do
        got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got <= 0)
        return error_set(err, ERROR_TRANSIENT, NULL, "the other process closed the connection");

    int passed = receive_fd(&message);
    const char *format = head < count ? formats[head] : NULL;
    g_autoptr(GVariant) read = NULL;
    if (format && !(message.msg_flags & (MSG_TRUNC | MSG_CTRUNC))) {
        g_autoptr(GBytes) bytes = g_bytes_new(buffer, (size_t) got - 1);
        read = g_variant_ref_sink(g_variant_new_from_bytes(G_VARIANT_TYPE(format), bytes, FALSE));
    }
    if (!read || !g_variant_is_normal_form(read)) {
        if (passed >= 0)
            close(passed);
        return refuse_message(err, !format ? "not expected" : read ? "malformed" : "too long");
    }
    *type = head;
    *fd = passed;
    *body = g_steal_pointer(&read);
    return true;
}
