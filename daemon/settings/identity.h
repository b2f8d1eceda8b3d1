/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* identity.h - whether files are still what they were, as their inodes say. Any thread; it may wait
 * for a disk. */
#pragma once

#include "daemon/settings/snapshot.h"

/* Appends what tells what is at `path` from another one, and from itself changed, or that it is
 * missing. False: it is no directory. */
bool identity_append_one(GString *key, const char *path);

/* Appends what tells the file at `path` from another one, and from itself changed; of a directory
 * also that of each file in it. */
void identity_append(GString *key, const char *path);

/* The same of all tracks that profiles name, newly allocated; NULL: they name none. */
char *identity_of_tracks(const Settings *settings);
