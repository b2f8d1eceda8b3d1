/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* check.h - what every test of ours includes: cmocka in the order it wants, and small helpers. */
#pragma once

/* cmocka wants these four before it. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <fcntl.h>
#include <ftw.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

static inline void check_ok(bool ok, const Error *error, const char *file, int line)
{
    g_autofree char *text = error ? error_text(error) : g_strdup("no error");

    if (ok)
        return;
    print_error("%s\n", text);
    _fail(file, line);
}

/* Fails with the error's text when `ok` is false; error is looked at after ok was worked out. */
#define assert_ok(ok, error)                                                                       \
    do {                                                                                           \
        bool ok_or_not = (ok);                                                                     \
        check_ok(ok_or_not, (error), __FILE__, __LINE__);                                          \
    } while (0)

/* The texts of `errors` (of Error), each with a line feed; newly allocated. */
static inline char *check_error_lines(const GPtrArray *errors)
{
    GString *lines = g_string_new(NULL);

    for (guint i = 0; i < errors->len; i++) {
        g_autofree char *text = error_text(errors->pdata[i]);
        g_string_append_printf(lines, "%s\n", text);
    }
    return g_string_free(lines, FALSE);
}

static inline int check_remove(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void) st, (void) kind, (void) ftw;
    return remove(path);
}

/* A new directory, newly allocated; check_rmdir() removes it with all that is in it. */
static inline char *check_mkdir(void)
{
    char *dir = g_dir_make_tmp("hotfolder-test-XXXXXX", NULL);

    assert_non_null(dir);
    return dir;
}

/* The same on a disk, and where every user gets to: TMPDIR may lie in memory, which no copy can be
 * read back from, and in a directory of one user. */
static inline char *check_mkdir_on_disk(void)
{
    char *dir = g_strdup("/var/tmp/hotfolder-test-XXXXXX");

    assert_non_null(g_mkdtemp(dir));
    return dir;
}

/* The same in memory, where a sync takes no time, for tests of which nothing needs a disk; where
 * there is no such place, as check_mkdir(). */
static inline char *check_mkdir_in_memory(void)
{
    char *dir = g_strdup("/dev/shm/hotfolder-test-XXXXXX");

    if (g_mkdtemp(dir))
        return dir;
    g_free(dir);
    return check_mkdir();
}

static inline void check_rmdir(char *dir)
{
    nftw(dir, check_remove, 16, FTW_DEPTH | FTW_PHYS);
    g_free(dir);
}

/* A file `dir/name` with this text. */
static inline void check_write(const char *dir, const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(dir, name, NULL);
    g_autofree char *parent = g_path_get_dirname(path);

    assert_int_equal(g_mkdir_with_parents(parent, 0755), 0);
    assert_true(g_file_set_contents(path, text, -1, NULL));
}

/* The text of `dir/name`, newly allocated; NULL when there is no such file. */
static inline char *check_read(const char *dir, const char *name)
{
    g_autofree char *path = g_build_filename(dir, name, NULL);
    char *text = NULL;

    g_file_get_contents(path, &text, NULL, NULL);
    return text;
}

static inline bool check_exists(const char *dir, const char *name)
{
    g_autofree char *path = g_build_filename(dir, name, NULL);
    struct stat st;

    return lstat(path, &st) == 0;
}

/* How many entries a directory has, hidden ones too. */
static inline int check_entries(const char *path)
{
    GDir *dir = g_dir_open(path, 0, NULL);
    int count = 0;

    assert_non_null(dir);
    while (g_dir_read_name(dir))
        count++;
    g_dir_close(dir);
    return count;
}
