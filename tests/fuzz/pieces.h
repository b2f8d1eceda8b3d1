/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pieces.h - an input as a sequence of messages: what a worker that was taken over would send.
 *
 * Each piece is a byte with how many descriptors come along (its low three bits), two bytes of
 * length (low byte first), and the message: type and body. Only whole pieces are sent. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PIECE_HEAD = 3, PIECE_FDS = 7 };

typedef struct Pieces {
    const uint8_t *data;
    size_t size; /* left */
    int fd;      /* what comes along */
} Pieces;

/* Sends the next piece; false when there is none, or no room for it in the socket. */
static inline bool pieces_send(Pieces *pieces, int socket)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(PIECE_FDS * sizeof(int))];
    } control = { .bytes = { 0 } };
    struct iovec part;
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

    if (pieces->size <= PIECE_HEAD)
        return false;
    size_t wish = pieces->data[1] | (size_t) pieces->data[2] << 8;
    size_t length = MIN(MAX(wish, 1), pieces->size - PIECE_HEAD),
           count = pieces->data[0] & PIECE_FDS;
    part.iov_base = (void *) (uintptr_t) (pieces->data + PIECE_HEAD);
    part.iov_len = length;
    if (count) {
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(count * sizeof(int));
        struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(count * sizeof(int));
        for (size_t i = 0; i < count; i++)
            memcpy(CMSG_DATA(rights) + i * sizeof(int), &pieces->fd, sizeof(int));
    }
    pieces->data += PIECE_HEAD + length;
    pieces->size -= PIECE_HEAD + length;
    return sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t) length;
}
