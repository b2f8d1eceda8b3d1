/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What lies below a folder is opened, and never what a link leads to; with openat2(2) and without.
 */
#include <errno.h>
#include <limits.h>
#include <seccomp.h>
#include <sys/syscall.h>

#include "daemon/files/beneath.h"
#include "tests/unit/check.h"

/* Below it: in/sub/a.jpg, in/up -> .., in/sub/out -> secret, secret/a.jpg */
static char *make_tree(void)
{
    char *dir = check_mkdir();
    g_autofree char *up = g_build_filename(dir, "in/up", NULL);
    g_autofree char *out = g_build_filename(dir, "in/sub/out", NULL);

    check_write(dir, "in/sub/a.jpg", "inside");
    check_write(dir, "secret/a.jpg", "outside");
    assert_int_equal(symlink("..", up), 0);
    assert_int_equal(symlink("../../secret", out), 0);
    return dir;
}

static bool opens(const char *root, const char *path, int flags)
{
    int fd = beneath_open(root, path, flags);

    if (fd < 0)
        return false;
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    close(fd);
    return true;
}

static bool is_absent(const char *root, const char *path)
{
    struct stat st;

    return !beneath_stat(root, path, &st) && beneath_is_absence(errno);
}

static void try_all(void)
{
    char *dir = make_tree();
    g_autofree char *root = g_build_filename(dir, "in", NULL);
    g_autofree char *absolute = g_build_filename(dir, "secret/a.jpg", NULL);
    const char *const refused[] = { "up",        "up/secret/a.jpg",
                                    "sub/out",   "sub/out/a.jpg",
                                    "../secret", "sub/../../secret/a.jpg",
                                    absolute };

    assert_true(opens(root, "", O_RDONLY | O_DIRECTORY));
    assert_true(opens(root, "sub", O_RDONLY | O_DIRECTORY));
    assert_true(opens(root, "sub/a.jpg", O_RDONLY));
    assert_false(opens(root, "sub/b.jpg", O_RDONLY));
    assert_int_equal(errno, ENOENT);
    assert_false(opens(root, "sub/a.jpg/b", O_RDONLY));
    assert_int_equal(errno, ENOTDIR);
    for (size_t i = 0; i < G_N_ELEMENTS(refused); i++)
        if (opens(root, refused[i], O_RDONLY))
            fail_msg("'%s' was opened", refused[i]);
    assert_true(is_absent(root, "sub/b.jpg"));
    assert_true(is_absent(root, "sub/a.jpg/b"));
    assert_true(is_absent(root, "sub/out/a.jpg"));
    assert_false(is_absent(root, "sub/a.jpg"));
    assert_false(is_absent(root, "sub/out"));
    check_rmdir(dir);
}

static void a_link_is_never_followed(void **state)
{
    (void) state;
    try_all();
}

static void what_cannot_be_reached_is_not_absent(void **state)
{
    static const int codes[] = { EACCES, EPERM,  EIO,       ESTALE,       ENOTCONN, ETIMEDOUT,
                                 ENODEV, EAGAIN, EHOSTDOWN, ENAMETOOLONG, ENOMEM,   ENFILE };
    char *dir = check_mkdir();
    g_autofree char *name = g_strnfill(NAME_MAX + 1, 'x');

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(codes); i++)
        assert_false(beneath_is_absence(codes[i]));
    assert_false(is_absent(dir, name));
    check_rmdir(dir);
}

static void try_all_where_openat2_says(uint32_t code)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

    assert_non_null(filter);
    assert_int_equal(seccomp_rule_add(filter, SCMP_ACT_ERRNO(code), SCMP_SYS(openat2), 0), 0);
    assert_int_equal(seccomp_load(filter), 0);
    seccomp_release(filter);
    assert_int_equal(syscall(SYS_openat2, AT_FDCWD, ".", NULL, 0), -1);
    assert_int_equal(errno, code);
    try_all();
}

/* As under RestrictSUIDSGID= of a unit, and with the filter of an older container runtime. They are
 * the last tests: there is no way back, but the last thing that is forbidden decides the error. */
static void a_link_is_never_followed_without_openat2(void **state)
{
    (void) state;
    try_all_where_openat2_says(ENOSYS);
}

static void a_link_is_never_followed_where_openat2_is_refused(void **state)
{
    (void) state;
    try_all_where_openat2_says(EPERM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_reached_is_not_absent),
        cmocka_unit_test(a_link_is_never_followed),
        cmocka_unit_test(a_link_is_never_followed_without_openat2),
        cmocka_unit_test(a_link_is_never_followed_where_openat2_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
