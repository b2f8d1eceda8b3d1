/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* copying.h - a card of files and its copier, for the tests of copiers. */
#pragma once

#include <stdatomic.h>

#include "daemon/import/copier.h"
#include "tests/unit/check.h"

/* A directory with card/ and the destinations to0/, to1/ ... */
typedef struct World {
    char *dir, *card;
    char *to[COPIER_DESTINATIONS];
    unsigned count;
    GPtrArray *files; /* of CardFile */
    atomic_bool is_gone;
    int (*open)(void *user, const CardFile *file, Error **err);
    const Medium *media[COPIER_DESTINATIONS];
    Copier *copier;
} World;

static inline int world_open(void *user, const CardFile *file, Error **err)
{
    const World *world = user;
    g_autofree char *path = g_build_filename(world->card, file->path, NULL);
    int fd = world->is_gone ? -1 : open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        error_errno(err, errno, "cannot open '%s'", file->path);
    return fd;
}

static inline bool world_is_there(void *user)
{
    return !((World *) user)->is_gone;
}

static inline void world_free_file(void *data)
{
    CardFile *file = data;

    g_free(file->path);
    g_free(file);
}

static inline World *world_new(unsigned count)
{
    World *world = g_new0(World, 1);

    world->dir = check_mkdir_in_memory();
    world->card = g_build_filename(world->dir, "card", NULL);
    world->count = count;
    world->open = world_open;
    world->files = g_ptr_array_new_with_free_func(world_free_file);
    assert_int_equal(g_mkdir(world->card, 0755), 0);
    for (unsigned i = 0; i < count; i++)
        world->to[i] = g_strdup_printf("%s/to%u", world->dir, i);
    return world;
}

static inline void world_free(World *world)
{
    copier_free(world->copier);
    for (unsigned i = 0; i < COPIER_DESTINATIONS; i++)
        g_free(world->to[i]);
    g_ptr_array_unref(world->files);
    g_free(world->card);
    check_rmdir(world->dir);
    g_free(world);
}

/* Bytes that are not those of another file. */
static inline CardFile *world_add(World *world, const char *path, size_t size)
{
    g_autofree char *full = g_build_filename(world->card, path, NULL);
    g_autofree char *parent = g_path_get_dirname(full);
    g_autofree uint32_t *bytes = g_malloc(size + 8);
    g_autoptr(GRand) rand = g_rand_new_with_seed(g_str_hash(path));
    CardFile *file = g_new0(CardFile, 1);

    assert_int_equal(g_mkdir_with_parents(parent, 0755), 0);
    for (size_t i = 0; i < size / 4 + 1; i++)
        bytes[i] = g_rand_int(rand);
    assert_true(g_file_set_contents(full, (char *) bytes, (gssize) size, NULL));
    file->path = g_strdup(path);
    file->size = (int64_t) size;
    file->mtime_ns = INT64_C(1714564800123456789);
    g_ptr_array_add(world->files, file);
    return file;
}

static inline void world_start(World *world, const CopierOptions *options)
{
    CopySource source = { .user = world, .open = world->open, .is_there = world_is_there };
    g_autoptr(Error) error = NULL;

    world->copier = copier_new(&source, world->to, world->media, world->count, options, &error);
    assert_ok(world->copier, error);
}

/* To the destinations `to`, under its own path. */
static inline void world_queue(World *world, const CardFile *file, unsigned to)
{
    copier_add(world->copier,
               &(CopyJob){ .file = file, .name = to ? g_strdup(file->path) : NULL, .to = to });
}

static inline void world_queue_all(World *world)
{
    for (guint i = 0; i < world->files->len; i++)
        world_queue(world, world->files->pdata[i], (1U << world->count) - 1);
}

/* cmp(1) says whether the file at this path in a destination is the one of the card. */
static inline bool world_has(const World *world, const char *path, unsigned to)
{
    g_autofree char *command =
        g_strdup_printf("cmp -s '%s/%s' '%s/%s'", world->card, path, world->to[to], path);

    int status = -1;

    assert_true(g_spawn_command_line_sync(command, NULL, NULL, &status, NULL));
    return status == 0;
}

static inline CopyResult *world_next(World *world)
{
    CopyResult *result = copier_next(world->copier, 60000);

    assert_non_null(result);
    return result;
}

/* The next `count` results: each file was read, and stands in every destination. */
static inline void world_check_made(World *world, guint count)
{
    for (guint i = 0; i < count; i++) {
        CopyResult *result = world_next(world);
        assert_ok(result->was_read && !result->error, result->error);
        for (unsigned to = 0; to < world->count; to++)
            assert_ok(result->ends[to] == COPY_MADE, result->errors[to]);
        copy_result_free(result);
    }
    assert_null(copier_next(world->copier, 0));
}

static GPtrArray *world_found;
static size_t world_top;

static inline int world_find(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void) kind, (void) ftw;
    if (!S_ISDIR(st->st_mode))
        g_ptr_array_add(world_found, g_strdup(path + world_top));
    return 0;
}

/* The paths of all files in a destination, relative to it; newly allocated. */
static inline GPtrArray *world_files(const World *world, unsigned to)
{
    world_found = g_ptr_array_new_with_free_func(g_free);
    world_top = strlen(world->to[to]) + 1;
    nftw(world->to[to], world_find, 16, FTW_PHYS);
    return world_found;
}

/* Whatever has a name in a destination is a whole file of the card, and `count` of them have one in
 * each; -1: any number. */
static inline void world_check_whole(const World *world, int count)
{
    for (unsigned to = 0; to < world->count; to++) {
        g_autoptr(GPtrArray) found = world_files(world, to);
        for (guint i = 0; i < found->len; i++)
            if (!world_has(world, found->pdata[i], to))
                fail_msg("'%s' is not what the card has", (char *) found->pdata[i]);
        if (count >= 0)
            assert_int_equal(found->len, count);
    }
}
