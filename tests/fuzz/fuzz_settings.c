/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any text as the service's configuration: with the tables of the real settings, includes, profiles
 * and rights. Either there is a snapshot whose values are such as the daemon can work with, or
 * there are errors, each with what it is about. The parts of the input, a 0 between them, are the
 * file and three more that it may include, the last of which holds the profiles that were shipped.
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/settings/load.h"
#include "daemon/settings/profiles.h"

enum { FILES = 4 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[FILES] = { "main.conf", "a.conf", "b.conf", "[c]/d.conf" };
static char *top, *paths[FILES];

static void demand(bool holds)
{
    if (!holds)
        abort();
}

/* What an include finds lies in our directory: nothing of this machine is read. */
int __wrap_glob(const char *pattern, int flags, int (*failed)(const char *, int), glob_t *found);
int __real_glob(const char *pattern, int flags, int (*failed)(const char *, int), glob_t *found);

int __wrap_glob(const char *pattern, int flags, int (*failed)(const char *, int), glob_t *found)
{
    if (!g_str_has_prefix(pattern, top) || strstr(pattern, "..")) {
        *found = (glob_t){ 0 };
        return GLOB_NOMATCH;
    }
    return __real_glob(pattern, flags, failed, found);
}

/* The last of the files is all that was shipped. */
char *__wrap_paths_profiles(void);

char *__wrap_paths_profiles(void)
{
    return g_build_filename(top, "[c]", NULL);
}

/* No worker is asked: fuzz_profile does what it would. */
bool __wrap_profiles_check(const char *worker, const ProfileChecker *checker, const char *document,
                           int64_t timeout_ms, Settings *settings, GPtrArray *errors);

bool __wrap_profiles_check(const char *worker G_GNUC_UNUSED,
                           const ProfileChecker *checker G_GNUC_UNUSED, const char *document,
                           int64_t timeout_ms G_GNUC_UNUSED, Settings *settings G_GNUC_UNUSED,
                           GPtrArray *errors G_GNUC_UNUSED)
{
    demand(document && *document);
    return true;
}

static void leave(void)
{
    g_autofree char *below = g_build_filename(top, "[c]", NULL);

    for (int i = 0; i < FILES; i++)
        unlink(paths[i]);
    rmdir(below);
    rmdir(top);
}

static void begin(void)
{
    const char *memory = "/dev/shm"; /* where a file costs nothing */

    top = g_build_filename(access(memory, W_OK) ? g_get_tmp_dir() : memory, "hotfolder-fuzz.XXXXXX",
                           NULL);
    demand(mkdtemp(top) != NULL);
    g_autofree char *below = g_build_filename(top, "[c]", NULL);
    demand(g_mkdir_with_parents(below, 0700) == 0);
    for (int i = 0; i < FILES; i++)
        paths[i] = g_build_filename(top, names[i], NULL);
    atexit(leave);
}

static void write_files(const char *data, size_t size)
{
    for (size_t i = 0, at = 0; i < FILES; i++) {
        size_t left = size - at, length = strnlen(data + at, left);
        FILE *file = fopen(paths[i], "we");

        demand(file != NULL);
        demand(fwrite(data + at, 1, length, file) == length);
        demand(fclose(file) == 0);
        at += MIN(length + 1, left);
    }
}

static void judge_folder(const Folder *folder)
{
    demand(folder->name && folder->profile && folder->ignore);
    demand(*folder->path == '/' && *folder->output == '/');
    demand(!g_str_has_suffix(folder->path, "/") || !folder->path[1]);
    demand(folder->retry.attempts >= 1 && folder->retry.first_ms > 0 && folder->retry.max_ms > 0);
    demand(folder->deadline_ms > 0 && folder->quiet_ms >= 0 && folder->incomplete_ms > 0);
    demand(folder->limits.accept && folder->limits.max_bytes > 0 && folder->limits.max_pages > 0);
    demand(folder->limits.max_pixels > 0 && folder->limits.max_outputs > 0);
    demand(!(folder->ownership.mode & ~07777) && !(folder->ownership.directory_mode & ~07777));
}

static void judge_error(const Error *error)
{
    demand(error->what && *error->what && g_utf8_validate(error->what, -1, NULL));
    demand(!strchr(error->what, '\n'));
    demand(g_strcmp0(error->fix, "put values in quotes") != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);

    if (!top)
        begin();
    write_files((const char *) data, size);
    Settings *settings = settings_load(paths[0], NULL, errors);

    demand(!settings == (errors->len > 0));
    g_ptr_array_foreach(errors, (GFunc) (void *) judge_error, NULL);
    if (!settings)
        return 0;
    demand(settings->workers >= 1 && settings->memory > 0 && settings->reconcile_ms > 0);
    g_ptr_array_foreach(settings->folders, (GFunc) (void *) judge_folder, NULL);
    settings_unref(settings);
    return 0;
}
