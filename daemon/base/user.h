/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* user.h - what a person and the tools of the system call a user. Any thread. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* The user's name, or its number where it has none, as in a container; newly allocated. */
char *user_name(uid_t user);

/* The user of this name. False: there is none. */
bool user_id(const char *name, uid_t *user);

/* The group of this name. False: there is none. */
bool user_group(const char *name, gid_t *group);

/* Whether the user belongs to the group. */
bool user_is_member(uid_t user, gid_t group);
