/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Other programs remove directories of outputs, most often because they are empty. */
#include <sys/syscall.h>

#include "daemon/outputs/publish.h"
#include "tests/unit/openat.h"
#include "tests/unit/outputs/bench.h"

enum { EACH_TIME = 1000 };

/* What another program does to the directory "sub" of the outputs, and how often. */
static struct {
    int after_mkdir; /* it is removed again */
    int before_make; /* it is removed before a file is made in it */
    int link;        /* it is removed with all that is in it before this file is linked */
    const Bench *bench;
} program;

static void remove_sub(void)
{
    g_autofree char *sub = g_build_filename(program.bench->dir, "sub", NULL);

    assert_int_equal(rmdir(sub), 0);
}

static int before_open(int flags, mode_t mode)
{
    (void) flags;
    if (mode && program.before_make > 0) {
        program.before_make--;
        remove_sub();
    }
    return 0;
}

static void remove_all(void)
{
    check_rmdir(g_build_filename(program.bench->dir, "sub", NULL));
}

/* The library's own give way to these. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): theirs are reserved */
int mkdirat(int dir_fd, const char *name, mode_t mode)
{
    int made = (int) syscall(SYS_mkdirat, dir_fd, name, mode);

    if (program.after_mkdir > 0) {
        program.after_mkdir--;
        remove_sub();
    }
    return made;
}

int linkat(int from_fd, const char *from, int to_fd, const char *to, int flags)
{
    if (program.link && --program.link == 0)
        remove_all();
    return (int) syscall(SYS_linkat, from_fd, from, to_fd, to, flags);
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

static int set_up_program(void **state)
{
    int failed = set_up(state);

    memset(&program, 0, sizeof(program));
    program.bench = *state;
    return failed;
}

static bool opens(Staging *staging, Error **err)
{
    int fd = -1;
    bool ok = staging_open(staging, "sub/a.jpg", EXISTS_NUMBER, PROTOCOL_NOW, &fd, err);

    if (fd >= 0)
        close(fd);
    return ok;
}

static void a_directory_that_is_removed_while_its_output_is_made_is_made_again(void **state)
{
    const Bench *bench = *state;
    g_autoptr(Staging) staging = staging_of(bench);

    put(staging, "sub/a.jpg", EXISTS_NUMBER, "large");
    put(staging, "sub/b.jpg", EXISTS_NUMBER, "small");
    remove_sub();
    publish(staging);
    assert_text(bench, "sub/a.jpg", "large");
    assert_text(bench, "sub/b.jpg", "small");
}

static void a_directory_that_is_removed_as_soon_as_it_is_made_is_made_again(void **state)
{
    const Bench *bench = *state;

    program.after_mkdir = 1;
    make(bench, "sub/a.jpg", EXISTS_NUMBER, "large");
    assert_int_equal(program.after_mkdir, 0);
    assert_text(bench, "sub/a.jpg", "large");
}

static void a_directory_that_is_removed_when_an_output_is_staged_is_made_again(void **state)
{
    const Bench *bench = *state;

    program.before_make = 1;
    make(bench, "sub/a.jpg", EXISTS_NUMBER, "large");
    assert_int_equal(program.before_make, 0);
    assert_text(bench, "sub/a.jpg", "large");
}

static void a_directory_that_is_removed_each_time_is_not_waited_for(void **state)
{
    const Bench *bench = *state;
    g_autoptr(Staging) staging = staging_of(bench), other = staging_of(bench);
    g_autoptr(Error) error = NULL, too = NULL;

    program.after_mkdir = EACH_TIME;
    assert_false(opens(staging, &error));
    assert_non_null(strstr(error->what, "cannot open the directory '"));
    assert_true(program.after_mkdir > EACH_TIME / 2);
    program.after_mkdir = 0;
    program.before_make = EACH_TIME;
    opens(other, &too);
    assert_true(program.before_make > EACH_TIME / 2);
}

/* The file that another program made in the new directory was not there to be replaced. */
static void nothing_is_replaced_in_a_directory_that_was_made_again(void **state)
{
    Bench *bench = *state;

    make(bench, "sub/a.jpg", EXISTS_REPLACE, "ours");
    bench->provenance.content[0] = 99; /* the source has new content */
    g_autoptr(Staging) staging = staging_of(bench);
    assert_true(put(staging, "sub/a.jpg", EXISTS_REPLACE, "ours again"));
    remove_all();
    check_write(bench->dir, "sub/a.jpg", "somebody's");
    publish(staging);
    assert_text(bench, "sub/a.jpg", "somebody's");
    assert_text(bench, "sub/a-1.jpg", "ours again");
}

/* The first of them had its hidden name there. */
static void outputs_that_are_removed_before_they_are_published_are_made_again(void **state)
{
    const Bench *bench = *state;
    g_autoptr(Staging) staging = staging_of(bench);
    g_autoptr(Error) error = NULL;

    put(staging, "sub/a.jpg", EXISTS_NUMBER, "large");
    put(staging, "sub/b.jpg", EXISTS_NUMBER, "small");
    program.link = 2;
    assert_false(publish_outputs(staging, &error));
    assert_int_equal(error->kind, ERROR_TRANSIENT);
    assert_non_null(strstr(error->what, "another program has removed an unfinished output"));
    assert_false(publish_is_recorded(staging));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_program, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_directory_that_is_removed_while_its_output_is_made_is_made_again),
        TEST(a_directory_that_is_removed_as_soon_as_it_is_made_is_made_again),
        TEST(a_directory_that_is_removed_when_an_output_is_staged_is_made_again),
        TEST(a_directory_that_is_removed_each_time_is_not_waited_for),
        TEST(nothing_is_replaced_in_a_directory_that_was_made_again),
        TEST(outputs_that_are_removed_before_they_are_published_are_made_again),
    };

    return cmocka_run_group_tests_name("removed", tests, NULL, NULL);
}
