/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* conf_errors.h - the list of errors in configuration files: all are reported, not only the first.
 *
 * A list holds Error, of kind CONFIG, with where set to FILE:LINE. */
#pragma once

#include "base/error.h"

/* Appends an error. `file` is bytes; fix may be NULL; texts are copied. */
void conf_add_error(GPtrArray *errors, const char *file, int line, const char *fix,
                    const char *format, ...) G_GNUC_PRINTF(5, 6);

/* Puts errors in the order of `files` (of char *), then of lines. */
void conf_sort_errors(GPtrArray *errors, const GPtrArray *files);
