/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* notify.h - messages to the service manager that never wait.
 *
 * sd_notify(3) waits when the manager does not read. */
#pragma once

#include <stdbool.h>

/* Sends `text` ("STATUS=...", "WATCHDOG=1") to $NOTIFY_SOCKET as sd_notify(3) describes. False: the
 * manager can't take it now, try again. True: it was sent, or there is no manager. Any thread. */
bool notify_try(const char *text);
