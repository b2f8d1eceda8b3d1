/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bench.h - a directory of configuration files, and what loading them says. */
#pragma once

#include "daemon/settings/snapshot.h"
#include "tests/unit/check.h"

/* A directory of configuration files, and what loading `main.conf` in it said; the directory's
 * name is @ in every text. */
typedef struct Bench {
    char *dir;
    Settings *settings;
    char *messages;
} Bench;

/* A folder of that name, with settings more. */
#define FOLDER(name, more)                                                                         \
    "folder \"" name "\" { path = \"@/" name "\" output = \"@/out\" profile = \"web\" " more " }"  \
    "\n"

/* Writes a file, and loads main.conf with that worker (NULL: the real one). */
void put(const Bench *bench, const char *name, const char *text);
void load_with(Bench *bench, const char *worker);

/* Loads `text`; what it says must be `expected`. In both, @ stands for the directory. */
void assert_reported(Bench *bench, const char *text, const char *expected);

/* Errors as lines, with @ for the directory; newly allocated. */
char *error_lines(const Bench *bench, const GPtrArray *errors);

int set_up(void **state);
int tear_down(void **state);
