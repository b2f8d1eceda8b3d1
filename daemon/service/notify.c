/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/service/notify.h"

#include <errno.h>
#include <glib.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

bool notify_try(const char *text)
{
    const char *path = g_getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    if (!path || (*path != '/' && *path != '@') || strlen(path) >= sizeof(address.sun_path))
        return true;
    memcpy(address.sun_path, path, strlen(path));
    if (*path == '@') /* an abstract address */
        address.sun_path[0] = '\0';

    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    ssize_t sent =
        sendto(fd, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *) &address,
               (socklen_t) (offsetof(struct sockaddr_un, sun_path) + strlen(path)));
    bool taken = sent >= 0 || errno != EAGAIN;
    close(fd);
    return taken;
}
