/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* terminal.h - what the commands write for people: errors, and colours where a terminal takes them.
 *
 * Texts are UTF-8 that is safe to show (text_escape). One thread. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"

typedef enum Paint { PAINT_PLAIN, PAINT_GOOD, PAINT_BAD, PAINT_NOTICE } Paint;

/* Whether the stream is a terminal on which lines can be drawn again: TERM is set, and not to
 * "dumb". */
bool terminal_draws(FILE *stream);

/* Prints in a colour, where terminal_draws() and the environment has no NO_COLOR (no-color.org). */
void terminal_print(FILE *stream, Paint paint, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* What begins such a colour on the stream, static; "" where it has none. */
const char *terminal_code(FILE *stream, Paint paint);

/* "hotfolder: ..." as a line on stderr. */
void terminal_error(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* "hotfolder: SUBJECT: what; fix" as a line on stderr; `subject` is bytes. */
void terminal_error_about(const char *subject, Paint paint, const Error *error);

/* Each one of `errors` as a line. */
void terminal_errors(const GPtrArray *errors);
