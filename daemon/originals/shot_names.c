/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/originals/shot_names.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "daemon/files/beneath.h"
#include "daemon/files/filename.h"
#include "daemon/files/shot.h"

void shot_name_clear(ShotName *name)
{
    g_clear_pointer(&name->stem, g_free);
    g_clear_pointer(&name->suffix, g_free);
}

/* The last part of a path, borrowed. */
static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

char *shot_name_path(const ShotName *name, const char *place, const char *source)
{
    g_autofree char *dir = NULL, *own = NULL;

    filename_split(source, &dir, &own);
    const char *tail = shot_tail(own), *stem = name->stem ? name->stem : own;
    size_t length = name->stem ? strlen(stem) : (size_t) (tail - own);
    g_autofree char *end = g_strconcat(name->suffix, tail, NULL);
    g_autofree char *file = filename_with_tail(stem, length, end);
    g_autofree char *below = filename_join(dir, file);
    return filename_join(place, below);
}

void shot_name_read(const char *path, const char *source, ShotName *name)
{
    const char *is = last_part(path), *own = last_part(source), *own_tail = shot_tail(own);
    const char *tail = shot_tail(is);
    size_t stem = (size_t) (own_tail - own), length = (size_t) (tail - is);
    bool renamed = length < stem || strncmp(is, own, stem) != 0;

    shot_name_clear(name);
    name->stem = renamed ? g_strndup(is, length) : NULL;
    name->suffix = renamed ? g_strdup("") : g_strndup(is + stem, length - stem);
}

bool shot_name_is_free(const Folder *folder, const char *place, const ShotName *name,
                       const ShotFile *file)
{
    g_autofree char *path = shot_name_path(name, place, file->source);
    g_autofree char *dir = NULL, *last = NULL;
    struct stat st;

    filename_split(path, &dir, &last);
    int fd = beneath_open(folder->path, dir, O_RDONLY | O_DIRECTORY);
    if (fd < 0)
        return true; /* it is made by the move, which says what prevents that */
    bool is_free = (fstatat(fd, last, &st, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT) ||
                   move_is_file(fd, last, file->file);
    close(fd);
    return is_free;
}

static bool too_many(const char *source, Error **err)
{
    g_autofree char *shown = text_escape(source);

    return error_set(err, ERROR_CONFIG, "remove or rename some of them",
                     "there are %d originals of the name '%s'", FILENAME_NUMBERS, shown);
}

static void set_number(const ShotName *shot, unsigned number, ShotName *name)
{
    const char *suffix = shot->suffix ? shot->suffix : "";

    shot_name_clear(name);
    name->stem = g_strdup(shot->stem);
    name->suffix = number ? g_strdup_printf("%s-%u", suffix, number) : g_strdup(suffix);
}

static bool choose(const Folder *folder, const char *place, const ShotName *shot,
                   const ShotFile *files, size_t count, ShotName *name, Error **err)
{
    for (unsigned number = 0; number < FILENAME_NUMBERS; number++) {
        bool is_free = true;

        set_number(shot, number, name);
        for (size_t i = 0; is_free && i < count; i++)
            is_free = shot_name_is_free(folder, place, name, &files[i]);
        if (is_free)
            return true;
    }
    return too_many(files[0].source, err);
}

bool shot_name_choose(const Folder *folder, const char *place, const char *new_name,
                      const ShotFile *files, size_t count, ShotName *name, Error **err)
{
    g_auto(ShotName) first = { NULL, NULL };

    if (new_name)
        first.stem = g_strndup(new_name, (size_t) (shot_tail(new_name) - new_name));
    return choose(folder, place, &first, files, count, name, err);
}

bool shot_name_number(const Folder *folder, const char *place, const ShotName *shot,
                      const ShotFile *file, ShotName *name, Error **err)
{
    return choose(folder, place, shot, file, 1, name, err);
}
