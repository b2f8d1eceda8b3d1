/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* listener.h - the socket on which browsers connect: one that systemd has opened, or our own. */
#pragma once

#include "base/error.h"
#include "daemon/settings/notices.h"

/* A listening socket at http->listen. given: one that systemd has passed, which must be there; -1:
 * none. Returns -1 with an error. */
int listener_take(const Http *http, int given, Error **err);
