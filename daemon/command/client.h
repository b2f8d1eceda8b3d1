/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* client.h - asks the daemon over its control socket (daemon/control/). */
#pragma once

#include <cjson/cJSON.h>

#include "command/command.h"

/* For the help of commands that change something. */
#define CLIENT_WHO_MAY                                                                             \
    "Only root, the user that the service runs as and members of the group that `operators` "      \
    "names may do that."

/* What it answers with status 200 to a GET or, with a body, to a POST, newly allocated; NULL after
 * printing on standard error why not. An answer with the status `wrong` (0: none) is returned
 * too. */
char *client_ask(const Target *target, const char *path, const cJSON *body, int wrong);

/* Makes the daemon read its configuration again. False with the first error of it, or after
 * printing that the daemon does not answer. */
bool client_reload(const Target *target, Error **err);

/* Whether this user may not connect to a daemon. */
bool client_is_denied(const Target *target);

/* `path` with the parameter in its query, in place of the given one, which is freed; bytes may be
 * NULL: not given. */
char *client_add(char *path, const char *name, const char *bytes);

/* A path that a person typed, from the root: newly allocated. */
char *client_path(const char *typed);

/* What the daemon on this socket answers to GET, newly allocated; NULL, without a message, where it
 * does not answer in time. */
char *client_get(const char *socket, const char *path, int timeout_s);
