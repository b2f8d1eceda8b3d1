/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* conf_grammar.h - reads configuration text before libConfuse does; used by conf.c only. */
#pragma once

#include "config/conf_text.h"

/* Parses a file, but does not read its values; see conf_read() for the arguments. Newly
 * allocated. */
ConfText *confgrammar_parse(const ConfSection *file_schema, const char *file, const char *text,
                            GHashTable *set_at, GPtrArray *errors);
