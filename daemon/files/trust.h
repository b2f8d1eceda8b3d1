/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* trust.h - which files other users of this machine could change. Any thread. */
#pragma once

#include "base/error.h"

/* Whether only root and our own user can change what `file` says. It and its directory must be
 * writable by no other user and no group (but a group of its owner alone), and belong to root, to
 * us, to the owner of our program, or to the user who called us by sudo. A file that cannot be
 * examined is trusted: reading it says why. */
bool trust_file(const char *file, Error **err);

/* The same of a program, and of each directory and link on the way to it: others who may change one
 * of them could have another program run. What is missing is an error too. */
bool trust_program(const char *file, Error **err);

/* A warning about a hot folder `path` that every user of this machine may write to, newly
 * allocated; NULL: none. */
char *trust_warning(const char *path);
