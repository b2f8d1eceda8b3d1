/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* without - runs a program as on a kernel that lacks something.
 *
 *   without landlock|seccomp|both|code COMMAND...
 *
 * landlock: its calls answer ENOSYS, as an old kernel does. seccomp: no further filter can be set,
 * EPERM as a service manager's filter says it. code: no memory is both writable and executable, nor
 * becomes executable, as systemd's MemoryDenyWriteExecute= has it. */
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

static int forbid_landlock(scmp_filter_ctx filter)
{
    static const int calls[] = { SCMP_SYS(landlock_create_ruleset), SCMP_SYS(landlock_add_rule),
                                 SCMP_SYS(landlock_restrict_self) };
    int code = 0;

    for (size_t i = 0; !code && i < sizeof(calls) / sizeof(calls[0]); i++)
        code = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), calls[i], 0);
    return code;
}

static int forbid_seccomp(scmp_filter_ctx filter)
{
    int code = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(seccomp), 0);

    return code ? code
                : seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(prctl), 1,
                                   SCMP_A0(SCMP_CMP_EQ, PR_SET_SECCOMP, 0));
}

static int forbid_code(scmp_filter_ctx filter)
{
    const scmp_datum_t both = PROT_WRITE | PROT_EXEC;
    int code = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(mmap), 1,
                                SCMP_A2(SCMP_CMP_MASKED_EQ, both, both));

    return code ? code
                : seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(mprotect), 1,
                                   SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC));
}

int main(int argc, char **argv)
{
    const char *what = argc > 2 ? argv[1] : "";
    int landlock = !strcmp(what, "landlock") || !strcmp(what, "both");
    int seccomp = !strcmp(what, "seccomp") || !strcmp(what, "both");
    int code = !strcmp(what, "code");
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

    if (!landlock && !seccomp && !code) {
        fputs("usage: without landlock|seccomp|both|code COMMAND...\n", stderr);
        return 2;
    }
    if (!filter || (landlock && forbid_landlock(filter)) || (seccomp && forbid_seccomp(filter)) ||
        (code && forbid_code(filter)) || seccomp_load(filter)) {
        fputs("without: this kernel lacks seccomp itself\n", stderr);
        return 77;
    }
    execvp(argv[2], argv + 2);
    perror(argv[2]);
    return 127;
}
