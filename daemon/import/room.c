/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Room for a card in each destination. A destination on a disk that is not mounted is none: what is
 * written there would fill the disk below its mount point. */
#include "daemon/import/room.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/text.h"
#include "base/units.h"
#include "daemon/files/fstab.h"
#include "daemon/files/mounts.h"

enum { BLOCK = 4096, PER_FILE = 2 * BLOCK, LEAST_FILES = 16 };

int64_t room_needed(int64_t bytes, int64_t files)
{
    return bytes + bytes / 100 + files * PER_FILE;
}

/* ---- is it there ---- */

static bool is_mounted(const GPtrArray *mounts, const char *point)
{
    for (guint i = 0; i < mounts->len; i++)
        if (!g_strcmp0(((const Mount *) mounts->pdata[i])->point, point))
            return true;
    return false;
}

/* fstab says that a disk belongs there or above it, and none is mounted. */
static bool check_mounted(const char *directory, const GPtrArray *mounts, Error **err)
{
    g_autoptr(GHashTable) points = fstab_read(mounts);
    g_autofree char *real = mounts_real_path(directory);
    GHashTableIter each;
    gpointer point = NULL;

    g_hash_table_iter_init(&each, points);
    while (g_hash_table_iter_next(&each, &point, NULL)) {
        if (!mounts_below(real, point) || is_mounted(mounts, point))
            continue;
        g_autofree char *shown = text_escape(point);
        return error_set(err, ERROR_ENVIRONMENT, "mount it; the import then goes on",
                         "%s is not mounted", shown);
    }
    return true;
}

static bool missing(const char *directory, Error **err)
{
    g_autofree char *shown = text_escape(directory);

    return error_set(err, ERROR_ENVIRONMENT,
                     "make it, or mount its file system; the import then goes on",
                     "the directory %s is missing, and so is the one above it", shown);
}

/* The directory itself, or the one above it, where it is to be made; newly allocated. */
static char *existing(const char *directory, Error **err)
{
    struct stat st;
    int code = stat(directory, &st) < 0 ? errno : 0;

    if (!code && S_ISDIR(st.st_mode))
        return g_strdup(directory);
    if (code == ENOENT) {
        g_autofree char *above = g_path_get_dirname(directory);
        if (stat(above, &st) == 0 && S_ISDIR(st.st_mode))
            return g_steal_pointer(&above);
        missing(directory, err);
        return NULL;
    }
    error_errno(err, code ? code : ENOTDIR, "cannot use the directory '%s'", directory);
    (*err)->kind = ERROR_ENVIRONMENT;
    return NULL;
}

static bool check_writable(const char *directory, Error **err)
{
    if (access(directory, W_OK | X_OK) == 0)
        return true;
    error_errno(err, errno, "cannot write into '%s'", directory);
    (*err)->kind = ERROR_ENVIRONMENT;
    return false;
}

/* ---- has it room ---- */

/* A file system, with all that is to be written to it. */
typedef struct Room {
    dev_t device;
    char *directory;
    double need;
    int64_t files;
} Room;

static void clear_room(void *data)
{
    g_free(((Room *) data)->directory);
}

static bool add_need(GArray *rooms, const RoomNeed *need, const GPtrArray *mounts, Error **err)
{
    g_autofree char *directory = existing(need->destination, err);
    struct stat st;

    if (!directory || !check_mounted(directory, mounts, err) || !check_writable(directory, err))
        return false;
    if (stat(directory, &st) < 0)
        return missing(directory, err);
    double bytes = (double) room_needed(need->bytes, need->files);
    for (guint i = 0; i < rooms->len; i++) {
        Room *room = &g_array_index(rooms, Room, i);
        if (room->device != st.st_dev)
            continue;
        room->need += bytes;
        room->files += need->files;
        return true;
    }
    const Room room = { st.st_dev, g_steal_pointer(&directory), bytes, need->files };
    g_array_append_val(rooms, room);
    return true;
}

/* "12 GB" */
static char *bytes_text(double bytes)
{
    static const char *const units[] = { "KB", "MB", "GB", "TB", NULL };
    double amount = bytes / 1024;
    unsigned unit = 0;

    while (amount >= 1024 && units[unit + 1]) {
        amount /= 1024;
        unit++;
    }
    return g_strdup_printf("%.*f %s", amount < 10, MAX(amount, 0.1), units[unit]);
}

/* The disk, as people call it: where it is mounted. */
static char *place_of(const char *directory, const GPtrArray *mounts)
{
    g_autofree char *real = mounts_real_path(directory);
    const Mount *mount = mounts_find(mounts, real);

    return text_escape(mount && g_strcmp0(mount->point, "/") ? mount->point : directory);
}

static bool check_room(const Room *room, int64_t min_free, const GPtrArray *mounts, Error **err)
{
    struct statvfs fs;

    if (room->files == 0 || statvfs(room->directory, &fs) < 0 || !fs.f_blocks)
        return true;
    g_autofree char *place = place_of(room->directory, mounts);
    double lacks = room->need + (double) min_free - (double) fs.f_bavail * (double) fs.f_frsize;
    if (lacks > 0) {
        g_autofree char *text = bytes_text(lacks);
        return error_set(err, ERROR_ENVIRONMENT, NULL, "%s needs %s more", place, text);
    }
    return !fs.f_files || fs.f_favail >= (fsfilcnt_t) room->files + LEAST_FILES ||
           error_set(err, ERROR_ENVIRONMENT, NULL, "%s takes only %llu more files", place,
                     (unsigned long long) fs.f_favail);
}

bool room_check(const RoomNeed *needs, unsigned count, int64_t min_free, Error **err)
{
    g_autoptr(GPtrArray) mounts = mounts_read();
    g_autoptr(GArray) rooms = g_array_new(FALSE, FALSE, sizeof(Room));
    bool ok = true;

    g_array_set_clear_func(rooms, clear_room);
    for (unsigned i = 0; ok && i < count; i++)
        ok = add_need(rooms, &needs[i], mounts, err);
    for (guint i = 0; ok && i < rooms->len; i++)
        ok = check_room(&g_array_index(rooms, Room, i), min_free, mounts, err);
    return ok;
}
