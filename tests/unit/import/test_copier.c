/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A card's files arrive whole in every destination, each read from the card once. */
#include "tests/unit/import/copying.h"

enum { NS = 1000000000 };

static void many_files_of_many_sizes_arrive_in_three_destinations(void **state)
{
    static const size_t sizes[] = { 0, 1, 4095, 4096, 4097, 100000, 1048576, 1048577, 3000000 };
    World *world = world_new(3);
    int64_t bytes = 0;

    (void) state;
    for (unsigned i = 0; i < 60; i++) {
        g_autofree char *path = g_strdup_printf("DCIM/%u/IMG_%04u.JPG", i % 4, i);
        bytes += world_add(world, path, sizes[i % G_N_ELEMENTS(sizes)])->size;
    }
    world_start(world, &(CopierOptions){ .digests = CONTENT_MD5 });
    world_queue_all(world);
    world_check_made(world, world->files->len);
    assert_int_equal(copier_bytes(world->copier), bytes);
    world_check_whole(world, world->files->len);
    world_free(world);
}

/* sha256sum(1) and md5sum(1) say the same. */
static void check_digest(const World *world, const CardFile *file, const char *program,
                         const char *digest)
{
    g_autofree char *command = g_strdup_printf("%s '%s/%s'", program, world->card, file->path);
    g_autofree char *text = NULL;

    assert_true(g_spawn_command_line_sync(command, &text, NULL, NULL, NULL));
    assert_true(*digest && g_str_has_prefix(text, digest));
}

static void a_file_without_destinations_is_only_read(void **state)
{
    World *world = world_new(1);
    CardFile *file = world_add(world, "a.jpg", 2500000);

    (void) state;
    world_start(world, &(CopierOptions){ .digests = CONTENT_MD5 | CONTENT_SHA256 });
    world_queue(world, file, 0);
    CopyResult *result = world_next(world);
    assert_true(result->was_read);
    assert_int_equal(result->ends[0], COPY_NOT_ASKED);
    assert_int_equal(result->content.size, 2500000);
    check_digest(world, file, "sha256sum", result->content.sha256);
    check_digest(world, file, "md5sum", result->content.md5);
    copy_result_free(result);
    world_check_whole(world, 0);
    world_free(world);
}

static void time_and_protection_are_those_of_the_card(void **state)
{
    World *world = world_new(1);
    CardFile *kept = world_add(world, "kept.jpg", 10), *free_one = world_add(world, "free.jpg", 10);
    g_autofree char *kept_path = g_build_filename(world->to[0], "kept.jpg", NULL);
    g_autofree char *free_path = g_build_filename(world->to[0], "free.jpg", NULL);
    struct stat st;

    (void) state;
    kept->is_protected = true;
    free_one->mtime_ns = -1500000000; /* before 1970 */
    world_start(world, &(CopierOptions){ 0 });
    world_queue_all(world);
    world_check_made(world, 2);
    assert_int_equal(stat(kept_path, &st), 0);
    assert_int_equal(st.st_mode & 0222, 0);
    assert_int_equal(st.st_mtim.tv_sec * NS + st.st_mtim.tv_nsec, kept->mtime_ns);
    assert_int_equal(stat(free_path, &st), 0);
    assert_int_equal(st.st_mode & 0200, 0200);
    assert_int_equal(st.st_mtim.tv_sec, -2);
    assert_int_equal(st.st_mtim.tv_nsec, NS / 2);
    world_free(world);
}

static void a_name_that_is_taken_stays_what_it_was(void **state)
{
    World *world = world_new(2);
    CardFile *file = world_add(world, "DCIM/a.jpg", 5000);

    (void) state;
    check_write(world->to[1], "DCIM/a.jpg", "older");
    world_start(world, &(CopierOptions){ 0 });
    world_queue_all(world);
    CopyResult *result = world_next(world);
    assert_int_equal(result->ends[0], COPY_MADE);
    assert_int_equal(result->ends[1], COPY_NAME_TAKEN);
    copy_result_free(result);
    g_autofree char *text = check_read(world->to[1], "DCIM/a.jpg");
    assert_string_equal(text, "older");
    assert_true(world_has(world, file->path, 0));
    world_free(world);
}

/* What stands at a name: a directory, or a link that leads nowhere. */
static void no_name_is_taken_from_what_is_no_file(void **state)
{
    World *world = world_new(1);
    g_autofree char *dir = g_build_filename(world->to[0], "dir.jpg", NULL);
    g_autofree char *link = g_build_filename(world->to[0], "link.jpg", NULL);

    (void) state;
    world_add(world, "dir.jpg", 10);
    world_add(world, "link.jpg", 10);
    assert_int_equal(g_mkdir_with_parents(dir, 0755), 0);
    assert_int_equal(symlink("nowhere", link), 0);
    world_start(world, &(CopierOptions){ 0 });
    world_queue_all(world);
    for (unsigned i = 0; i < 2; i++) {
        CopyResult *result = world_next(world);
        assert_int_equal(result->ends[0], COPY_NAME_TAKEN);
        copy_result_free(result);
    }
    assert_int_equal(check_entries(world->to[0]), 2);
    world_free(world);
}

static void nothing_is_written_outside_a_destination(void **state)
{
    static const char *const names[] = { "../out.jpg", "in/../../out.jpg", "link/out.jpg" };
    World *world = world_new(1);
    CardFile *file = world_add(world, "out.jpg", 10);
    g_autofree char *link = g_build_filename(world->to[0], "link", NULL);

    (void) state;
    world_start(world, &(CopierOptions){ 0 });
    assert_int_equal(symlink(world->dir, link), 0);
    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        copier_add(world->copier, &(CopyJob){ .file = file, .name = g_strdup(names[i]), .to = 1 });
        CopyResult *result = world_next(world);
        assert_int_equal(result->ends[0], COPY_FAILED);
        assert_non_null(result->errors[0]);
        copy_result_free(result);
    }
    assert_false(check_exists(world->dir, "out.jpg"));
    world_free(world);
}

static void a_copy_that_stands_gives_the_others(void **state)
{
    World *world = world_new(3);
    CardFile *file = world_add(world, "a.jpg", 3000000);

    (void) state;
    world_start(world, &(CopierOptions){ 0 });
    world_queue(world, file, 1);
    CopyResult *first = world_next(world);
    int64_t read = copier_bytes(world->copier);
    copier_add_from(world->copier, &(CopyJob){ .file = file, .name = g_strdup("a.jpg"), .to = 6 },
                    0, &first->content);
    CopyResult *second = world_next(world);
    assert_int_equal(second->ends[1], COPY_MADE);
    assert_int_equal(second->ends[2], COPY_MADE);
    assert_int_equal(copier_bytes(world->copier), read);
    for (unsigned to = 0; to < 3; to++)
        assert_true(world_has(world, file->path, to));
    copy_result_free(first);
    copy_result_free(second);
    world_free(world);
}

static void a_copy_that_is_another_content_gives_nothing(void **state)
{
    World *world = world_new(2);
    CardFile *file = world_add(world, "a.jpg", 3000);

    (void) state;
    check_write(world->to[0], "a.jpg", "other");
    world_start(world, &(CopierOptions){ 0 });
    world_queue(world, file, 0);
    CopyResult *read = world_next(world);
    copier_add_from(world->copier, &(CopyJob){ .file = file, .name = g_strdup("a.jpg"), .to = 2 },
                    0, &read->content);
    CopyResult *result = world_next(world);
    assert_int_equal(result->ends[1], COPY_FAILED);
    assert_non_null(strstr(result->errors[1]->what, "is not what the card gave"));
    assert_false(check_exists(world->to[1], "a.jpg"));
    copy_result_free(read);
    copy_result_free(result);
    world_free(world);
}

/* A FIFO is all that is known of a camera's file: it can only be read from its begin. */
static int open_pipe(void *user, const CardFile *file, Error **err)
{
    g_autofree char *path = g_build_filename(((World *) user)->card, file->path, NULL);
    g_autofree char *command = g_strdup_printf("cat '%s'", path);
    g_auto(GStrv) argv = NULL;
    int fd = -1;

    (void) err;
    assert_true(g_shell_parse_argv(command, NULL, &argv, NULL));
    assert_true(g_spawn_async_with_pipes(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                                         NULL, &fd, NULL, NULL));
    return fd;
}

static void what_comes_through_a_pipe_is_copied_too(void **state)
{
    World *world = world_new(1);

    (void) state;
    world_add(world, "a.jpg", 3000001);
    world->open = open_pipe;
    world_start(world, &(CopierOptions){ 0 });
    world_queue_all(world);
    world_check_made(world, 1);
    world_free(world);
}

static void a_file_that_is_shorter_than_it_was_is_not_copied(void **state)
{
    World *world = world_new(1);
    CardFile *file = world_add(world, "a.jpg", 1000);

    (void) state;
    file->size = 1001;
    world_start(world, &(CopierOptions){ 0 });
    world_queue_all(world);
    CopyResult *result = world_next(world);
    assert_false(result->was_read);
    assert_non_null(strstr(result->error->what, "'a.jpg' changed after the card was listed"));
    assert_int_equal(result->ends[0], COPY_NOT_ASKED);
    copy_result_free(result);
    world_check_whole(world, 0);
    world_free(world);
}

static void a_destination_that_cannot_be_made_is_named(void **state)
{
    World *world = world_new(1);
    CopySource source = { .user = world, .open = world_open, .is_there = world_is_there };
    g_autoptr(Error) error = NULL;

    (void) state;
    check_write(world->dir, "to0", "a file");
    assert_null(copier_new(&source, world->to, NULL, 1, &(CopierOptions){ 0 }, &error));
    assert_non_null(strstr(error->what, "/to0' is not a directory"));
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_files_of_many_sizes_arrive_in_three_destinations),
        cmocka_unit_test(a_file_without_destinations_is_only_read),
        cmocka_unit_test(time_and_protection_are_those_of_the_card),
        cmocka_unit_test(a_name_that_is_taken_stays_what_it_was),
        cmocka_unit_test(no_name_is_taken_from_what_is_no_file),
        cmocka_unit_test(nothing_is_written_outside_a_destination),
        cmocka_unit_test(a_copy_that_stands_gives_the_others),
        cmocka_unit_test(a_copy_that_is_another_content_gives_nothing),
        cmocka_unit_test(what_comes_through_a_pipe_is_copied_too),
        cmocka_unit_test(a_file_that_is_shorter_than_it_was_is_not_copied),
        cmocka_unit_test(a_destination_that_cannot_be_made_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
