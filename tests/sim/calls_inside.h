/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* calls_inside.h - what the files of the calls share. */
#pragma once

#include <stdbool.h>

/* Declares and begins the definition of what the daemon's object calls in place of `name`. */
#define CALL(type, name, ...)                                                                      \
    type call_##name(__VA_ARGS__);                                                                 \
    type call_##name(__VA_ARGS__)

typedef enum FaultKind {
    MAY_FAIL = 1 << 0,     /* EIO */
    MAY_BE_FULL = 1 << 1,  /* ENOSPC */
    TAKES_NUMBER = 1 << 2, /* EMFILE */
} FaultKind;

/* As call_begins(), with the faults that this call may have. */
bool call_begins_with(const char *what, int mount, unsigned kinds);

/* Whether the descriptor waits (no O_NONBLOCK). */
bool call_waits(int fd);

/* Whether it is standard output or standard error, which the history shows. */
bool call_is_standard(int fd);
