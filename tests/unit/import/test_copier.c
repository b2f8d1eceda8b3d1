/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A card's files arrive whole in every destination, or not at all. */
#include "tests/unit/import/copying.h"

static CopyResult *next(World *world)
{
    CopyResult *result = copier_next(world->copier, 60000);

    assert_non_null(result);
    return result;
}

static void check_made(World *world, guint count)
{
    for (guint i = 0; i < count; i++) {
        CopyResult *result = next(world);
        assert_ok(result->was_read && !result->error, result->error);
        for (unsigned to = 0; to < world->count; to++) {
            assert_ok(result->ends[to] == COPY_MADE, result->errors[to]);
            assert_true(world_has(world, result->job.file, to));
        }
        copy_result_free(result);
    }
    assert_null(copier_next(world->copier, 0));
}

static void many_files_of_many_sizes_arrive_in_three_destinations(void **state)
{
    static const size_t sizes[] = { 0, 1, 4095, 4096, 4097, 100000, 1048576, 1048577, 5000000 };
    World *world = world_new(3);

    (void) state;
    for (unsigned i = 0; i < 120; i++) {
        g_autofree char *path = g_strdup_printf("DCIM/%u/IMG_%04u.JPG", i % 4, i);
        world_add(world, path, sizes[i % G_N_ELEMENTS(sizes)])->is_protected = i % 2;
    }
    world_start(world, &(CopierOptions){ .digests = CONTENT_MD5 });
    world_queue_all(world);
    check_made(world, world->files->len);
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_files_of_many_sizes_arrive_in_three_destinations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
