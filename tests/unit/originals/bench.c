/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/originals/bench.h"

int set_up(void **state)
{
    Bench *bench = g_new0(Bench, 1);

    bench->dir = check_mkdir();
    bench->profile.name = (char *) (uintptr_t) "web";
    bench->folder = (Folder){ .name = (char *) (uintptr_t) "inbox",
                              .path = bench->dir,
                              .output = bench->dir,
                              .profile = &bench->profile,
                              .originals = ORIGINALS_DONE };
    *state = bench;
    return 0;
}

int tear_down(void **state)
{
    Bench *bench = *state;

    check_rmdir(bench->dir);
    g_free(bench);
    return 0;
}

FileId id_of(const Bench *bench, const char *name)
{
    g_autofree char *path = g_build_filename(bench->dir, name, NULL);
    struct stat st;

    assert_int_equal(stat(path, &st), 0);
    return fileid_of(&st);
}

Original original_of(Bench *bench, const char *name, const FileId *id)
{
    return (Original){ .folder = &bench->folder,
                       .root = bench->dir,
                       .source = name,
                       .file = id,
                       .temp = ".hotfolder-t",
                       .missing = &bench->missing };
}

bool finish(Bench *bench, const char *name)
{
    FileId id = id_of(bench, name);
    g_autoptr(Error) error = NULL;
    bool gone = false;

    Original original = original_of(bench, name, &id);
    assert_ok(originals_move_finished(&original, &gone, &error), error);
    return gone;
}

void assert_text(const Bench *bench, const char *name, const char *text)
{
    g_autofree char *there = check_read(bench->dir, name);

    assert_non_null(there);
    assert_string_equal(there, text);
}

bool ends_as_one(Bench *bench, const char *to, const char *never)
{
    g_autofree char *from = g_build_filename(bench->dir, "beach.jpg", NULL);
    g_autofree char *there = g_build_filename(bench->dir, to, NULL);
    g_autofree char *dir = g_path_get_dirname(there);

    check_write(bench->dir, "beach.jpg", "picture");
    bool ok = g_mkdir_with_parents(dir, 0700) == 0 && link(from, there) == 0;
    return ok && finish(bench, "beach.jpg") && check_exists(bench->dir, to) &&
           !check_exists(bench->dir, "beach.jpg") && !check_exists(bench->dir, never);
}
