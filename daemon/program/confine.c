/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "program/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/landlock.h"
#include "base/limits.h"

enum {
    DESCRIPTORS_MAX = 256,
    TASKS_MORE = 256, /* than the whole machine has now */
    SECOND_MS = 1000,
    SPARE_S = 1, /* processor time, so that the deadline comes first */
};

static bool lacks(int code, const char *what, Error **err)
{
    return error_set(err, ERROR_ENVIRONMENT,
                     "use a kernel that has landlock and seccomp, as that of Debian 12 has",
                     "%s, which confines programs, is missing: %s", what, g_strerror(code));
}

/* ---- limits ---- */

/* The kernel counts all tasks of the user: a program that starts more and more is stopped before
 * the user can start none. */
static rlim_t tasks(void)
{
    unsigned long now = 0;
    FILE *load = fopen("/proc/loadavg", "re");

    if (load && fscanf(load, "%*f %*f %*f %*u/%lu", &now) != 1) /* NOLINT(cert-err34-c) */
        now = 0;
    if (load)
        fclose(load);
    return now ? now + TASKS_MORE : RLIM_INFINITY;
}

/* The kernel adds up the time of all threads of a process. */
static rlim_t processor_s(int64_t deadline_ms)
{
    long processors = MAX(1, sysconf(_SC_NPROCESSORS_ONLN));

    return (rlim_t) (deadline_ms / SECOND_MS + SPARE_S) * (rlim_t) processors;
}

static void limit_all(const Confine *how)
{
    limits_lower(RLIMIT_CORE, 0);
    limits_lower(RLIMIT_FSIZE, (rlim_t) how->most);
    limits_lower(RLIMIT_NOFILE, DESCRIPTORS_MAX);
    limits_lower(RLIMIT_NPROC, tasks());
    limits_lower(RLIMIT_CPU, processor_s(how->deadline_ms));
}

/* ---- paths: landlock ---- */

enum { RIGHTS_1 = (1 << 13) - 1 }; /* those that the first version of landlock knows */

static uint64_t all_rights(int version)
{
    return RIGHTS_1 | (version >= LANDLOCK_WITH_REFER ? PATHS_REFER : 0) |
           (version >= LANDLOCK_WITH_TRUNCATE ? PATHS_TRUNCATE : 0);
}

static void allow_all(int ruleset, const Confine *how, int version)
{
    static const struct {
        const char *path;
        uint64_t rights;
    } rows[] = {
        { "/usr", PATHS_RUN },
        { "/bin", PATHS_RUN },
        { "/sbin", PATHS_RUN },
        { "/lib", PATHS_RUN },
        { "/lib32", PATHS_RUN },
        { "/lib64", PATHS_RUN },
        { "/libx32", PATHS_RUN },
        { "/opt", PATHS_RUN },
        { "/nix", PATHS_RUN },
        { "/etc", PATHS_READ },
        { "/proc", PATHS_READ },
        { "/sys", PATHS_READ },
        { "/var/cache/fontconfig", PATHS_READ },
        { "/dev/null", PATHS_DEVICES },
        { "/dev/zero", PATHS_DEVICES },
        { "/dev/full", PATHS_DEVICES },
        { "/dev/random", PATHS_READ },
        { "/dev/urandom", PATHS_READ },
        /* graphics processors, where the unit and the device's own rights let it */
        { "/dev/dri", PATHS_DEVICES },
        { "/dev/kfd", PATHS_DEVICES },
        { "/dev/nvidiactl", PATHS_DEVICES },
        { "/dev/nvidia0", PATHS_DEVICES },
        { "/dev/nvidia1", PATHS_DEVICES },
        { "/dev/nvidia-modeset", PATHS_DEVICES },
        { "/dev/nvidia-uvm", PATHS_DEVICES },
    };
    uint64_t truncate = version >= LANDLOCK_WITH_TRUNCATE ? PATHS_TRUNCATE : 0;

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        landlock_allow(ruleset, rows[i].path,
                       rows[i].rights | (rows[i].rights == PATHS_DEVICES ? truncate : 0));
    landlock_allow(ruleset, how->program,
                   LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_EXECUTE);
    landlock_allow(ruleset, how->directory, all_rights(version));
}

static bool close_paths(const Confine *how, Error **err)
{
    int version = landlock_version();

    if (!version)
        return lacks(errno, "landlock", err);
    struct landlock_ruleset_attr attributes = { .handled_access_fs = all_rights(version) };
    int ruleset = landlock_begin(&attributes, sizeof(attributes));
    if (ruleset < 0)
        return lacks(errno, "landlock", err);
    allow_all(ruleset, how, version);
    int code = landlock_enter(ruleset);
    return !code || lacks(code, "landlock", err);
}

/* ---- system calls: seccomp ---- */

/* The network, other processes, and the ways out of its process group. What is not here the kernel
 * allows, or not, as to every process of the user. */
static const int refused[] = {
    SCMP_SYS(socket),
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(setsid),
    SCMP_SYS(setpgid),
    SCMP_SYS(kill),
    SCMP_SYS(tkill),
    SCMP_SYS(pidfd_send_signal),
    SCMP_SYS(pidfd_getfd),
    SCMP_SYS(rt_sigqueueinfo),
    SCMP_SYS(rt_tgsigqueueinfo),
    SCMP_SYS(ptrace),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(unshare),
    SCMP_SYS(setns),
    SCMP_SYS(mount),
    SCMP_SYS(bpf),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(add_key),
    SCMP_SYS(request_key),
    SCMP_SYS(keyctl),
    SCMP_SYS(shmget),
    SCMP_SYS(msgget),
    SCMP_SYS(semget),
    SCMP_SYS(mq_open),
};

/* Of its own limits it may do what the kernel lets it. */
static int add_rules(scmp_filter_ctx filter)
{
    const struct scmp_arg_cmp of_another = SCMP_A0(SCMP_CMP_NE, 0, 0);
    int code =
        seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(prlimit64), 1, &of_another);

    for (size_t i = 0; !code && i < G_N_ELEMENTS(refused); i++)
        code = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), refused[i], 0);
    return code;
}

static bool close_calls(Error **err)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    int code = filter ? 0 : -ENOMEM;

    if (!code)
        code = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (!code)
        code = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a tree, not a list */
    if (!code)
        code = add_rules(filter);
    if (!code)
        code = seccomp_load(filter);
    if (filter)
        seccomp_release(filter);
    return !code || lacks(-code, "seccomp", err);
}

enum { OTHER_USER = 65534 };

uid_t confine_user(const char *program, const char *temporary)
{
    uid_t ours = geteuid();

    if (ours || setgroups(0, NULL) || setegid(OTHER_USER) || seteuid(OTHER_USER))
        return ours;
    bool reaches = !faccessat(AT_FDCWD, program, R_OK | X_OK, AT_EACCESS) &&
                   !faccessat(AT_FDCWD, temporary, X_OK, AT_EACCESS);
    return seteuid(0) || setegid(0) || reaches ? OTHER_USER : ours;
}

/* What root may do and read, its programs may not. */
static bool become_user(uid_t user)
{
    return user == geteuid() ||
           (!setgroups(0, NULL) && !setresgid(user, user, user) && !setresuid(user, user, user));
}

bool confine(const Confine *how, Error **err)
{
    if (!become_user(how->user))
        return error_errno(err, errno, "cannot become user %u", how->user);
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* a change of user has removed one that was set before */
    prctl(PR_SET_DUMPABLE, 0);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        return lacks(errno, "PR_SET_NO_NEW_PRIVS", err);
    limit_all(how);
    if (!limits_drop_capabilities())
        return lacks(errno, "a process without capabilities", err);
    return close_paths(how, err) && close_calls(err);
}
