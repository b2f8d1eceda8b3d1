/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker/exit_note.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "wire/protocol.h"

enum { TEXTS_MAX = 8 };

/* The message as wire_send() would make it, without its memory and its locks: the type, and a tuple
 * of two texts. Each is its bytes and a NUL; after both follows the end of the first one, in as few
 * bytes as can hold the length of all (GVariant's specification, 2.3.2, 2.5.3). */
void exit_note_send(const char *call, const char *const *texts)
{
    unsigned char type = MESSAGE_EXIT_NOTE, ends[2] = { 0 };
    size_t length = strlen(call) + 1, first = length;
    struct iovec parts[TEXTS_MAX + 4] = { { .iov_base = &type, .iov_len = 1 },
                                          { .iov_base = (void *) (uintptr_t) call,
                                            .iov_len = length } };
    struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };

    for (; *texts && message.msg_iovlen < TEXTS_MAX + 2; texts++) {
        parts[message.msg_iovlen++] =
            (struct iovec){ .iov_base = (void *) (uintptr_t) *texts, .iov_len = strlen(*texts) };
        length += strlen(*texts);
    }
    parts[message.msg_iovlen++] =
        (struct iovec){ .iov_base = (void *) (uintptr_t) "", .iov_len = 1 };
    ends[0] = (unsigned char) (first & UCHAR_MAX);
    ends[1] = (unsigned char) (first >> CHAR_BIT);
    parts[message.msg_iovlen++] =
        (struct iovec){ .iov_base = ends, .iov_len = length + 2 > UCHAR_MAX ? 2 : 1 };
    sendmsg(PROTOCOL_SOCKET, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}
