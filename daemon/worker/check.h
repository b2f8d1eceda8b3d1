/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* check.h - `hotfolder-worker --check`: whether a profiles document is valid.
 *
 * The document (see profile.h) is standard input. Each error is a line on standard output of three
 * fields with the character 0x1f between them: FILE:LINE, what is wrong, and the remedy (which may
 * be empty). A line of two fields is no error: FILE:LINE of a valid profile, and the path of a file
 * that it names, with the escapes of C; or "track", and such a path, which is read again when it
 * changes. Where the first of two fields is empty, the second is what
 * the kernel did not give to the worker's sandbox. A line of four fields is an output: "name",
 * FILE:LINE of the step, its profile, and an example of its name with the escapes of C; or "loses",
 * FILE:LINE, the profile, and what its format has no place for; or "renames", the same, and the
 * step that gives originals other names; or a warning: "advice", FILE:LINE of the step, what it
 * does, and the remedy. No field contains a line break. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Exit status: 0 valid, 1 errors, 2 the document could not be read at all. */
int worker_check(void);

/* Prints those lines, on profiles that were read and prepared; `lacks`: of the sandbox. */
bool check_print(const GPtrArray *profiles, const GPtrArray *errors, const char *lacks);
