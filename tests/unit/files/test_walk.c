/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A tree is walked in one order: that of the numbers that its pictures get. */
#include <stdio.h>

#include "daemon/files/walk.h"
#include "tests/unit/check.h"

static bool on_directory(void *user G_GNUC_UNUSED, const char *path G_GNUC_UNUSED,
                         int fd G_GNUC_UNUSED, const struct stat *st G_GNUC_UNUSED)
{
    return true;
}

static bool wants_directory(void *user G_GNUC_UNUSED, const char *path G_GNUC_UNUSED,
                            const char *name)
{
    return *name != 'x';
}

static void on_entry(void *user, const char *path, const char *name G_GNUC_UNUSED,
                     const struct stat *st G_GNUC_UNUSED)
{
    g_string_append_printf(user, "%s ", path);
}

static void on_unreadable(void *user G_GNUC_UNUSED, const char *path, int error)
{
    fail_msg("%s: %s", path, g_strerror(error));
}

static const WalkHooks hooks = { on_directory, wants_directory, on_entry, on_unreadable };

static void walks_as(const char *root, const char *order)
{
    g_autoptr(GString) seen = g_string_new(NULL);
    Walk *walk = walk_new(root, &hooks, seen);

    walk_push(walk, "");
    while (walk_step(walk))
        ;
    assert_true(walk_is_idle(walk));
    walk_free(walk);
    assert_string_equal(seen->str, order);
}

static void files_come_before_directories_each_in_the_order_of_bytes(void **state)
{
    static const char *const paths[] = { "b.jpg", "c/2.jpg", "B.jpg",   "a/z/1.jpg", "c/10.jpg",
                                         "a.jpg", "x/1.jpg", "a/9.jpg", "a/b/1.jpg" };
    char *dir = check_mkdir();

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++)
        check_write(dir, paths[i], "x");
    walks_as(dir, "B.jpg a.jpg b.jpg a/9.jpg a/b/1.jpg a/z/1.jpg c/10.jpg c/2.jpg ");
    check_rmdir(dir);
}

/* More than are sorted at a time would be needed to see another order. */
static void a_thousand_files_come_in_their_order(void **state)
{
    g_autoptr(GString) order = g_string_new(NULL);
    char *dir = check_mkdir();

    (void) state;
    for (int i = 0; i < 1000; i++) {
        g_autofree char *name = g_strdup_printf("%03d", i * 7 % 1000);
        check_write(dir, name, "");
        g_string_append_printf(order, "%03d ", i);
    }
    walks_as(dir, order->str);
    check_rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_come_before_directories_each_in_the_order_of_bytes),
        cmocka_unit_test(a_thousand_files_come_in_their_order),
    };

    return cmocka_run_group_tests_name("walk", tests, NULL, NULL);
}
