/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* memory.h - how much memory this process may use. Any thread. */
#pragma once

#include <stdint.h>

/* Bytes that this process may use: the machine's memory, or less if a control group (version 1 or
 * 2) of the process, or one above it, has a lower limit. `root` is "", or a directory that stands
 * for / in a test. */
int64_t memory_total(const char *root);
