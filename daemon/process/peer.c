/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/process/peer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/paths.h"
#include "daemon/process/launch.h"
#include "wire/wire.h"

enum {
    CONNECT_S = 5,  /* for a socket whose queue is full */
    END_MS = 10000, /* that a child has to end, and to remove what it has left */
};

static bool connect_to(Peer *peer, const PeerKind *kind, const char *path, Error **err)
{
    const struct timeval most = { .tv_sec = CONNECT_S };
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    peer->socket = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    setsockopt(peer->socket, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof(most));
    g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
    if (peer->socket >= 0 &&
        !connect(peer->socket, (const struct sockaddr *) &address, sizeof(address)))
        return true;
    int code = errno;
    const char *of_user = g_getenv("XDG_RUNTIME_DIR");
    bool is_users = of_user && *of_user && g_str_has_prefix(path, of_user);
    g_autofree char *fix = g_strdup_printf("systemctl %s %s.socket",
                                           is_users ? "--user start" : "enable --now", kind->name);
    if (peer->socket >= 0)
        close(peer->socket);
    return error_set(err, kind->kind, fix, "cannot ask for %s at '%s': %s", kind->purpose, path,
                     g_strerror(code));
}

static bool start_child(Peer *peer, const PeerKind *kind, Error **err)
{
    g_autofree char *program = kind->path();
    char *argv[] = { program, (char[]){ "--serve" }, NULL };
    int code = launch_program(argv, &peer->pid, &peer->socket);

    if (!code)
        return true;
    const char *known = paths_worker_fix(code);
    g_autofree char *fix =
        known ? g_strdup(known) : g_strdup_printf("install %s beside hotfolder-worker", kind->name);
    return error_set(err, kind->kind, fix, "cannot run '%s': %s", program, g_strerror(code));
}

bool peer_start(Peer *peer, const PeerKind *kind, Error **err)
{
    const char *path = g_getenv(kind->variable);

    *peer = (Peer){ .socket = -1 };
    if (!(path && *path ? connect_to(peer, kind, path, err) : start_child(peer, kind, err))) {
        *peer = (Peer){ .socket = -1 };
        return false;
    }
    fcntl(peer->socket, F_SETFL, O_NONBLOCK);
    return true;
}

/* It sees its socket close, and ends what it has started. */
static void end_child(pid_t pid)
{
    int watcher = pidfd_open(pid, 0);
    int64_t until = clock_ms() + END_MS;

    if (watcher < 0 || !wire_wait(watcher, until))
        kill(pid, SIGKILL);
    if (watcher >= 0)
        close(watcher);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
}

void peer_end(Peer *peer)
{
    if (peer->socket >= 0)
        close(peer->socket);
    if (peer->pid > 0)
        end_child(peer->pid);
    *peer = (Peer){ .socket = -1 };
}
