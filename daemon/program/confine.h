/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* confine.h - what a program gives up before it begins, in the process that becomes it.
 *
 * Whatever starts the helper, these walls are there; the unit of the service (units/) has more. The
 * program may read itself and what the system has installed, and write into its directory; it has
 * no network, no socket but pairs of its own, and stays in its process group, which is killed as
 * one. Limits hold for each process of it. Before Linux 6.2 landlock knows no right to truncate: a
 * program may then empty, by its path, a file elsewhere that its user may write; a user of its own,
 * as the unit gives it one, has none. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

typedef struct Confine {
    const char *program;   /* its path */
    const char *directory; /* where it may write */
    uid_t user;            /* as whom, where we are root */
    int64_t most;          /* bytes of one file */
    int64_t deadline_ms;   /* also of the processor time of each process, on every processor */
} Confine;

/* As whom to run a program whose directory will be in `temporary`: our own user; where we are root,
 * 65534, unless that user cannot reach one of both. */
uid_t confine_user(const char *program, const char *temporary);

/* For the process that calls it, and for all that it becomes and starts; false with *err of kind
 * ENVIRONMENT where the kernel lacks a wall. */
bool confine(const Confine *how, Error **err);
