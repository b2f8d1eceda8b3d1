/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The worker's side: whatever the daemon's messages are, it answers or ends, and does neither crash
 * nor hang, nor keep a descriptor. */
#include <fcntl.h>
#include <stdlib.h>

#include "tests/fuzz/picture.h"
#include "tests/fuzz/pieces.h"
#include "worker/serve.c" /* NOLINT(bugprone-suspicious-include): one message at a time */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char document[] = "profile \"web\" { upright {} scale { width = 8 height = 8 }\n"
                               "save { name = \"{dir}/{stem}-{seq:3}.jpg\" } save {} }\n"
                               "import \"i\" { name = \"{day|x}/{card|}{seq.card:3}-{name}\" "
                               "when = \"{size > 5}\" day_starts = 240 }\n"
                               "camera \"c\" { serial = \"1\" clock = \"+1h\" }\n";
static Serve serve = { .sidecar = -1 };

static void begin(void)
{
    g_autoptr(Error) error = NULL;

    if (!libvips_start("fuzz_serve", &error))
        abort();
    serve.errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    serve.profiles = profiles_read(document, serve.errors);
    profiles_open(serve.profiles, serve.errors);
    profiles_prepare(serve.profiles, serve.errors);
    if (serve.errors->len)
        abort();
    close(picture_open());
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Pieces pieces = { data, size, -1 };
    int pair[2], lowest = -1, after = -1;

    if (!serve.profiles)
        begin();
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) ||
        dup2(pair[0], PROTOCOL_SOCKET) < 0)
        abort();
    if (pair[0] != PROTOCOL_SOCKET)
        close(pair[0]);
    lowest = dup(STDIN_FILENO);
    close(lowest);
    do {
        if (pieces.fd >= 0)
            close(pieces.fd);
        pieces.fd = picture_open();
    } while (pieces_send(&pieces, pair[1]));
    close(pieces.fd);
    shutdown(pair[1], SHUT_WR);

    for (bool more = true; more;) {
        g_autoptr(Error) error = NULL;
        more = serve_next(&serve, &error);
        if (more && error)
            abort();
    }
    forget_sidecar(&serve); /* of a job that did not follow */
    after = dup(STDIN_FILENO);
    if (after != lowest)
        abort(); /* a descriptor is still open */
    close(after);
    close(PROTOCOL_SOCKET);
    if (pair[1] != PROTOCOL_SOCKET)
        close(pair[1]);
    return 0;
}
