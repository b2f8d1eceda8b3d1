/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* import_apart.h - an import that hangs in a destination is left behind.
 *
 * The kernel cannot end a process that waits for an answer of a FUSE program, as sshfs whose server
 * is gone: not even SIGKILL does. So an import to such a file system runs in a second process, and
 * the first one, which a shell waits for, ends when the second one says so. Main thread. */
#pragma once

#include "daemon/process/process.h"

/* Where a destination is of a FUSE program, starts the second process, before any thread; `worker`
 * ends then, since it is a child of the first one: the second one may start it. True in
 * the first one, when the second one has ended or was left: *status is its exit status. False: it
 * is to be done here. SIGINT, SIGTERM and SIGHUP that are sent to the first one alone are passed
 * on.
 */
bool import_apart_begin(const Settings *settings, Process *worker, int *status);

/* Who else waits for this process, and gets its status; NULL: none. */
void import_apart_tell(void (*tell)(void *user, int status), void *user);

/* Ends the process with this status, and does not wait for its threads. */
void import_apart_leave(int status) G_GNUC_NORETURN;
