/* memory.h - how much memory there is for us. */
#pragma once

#include <stdint.h>

/* Bytes that this process may have: the machine's memory, or less where a control group (version 1
 * or 2) of the process or one above it says so. `root` is "", or a directory that stands for / in a
 * test. */
int64_t memory_of_machine(const char *root);
