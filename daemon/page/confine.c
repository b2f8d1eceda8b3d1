/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "page/confine.h"

#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

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
    int ruleset = (int) syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0);

    prctl(PR_SET_DUMPABLE, 0); /* the token is in its memory */
    if (ruleset < 0)
        return;
    if (!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        syscall(SYS_landlock_restrict_self, ruleset, 0);
    close(ruleset);
}
#endif
