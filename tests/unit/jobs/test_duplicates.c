/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* duplicates = skip: nothing is made of a content that is done, and of nothing else. */
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#include "daemon/journal/journal.h"
#include "daemon/ledger/sqlite_internal.h"
#include "tests/unit/jobs/bench.h"
#include "tests/unit/sample.h"

static int set_up_skip(void **state)
{
    Bench *bench = NULL;

    set_up(state);
    bench = *state;
    bench->folder.duplicates = DUPLICATES_SKIP;
    return 0;
}

/* Drops one of the two pictures with the same public hash, and lets it be processed. */
static void run_twin(const Bench *bench, const char *name, bool second)
{
    g_autoptr(GByteArray) bytes = sample_twin(second);

    drop_bytes(bench, &bench->folder, name, bytes->data, bytes->len);
    assert_true(turn_until(bench, all_ended));
}

static void check_made(const Bench *bench, int outputs, int duplicates)
{
    assert_int_equal(check_entries(bench->out), outputs);
    assert_int_equal(counts(bench).duplicates, duplicates);
    check_ended(bench, outputs + duplicates, 0);
}

static void take_away(const Bench *bench, const char *name)
{
    g_autofree char *path = g_build_filename(bench->in, "done", name, NULL);

    assert_int_equal(unlink(path), 0);
}

/* Gives the first row the hashes that the twin has in this ledger; or none with a key, as an
 * earlier version left it. */
static void change_first(const Bench *bench, bool keyed)
{
    g_autoptr(GByteArray) bytes = sample_twin(true);
    g_autoptr(Error) error = NULL;
    FileId first = { .size = bytes->len };

    g_autofree char *path = g_build_filename(bench->dir, "twin", NULL);
    assert_true(g_file_set_contents(path, (const char *) bytes->data, bytes->len, NULL));
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0 && ledger_hash(bench->ledger, fd, &first));
    close(fd);
    if (!keyed)
        first.keyed[0] = first.keyed[1] = 0;
    g_autofree char *change = g_strdup_printf(
        "UPDATE job SET hash_high = %" PRId64 ", hash_low = %" PRId64 ", key_high = %" PRId64
        ", key_low = %" PRId64 " WHERE id = 1; DELETE FROM content",
        (int64_t) first.hash[0], (int64_t) first.hash[1], (int64_t) first.keyed[0],
        (int64_t) first.keyed[1]);
    assert_ok(database_execute(sqlite_of(bench->ledger)->db, change, &error), error);
}

static void a_picture_with_the_public_hash_of_a_finished_one_is_made(void **state)
{
    const Bench *bench = *state;

    start(bench);
    run_twin(bench, "a.jpg", false);
    run_twin(bench, "b.jpg", true);
    check_made(bench, 2, 0);
    take_away(bench, "a.jpg");
    take_away(bench, "b.jpg");
    run_twin(bench, "c.jpg", false);
    run_twin(bench, "d.jpg", true);
    check_made(bench, 2, 2); /* both are known, though their originals are gone */
}

static void equal_hashes_are_no_duplicate_where_the_bytes_differ(void **state)
{
    const Bench *bench = *state;

    start(bench);
    run_twin(bench, "a.jpg", false);
    change_first(bench, true);
    run_twin(bench, "b.jpg", true);
    check_made(bench, 2, 0);
}

static void a_row_of_an_earlier_version_is_compared_by_its_bytes(void **state)
{
    const Bench *bench = *state;

    start(bench);
    run_twin(bench, "a.jpg", false);
    change_first(bench, false);
    run_twin(bench, "b.jpg", true);
    check_made(bench, 2, 0);
    take_away(bench, "a.jpg");
    run_twin(bench, "c.jpg", false); /* it has got its keyed hash */
    check_made(bench, 2, 1);
}

static void a_row_of_an_earlier_version_counts_until_its_content_is_read(void **state)
{
    const Bench *bench = *state;

    start(bench);
    run_twin(bench, "a.jpg", false);
    change_first(bench, false);
    take_away(bench, "a.jpg");
    run_twin(bench, "b.jpg", false);
    check_made(bench, 1, 1);
    take_away(bench, "b.jpg");
    run_twin(bench, "c.jpg", true);
    check_made(bench, 2, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_skip, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_picture_with_the_public_hash_of_a_finished_one_is_made),
        TEST(equal_hashes_are_no_duplicate_where_the_bytes_differ),
        TEST(a_row_of_an_earlier_version_is_compared_by_its_bytes),
        TEST(a_row_of_an_earlier_version_counts_until_its_content_is_read),
    };

    g_setenv("HOTFOLDER_WORKER", FAKE_WORKER, TRUE);
    journal_mute();
    return cmocka_run_group_tests_name("duplicates", tests, NULL, NULL);
}
