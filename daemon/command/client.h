/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* client.h - asks the daemon over its control socket (see daemon/service/control.c). */
#pragma once

#include "command/command.h"

/* The JSON that it answers with status 200, newly allocated; NULL after printing on standard
 * error why not. An answer with the status `wrong` (0: none) is returned too. */
char *client_ask(const Target *target, const char *method, const char *path, int wrong);

/* What the daemon on this socket answers to GET, newly allocated; NULL, without a message, where it
 * does not answer in time. */
char *client_get(const char *socket, const char *path, int timeout_s);
