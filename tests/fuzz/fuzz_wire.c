/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any bytes as messages from the other side: each is refused, or is of the form that it says and no
 * longer than a message may be; no descriptor that came along is lost. */
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/fuzz/pieces.h"
#include "wire/protocol.h"
#include "wire/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const formats[MESSAGE_COUNT] = PROTOCOL_FORMATS;

static void receive(int socket)
{
    g_autoptr(GVariant) body = NULL;
    g_autoptr(Error) error = NULL;
    unsigned type = 0;
    int fd = -1;

    if (!wire_receive(socket, formats, MESSAGE_COUNT, clock_ms() + 1000, &type, &body, &fd,
                      &error)) {
        if (!error || !error->what || body || fd >= 0)
            abort();
        return;
    }
    if (type >= MESSAGE_COUNT || !formats[type] ||
        !g_variant_is_of_type(body, G_VARIANT_TYPE(formats[type])))
        abort();
    g_free(g_variant_print(body, TRUE)); /* reads all of it */
    if (fd >= 0)
        close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Pieces pieces = { data, size, STDIN_FILENO };
    int pair[2], lowest = dup(STDIN_FILENO), after = -1;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair))
        abort();
    while (pieces_send(&pieces, pair[1]))
        receive(pair[0]);
    close(pair[0]);
    close(pair[1]);
    close(lowest);
    after = dup(STDIN_FILENO);
    if (after != lowest)
        abort(); /* a descriptor is still open */
    close(after);
    return 0;
}
