/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* listener.h - the socket on which the server listens. */
#pragma once

#include "base/error.h"

/* Listens on `path`, for the daemon's own user and group; replaces a socket that no process listens
 * on. -1 with *err set where it can't. */
int listener_open(const char *path, Error **err);
