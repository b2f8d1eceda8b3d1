/* conf_grammar.h - reads configuration text before libConfuse does; used by conf.c only. */
#pragma once

#include "config/conf_text.h"

/* Parses a file; see conf_read() for the arguments. The values are not read yet. Newly allocated.
 */
ConfText *confgrammar_parse(const ConfSection *file_schema, const char *file, const char *text,
                            GHashTable *set_at, GPtrArray *errors);
