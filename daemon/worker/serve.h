/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* serve.h - the worker's side of the protocol: one picture after the other. */
#pragma once

#include <stdbool.h>

/* Reads the profiles on standard input and serves jobs on PROTOCOL_SOCKET until it closes; pictures
 * may draw text where `fonts` is set, or a profile does. With `check` it first answers as `--check`
 * does (check.h) and closes its standard output. Returns the exit status: 0 when the daemon ended
 * it. */
int worker_serve(bool fonts, bool check);
