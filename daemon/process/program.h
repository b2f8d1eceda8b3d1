/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* program.h - a hotfolder-program as the daemon sees it: asked once, for one picture; see
 * wire/program.h. One thread.
 *
 * A service of the system has it started by systemd, in a sandbox and under a user of its own: the
 * variable HOTFOLDER_PROGRAM_SOCKET names the socket. Else it is a child of ours. */
#pragma once

#include "daemon/settings/snapshot.h"

typedef struct Helper Helper;

/* Asks for a run of the program on the file `picture` (borrowed), which no one changes any more,
 * for at most `deadline_ms`; its result may be of `most` bytes. NULL with *err of kind TRANSIENT
 * where there is no one to ask. */
Helper *helper_ask(const Program *program, int picture, int64_t deadline_ms, int64_t most,
                   Error **err);

/* Readable when it has answered, or is gone. */
int helper_socket(const Helper *helper);

/* Its answer: *result is the file that the program made, the caller's. False with *err: of kind
 * PICTURE where the program says that it failed, TRANSIENT where it was killed or could not
 * be run. */
bool helper_take(const Helper *helper, const Program *program, int *result, Error **err);

/* Ends it, and with it the program. */
void helper_free(Helper *helper);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Helper, helper_free)
