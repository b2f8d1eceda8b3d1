/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* manual.h - a table of settings as text for a terminal of 80 columns. */
#pragma once

#include <glib.h>

#include "config/param.h"

/* Appends a word, and what it means in the columns from `column` on, counted after `indent`. */
void manual_entry(GString *out, const char *word, const char *meaning, size_t indent,
                  size_t column);

/* "1 to 100; default 85", newly allocated. */
char *manual_values(const Param *param);

/* A paragraph for each setting: its name, what it does, its allowed values, its default and what
 * its words mean. Each line begins with `indent` spaces. Newly allocated. */
char *manual_params(const Param *params, size_t indent);
