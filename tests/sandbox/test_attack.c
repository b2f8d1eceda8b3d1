/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A worker that its picture has taken over tries everything; each try ends as it is meant to. */
#include <errno.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/actions/check.h"
#include "tests/actions/peer.h"
#include "tests/actions/pictures.h"

static const char document[] = "profile \"p\" { attack {} save { name = \"out.png\" } }\n";

/* How a try has to end: with what the job says, or with the death of the worker, whose last words
 * name the call (NULL: it dies without a word). */
typedef struct End {
    const char *attack;
    const char *says;
    const char *call;
} End;

static const End ends[] = {
    /* what libraries try too is refused */
    { "open", "EACCES", NULL },
    { "open-old", "EACCES", NULL },
    { "open-thread", "EACCES", NULL },
    { "open-vips", "EACCES", NULL },
    { "open-font", "EACCES", NULL },
    { "create", "EACCES", NULL },
    { "unlink", "EACCES", NULL },
    { "parent-mem", "EACCES", NULL },
    { "self-fd", "EACCES", NULL },
    { "ioctl", "EACCES", NULL },
    { "mmap-shared", "EACCES", NULL },
    { "mmap-stack", "EACCES", NULL },
    { "mmap-wx", "EACCES", NULL },
    { "mmap-x", "EACCES", NULL },
    { "mprotect-x", "EACCES", NULL },
    { "clone3", "ENOSYS", NULL },
    { "descriptors", "got 0", NULL },
    /* what is left: whether a path is there, and how large it is; see sandbox.h */
    { "stat", "got 0", NULL },
    /* and threads, which the daemon counts */
    { "threads", "got 200", NULL },
    /* the rest ends the worker */
    { "bpf", NULL, "bpf" },
    { "chmod", NULL, "chmod" },
    { "clone", NULL, "clone" },
    { "connect", NULL, "connect" },
    { "connect-tcp", NULL, "socket" },
    { "creat", NULL, "creat" },
    { "date-of-source", NULL, "utimensat" },
    { "dumpable", NULL, "prctl" },
    { "execve", NULL, "execve" },
    { "execveat", NULL, "execveat" },
    { "fanotify_init", NULL, "fanotify_init" },
    { "fchmod", NULL, "fchmod" },
    { "fcntl", NULL, "fcntl" },
    { "filter", NULL, "seccomp" },
    { "fork", NULL, "fork" },
    { "handler", NULL, "rt_sigaction" },
    { "handler-wide", NULL, "rt_sigaction" },
    { "io_uring_setup", NULL, "io_uring_setup" },
    { "keyctl", NULL, "keyctl" },
    { "kill", NULL, "kill" },
    { "limit", NULL, "prlimit64" },
    { "limit-parent", NULL, "prlimit64" },
    { "linkat", NULL, "linkat" },
    { "memfd-exec", NULL, "memfd_create" },
    { "memfd_create", NULL, "memfd_create" },
    { "mount", NULL, "mount" },
    { "openat2", NULL, "openat2" },
    { "pdeathsig", NULL, "prctl" },
    { "perf_event_open", NULL, "perf_event_open" },
    { "pidfd_open", NULL, "pidfd_open" },
    { "pkey_mprotect", NULL, "pkey_mprotect" },
    { "process_vm_readv", NULL, "process_vm_readv" },
    { "ptrace", NULL, "ptrace" },
    { "setns", NULL, "setns" },
    { "sigqueue", NULL, "rt_sigqueueinfo" },
    { "socket", NULL, "socket" },
    { "socket-unix", NULL, "socket" },
    { "socketpair", NULL, "socketpair" },
    { "tgkill", NULL, "tgkill" },
    { "unshare", NULL, "unshare" },
    { "userfaultfd", NULL, "userfaultfd" },
#ifdef __x86_64__
    { "x32", NULL, NULL },
#endif
};

static Peer start_without(const char *part)
{
    const char *const plain[] = { ATTACKER, "--serve", NULL };
    const char *const lacking[] = { WITHOUT, part, ATTACKER, "--serve", NULL };

    return peer_start_as(part ? lacking : plain, document);
}

static void attack(Peer *peer, Talk *talk, const char *what)
{
    g_autofree char *name = g_strdup_printf("%s.png", what);
    g_autoptr(VipsImage) photo = picture_photo(32, 24);

    peer_job(peer, talk, "p", "", name, picture_file(photo, ".png"));
}

static void is_refused(Peer *peer, const char *what, const char *says)
{
    Talk talk = { 0 };

    attack(peer, &talk, what);
    if (talk.died)
        fail_msg("%s: it died: %s", what, talk.words ? talk.words : "without a word");
    if (talk.ok || strcmp(talk.error->what, says) != 0)
        fail_msg("%s: %s, and not %s", what, talk.ok ? "nothing was tried" : talk.error->what,
                 says);
    talk_clear(&talk);
}

static void is_deadly(Peer *peer, const End *end)
{
    g_autofree char *said = g_strdup_printf("it tried the system call %s (", end->call);
    Talk talk = { 0 };

    attack(peer, &talk, end->attack);
    if (!talk.died)
        fail_msg("%s: it lives: %s", end->attack, talk.error ? talk.error->what : "nothing tried");
    if (end->call && !(talk.words && g_str_has_prefix(talk.words, said)))
        fail_msg("%s: its last words: %s", end->attack, talk.words ? talk.words : "none");
    if (end->call)
        assert_string_equal(talk.call, end->call);
    talk_clear(&talk);
    assert_int_equal(peer_stop(peer), -SIGSYS);
}

static void every_attack_ends_as_it_is_meant_to(void **state)
{
    Peer peer = start_without(NULL);

    (void) state;
    assert_string_equal(peer.lacks, "");
    for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
        if (ends[i].says) {
            is_refused(&peer, ends[i].attack, ends[i].says);
            continue;
        }
        is_deadly(&peer, &ends[i]);
        peer = start_without(NULL);
    }
    assert_int_equal(peer_stop(&peer), 0);
}

static void succeeds(Peer *peer, const char *what)
{
    Talk talk = { 0 };

    attack(peer, &talk, what);
    if (talk.died || talk.ok || !g_str_has_prefix(talk.error->what, "got "))
        fail_msg("%s: %s", what, talk.error ? talk.error->what : "no answer");
    talk_clear(&talk);
}

static void a_worker_that_reads_fonts_reads_nothing_else(void **state)
{
    static const char *const command[] = { ATTACKER, "--serve", "--fonts", NULL };
    static const char *const tries[] = { "open",   "open-old", "open-thread", "open-vips",
                                         "create", "unlink",   "parent-mem",  "self-fd",
                                         "ioctl",  "mmap-wx",  "open-font-rw" };
    Peer peer = peer_start_as(command, document);

    (void) state;
    assert_string_equal(peer.lacks, "");
    succeeds(&peer, "open-font");
    for (size_t i = 0; i < G_N_ELEMENTS(tries); i++)
        is_refused(&peer, tries[i], "EACCES");
    is_deadly(&peer, &(End){ "openat2", NULL, "openat2" });
}

static void a_picture_that_means_no_harm_is_done(void **state)
{
    Peer peer = start_without(NULL);
    Talk talk = { 0 };

    (void) state;
    attack(&peer, &talk, "beach");
    assert_true(talk.ok);
    talk_clear(&talk);
    assert_int_equal(peer_stop(&peer), 0);
}

/* ---- what a profile names is decoded there too ---- */

/* What --check says of the attack, and its status as a shell gives it. */
static char *checked(const char *what, int *status)
{
    g_autofree char *command = g_strdup_printf(
        "echo 'profile \"p\" { attack {} save {} }' | HOTFOLDER_ATTACK=%s '" ATTACKER "' --check",
        what);
    char said[200] = "";
    FILE *answer = popen(command, "r"); /* NOLINT(cert-env33-c): it is ours */

    assert_non_null(answer);
    size_t got = fread(said, 1, sizeof(said) - 1, answer);
    *status = WEXITSTATUS(pclose(answer));
    return g_strndup(said, got);
}

static void a_watermark_is_checked_in_the_sandbox(void **state)
{
    static const char *const refused[] = { "open", "open-vips", "create", "mmap-wx" };
    int status = 0;

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(refused); i++) {
        g_autofree char *said = checked(refused[i], &status);
        assert_int_equal(status, 1);
        if (!strstr(said, "\x1f"
                          "EACCES"
                          "\x1f"))
            fail_msg("%s: %s", refused[i], said);
    }
    g_autofree char *said = checked("socket", &status);
    assert_string_equal(said, "");
    assert_int_equal(status, 128 + SIGSYS);
    g_autofree char *well = checked("none", &status);
    assert_true(g_str_has_prefix(well, "name\x1f")); /* an example of its names, and no error */
    assert_int_equal(status, 0);
}

static void a_watermark_is_decoded_in_the_sandbox(void **state)
{
    static const char *const refused[] = { "ioctl", "open-vips", "create", "mmap-wx" };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(refused); i++) {
        g_setenv("HOTFOLDER_ATTACK", refused[i], TRUE);
        Peer peer = start_without(NULL);
        g_unsetenv("HOTFOLDER_ATTACK");
        is_refused(&peer, "prepared", "EACCES");
        assert_int_equal(peer_stop(&peer), 0);
    }
}

/* ---- each wall alone, and none: what the tries above are worth ---- */

static void paths_are_closed_without_seccomp(void **state)
{
    static const char *const tries[] = { "open", "open-old", "open-thread", "open-vips", "create" };
    Peer peer = start_without("seccomp");

    (void) state;
    assert_true(g_str_has_prefix(peer.lacks, "seccomp ("));
    for (size_t i = 0; i < G_N_ELEMENTS(tries); i++)
        is_refused(&peer, tries[i], "EACCES");
    is_refused(&peer, "descriptors", "got 0");
    assert_int_equal(peer_stop(&peer), 0);
}

/* As of landlock's version 4 (Linux 6.7). */
static void tcp_is_closed_without_seccomp(void **state)
{
    enum { VERSION = 1, WITH_TCP = 4 };
    Peer peer = { 0 };

    (void) state;
    if (syscall(SYS_landlock_create_ruleset, NULL, 0, VERSION) < WITH_TCP)
        skip();
    peer = start_without("seccomp");
    is_refused(&peer, "connect-tcp", "EACCES");
    assert_int_equal(peer_stop(&peer), 0);
}

static void calls_are_closed_without_landlock(void **state)
{
    Peer peer = start_without("landlock");

    (void) state;
    assert_string_equal(peer.lacks, "landlock (Function not implemented)");
    is_refused(&peer, "open", "EACCES");
    is_refused(&peer, "open-vips", "EACCES");
    is_deadly(&peer, &(End){ "socket", NULL, "socket" });
}

static void the_same_tries_succeed_without_a_sandbox(void **state)
{
    static const char *const tries[] = { "mmap-shared",   "open",       "open-thread", "open-vips",
                                         "openat2",       "socket",     "kill",        "fork",
                                         "memfd_create",  "mmap-wx",    "mprotect-x",  "self-fd",
                                         "dumpable",      "socketpair", "pidfd_open",  "handler",
                                         "date-of-source" };
    Peer peer = start_without("both");

    (void) state;
    assert_non_null(strstr(peer.lacks, "landlock"));
    assert_non_null(strstr(peer.lacks, "seccomp"));
    for (size_t i = 0; i < G_N_ELEMENTS(tries); i++)
        succeeds(&peer, tries[i]);
    assert_int_equal(peer_stop(&peer), 0);
}

/* These succeed by the worker becoming another program. */
static void programs_are_run_without_a_sandbox(void **state)
{
    static const char *const tries[] = { "execve", "memfd-exec" };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(tries); i++) {
        Peer peer = start_without("both");
        Talk talk = { 0 };
        attack(&peer, &talk, tries[i]);
        assert_true(talk.died);
        assert_null(talk.words);
        talk_clear(&talk);
        assert_int_equal(peer_stop(&peer), 0); /* as true(1) has it */
    }
}

/* These cannot succeed here: they get as far as an error of their own. */
static void tries_at_nothing_come_to_nothing_without_a_sandbox(void **state)
{
    Peer peer = start_without("both");

    (void) state;
    is_refused(&peer, "connect", "ENOENT");
    is_refused(&peer, "connect-tcp", "ECONNREFUSED");
    is_refused(&peer, "unlink", "ENOENT");
    assert_int_equal(peer_stop(&peer), 0);
}

static bool may_trace(void)
{
    g_autofree char *scope = NULL;

    return !g_file_get_contents("/proc/sys/kernel/yama/ptrace_scope", &scope, NULL, NULL) ||
           *scope == '0';
}

/* A worker has no capabilities, and it may not look into a process that has some: so this test
 * gives up its own, and is the last one. */
static void other_processes_are_in_reach_without_a_sandbox(void **state)
{
    struct __user_cap_header_struct self = { .version = _LINUX_CAPABILITY_VERSION_3 };
    const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };
    g_autofree char *address = g_strdup_printf("%p", (const void *) document);

    (void) state;
    if (!may_trace())
        skip();
    assert_int_equal(syscall(SYS_capset, &self, none), 0);
    assert_int_equal(prctl(PR_SET_DUMPABLE, 1), 0);
    g_setenv("HOTFOLDER_ADDRESS", address, TRUE);
    Peer peer = start_without("both");
    succeeds(&peer, "process_vm_readv");
    succeeds(&peer, "ptrace");
    assert_int_equal(peer_stop(&peer), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_attack_ends_as_it_is_meant_to),
        cmocka_unit_test(a_worker_that_reads_fonts_reads_nothing_else),
        cmocka_unit_test(a_picture_that_means_no_harm_is_done),
        cmocka_unit_test(a_watermark_is_checked_in_the_sandbox),
        cmocka_unit_test(a_watermark_is_decoded_in_the_sandbox),
        cmocka_unit_test(paths_are_closed_without_seccomp),
        cmocka_unit_test(calls_are_closed_without_landlock),
        cmocka_unit_test(tcp_is_closed_without_seccomp),
        cmocka_unit_test(the_same_tries_succeed_without_a_sandbox),
        cmocka_unit_test(programs_are_run_without_a_sandbox),
        cmocka_unit_test(tries_at_nothing_come_to_nothing_without_a_sandbox),
        cmocka_unit_test(other_processes_are_in_reach_without_a_sandbox),
    };
    g_autoptr(Error) error = NULL;

    if (!libvips_start("test_attack", &error))
        return 1;
    int failed = cmocka_run_group_tests_name("attack", tests, NULL, NULL);
    libvips_stop();
    return failed;
}
