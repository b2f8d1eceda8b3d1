/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Locks on files: whether a hotfolder or another program holds one, and which process. */
#include <fcntl.h>
#include <sys/file.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "daemon/files/lock.h"
#include "tests/unit/other_process.h"

/* What /proc/locks says on a machine with btrfs, ext4 and another PID namespace. */
static const char locks[] = "1: FLOCK  ADVISORY  WRITE 4711 00:27:257 0 EOF\n"
                            "1: -> FLOCK  ADVISORY  WRITE 4712 00:27:257 0 EOF\n"
                            "2: POSIX  ADVISORY  READ 4713 fe:0a:300 128 128\n"
                            "3: FLOCK  ADVISORY  WRITE 4714 fe:0a:300 0 EOF\n"
                            "4: OFDLCK ADVISORY  READ -1 fe:0a:301 7 7\n"
                            "5: FLOCK  ADVISORY  WRITE 0 fe:0a:301 0 EOF\n";

static pid_t holder(unsigned high, unsigned low, ino_t inode)
{
    return lock_holder_in(locks, makedev(high, low), inode);
}

static void the_holder_is_the_process_whose_lock_is_on_this_inode_and_device(void **state)
{
    (void) state;
    assert_int_equal(holder(0xfe, 0x0a, 300), 4714);
    assert_int_equal(holder(0xfe, 0x0b, 300), 0);
    assert_int_equal(holder(0xfe, 0x0a, 302), 0);
    assert_int_equal(holder(0, 0x27, 257), 4711);
}

static void a_holder_of_another_pid_namespace_is_not_known(void **state)
{
    (void) state;
    assert_int_equal(holder(0xfe, 0x0a, 301), 0);
}

/* ---- the kernel's locks ---- */

typedef struct World {
    char *dir, *path;
} World;

static int set_up(void **state)
{
    World *world = g_new0(World, 1);

    world->dir = check_mkdir();
    check_write(world->dir, "a.jpg", "a picture");
    world->path = g_build_filename(world->dir, "a.jpg", NULL);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    World *world = *state;

    check_rmdir(world->dir);
    g_free(world->path);
    g_free(world);
    return 0;
}

static int open_it(const World *world)
{
    int fd = open(world->path, O_RDONLY | O_CLOEXEC);

    assert_true(fd >= 0);
    return fd;
}

/* Programs lock files with flock(2), and careful ones with fcntl(2), too. */
static bool lock_as_program(const void *world)
{
    struct flock whole = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
    int fd = open_it(world);

    return flock(fd, LOCK_EX) == 0 && fcntl(fd, F_SETLK, &whole) == 0;
}

static bool lock_as_hotfolder(const void *world)
{
    pid_t other = 0;

    return file_lock(open_it(world), &other) == LOCK_NONE;
}

static void another_hotfolder_and_a_program_are_named_as_what_they_are(void **state)
{
    const World *world = *state;
    int fd = open_it(world);
    pid_t pid = 0;

    pid_t program = other_process_begin(lock_as_program, world);
    assert_true(file_is_locked(fd, &pid));
    assert_int_equal(pid, program);
    assert_int_equal(file_lock(fd, &pid), LOCK_PROGRAM);
    assert_int_equal(pid, program);
    other_process_end(program);

    pid_t hotfolder = other_process_begin(lock_as_hotfolder, world);
    assert_false(file_is_locked(fd, &pid));
    assert_int_equal(file_lock(fd, &pid), LOCK_HOTFOLDER);
    assert_int_equal(pid, hotfolder);
    other_process_end(hotfolder);

    assert_false(file_is_locked(fd, &pid));
    assert_int_equal(file_lock(fd, &pid), LOCK_NONE);
    close(fd);
}

static void a_lock_that_was_only_looked_for_does_not_stay(void **state)
{
    const World *world = *state;
    int fd = open_it(world), other = open_it(world);
    pid_t pid = 0;

    assert_false(file_is_locked(fd, &pid));
    assert_int_equal(flock(other, LOCK_EX | LOCK_NB), 0);
    close(other);
    close(fd);
}

static void an_unlocked_file_has_no_mark_of_a_hotfolder(void **state)
{
    const World *world = *state;
    int fd = open_it(world), copy = dup(fd);
    pid_t pid = 0;

    assert_int_equal(file_lock(fd, &pid), LOCK_NONE);
    file_unlock(fd); /* a worker still has the copy */
    pid_t program = other_process_begin(lock_as_program, world);
    assert_true(file_is_locked(fd, &pid));
    other_process_end(program);
    close(copy);
    close(fd);
}

static void a_second_lock_of_this_process_waits_and_is_not_refused(void **state)
{
    const World *world = *state;
    int fd = open_it(world), other = open_it(world);
    pid_t pid = 0;

    assert_int_equal(file_lock(fd, &pid), LOCK_NONE);
    assert_int_equal(file_lock(other, &pid), LOCK_NONE);
    close(other);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_holder_is_the_process_whose_lock_is_on_this_inode_and_device),
        cmocka_unit_test(a_holder_of_another_pid_namespace_is_not_known),
        cmocka_unit_test_setup_teardown(another_hotfolder_and_a_program_are_named_as_what_they_are,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_lock_that_was_only_looked_for_does_not_stay, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_unlocked_file_has_no_mark_of_a_hotfolder, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_second_lock_of_this_process_waits_and_is_not_refused,
                                        set_up, tear_down),
    };

    return cmocka_run_group_tests_name("lock", tests, NULL, NULL);
}
