/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files that arrive in every way that programs have: offered once, whole, never before their writer
 * has ended; and files that are no pictures, counted and ignored. */
#include <sys/file.h>
#include <sys/wait.h>

#include "tests/unit/watch/bench.h"

typedef struct Arriving {
    GPid pid;
    int to;     /* its stdin */
    FILE *from; /* its stdout */
} Arriving;

static Arriving arrive(Bench *bench, const char *way, const char *name)
{
    g_autofree char *path = bench_path(bench, name);
    const char *const arguments[] = { ARRIVE, way, bench->photo, path, NULL };
    Arriving arriving = { 0 };
    int from = -1;

    assert_true(g_spawn_async_with_pipes(NULL, (char **) (uintptr_t) arguments, NULL,
                                         G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &arriving.pid,
                                         &arriving.to, &from, NULL, NULL));
    arriving.from = fdopen(from, "r");
    return arriving;
}

/* The step that it has done; false when it was the last. */
static bool next_step(Arriving *arriving, char *word, size_t size)
{
    assert_non_null(fgets(word, (int) size, arriving->from));
    word[strcspn(word, "\n")] = '\0';
    return strcmp(word, "closed") != 0;
}

static void go_on(Arriving *arriving)
{
    assert_int_equal(write(arriving->to, "\n", 1), 1);
}

static void arrived(Arriving *arriving)
{
    fclose(arriving->from);
    close(arriving->to);
    waitpid(arriving->pid, NULL, 0);
    g_spawn_close_pid(arriving->pid);
}

/* Between any two steps a sentinel goes all the way, and the newcomer must not. */
static void check_arrival(void **state, const char *way)
{
    Bench *bench = *state;
    Arriving arriving;
    char word[64];

    bench_start_scanned(bench);
    arriving = arrive(bench, way, "beach.jpg");
    while (next_step(&arriving, word, sizeof(word))) {
        bench_sentinel(bench);
        if (fake_offers(bench->intake, "beach.jpg"))
            fail_msg("offered after '%s'", word);
        go_on(&arriving);
    }
    bench_await(bench, "beach.jpg");
    assert_int_equal(bench_pending(bench, NULL), 0);
    arrived(&arriving);
}

static void a_slow_writer_is_waited_for(void **state)
{
    check_arrival(state, "slow");
}

static void a_file_renamed_while_it_is_written_is_waited_for(void **state)
{
    check_arrival(state, "rename-open");
}

static void a_preallocated_file_is_waited_for(void **state)
{
    check_arrival(state, "preallocate");
}

static void the_empty_file_that_finder_makes_first_is_waited_for(void **state)
{
    check_arrival(state, "finder");
}

static void an_unnamed_file_that_is_linked_early_is_waited_for(void **state)
{
    check_arrival(state, "tmpfile");
}

static void a_file_closed_after_each_page_is_waited_for(void **state)
{
    check_arrival(state, "page-wise");
}

static void a_file_written_through_memory_is_waited_for(void **state)
{
    check_arrival(state, "mapped");
}

static void a_truncated_copy_is_offered_when_it_is_completed(void **state)
{
    check_arrival(state, "cut");
}

/* Tools as they are; rsync only where it is installed. */
static void what_common_tools_bring_is_offered_once(void **state)
{
    Bench *bench = *state;
    static const char *const tools[][3] = {
        { "cp", NULL, "cp.jpg" },
        { "cp", "-p", "cp-p.jpg" },
        { "install", NULL, "install.jpg" },
        { "ln", NULL, "ln.jpg" },
        { "rsync", "-a", "rsync.jpg" },
        { "rsync", "--inplace", "rsync-inplace.jpg" },
        { "rsync", "--delay-updates", "rsync-delay.jpg" },
    };

    bench_start_scanned(bench);
    for (size_t i = 0; i < G_N_ELEMENTS(tools); i++) {
        g_autofree char *path = bench_path(bench, tools[i][2]);
        const char *option = tools[i][1] ? tools[i][1] : "--";

        if (bench_run(tools[i][0], option, bench->photo, path))
            bench_await(bench, tools[i][2]);
        else
            assert_string_equal(tools[i][0], "rsync");
    }
}

static void a_file_over_an_old_one_is_offered_too(void **state)
{
    Bench *bench = *state;
    g_autofree char *path = bench_path(bench, "beach.jpg");

    bench_start_scanned(bench);
    bench_drop(bench, "beach.jpg");
    BENCH_WAIT(fake_offers(bench->intake, "beach.jpg") == 1);
    bench_drop(bench, "beach.jpg");
    BENCH_WAIT(fake_offers(bench->intake, "beach.jpg") == 2);
    assert_true(bench_run("cp", bench->photo, path));
    BENCH_WAIT(fake_offers(bench->intake, "beach.jpg") == 3);
}

static void a_chmod_is_nothing_new(void **state)
{
    Bench *bench = *state;
    g_autofree char *path = bench_path(bench, "beach.jpg");
    int fd = -1;

    bench_start_scanned(bench);
    bench_drop(bench, "beach.jpg");
    BENCH_WAIT(fake_offers(bench->intake, "beach.jpg") == 1);
    assert_int_equal(chmod(path, 0600), 0);
    fd = open(path, O_WRONLY | O_CLOEXEC); /* CLOSE_WRITE without a change */
    close(fd);
    bench_sentinel(bench);
    assert_int_equal(fake_offers(bench->intake, "beach.jpg"), 1);
}

static void what_was_there_before_the_start_is_offered(void **state)
{
    Bench *bench = *state;

    bench_mkdir(bench, "trip/day 1");
    bench_drop(bench, "beach.jpg");
    bench_drop(bench, "trip/day 1/hill.jpg");
    bench_start_scanned(bench);
    assert_int_equal(fake_offers(bench->intake, NULL), 2);
    assert_int_equal(fake_offers(bench->intake, "beach.jpg"), 1);
    assert_int_equal(fake_offers(bench->intake, "trip/day 1/hill.jpg"), 1);
    assert_int_equal(bench_directories(bench), 3);
}

static void an_incomplete_picture_is_offered_when_its_time_is_up(void **state)
{
    Bench *bench = *state;
    GByteArray *half = sample_jpeg();

    g_byte_array_set_size(half, half->len / 2);
    bench_folder(bench)->incomplete_ms = 3000;
    bench_start_scanned(bench);
    bench_write(bench, "half.jpg", half->data, half->len);
    g_byte_array_unref(half);
    BENCH_WAIT(bench_pending(bench, "incomplete") == 1);
    assert_int_equal(fake_offers(bench->intake, "half.jpg"), 0);
    BENCH_WAIT(fake_offers(bench->intake, "half.jpg") == 1);
    assert_int_equal(fake_logged(EVENT_PENDING, "half.jpg", "incomplete"), 1);
    BENCH_WAIT(bench_pending(bench, NULL) == 0);
}

static void a_pending_file_is_reported_once_and_not_at_once(void **state)
{
    Bench *bench = *state;
    Arriving arriving;
    char word[64];

    bench_start_scanned(bench);
    arriving = arrive(bench, "slow", "beach.jpg");
    next_step(&arriving, word, sizeof(word));
    go_on(&arriving);
    next_step(&arriving, word, sizeof(word));
    BENCH_WAIT(fake_logged(EVENT_PENDING, "beach.jpg", "still being written"));
    close(arriving.to);
    arriving.to = -1;
    while (next_step(&arriving, word, sizeof(word)))
        continue;
    bench_await(bench, "beach.jpg");
    assert_int_equal(fake_logged(EVENT_PENDING, NULL, NULL), 1);
    arrived(&arriving);
}

static void a_picture_that_a_program_has_locked_is_pending_until_the_lock_ends(void **state)
{
    Bench *bench = *state;
    g_autofree char *path = bench_path(bench, "locked.jpg");
    g_autofree char *reason =
        g_strdup_printf("locked by another program (process %d)", (int) getpid());

    bench_folder(bench)->originals = ORIGINALS_DONE;
    bench_drop(bench, "locked.jpg");
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    bench_start_scanned(bench);
    BENCH_WAIT(bench_pending(bench, "locked by another program") == 1);
    bench_sentinel(bench);
    BENCH_WAIT(fake_logged(EVENT_PENDING, "locked.jpg", reason) == 1);
    assert_int_equal(fake_offers(bench->intake, "locked.jpg"), 0);
    close(fd);
    bench_await(bench, "locked.jpg");
    BENCH_WAIT(bench_pending(bench, NULL) == 0);
}

static void a_file_that_is_no_picture_is_ignored_reported_once_and_counted(void **state)
{
    Bench *bench = *state;
    g_autoptr(GByteArray) raw = sample_tiff(&(SampleTiff){ .dng = true });
    g_autofree char *notes = bench_path(bench, "notes.txt");

    bench_write(bench, "before.txt", "text", 4);
    bench_start_scanned(bench);
    bench_write(bench, "notes.txt", "some text\n", 10);
    bench_write(bench, "film.mp4",
                "\0\0\0\x18"
                "ftypisom\0\0\2\0isomavc1",
                24);
    bench_write(bench, "raw.tif", raw->data, raw->len);
    BENCH_WAIT(bench_ignored(bench, "text") == 2);
    BENCH_WAIT(bench_ignored(bench, "video") == 1);
    BENCH_WAIT(
        bench_ignored(
            bench, "camera RAW, which this folder does not accept: `accept += { raw }` adds it") ==
        1);
    int fd = open(notes, O_WRONLY | O_APPEND | O_CLOEXEC); /* emptied, it would be another matter */
    assert_int_equal(write(fd, "more\n", 5), 5);
    close(fd);
    bench_sentinel(bench);
    BENCH_WAIT(bench_ignored(bench, "text") == 2);
    assert_int_equal(fake_logged(EVENT_IGNORED, "notes.txt", "text"), 1);
    assert_int_equal(fake_logged(EVENT_IGNORED, NULL, NULL), 4);

    /* and a later change looks again */
    bench_drop(bench, "notes.txt");
    BENCH_WAIT(fake_offers(bench->intake, "notes.txt") == 1);
    BENCH_WAIT(bench_ignored(bench, "text") == 1);
    assert_int_equal(unlink(notes), 0);
}

static void ignored_files_that_are_removed_are_no_longer_counted(void **state)
{
    Bench *bench = *state;
    g_autofree char *first = bench_path(bench, "a.txt");
    g_autofree char *second = bench_path(bench, "b.txt");
    g_autofree char *away = g_build_filename(bench->dir, "b.txt", NULL);

    bench_start_scanned(bench);
    bench_write(bench, "a.txt", "text", 4);
    bench_write(bench, "b.txt", "text", 4);
    BENCH_WAIT(bench_ignored(bench, "text") == 2);
    assert_int_equal(unlink(first), 0);
    assert_int_equal(rename(second, away), 0);
    BENCH_WAIT(bench_ignored(bench, "text") == 0);
}

static void names_to_ignore_are_counted_and_never_opened(void **state)
{
    Bench *bench = *state;
    static const char *const names[] = { "._beach.jpg", ".hidden.jpg", "Thumbs.db",
                                         "beach.jpg.part", "beach.jpg~" };

    bench_drop(bench, ".DS_Store");
    bench_start_scanned(bench);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        bench_drop(bench, names[i]);
    bench_mkdir(bench, "@eaDir");
    bench_drop(bench, "@eaDir/beach.jpg");
    bench_sentinel(bench);
    assert_int_equal(fake_offers(bench->intake, NULL), 1);
    assert_int_equal(bench_ignored(bench, "AppleDouble"), 1);
    assert_int_equal(bench_ignored(bench, "dot file"), 1);
    assert_int_equal(bench_ignored(bench, "folder settings"), 2);
    assert_int_equal(bench_ignored(bench, "unfinished transfer"), 1);
    assert_int_equal(bench_ignored(bench, "backup copy"), 1);
    assert_int_equal(fake_logged(EVENT_IGNORED, ".hidden.jpg", NULL), 1); /* may be a picture */
    assert_int_equal(fake_logged(EVENT_IGNORED, NULL, NULL), 1);
}

static void links_and_pipes_are_ignored(void **state)
{
    Bench *bench = *state;
    g_autofree char *link = bench_path(bench, "link.jpg");
    g_autofree char *pipe = bench_path(bench, "pipe.jpg");
    g_autofree char *tree = bench_path(bench, "tree");

    bench_start_scanned(bench);
    assert_int_equal(symlink(bench->photo, link), 0);
    assert_int_equal(symlink(bench->dir, tree), 0);
    assert_int_equal(mkfifo(pipe, 0644), 0);
    bench_sentinel(bench);
    BENCH_WAIT(bench_ignored(bench, "symbolic link") == 2);
    BENCH_WAIT(bench_ignored(bench, "FIFO") == 1);
    assert_int_equal(fake_offers(bench->intake, NULL), 1);
    assert_int_equal(bench_directories(bench), 1);
}

static void a_download_with_its_control_file_is_waited_for(void **state)
{
    Bench *bench = *state;
    g_autofree char *control = bench_path(bench, "beach.jpg.aria2");

    bench_start_scanned(bench);
    bench_write(bench, "beach.jpg.aria2", "x", 1);
    bench_drop(bench, "beach.jpg");
    BENCH_WAIT(bench_pending(bench, "still being downloaded") == 1);
    bench_sentinel(bench);
    assert_int_equal(fake_offers(bench->intake, "beach.jpg"), 0);
    assert_int_equal(unlink(control), 0);
    bench_await(bench, "beach.jpg");
}

static void names_are_bytes(void **state)
{
    Bench *bench = *state;
    static const char *const names[] = { "with spaces.jpg",
                                         "with\nnewline.jpg",
                                         "gr\xc3\xbc\xc3\x9f.jpg",
                                         "\xff\xfe.jpg",
                                         "no extension",
                                         "photo.txt",
                                         "-rf",
                                         "%s%n" };

    bench_start_scanned(bench);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        bench_drop(bench, names[i]);
        bench_await(bench, names[i]);
    }
}

static void an_intake_that_fails_gets_it_again(void **state)
{
    Bench *bench = *state;

    bench_start_scanned(bench);
    fake_intake_refuses(bench->intake, 2, ERROR_ENVIRONMENT);
    bench_drop(bench, "beach.jpg");
    BENCH_WAIT(fake_offers(bench->intake, "beach.jpg") == 1);
    assert_int_equal(fake_logged(EVENT_ERROR, NULL, NULL), 1);
    BENCH_WAIT(bench_pending(bench, NULL) == 0);
}

static void a_picture_replaced_at_work_is_offered_later(void **state)
{
    Bench *bench = *state;

    bench_start_scanned(bench);
    fake_intake_refuses(bench->intake, 1, ERROR_TRANSIENT);
    bench_drop(bench, "beach.jpg");
    BENCH_WAIT(fake_offers(bench->intake, "beach.jpg") == 1);
    assert_int_equal(fake_logged(EVENT_ERROR, NULL, NULL), 0);
}

/* With a delay that grows, eight times would be a minute, in which no picture is started. */
static void a_picture_that_is_put_off_again_and_again_does_not_hold_up_others_for_long(void **state)
{
    Bench *bench = *state;

    bench_start_scanned(bench);
    fake_flush_puts_off(bench->intake, 8);
    bench_drop(bench, "beach.jpg");
    BENCH_WAIT(fake_offers(bench->intake, "beach.jpg") == 1);
    BENCH_WAIT(fake_unflushed(bench->intake) == 0);
    assert_int_equal(fake_logged(EVENT_ERROR, NULL, NULL), 0);
}

/* A look holds a lease for a moment; a writer who comes in that moment makes the kernel send a
 * signal that ends a process which doesn't expect it. */
static void a_writer_that_comes_during_an_observation_does_no_harm(void **state)
{
    Bench *bench = *state;
    g_autofree char *path = bench_path(bench, "beach.jpg");

    bench_start_scanned(bench);
    for (int i = 0; i < 2000; i++) {
        int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

        assert_true(fd >= 0);
        assert_int_equal(write(fd, "\x01", 1), 1);
        close(fd);
    }
    bench_drop(bench, "beach.jpg");
    BENCH_WAIT(fake_offers(bench->intake, "beach.jpg"));
}

static void a_live_file_does_not_wait_for_a_large_backlog(void **state)
{
    enum { BACKLOG = 3000 };
    Bench *bench = *state;
    int before = 0;

    for (int i = 0; i < BACKLOG; i++) {
        g_autofree char *name = g_strdup_printf("p%04d.jpg", i);
        g_autofree char *path = bench_path(bench, name);

        assert_int_equal(link(bench->photo, path), 0);
    }
    fake_intake_delay(bench->intake, 500);
    bench_start(bench);
    BENCH_WAIT(fake_offers(bench->intake, NULL) > 10);
    before = fake_offers(bench->intake, NULL);
    bench_drop(bench, "live.jpg");
    BENCH_WAIT(fake_offers(bench->intake, "live.jpg"));
    assert_true(fake_offer_index(bench->intake, "live.jpg") < before + BACKLOG / 3);
    BENCH_WAIT(fake_offers(bench->intake, NULL) == BACKLOG + 1);
}

#define BENCH_TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BENCH_TEST(a_slow_writer_is_waited_for),
        BENCH_TEST(a_file_renamed_while_it_is_written_is_waited_for),
        BENCH_TEST(a_preallocated_file_is_waited_for),
        BENCH_TEST(the_empty_file_that_finder_makes_first_is_waited_for),
        BENCH_TEST(an_unnamed_file_that_is_linked_early_is_waited_for),
        BENCH_TEST(a_file_closed_after_each_page_is_waited_for),
        BENCH_TEST(a_file_written_through_memory_is_waited_for),
        BENCH_TEST(a_truncated_copy_is_offered_when_it_is_completed),
        BENCH_TEST(what_common_tools_bring_is_offered_once),
        BENCH_TEST(a_file_over_an_old_one_is_offered_too),
        BENCH_TEST(a_chmod_is_nothing_new),
        BENCH_TEST(what_was_there_before_the_start_is_offered),
        BENCH_TEST(an_incomplete_picture_is_offered_when_its_time_is_up),
        BENCH_TEST(a_pending_file_is_reported_once_and_not_at_once),
        BENCH_TEST(a_picture_that_a_program_has_locked_is_pending_until_the_lock_ends),
        BENCH_TEST(a_file_that_is_no_picture_is_ignored_reported_once_and_counted),
        BENCH_TEST(ignored_files_that_are_removed_are_no_longer_counted),
        BENCH_TEST(names_to_ignore_are_counted_and_never_opened),
        BENCH_TEST(links_and_pipes_are_ignored),
        BENCH_TEST(a_download_with_its_control_file_is_waited_for),
        BENCH_TEST(names_are_bytes),
        BENCH_TEST(an_intake_that_fails_gets_it_again),
        BENCH_TEST(a_picture_replaced_at_work_is_offered_later),
        BENCH_TEST(a_picture_that_is_put_off_again_and_again_does_not_hold_up_others_for_long),
        BENCH_TEST(a_writer_that_comes_during_an_observation_does_no_harm),
        BENCH_TEST(a_live_file_does_not_wait_for_a_large_backlog),
    };

    return cmocka_run_group_tests_name("watch", tests, NULL, NULL);
}
