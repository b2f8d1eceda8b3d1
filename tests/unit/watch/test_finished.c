/* Finished files: this file at this path, and no other one. */
#include "daemon/watch/finished.h"
#include "tests/unit/check.h"

static const FileId one = { .dev = 1, .ino = 2, .size = 3, .mtime_ns = 4 };

static void only_the_very_file_is_finished(void **state)
{
    FinishedFiles *finished = finished_new();
    FileId other = one;

    (void) state;
    assert_false(finished_has(finished, "a", &one));
    finished_add(finished, "a", &one);
    assert_true(finished_has(finished, "a", &one));
    assert_false(finished_has(finished, "b", &one));
    other.dev++; /* a disk may have another number after a restart */
    assert_true(finished_has(finished, "a", &other));
    other.ino++;
    assert_false(finished_has(finished, "a", &other));
    other = one;
    other.size++;
    assert_false(finished_has(finished, "a", &other));
    other = one;
    other.mtime_ns++;
    assert_false(finished_has(finished, "a", &other));
    finished_free(finished);
}

static void one_place_has_one_file(void **state)
{
    FinishedFiles *finished = finished_new();
    FileId other = { .dev = 1, .ino = 5, .size = 6, .mtime_ns = 7 };

    (void) state;
    finished_drop(finished, "a");
    finished_add(finished, "a", &one);
    finished_add(finished, "a", &other);
    assert_true(finished_has(finished, "a", &other));
    assert_false(finished_has(finished, "a", &one));
    finished_drop(finished, "a");
    assert_false(finished_has(finished, "a", &other));
    finished_add(finished, "a", &one);
    assert_true(finished_has(finished, "a", &one));
    finished_clear(finished);
    assert_false(finished_has(finished, "a", &one));
    finished_free(finished);
}

/* Past its end nothing is taken for seen that is not, and it stays as large as it may be. */
static void half_a_million_files_are_too_many_and_none_is_confused(void **state)
{
    FinishedFiles *finished = finished_new();
    int known = 0;
    char path[32];

    (void) state;
    for (int i = 0; i < 500000; i++) {
        FileId id = { .ino = (ino_t) i, .size = 3, .mtime_ns = 4 };

        snprintf(path, sizeof(path), "d%d/%d.jpg", i % 20, i);
        assert_false(finished_has(finished, path, &id));
        finished_add(finished, path, &id);
        known += finished_has(finished, path, &id);
    }
    assert_true(known >= 350000 && known < 500000);
    for (int i = 0; i < 100000; i++) {
        FileId id = { .ino = (ino_t) i, .size = 3, .mtime_ns = 4 };

        snprintf(path, sizeof(path), "d%d/%d.jpg", i % 20, i);
        assert_true(finished_has(finished, path, &id));
        id.size++;
        assert_false(finished_has(finished, path, &id));
    }
    finished_free(finished);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_very_file_is_finished),
        cmocka_unit_test(one_place_has_one_file),
        cmocka_unit_test(half_a_million_files_are_too_many_and_none_is_confused),
    };

    return cmocka_run_group_tests_name("finished", tests, NULL, NULL);
}
