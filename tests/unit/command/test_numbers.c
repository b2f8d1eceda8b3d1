/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A batch numbers its pictures by what the outputs say that are there. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command/made.h"
#include "command/numbers.h"
#include "daemon/files/fileid.h"
#include "daemon/files/provenance.h"
#include "daemon/outputs/named.h"
#include "tests/unit/check.h"

enum { YESTERDAY = 20240430, TODAY = 20240501 };

/* An output `name`; false where files have no attributes. */
static bool output(const char *dir, const char *name, const Provenance *provenance)
{
    g_autofree char *path = g_build_filename(dir, name, NULL);
    struct stat st;

    check_write(dir, name, "x");
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0 && fstat(fd, &st) == 0);
    provenance_set(fd, &st, provenance);
    bool kept = provenance_is_ours(fd, &st);
    close(fd);
    return kept;
}

/* One of /in/SOURCE with these numbers. */
static bool make(const char *dir, const char *source, Sequence sequence)
{
    g_autofree char *from = g_build_filename("/in", source, NULL);
    const Provenance provenance = { .source = fileid_text_hash(from),
                                    .folder = fileid_text_hash("/in"),
                                    .sequence = sequence };

    return output(dir, source, &provenance);
}

static Numbers *read_numbers(const char *dir)
{
    Numbers *numbers = numbers_new(TODAY);

    made_read(dir, NULL, numbers);
    return numbers;
}

static void draws(Numbers *numbers, const char *path, int64_t folder, int64_t day, int64_t run)
{
    Sequence is = numbers_draw(numbers, "/in", path);

    assert_int_equal(is.folder, folder);
    assert_int_equal(is.day, day);
    assert_int_equal(is.run, run);
}

static void a_new_picture_gets_the_next_numbers_and_the_first_of_a_new_day(void **state)
{
    char *dir = check_mkdir();

    (void) state;
    bool kept = make(dir, "a.jpg", (Sequence){ 1, 1, 1, YESTERDAY }) &&
                make(dir, "sub/b.jpg", (Sequence){ 2, 2, 2, YESTERDAY });
    Numbers *numbers = read_numbers(dir);
    if (kept) {
        draws(numbers, "/in/0.jpg", 3, 1, 3);
        draws(numbers, "/in/a.jpg", 1, 1, 1);
        draws(numbers, "/in/sub/b.jpg", 2, 2, 2);
        draws(numbers, "/in/sub/c.jpg", 4, 2, 4);
        draws(numbers, "/in/0.jpg", 3, 1, 3); /* named twice */
    }
    numbers_free(numbers);
    check_rmdir(dir);
    if (!kept)
        skip();
}

static void a_number_between_two_that_is_free_is_used(void **state)
{
    char *dir = check_mkdir();

    (void) state;
    bool kept = make(dir, "b.jpg", (Sequence){ 2, 2, 2, TODAY }) &&
                make(dir, "d.jpg", (Sequence){ 4, 4, 4, TODAY });
    Numbers *numbers = read_numbers(dir);
    if (kept) {
        draws(numbers, "/in/a.jpg", 1, 1, 1);
        draws(numbers, "/in/b.jpg", 2, 2, 2);
        draws(numbers, "/in/c.jpg", 3, 3, 3);
        draws(numbers, "/in/c2.jpg", 5, 5, 5);
        draws(numbers, "/in/d.jpg", 4, 4, 4);
        draws(numbers, "/in/e.jpg", 6, 6, 6);
    }
    numbers_free(numbers);
    check_rmdir(dir);
    if (!kept)
        skip();
}

static void without_outputs_numbers_begin_with_1(void **state)
{
    (void) state;
    Numbers *numbers = read_numbers("/nowhere");

    draws(numbers, "/in/b.jpg", 1, 1, 1);
    draws(numbers, "/in/a.jpg", 2, 2, 2);
    assert_int_equal(numbers_draw(numbers, "/other", "/other/a.jpg").folder, 1);
    assert_int_equal(numbers_draw(numbers, "/other", "/other/b.jpg").run, 4);
    numbers_free(numbers);
}

static void a_picture_keeps_the_time_by_which_it_was_named(void **state)
{
    const Provenance made = { .source = 1, .content = { 2, 3 }, .profile = 4, .time = 50 };
    const Provenance of_old_version = { .source = 5, .time = PROVENANCE_NO_TIME };
    Provenance other = made, later = made;
    g_autoptr(Named) named = named_new();
    char *dir = check_mkdir();

    (void) state;
    later.time = 70;
    bool kept = output(dir, "b.jpg", &later) && output(dir, "a.jpg", &made) &&
                output(dir, "c.jpg", &of_old_version);
    made_read(dir, named, NULL);
    if (kept) {
        assert_int_equal(named_time(named, &made, 60), 50);
        other.content[1] = 9;
        assert_int_equal(named_time(named, &other, 60), 60);
        other = made;
        other.profile = 9;
        assert_int_equal(named_time(named, &other, 60), 60);
        assert_int_equal(named_time(named, &of_old_version, 60), 60);
        assert_int_equal(named_time(NULL, &made, 60), 60);
    }
    check_rmdir(dir);
    if (!kept)
        skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_picture_gets_the_next_numbers_and_the_first_of_a_new_day),
        cmocka_unit_test(a_number_between_two_that_is_free_is_used),
        cmocka_unit_test(without_outputs_numbers_begin_with_1),
        cmocka_unit_test(a_picture_keeps_the_time_by_which_it_was_named),
    };

    return cmocka_run_group_tests_name("numbers", tests, NULL, NULL);
}
