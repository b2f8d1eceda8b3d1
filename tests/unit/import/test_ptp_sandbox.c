/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a library that a camera has broken cannot do. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ptp/sandbox.h"
#include "tests/unit/check.h"

static char *root, *file;

/* Runs `work` in a confined process of its own; what it returns. */
static int confined(int (*work)(void))
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        g_autofree char *port = g_strconcat("disk:", root, NULL);
        Error *error = NULL;
        _exit(ptp_sandbox_enter(port, &error) ? work() : EXIT_FAILURE);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int set_up(void **state)
{
    (void) state;
    root = check_mkdir();
    check_write(root, "copy.jpg", "a picture");
    file = g_build_filename(root, "copy.jpg", NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void) state;
    check_rmdir(root);
    g_free(file);
    return 0;
}

static bool opens(int flags)
{
    int fd = open(file, flags | O_CLOEXEC);

    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static int change_files(void)
{
    const struct timespec times[2] = { { 0 } };

    (void) (truncate(file, 0) || chmod(file, 0) || chown(file, 0, 0));
    (void) (utimensat(AT_FDCWD, file, times, 0) || unlink(file));
    return opens(O_WRONLY) ? EXIT_FAILURE : EXIT_SUCCESS;
}

static void a_file_stays_as_it_is(void **state)
{
    struct stat before, after;

    (void) state;
    assert_int_equal(stat(file, &before), 0);
    assert_int_equal(confined(change_files), EXIT_SUCCESS);
    assert_int_equal(stat(file, &after), 0);
    assert_int_equal(after.st_size, before.st_size);
    assert_int_equal(after.st_ctim.tv_sec, before.st_ctim.tv_sec);
    assert_int_equal(after.st_ctim.tv_nsec, before.st_ctim.tv_nsec);
}

static int read_file(void)
{
    return opens(O_RDONLY) ? EXIT_SUCCESS : EXIT_FAILURE;
}

static void what_the_port_names_can_be_read(void **state)
{
    (void) state;
    assert_int_equal(confined(read_file), EXIT_SUCCESS);
}

static int signal_parent(void)
{
    siginfo_t info = { .si_code = SI_QUEUE };
    pid_t parent = getppid();
    bool refused = kill(parent, 0) < 0 && syscall(SYS_tkill, parent, 0) < 0 &&
                   syscall(SYS_tgkill, parent, parent, 0) < 0 &&
                   syscall(SYS_rt_sigqueueinfo, parent, 0, &info) < 0 &&
                   syscall(SYS_rt_tgsigqueueinfo, parent, parent, 0, &info) < 0;

    return refused ? EXIT_SUCCESS : EXIT_FAILURE;
}

static void no_process_gets_a_signal(void **state)
{
    (void) state;
    assert_int_equal(confined(signal_parent), EXIT_SUCCESS);
}

static int use_a_ring(void)
{
    char parameters[256] = { 0 };
    long ring = syscall(SYS_io_uring_setup, 1, parameters);

    return ring < 0 && errno == EPERM ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* It would open sockets that the filter does not see. */
static void there_is_no_io_uring(void **state)
{
    (void) state;
    assert_int_equal(confined(use_a_ring), EXIT_SUCCESS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_stays_as_it_is, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_the_port_names_can_be_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_process_gets_a_signal, set_up, tear_down),
        cmocka_unit_test_setup_teardown(there_is_no_io_uring, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
