#include "worker/words.h"

#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "worker/protocol.h"

enum { TEXTS_MAX = 8 };

/* The message as wire_send() would make it, without its memory and its locks: the type, and a text
 * as the only member of a tuple, which is its bytes and their NUL. */
void last_words(const char *const *texts)
{
    unsigned char type = MESSAGE_LAST_WORDS;
    char end = '\0';
    struct iovec parts[TEXTS_MAX + 2] = { { .iov_base = &type, .iov_len = 1 } };
    struct msghdr message = { .msg_iov = parts, .msg_iovlen = 1 };

    for (; *texts && message.msg_iovlen <= TEXTS_MAX; texts++)
        parts[message.msg_iovlen++] =
            (struct iovec){ .iov_base = (void *) (uintptr_t) *texts, .iov_len = strlen(*texts) };
    parts[message.msg_iovlen++] = (struct iovec){ .iov_base = &end, .iov_len = 1 };
    sendmsg(PROTOCOL_SOCKET, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}
