/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* device_run.h - the two processes of an import from a block device.
 *
 * The first one keeps the rights of root, reads neither the configuration nor a file of the card,
 * and does three things: it mounts, unmounts and ejects. The second one is the service's user
 * without any right, and does the work. */
#pragma once

#include "base/error.h"

typedef struct DeviceCard DeviceCard;

/* Starts both; before any thread. `work` runs in the second one, and returns an exit status, which
 * is the result. Where the process is asked to end (SIGTERM, SIGINT), the second one gets SIGTERM.
 */
int device_run(const char *device, int (*work)(DeviceCard *card, void *user), void *user);

/* ---- in the second process ---- */

/* Has the card mounted. *root, newly allocated, is where. Errors: CONFIG where the device is a disk
 * of this system, ENVIRONMENT where it cannot be mounted. */
bool device_card_mount(DeviceCard *card, char **root, Error **err);

/* The first process ends with this status, and does not wait for this one: it hangs. */
void device_card_leave(DeviceCard *card, int status);

/* When `work` has returned, the card is ejected. */
void device_card_eject(DeviceCard *card);
