/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ptp/sandbox.h"

#include <errno.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "base/landlock.h"

static bool lacks(int code, const char *what, Error **err)
{
    return error_set(err, ERROR_ENVIRONMENT,
                     "use a kernel that has landlock and seccomp, as that of Debian 12 has",
                     "%s, which confines what reads a camera, is missing: %s", what,
                     g_strerror(code));
}

/* ---- files: landlock ---- */

enum { RIGHTS = (1 << 13) - 1 }; /* those that the first version of landlock knows */

static bool close_files(const char *port, Error **err)
{
    struct landlock_ruleset_attr attributes = { .handled_access_fs = RIGHTS };
    int ruleset = landlock_begin(&attributes, sizeof(attributes));

    if (ruleset < 0)
        return lacks(errno, "landlock", err);
    /* the drivers of cameras are libraries, which are found and opened as they are needed */
    static const char *const libraries[] = { "/usr", "/lib", "/lib64", "/nix" };
    static const char *const facts[] = { "/etc", "/sys", "/run/udev", "/proc" };
    for (size_t i = 0; i < G_N_ELEMENTS(libraries); i++)
        landlock_allow(ruleset, libraries[i], PATHS_RUN);
    for (size_t i = 0; i < G_N_ELEMENTS(facts); i++)
        landlock_allow(ruleset, facts[i], PATHS_READ);
    landlock_allow(ruleset, "/dev/bus/usb", PATHS_DEVICES);
    if (g_str_has_prefix(port, "disk:"))
        landlock_allow(ruleset, port + strlen("disk:"), PATHS_READ);
    int code = landlock_enter(ruleset);
    return !code || lacks(code, "landlock", err);
}

/* ---- system calls: seccomp ---- */

/* It is one process, and stays it; the kernel's messages about devices are its only network. What
 * changes a file by its name is none of landlock's business in the kernel of Debian 12. */
static const int forbidden[] = {
    SCMP_SYS(execve),
    SCMP_SYS(execveat),
    SCMP_SYS(fork),
    SCMP_SYS(vfork),
    SCMP_SYS(ptrace),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(mount),
    SCMP_SYS(umount2),
    SCMP_SYS(unshare),
    SCMP_SYS(setns),
    SCMP_SYS(bpf),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(keyctl),
    SCMP_SYS(add_key),
    SCMP_SYS(kill),
    SCMP_SYS(tkill),
    SCMP_SYS(tgkill),
    SCMP_SYS(rt_sigqueueinfo),
    SCMP_SYS(rt_tgsigqueueinfo),
    SCMP_SYS(pidfd_send_signal),
    SCMP_SYS(truncate),
    SCMP_SYS(chmod),
    SCMP_SYS(fchmodat),
    SCMP_SYS(chown),
    SCMP_SYS(lchown),
    SCMP_SYS(fchownat),
    SCMP_SYS(utime),
    SCMP_SYS(utimes),
    SCMP_SYS(futimesat),
    SCMP_SYS(utimensat),
    SCMP_SYS(setxattr),
    SCMP_SYS(lsetxattr),
    SCMP_SYS(removexattr),
    SCMP_SYS(lremovexattr),
};

static int add_rules(scmp_filter_ctx filter)
{
    int code = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(forbidden) && !code; i++)
        code = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), forbidden[i], 0);
    /* glibc then starts threads by clone(2), whose flags can be seen */
    if (!code)
        code = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    if (!code)
        code = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                                SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
    if (!code)
        code = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(socket), 1,
                                SCMP_A0(SCMP_CMP_NE, AF_NETLINK, 0));
    return code;
}

static bool close_calls(Error **err)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    int code = filter ? add_rules(filter) : -ENOMEM;

    if (!code)
        code = seccomp_load(filter);
    seccomp_release(filter);
    return !code || lacks(-code, "seccomp", err);
}

bool ptp_sandbox_enter(const char *port, Error **err)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return lacks(errno, "PR_SET_NO_NEW_PRIVS", err);
    return close_files(port, err) && close_calls(err);
}
