/* Files that arrive in every way that programs have: offered once, whole, never before their writer
 * has ended; and files that are no pictures, counted and ignored. */
#include <sys/wait.h>

#include "tests/unit/watch/bench.h"

typedef struct Arriving {
    GPid pid;
    int to;     /* its stdin */
    FILE *from; /* its stdout */
} Arriving;

static Arriving arrive(World *world, const char *way, const char *name)
{
    g_autofree char *path = world_path(world, name);
    const char *const arguments[] = { ARRIVE, way, world->photo, path, NULL };
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
    World *world = *state;
    Arriving arriving;
    char word[64];

    world_start_settled(world);
    arriving = arrive(world, way, "beach.jpg");
    while (next_step(&arriving, word, sizeof(word))) {
        world_sentinel(world);
        if (fake_offers(world->intake, "beach.jpg"))
            fail_msg("offered after '%s'", word);
        go_on(&arriving);
    }
    world_await(world, "beach.jpg");
    assert_int_equal(world_pending(world, NULL), 0);
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
    World *world = *state;
    static const char *const tools[][3] = {
        { "cp", NULL, "cp.jpg" },
        { "cp", "-p", "cp-p.jpg" },
        { "install", NULL, "install.jpg" },
        { "ln", NULL, "ln.jpg" },
        { "rsync", "-a", "rsync.jpg" },
        { "rsync", "--inplace", "rsync-inplace.jpg" },
        { "rsync", "--delay-updates", "rsync-delay.jpg" },
    };

    world_start_settled(world);
    for (size_t i = 0; i < G_N_ELEMENTS(tools); i++) {
        g_autofree char *path = world_path(world, tools[i][2]);
        const char *option = tools[i][1] ? tools[i][1] : "--";

        if (world_run(tools[i][0], option, world->photo, path))
            world_await(world, tools[i][2]);
        else
            assert_string_equal(tools[i][0], "rsync");
    }
}

static void a_file_over_an_old_one_is_offered_too(void **state)
{
    World *world = *state;
    g_autofree char *path = world_path(world, "beach.jpg");

    world_start_settled(world);
    world_drop(world, "beach.jpg");
    WORLD_WAIT(fake_offers(world->intake, "beach.jpg") == 1);
    world_drop(world, "beach.jpg");
    WORLD_WAIT(fake_offers(world->intake, "beach.jpg") == 2);
    assert_true(world_run("cp", world->photo, path));
    WORLD_WAIT(fake_offers(world->intake, "beach.jpg") == 3);
}

static void a_chmod_is_nothing_new(void **state)
{
    World *world = *state;
    g_autofree char *path = world_path(world, "beach.jpg");
    int fd = -1;

    world_start_settled(world);
    world_drop(world, "beach.jpg");
    WORLD_WAIT(fake_offers(world->intake, "beach.jpg") == 1);
    assert_int_equal(chmod(path, 0600), 0);
    fd = open(path, O_WRONLY | O_CLOEXEC); /* CLOSE_WRITE without a change */
    close(fd);
    world_sentinel(world);
    assert_int_equal(fake_offers(world->intake, "beach.jpg"), 1);
}

static void what_was_there_before_the_start_is_offered(void **state)
{
    World *world = *state;

    world_mkdir(world, "trip/day 1");
    world_drop(world, "beach.jpg");
    world_drop(world, "trip/day 1/hill.jpg");
    world_start_settled(world);
    assert_int_equal(fake_offers(world->intake, NULL), 2);
    assert_int_equal(fake_offers(world->intake, "beach.jpg"), 1);
    assert_int_equal(fake_offers(world->intake, "trip/day 1/hill.jpg"), 1);
    assert_int_equal(world_directories(world), 3);
}

static void an_incomplete_picture_is_offered_when_its_time_is_up(void **state)
{
    World *world = *state;
    GByteArray *half = sample_jpeg();

    g_byte_array_set_size(half, half->len / 2);
    world_folder(world)->incomplete_ms = 3000;
    world_start_settled(world);
    world_write(world, "half.jpg", half->data, half->len);
    g_byte_array_unref(half);
    WORLD_WAIT(world_pending(world, "incomplete") == 1);
    assert_int_equal(fake_offers(world->intake, "half.jpg"), 0);
    WORLD_WAIT(fake_offers(world->intake, "half.jpg") == 1);
    assert_int_equal(fake_logged(EVENT_PENDING, "half.jpg", "incomplete"), 1);
    WORLD_WAIT(world_pending(world, NULL) == 0);
}

static void a_pending_file_is_reported_once_and_not_at_once(void **state)
{
    World *world = *state;
    Arriving arriving;
    char word[64];

    world_start_settled(world);
    arriving = arrive(world, "slow", "beach.jpg");
    next_step(&arriving, word, sizeof(word));
    go_on(&arriving);
    next_step(&arriving, word, sizeof(word));
    WORLD_WAIT(fake_logged(EVENT_PENDING, "beach.jpg", "still being written"));
    close(arriving.to);
    arriving.to = -1;
    while (next_step(&arriving, word, sizeof(word)))
        continue;
    world_await(world, "beach.jpg");
    assert_int_equal(fake_logged(EVENT_PENDING, NULL, NULL), 1);
    arrived(&arriving);
}

static void a_file_that_is_no_picture_is_ignored_reported_once_and_counted(void **state)
{
    World *world = *state;
    g_autoptr(GByteArray) raw = sample_tiff(&(SampleTiff){ .dng = true });
    g_autofree char *notes = world_path(world, "notes.jpg");

    world_write(world, "before.txt", "text", 4);
    world_start_settled(world);
    world_write(world, "notes.jpg", "some text\n", 10);
    world_write(world, "film.mp4",
                "\0\0\0\x18"
                "ftypisom\0\0\2\0isomavc1",
                24);
    world_write(world, "raw.tif", raw->data, raw->len);
    WORLD_WAIT(world_ignored(world, "text") == 2);
    WORLD_WAIT(world_ignored(world, "video") == 1);
    WORLD_WAIT(world_ignored(world, "raw, not yet supported") == 1);
    int fd = open(notes, O_WRONLY | O_APPEND | O_CLOEXEC); /* emptied, it would be another matter */
    assert_int_equal(write(fd, "more\n", 5), 5);
    close(fd);
    world_sentinel(world);
    WORLD_WAIT(world_ignored(world, "text") == 2);
    assert_int_equal(fake_logged(EVENT_IGNORED, "notes.jpg", "text"), 1);
    assert_int_equal(fake_logged(EVENT_IGNORED, NULL, NULL), 4);

    /* and a later change looks again */
    world_drop(world, "notes.jpg");
    WORLD_WAIT(fake_offers(world->intake, "notes.jpg") == 1);
    WORLD_WAIT(world_ignored(world, "text") == 1);
    assert_int_equal(unlink(notes), 0);
}

static void ignored_files_that_are_removed_are_no_longer_counted(void **state)
{
    World *world = *state;
    g_autofree char *first = world_path(world, "a.txt");
    g_autofree char *second = world_path(world, "b.txt");
    g_autofree char *away = g_build_filename(world->dir, "b.txt", NULL);

    world_start_settled(world);
    world_write(world, "a.txt", "text", 4);
    world_write(world, "b.txt", "text", 4);
    WORLD_WAIT(world_ignored(world, "text") == 2);
    assert_int_equal(unlink(first), 0);
    assert_int_equal(rename(second, away), 0);
    WORLD_WAIT(world_ignored(world, "text") == 0);
}

static void names_to_ignore_are_counted_and_never_opened(void **state)
{
    World *world = *state;
    static const char *const names[] = { "._beach.jpg", ".hidden.jpg", "Thumbs.db",
                                         "beach.jpg.part", "beach.jpg~" };

    world_drop(world, ".DS_Store");
    world_start_settled(world);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        world_drop(world, names[i]);
    world_mkdir(world, "@eaDir");
    world_drop(world, "@eaDir/beach.jpg");
    world_sentinel(world);
    assert_int_equal(fake_offers(world->intake, NULL), 1);
    assert_int_equal(world_ignored(world, "AppleDouble"), 1);
    assert_int_equal(world_ignored(world, "dot file"), 1);
    assert_int_equal(world_ignored(world, "folder settings"), 2);
    assert_int_equal(world_ignored(world, "unfinished transfer"), 1);
    assert_int_equal(world_ignored(world, "backup copy"), 1);
    assert_int_equal(fake_logged(EVENT_IGNORED, NULL, NULL), 0);
}

static void links_and_pipes_are_ignored(void **state)
{
    World *world = *state;
    g_autofree char *link = world_path(world, "link.jpg");
    g_autofree char *pipe = world_path(world, "pipe.jpg");
    g_autofree char *tree = world_path(world, "tree");

    world_start_settled(world);
    assert_int_equal(symlink(world->photo, link), 0);
    assert_int_equal(symlink(world->dir, tree), 0);
    assert_int_equal(mkfifo(pipe, 0644), 0);
    world_sentinel(world);
    WORLD_WAIT(world_ignored(world, "symbolic link") == 2);
    WORLD_WAIT(world_ignored(world, "not a regular file") == 1);
    assert_int_equal(fake_offers(world->intake, NULL), 1);
    assert_int_equal(world_directories(world), 1);
}

static void a_download_with_its_control_file_is_waited_for(void **state)
{
    World *world = *state;
    g_autofree char *control = world_path(world, "beach.jpg.aria2");

    world_start_settled(world);
    world_write(world, "beach.jpg.aria2", "x", 1);
    world_drop(world, "beach.jpg");
    WORLD_WAIT(world_pending(world, "still being downloaded") == 1);
    world_sentinel(world);
    assert_int_equal(fake_offers(world->intake, "beach.jpg"), 0);
    assert_int_equal(unlink(control), 0);
    world_await(world, "beach.jpg");
}

static void names_are_bytes(void **state)
{
    World *world = *state;
    static const char *const names[] = { "with spaces.jpg",
                                         "with\nnewline.jpg",
                                         "gr\xc3\xbc\xc3\x9f.jpg",
                                         "\xff\xfe.jpg",
                                         "no extension",
                                         "photo.txt",
                                         "-rf",
                                         "%s%n" };

    world_start_settled(world);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        world_drop(world, names[i]);
        world_await(world, names[i]);
    }
}

static void an_intake_that_fails_gets_it_again(void **state)
{
    World *world = *state;

    world_start_settled(world);
    fake_intake_refuses(world->intake, 2, ERROR_ENVIRONMENT);
    world_drop(world, "beach.jpg");
    WORLD_WAIT(fake_offers(world->intake, "beach.jpg") == 1);
    assert_int_equal(fake_logged(EVENT_ERROR, NULL, NULL), 1);
    WORLD_WAIT(world_pending(world, NULL) == 0);
}

static void a_picture_replaced_at_work_is_offered_later(void **state)
{
    World *world = *state;

    world_start_settled(world);
    fake_intake_refuses(world->intake, 1, ERROR_TRANSIENT);
    world_drop(world, "beach.jpg");
    WORLD_WAIT(fake_offers(world->intake, "beach.jpg") == 1);
    assert_int_equal(fake_logged(EVENT_ERROR, NULL, NULL), 0);
}

/* With a delay that grows, eight times would be a minute, in which no picture is started. */
static void a_picture_that_is_put_off_again_and_again_does_not_hold_up_others_for_long(void **state)
{
    World *world = *state;

    world_start_settled(world);
    fake_flush_puts_off(world->intake, 8);
    world_drop(world, "beach.jpg");
    WORLD_WAIT(fake_offers(world->intake, "beach.jpg") == 1);
    WORLD_WAIT(fake_unflushed(world->intake) == 0);
    assert_int_equal(fake_logged(EVENT_ERROR, NULL, NULL), 0);
}

/* A look holds a lease for a moment; a writer who comes in that moment makes the kernel send a
 * signal that ends a process which doesn't expect it. */
static void a_writer_that_comes_during_an_observation_does_no_harm(void **state)
{
    World *world = *state;
    g_autofree char *path = world_path(world, "beach.jpg");

    world_start_settled(world);
    for (int i = 0; i < 2000; i++) {
        int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

        assert_true(fd >= 0);
        assert_int_equal(write(fd, "\x01", 1), 1);
        close(fd);
    }
    world_drop(world, "beach.jpg");
    WORLD_WAIT(fake_offers(world->intake, "beach.jpg"));
}

static void a_live_file_does_not_wait_for_a_large_backlog(void **state)
{
    enum { BACKLOG = 3000 };
    World *world = *state;
    int before = 0;

    for (int i = 0; i < BACKLOG; i++) {
        g_autofree char *name = g_strdup_printf("p%04d.jpg", i);
        g_autofree char *path = world_path(world, name);

        assert_int_equal(link(world->photo, path), 0);
    }
    fake_intake_delay(world->intake, 500);
    world_start(world);
    WORLD_WAIT(fake_offers(world->intake, NULL) > 10);
    before = fake_offers(world->intake, NULL);
    world_drop(world, "live.jpg");
    WORLD_WAIT(fake_offers(world->intake, "live.jpg"));
    assert_true(fake_offer_index(world->intake, "live.jpg") < before + BACKLOG / 3);
    WORLD_WAIT(fake_offers(world->intake, NULL) == BACKLOG + 1);
}

#define WORLD_TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(a_slow_writer_is_waited_for),
        WORLD_TEST(a_file_renamed_while_it_is_written_is_waited_for),
        WORLD_TEST(a_preallocated_file_is_waited_for),
        WORLD_TEST(the_empty_file_that_finder_makes_first_is_waited_for),
        WORLD_TEST(an_unnamed_file_that_is_linked_early_is_waited_for),
        WORLD_TEST(a_file_closed_after_each_page_is_waited_for),
        WORLD_TEST(a_file_written_through_memory_is_waited_for),
        WORLD_TEST(a_truncated_copy_is_offered_when_it_is_completed),
        WORLD_TEST(what_common_tools_bring_is_offered_once),
        WORLD_TEST(a_file_over_an_old_one_is_offered_too),
        WORLD_TEST(a_chmod_is_nothing_new),
        WORLD_TEST(what_was_there_before_the_start_is_offered),
        WORLD_TEST(an_incomplete_picture_is_offered_when_its_time_is_up),
        WORLD_TEST(a_pending_file_is_reported_once_and_not_at_once),
        WORLD_TEST(a_file_that_is_no_picture_is_ignored_reported_once_and_counted),
        WORLD_TEST(ignored_files_that_are_removed_are_no_longer_counted),
        WORLD_TEST(names_to_ignore_are_counted_and_never_opened),
        WORLD_TEST(links_and_pipes_are_ignored),
        WORLD_TEST(a_download_with_its_control_file_is_waited_for),
        WORLD_TEST(names_are_bytes),
        WORLD_TEST(an_intake_that_fails_gets_it_again),
        WORLD_TEST(a_picture_replaced_at_work_is_offered_later),
        WORLD_TEST(a_picture_that_is_put_off_again_and_again_does_not_hold_up_others_for_long),
        WORLD_TEST(a_writer_that_comes_during_an_observation_does_no_harm),
        WORLD_TEST(a_live_file_does_not_wait_for_a_large_backlog),
    };

    return cmocka_run_group_tests_name("watch", tests, NULL, NULL);
}
