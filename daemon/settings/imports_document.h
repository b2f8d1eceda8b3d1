/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* imports_document.h - what a worker has to know of imports and cameras. */
#pragma once

#include "daemon/settings/imports.h"

/* The part of a worker's document (worker/profile.h) that says it, of these Import and Camera:
 * blocks `import "NAME" { day_starts = MINUTES name = "..." when = "..." }` and `camera "NAME" {
 * serial =
 * "..." clock = "..." owner = "..." }`, with their lines. What is not given is left out. Newly
 * allocated, "" for none. */
char *imports_document(const GPtrArray *imports, const GPtrArray *cameras);
