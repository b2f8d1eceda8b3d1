/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/limits.h"

#include <glib.h>

void limits_lower(__rlimit_resource_t what, rlim_t most)
{
    struct rlimit now;

    if (getrlimit(what, &now))
        return;
    now.rlim_max = MIN(now.rlim_max, most);
    now.rlim_cur = now.rlim_max;
    setrlimit(what, &now);
}
