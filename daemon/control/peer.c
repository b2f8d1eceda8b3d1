/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/control/peer.h"

#include <glib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/user.h"

enum { GROUPS_MAX = 65536 /* NGROUPS_MAX of Linux */ };

uid_t peer_page(void)
{
    uid_t user = PEER_NO_USER;

    return user_id("hotfolder-page", &user) ? user : PEER_NO_USER;
}

uid_t peer_uid(int fd)
{
    struct ucred peer = { 0 };
    socklen_t size = sizeof(peer);

    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 ? peer.uid : PEER_NO_USER;
}

bool peer_is_privileged(uid_t uid)
{
    return uid == 0 || uid == geteuid();
}

bool peer_is_member(int fd, gid_t group)
{
    struct ucred peer = { 0 };
    socklen_t size = sizeof(peer), bytes = GROUPS_MAX * sizeof(gid_t);
    g_autofree gid_t *groups = g_malloc(bytes);

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.gid == group)
        return true;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &bytes) < 0)
        return false;
    for (size_t i = 0; i < bytes / sizeof(gid_t); i++)
        if (groups[i] == group)
            return true;
    return false;
}
