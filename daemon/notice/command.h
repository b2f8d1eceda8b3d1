/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* command.h - runs one program with a text on its standard input, and ends it and all that it
 * started. One thread. The process has to be a child subreaper (prctl(2)). */
#pragma once

#include "notice/deliver.h"

typedef struct Command {
    const char *const *argv; /* the first is its path */
    char *const *environment;
    const char *input;
    bool is_confined; /* it gets no privileges and has no capabilities, and ends with us */
    int64_t until_ms; /* on clock_ms() */
    int client;       /* when this socket can be read, it is ended */
} Command;

/* The environment of every program, with `more`, which NULL ends; newly allocated. */
char **command_environment(const char *const *more);

/* Whether it exited with status 0. Then, unless it is confined, what it has left goes on. */
bool command_run(const Command *command, DeliveryEnd *end);

/* Waits until all children have ended, those that a program has left too, or until `until_ms`:
 * where systemd has started us, it would kill them at our end. */
void command_linger(int64_t until_ms);
