/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/files/fstab.h"

#include <mntent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "daemon/files/mounts.h"

enum {
    LINE = 4096,
    LINKS = 40, /* one after the other, as the kernel has it */
};

static bool is_mounted(const GPtrArray *mounts, const char *point)
{
    for (guint i = 0; i < mounts->len; i++)
        if (strcmp(((const Mount *) mounts->pdata[i])->point, point) == 0)
            return true;
    return false;
}

/* The real path of a mount point as it is written: with a slash at its end, by way of a symbolic
 * link; newly allocated. The kernel's table has real paths alone. */
static char *real_point(const GPtrArray *mounts, const char *written)
{
    char *point = g_canonicalize_filename(written, "/");

    for (int i = 0; i < LINKS && !is_mounted(mounts, point); i++) {
        g_autofree char *parent = g_path_get_dirname(point), *name = g_path_get_basename(point);
        g_autofree char *directory = mounts_real_path(parent);
        g_free(point);
        point = g_build_filename(directory, name, NULL);
        if (is_mounted(mounts, point))
            break;
        g_autofree char *target = g_file_read_link(point, NULL);
        if (!target)
            break;
        g_free(point);
        point = g_canonicalize_filename(target, directory);
    }
    return point;
}

GHashTable *fstab_read(const GPtrArray *mounts)
{
    GHashTable *points = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    FILE *file = setmntent("/etc/fstab", "re");
    struct mntent entry;
    char line[LINE];

    while (file && getmntent_r(file, &entry, line, sizeof(line))) {
        bool goes = hasmntopt(&entry, "noauto") || hasmntopt(&entry, "nofail") ||
                    hasmntopt(&entry, "x-systemd.automount");
        if (entry.mnt_dir[0] == '/') /* swap has none */
            g_hash_table_insert(points, real_point(mounts, entry.mnt_dir), GINT_TO_POINTER(!goes));
    }
    if (file)
        endmntent(file);
    return points;
}
