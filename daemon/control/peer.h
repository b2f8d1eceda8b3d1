/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* peer.h - who is at the other end of a connection, as the kernel knows it. Any thread. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#define PEER_NO_USER ((uid_t) -1)

/* The user of the page (hotfolder-page), whether or not the configuration has an `http`; it may be
 * looked up on another machine. PEER_NO_USER: there is none. */
uid_t peer_page(void);

/* Their user; PEER_NO_USER where that is unknown. */
uid_t peer_uid(int fd);

/* Whether the user is root or the daemon's own. */
bool peer_is_privileged(uid_t uid);

/* Whether they were in the group when they connected. */
bool peer_is_member(int fd, gid_t group);
