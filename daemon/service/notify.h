/* notify.h - words to the service manager that must not hold up work.
 *
 * sd_notify(3) waits when the manager does not read; these never do. */
#pragma once

#include <stdbool.h>

/* Sends `text` ("STATUS=...", "WATCHDOG=1") to $NOTIFY_SOCKET as sd_notify(3) describes. False when
 * it could not be taken now; true when it was, or nobody asked to be told. */
bool notify_try(const char *text);
