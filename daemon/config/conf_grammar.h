/* conf_grammar.h - reads configuration text before libConfuse does; used by conf.c only. */
#pragma once

#include "config/conf_text.h"

/* See conf_read(). */
ConfScan *confscan_run(const ConfSection *file_schema, const char *file, const char *text,
                       GHashTable *stated, GPtrArray *mistakes);
