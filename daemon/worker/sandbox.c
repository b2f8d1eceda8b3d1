/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/landlock.h"
#include "base/limits.h"
#include "worker/exit_note.h"

enum {
    ASSETS_MAX = 4096,      /* descriptors of the files of profiles, until all are open */
    DESCRIPTORS_MAX = 64,   /* a picture, an output, and what libvips keeps of both */
    OOM_SCORE = 500,        /* of 1000: the kernel kills a worker before other processes */
    CALLS_MAX = 512,        /* system calls whose names we know */
    CALL_TO_DIE = SYS_acct, /* the one call that kills at once; no library needs it */
    SCORE_DIGITS = 8
};

static const rlim_t file_max = (rlim_t) 8 << 30;     /* bytes; a TIFF of 2 gigapixels */
static const rlim_t least_memory = (rlim_t) 4 << 30; /* bytes of addresses */

/* Sanitizers keep terabytes of shadow addresses, look into their own process, and open and call
 * what they like. */
#ifdef HOTFOLDER_INSTRUMENTED
static const bool instrumented = true;
#else
static const bool instrumented = false;
#endif

static void append_missing(GString *lacks, const char *what, int code)
{
    g_string_append_printf(lacks, "%s%s (%s)", lacks->len ? ", " : "", what, g_strerror(code));
}

/* ---- limits ---- */

/* A last resort: no worker needs more addresses than the machine has memory. The daemon limits what
 * a picture may really use. */
static rlim_t address_limit(void)
{
    long pages = sysconf(_SC_PHYS_PAGES);
    long size = sysconf(_SC_PAGESIZE);

    return pages > 0 && size > 0 ? MAX((rlim_t) pages * (rlim_t) size, least_memory)
                                 : RLIM_INFINITY;
}

/* Only upwards: to lower it needs privileges. */
static void raise_oom_score(void)
{
    char text[SCORE_DIGITS] = "";
    int fd = open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC);

    if (fd < 0)
        return;
    if (read(fd, text, sizeof(text) - 1) > 0 && g_ascii_strtoll(text, NULL, 10) < OOM_SCORE)
        dprintf(fd, "%d", OOM_SCORE);
    close(fd);
}

void sandbox_limit(void)
{
    raise_oom_score(); /* we own its file only while we are dumpable */
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    limits_lower(RLIMIT_CORE, 0);
    limits_lower(RLIMIT_NOFILE, ASSETS_MAX);
    limits_lower(RLIMIT_FSIZE, file_max);
    if (instrumented)
        return;
    prctl(PR_SET_DUMPABLE, 0);
    limits_lower(RLIMIT_AS, address_limit());
}

void sandbox_limit_memory(size_t bytes)
{
    if (!instrumented)
        limits_lower(RLIMIT_DATA, bytes);
}

/* ---- landlock ---- */

/* Those of root, and those that the unit gives the service. */
static void drop_capabilities(void)
{
    struct __user_cap_header_struct self = { .version = _LINUX_CAPABILITY_VERSION_3 };
    const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };

    syscall(SYS_capset, &self, none);
}

/* As in the kernel; Debian 12's header ends at version 2. A longer struct than the kernel's is
 * fine as long as what it doesn't know is 0. */
struct rights {
    uint64_t files;
    uint64_t ports;  /* TCP: bind, connect */
    uint64_t scoped; /* abstract sockets and signals of others */
};

#define RIGHTS_UP_TO(bits) (((uint64_t) 1 << (bits)) - 1)

/* Every right that a version of the interface can forbid. */
static struct rights rights_of_version(int version)
{
    return (struct rights){
        .files = RIGHTS_UP_TO(version < 2   ? 13
                              : version < 3 ? 14   /* refer */
                              : version < 5 ? 15   /* truncate */
                                            : 16), /* ioctl of devices */
        .ports = version < 4 ? 0 : RIGHTS_UP_TO(2),
        .scoped = version < 6 ? 0 : RIGHTS_UP_TO(2),
    };
}

/* Fonts of the system and of the user, fontconfig's files, and poppler's tables of characters. */
static int allow_fonts(int ruleset)
{
    static const char *const system[] = { "/usr/share/fonts",         "/usr/local/share/fonts",
                                          "/usr/share/fontconfig",    "/etc/fonts",
                                          "/var/cache/fontconfig",    "/usr/share/poppler",
                                          "/usr/share/xml/fontconfig" };
    const char *const bases[] = { g_get_user_data_dir(), g_get_user_cache_dir(),
                                  g_get_user_config_dir(), g_get_home_dir() };
    static const char *const names[] = { "fonts", "fontconfig", "fontconfig", ".fonts" };
    int code = 0;

    for (size_t i = 0; !code && i < G_N_ELEMENTS(system); i++)
        code = landlock_allow(ruleset, system[i], PATHS_READ);
    for (size_t i = 0; !code && i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(bases[i], names[i], NULL);
        code = landlock_allow(ruleset, path, PATHS_READ);
    }
    return code;
}

/* Every right is handled and none is granted, but for fonts; 0 or an errno value. */
static int forbid_paths(bool fonts)
{
    int version = landlock_version();
    if (!version)
        return errno;
    const struct rights rights = rights_of_version(version);
    int ruleset = landlock_begin(&rights, sizeof(rights));
    if (ruleset < 0)
        return errno;
    int code = fonts ? allow_fonts(ruleset) : 0;
    if (code) {
        close(ruleset);
        return code;
    }
    return landlock_enter(ruleset);
}

bool sandbox_close_paths(bool fonts, GString *lacks)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int code = 0;

    limits_lower(RLIMIT_NOFILE, DESCRIPTORS_MAX); /* those that are open stay open */
    drop_capabilities();
    dup2(null, STDIN_FILENO);
    close(null);
    if (instrumented) {
        g_string_append(lacks, "everything (this build is instrumented)");
        return fonts;
    }
    code = forbid_paths(fonts);
    if (code)
        append_missing(lacks, "landlock", code);
    return fonts && !code;
}

/* ---- seccomp ---- */

static char *names[CALLS_MAX]; /* of system calls by number, for a signal handler */

static void resolve_names(void)
{
    for (int i = 0; i < CALLS_MAX; i++)
        names[i] = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, i);
}

/* `number` in decimal digits, at the end of text; where they begin. */
static const char *digits(unsigned number, char *text, size_t size)
{
    char *digit = text + size - 1;

    *digit = '\0';
    do
        *--digit = (char) ('0' + number % 10);
    while ((number /= 10) && digit > text);
    return digit;
}

/* The kernel has refused a call and reports which. Nothing here may allocate or lock. The filter
 * keeps this handler in place; the last call here kills even where the handler was replaced. */
static void report_and_die(int signal G_GNUC_UNUSED, siginfo_t *info, void *context G_GNUC_UNUSED)
{
    enum { DIGITS = 12 };
    char number[DIGITS];
    unsigned call = (unsigned) info->si_syscall;
    const char *name = call < CALLS_MAX && names[call] ? names[call] : "unknown";

    const char *const words[] = {
        "it tried the system call ", name, " (", digits(call, number, sizeof(number)),
        "), which no picture needs", NULL
    };

    exit_note_send(name, words);
    for (;;)
        syscall(CALL_TO_DIE, NULL);
}

static const int allowed_calls[] = {
    /* memory */
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    /* descriptors that are open already */
    SCMP_SYS(read),
    SCMP_SYS(readv),
    SCMP_SYS(pread64),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(pwrite64),
    SCMP_SYS(lseek),
    SCMP_SYS(ftruncate),
    SCMP_SYS(close),
    SCMP_SYS(fstat),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(recvmsg),
    SCMP_SYS(sendmsg),
    SCMP_SYS(dup),
    /* threads */
    SCMP_SYS(futex),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(gettid),
    SCMP_SYS(getpid),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    /* signals */
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(restart_syscall),
    /* time and chance */
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_getres),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(nanosleep),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(getrusage),
    SCMP_SYS(getrandom),
};

/* Calls that libraries try and can do without. */
static const int refused_calls[] = {
    SCMP_SYS(open),
    SCMP_SYS(openat),
    SCMP_SYS(access),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(stat),
    SCMP_SYS(lstat),
    SCMP_SYS(statx),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(statfs),
    SCMP_SYS(fstatfs),
    SCMP_SYS(getcwd),
    SCMP_SYS(unlink),
    SCMP_SYS(ioctl),
    SCMP_SYS(uname),
    SCMP_SYS(sysinfo),
    SCMP_SYS(fadvise64),
    SCMP_SYS(get_mempolicy),
    SCMP_SYS(sched_setscheduler),
    SCMP_SYS(sched_setattr),
    SCMP_SYS(sched_getattr),
    SCMP_SYS(getpeername),
    /* the encoder of HEIC */
    SCMP_SYS(getpriority),
    SCMP_SYS(setpriority),
    SCMP_SYS(sched_setaffinity),
    SCMP_SYS(set_mempolicy),
    SCMP_SYS(mbind),
};

/* Calls that finding a font needs too: landlock limits the paths. */
static const int font_calls[] = {
    SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(stat),
    SCMP_SYS(lstat),  SCMP_SYS(statx),     SCMP_SYS(readlink),   SCMP_SYS(readlinkat),
    SCMP_SYS(statfs), SCMP_SYS(fstatfs),   SCMP_SYS(getcwd),     SCMP_SYS(getdents64),
    SCMP_SYS(uname),
};

#define ERRNO(code) SCMP_ACT_ERRNO(code)

/* Adds the calls that depend on their arguments; 0 or a negative errno value. */
static int add_argument_rules(scmp_filter_ctx filter, bool fonts)
{
    const scmp_datum_t thread = CLONE_VM | CLONE_THREAD;
    const scmp_datum_t new_namespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS |
                                        CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
    const scmp_datum_t file = MAP_ANONYMOUS | MAP_GROWSDOWN;
    const scmp_datum_t memory = MAP_SHARED | file, shared = MAP_SHARED | MAP_ANONYMOUS,
                       stack = MAP_GROWSDOWN;
    const struct scmp_arg_cmp plain = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
    const struct scmp_arg_cmp executable = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC);
    const struct {
        uint32_t action;
        int call;
        unsigned count;
        struct scmp_arg_cmp args[2];
    } rows[] = {
        /* no executable memory, and none that RLIMIT_DATA does not count: shared, or a stack's */
        { SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2, { plain, SCMP_A3(SCMP_CMP_MASKED_EQ, file, 0) } },
        { SCMP_ACT_ALLOW,
          SCMP_SYS(mmap),
          2,
          { plain, SCMP_A3(SCMP_CMP_MASKED_EQ, memory, MAP_ANONYMOUS) } },
        { ERRNO(EACCES), SCMP_SYS(mmap), 1, { SCMP_A3(SCMP_CMP_MASKED_EQ, shared, shared) } },
        { ERRNO(EACCES), SCMP_SYS(mmap), 1, { SCMP_A3(SCMP_CMP_MASKED_EQ, stack, stack) } },
        { ERRNO(EACCES), SCMP_SYS(mmap), 1, { executable } },
        { SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, { plain } },
        { ERRNO(EACCES), SCMP_SYS(mprotect), 1, { executable } },
        /* threads, and no processes; the flags of clone3(2) are out of a filter's sight */
        { SCMP_ACT_ALLOW,
          SCMP_SYS(clone),
          1,
          { SCMP_A0(SCMP_CMP_MASKED_EQ, thread | new_namespaces, thread) } },
        { ERRNO(ENOSYS), SCMP_SYS(clone3), 0, { { 0 } } },
        { SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1, { SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME, 0) } },
        /* abort(3), which shows as what it is */
        { SCMP_ACT_ALLOW,
          SCMP_SYS(tgkill),
          1,
          { SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t) getpid(), 0) } },
        /* the last plain one, SIGSYS, is ours; those after it are glibc's own. The kernel looks at
         * the lower half of the number only: what is not SIGSYS to us must not be so to it. */
        { SCMP_ACT_ALLOW, SCMP_SYS(rt_sigaction), 1, { SCMP_A0(SCMP_CMP_LT, SIGSYS, 0) } },
        { SCMP_ACT_ALLOW, SCMP_SYS(rt_sigaction), 1, { SCMP_A0(SCMP_CMP_EQ, SIGSYS + 1, 0) } },
        { SCMP_ACT_ALLOW, SCMP_SYS(rt_sigaction), 1, { SCMP_A0(SCMP_CMP_EQ, SIGSYS + 2, 0) } },
        /* limits are read and not set; a file's state by its descriptor and not by a path */
        { SCMP_ACT_ALLOW,
          SCMP_SYS(prlimit64),
          2,
          { SCMP_A0(SCMP_CMP_EQ, 0, 0), SCMP_A2(SCMP_CMP_EQ, 0, 0) } },
        { SCMP_ACT_ALLOW,
          SCMP_SYS(newfstatat),
          1,
          { SCMP_A3(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, AT_EMPTY_PATH) } },
        { fonts ? SCMP_ACT_ALLOW : ERRNO(EACCES),
          SCMP_SYS(newfstatat),
          1,
          { SCMP_A3(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, 0) } },
        { SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1, { SCMP_A1(SCMP_CMP_EQ, F_GETFL, 0) } },
        { SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1, { SCMP_A1(SCMP_CMP_EQ, F_GETFD, 0) } },
        { SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1, { SCMP_A1(SCMP_CMP_EQ, F_SETFD, 0) } },
        { SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1, { SCMP_A1(SCMP_CMP_EQ, F_DUPFD_CLOEXEC, 0) } },
        { SCMP_ACT_KILL_PROCESS, CALL_TO_DIE, 0, { { 0 } } },
    };
    int code = 0;

    for (size_t i = 0; !code && i < G_N_ELEMENTS(rows); i++)
        code = seccomp_rule_add_array(filter, rows[i].action, rows[i].call, rows[i].count,
                                      rows[i].args);
    return code;
}

/* Adds the calls for fonts: files are opened for reading only. */
static int add_font_rules(scmp_filter_ctx filter)
{
    const scmp_datum_t change = O_ACCMODE | O_CREAT | O_TRUNC;
    const struct scmp_arg_cmp reads = SCMP_A2(SCMP_CMP_MASKED_EQ, change, O_RDONLY);
    const struct scmp_arg_cmp writes[] = { SCMP_A2(SCMP_CMP_MASKED_EQ, O_WRONLY, O_WRONLY),
                                           SCMP_A2(SCMP_CMP_MASKED_EQ, O_RDWR, O_RDWR),
                                           SCMP_A2(SCMP_CMP_MASKED_EQ, O_CREAT, O_CREAT) };
    int code = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1, &reads);

    for (size_t i = 0; !code && i < G_N_ELEMENTS(writes); i++)
        code = seccomp_rule_add_array(filter, ERRNO(EACCES), SCMP_SYS(openat), 1, &writes[i]);
    for (size_t i = 0; !code && i < G_N_ELEMENTS(font_calls); i++)
        code = seccomp_rule_add(filter, SCMP_ACT_ALLOW, font_calls[i], 0);
    return code;
}

static bool is_for_fonts(int call)
{
    for (size_t i = 0; i < G_N_ELEMENTS(font_calls); i++)
        if (font_calls[i] == call)
            return true;
    return call == SCMP_SYS(openat);
}

static int add_call_rules(scmp_filter_ctx filter, bool fonts)
{
    int code = fonts ? add_font_rules(filter) : 0;

    for (size_t i = 0; !code && i < G_N_ELEMENTS(allowed_calls); i++)
        code = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed_calls[i], 0);
    for (size_t i = 0; !code && i < G_N_ELEMENTS(refused_calls); i++)
        if (!fonts || !is_for_fonts(refused_calls[i]))
            code = seccomp_rule_add(filter, ERRNO(EACCES), refused_calls[i], 0);
    return code;
}

/* 0 or an errno value. It also holds the threads that libvips keeps (TSYNC). */
static int forbid_calls(bool fonts)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_TRAP);
    int code = filter ? 0 : -ENOMEM;

    if (!code)
        code = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (!code)
        code = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    if (!code)
        code = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a tree, not a list */
    if (!code)
        code = add_call_rules(filter, fonts);
    if (!code)
        code = add_argument_rules(filter, fonts);
    if (!code)
        code = seccomp_load(filter);
    if (filter)
        seccomp_release(filter);
    return -code;
}

void sandbox_close_calls(bool fonts, GString *lacks)
{
    struct sigaction trap = { .sa_sigaction = report_and_die, .sa_flags = SA_SIGINFO };
    int code = 0;

    if (instrumented)
        return;
    resolve_names();
    sigaction(SIGSYS, &trap, NULL);
    code = forbid_calls(fonts);
    if (code)
        append_missing(lacks, "seccomp", code);
}

/* dup() takes the number that was closed; dup2() is no call that is allowed to the end. */
bool sandbox_mute(void)
{
    const int last = instrumented ? STDOUT_FILENO : STDERR_FILENO; /* a sanitizer writes to it */

    for (int fd = STDOUT_FILENO; fd <= last; fd++) {
        close(fd);
        if (dup(STDIN_FILENO) != fd)
            return false;
    }
    return true;
}
