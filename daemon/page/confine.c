/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "page/confine.h"

#include <sys/prctl.h>
#include <unistd.h>

#include "base/landlock.h"

enum { RIGHTS = (1 << 13) - 1 }; /* those that the first version of landlock knows */

#ifdef HOTFOLDER_INSTRUMENTED
/* At its end, a sanitizer reads what it has of the process from files. */
void confine_page(void)
{
}
#else
void confine_page(void)
{
    struct landlock_ruleset_attr attributes = { .handled_access_fs = RIGHTS };
    int ruleset = landlock_begin(&attributes, sizeof(attributes));

    prctl(PR_SET_DUMPABLE, 0); /* the token is in its memory */
    if (ruleset < 0)
        return;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        close(ruleset);
    else
        landlock_enter(ruleset);
}
#endif
