/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which processes are found to hold a file: a real one, which opens, maps, locks or leases it. */
#include <signal.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "command/holders.h"
#include "tests/unit/check.h"

typedef bool Hold(const char *path);

/* That the process keeps to its end. */
static int held_fd;
static void *held_map;

static bool open_it(const char *path, int flags)
{
    held_fd = open(path, flags);
    return held_fd >= 0;
}

static bool read_it(const char *path)
{
    return open_it(path, O_RDONLY);
}

static bool write_it(const char *path)
{
    return open_it(path, O_RDWR);
}

static bool map_it(const char *path)
{
    if (!open_it(path, O_RDWR))
        return false;
    held_map = mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED, held_fd, 0);
    close(held_fd);
    return held_map != MAP_FAILED;
}

static bool lock_it(const char *path)
{
    return open_it(path, O_RDONLY) && flock(held_fd, LOCK_EX | LOCK_NB) == 0;
}

static bool lock_a_range_of_it(const char *path)
{
    struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET, .l_len = 1 };

    return open_it(path, O_RDONLY) && fcntl(held_fd, F_SETLK, &lock) == 0;
}

static bool lease_it(const char *path)
{
    signal(SIGIO, SIG_IGN);
    return open_it(path, O_RDONLY) && fcntl(held_fd, F_SETLEASE, F_RDLCK) == 0;
}

/* A process that holds the file until it is killed. */
static pid_t start(const char *path, Hold *hold)
{
    int ready[2];
    char held = 0;

    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0) {
        held = (char) (hold(path) ? 1 : 2);
        if (write(ready[1], &held, 1) == 1)
            pause();
        _exit(1);
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &held, 1), 1);
    close(ready[0]);
    assert_int_equal(held, 1);
    return pid;
}

/* What is found of the process that holds it; it must be the only one. */
static Holder find(const char *path, Hold *hold, char **text)
{
    pid_t pid = start(path, hold);
    g_autoptr(GPtrArray) found = holders_find(path, NULL);
    Holder holder = { 0 };

    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    assert_true(found->len <= 1);
    if (found->len) {
        holder = *(const Holder *) found->pdata[0];
        assert_int_equal(holder.pid, pid);
        assert_int_equal(holder.user, geteuid());
        *text = holder_text(found->pdata[0]);
    }
    holder.program = NULL;
    return holder;
}

static void each_way_to_hold_a_file_is_found(void **state)
{
    static const struct {
        Hold *hold;
        bool writes, locks, leases;
        const char *text;
    } rows[] = {
        { read_it, false, false, false, NULL },
        { write_it, true, false, false, "has it open for writing" },
        { map_it, true, false, false, "has it open for writing" },
        { lock_it, false, true, false, "has locked it" },
        { lock_a_range_of_it, false, true, false, "has locked it" },
        { lease_it, false, false, true, "has a lease on it" },
    };
    char *dir = check_mkdir();
    g_autofree char *path = g_build_filename(dir, "beach.jpg", NULL);

    (void) state;
    check_write(dir, "beach.jpg", "picture");
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = NULL;
        Holder holder = find(path, rows[i].hold, &text);

        assert_int_equal(holder.writes, rows[i].writes);
        assert_int_equal(holder.locks, rows[i].locks);
        assert_int_equal(holder.leases, rows[i].leases);
        if (rows[i].text) {
            g_autofree char *whole =
                g_strdup_printf("test_command_ho (process %d, user", holder.pid);
            assert_true(g_str_has_prefix(text, whole));
            assert_true(g_str_has_suffix(text, rows[i].text));
        }
    }
    check_rmdir(dir);
}

static void a_file_that_is_gone_has_no_holder(void **state)
{
    g_autoptr(GPtrArray) found = holders_find("/nonexistent/beach.jpg", NULL);

    (void) state;
    assert_int_equal(found->len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_way_to_hold_a_file_is_found),
        cmocka_unit_test(a_file_that_is_gone_has_no_holder),
    };

    return cmocka_run_group_tests_name("command holders", tests, NULL, NULL);
}
