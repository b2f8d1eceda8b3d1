/* manual.h - a table of settings as text for a terminal of 80 columns. */
#pragma once

#include "base/param.h"

/* A paragraph for each setting: its name, what it does, what may be given, its default and what its
 * words mean. Each line begins with `indent` spaces. Newly allocated. */
char *manual_params(const Param *params, size_t indent);
