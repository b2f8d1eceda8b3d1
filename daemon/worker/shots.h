/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* shots.h - answers an import: which media it takes, what a file of a shot says of itself, and what
 * it is called. One thread. */
#pragma once

#include <glib.h>

#include "actions/sidecar.h"

/* Of a MESSAGE_MATCH. False with *err where that cannot be computed. */
bool shots_match(GVariant *body, bool *fits, Error **err);

/* Of a MESSAGE_SHOT with the file open as fd (borrowed; -1: none); `sidecar` may be NULL, and
 * `unread` says why it is. *said, floating, is the body of a MESSAGE_SHOT_FACTS, and *name newly
 * allocated; it is NULL with *err set where it has no name. False with *err: neither is known. */
bool shots_ask(GVariant *body, int fd, const Sidecar *sidecar, const Error *unread, GVariant **said,
               char **name, Error **err);
