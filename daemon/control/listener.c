/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/control/listener.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Removes a socket file that no process listens on, as a crash leaves it. Any other belongs to
 * another hotfolderd, even if that is too busy to answer. */
static bool clear_path(const struct sockaddr_un *address, Error **err)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int code =
        fd < 0 || connect(fd, (const struct sockaddr *) address, sizeof(*address)) < 0 ? errno : 0;

    if (fd >= 0)
        close(fd);
    if (code == ENOENT || code == ECONNREFUSED) {
        unlink(address->sun_path);
        return true;
    }
    if (code == 0 || code == EAGAIN)
        return error_set(err, ERROR_CONFIG, "stop the other one, or give another --runtime-dir",
                         "another hotfolderd listens on '%s'", address->sun_path);
    return error_errno(err, code, "cannot connect to '%s'", address->sun_path);
}

int listener_open(const char *path, Error **err)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    if (strlen(path) >= sizeof(address.sun_path)) {
        error_set(err, ERROR_CONFIG, "give a shorter --runtime-dir",
                  "the path '%s' is too long for a socket", path);
        return -1;
    }
    g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
    if (!clear_path(&address, err))
        return -1;

    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && bind(fd, (const struct sockaddr *) &address, sizeof(address)) == 0 &&
        chmod(path, 0660) == 0 && listen(fd, SOMAXCONN) == 0)
        return fd;
    error_errno(err, errno, "cannot listen on '%s'", path);
    if (fd >= 0)
        close(fd);
    return -1;
}
