/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* limits.h - limits of the calling process. */
#pragma once

#include <stdbool.h>
#include <sys/resource.h>

/* Lowers a limit to `most`, for good; a lower one stays. */
void limits_lower(__rlimit_resource_t what, rlim_t most);

/* Gives up every capability for good: what root has, programs that it runs have not. */
bool limits_drop_capabilities(void);
