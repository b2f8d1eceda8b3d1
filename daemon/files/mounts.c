/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/files/mounts.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

/* ---- paths ---- */

const char *mounts_below(const char *path, const char *directory)
{
    size_t length = strcmp(directory, "/") == 0 ? 0 : strlen(directory);

    if (strncmp(path, directory, length) != 0 || (path[length] && path[length] != '/'))
        return NULL;
    path += length;
    return path + strspn(path, "/");
}

char *mounts_join(const char *directory, const char *rest)
{
    return *rest ? g_build_filename(directory, rest, NULL) : g_strdup(directory);
}

char *mounts_real_path(const char *path)
{
    g_autofree char *head = g_strdup(path);

    for (;;) {
        char *real = realpath(head, NULL);

        if (real) {
            const char *rest = mounts_below(path, head);
            char *whole = mounts_join(real, rest ? rest : "");
            free(real);
            return whole;
        }
        if (!strcmp(head, "/"))
            return g_strdup(path);
        char *parent = g_path_get_dirname(head);
        g_free(head);
        head = parent;
    }
}

/* ---- mounts ---- */

static void mount_free(void *data)
{
    Mount *mount = data;

    g_free(mount->id);
    g_free(mount->device);
    g_free(mount->root);
    g_free(mount->point);
    g_free(mount->type);
    g_free(mount->source);
    g_free(mount->options);
    g_free(mount);
}

/* Turns \040 and the like of the kernel's tables into the character. */
static char *unescape(const char *field)
{
    GString *out = g_string_new(NULL);

    while (*field) {
        bool octal = field[0] == '\\' && field[1] >= '0' && field[1] <= '3' && field[2] >= '0' &&
                     field[2] <= '7' && field[3] >= '0' && field[3] <= '7';
        if (octal)
            g_string_append_c(
                out, (char) ((field[1] - '0') * 64 + (field[2] - '0') * 8 + field[3] - '0'));
        else
            g_string_append_c(out, *field);
        field += octal ? 4 : 1;
    }
    return g_string_free(out, FALSE);
}

/* `options` is what follows the mount point: "rw,relatime shared:92 master:83 - ext4 ...". */
static bool has_master(const char *options)
{
    const char *master = strstr(options, " master:"), *end = strstr(options, " - ");

    return master && end && master < end;
}

/* What follows " - " is "ext4 /dev/sdb1 rw,errors=remount-ro". */
static void read_file_system(Mount *mount, const char *options)
{
    const char *type = strstr(options, " - ");
    g_auto(GStrv) fields = g_strsplit(type ? type + 3 : "", " ", 3);
    guint count = g_strv_length(fields);

    mount->type = g_strdup(count > 0 ? fields[0] : "");
    mount->source = unescape(count > 1 ? fields[1] : "");
    mount->options = unescape(count > 2 ? fields[2] : "");
}

GPtrArray *mounts_parse(const char *table)
{
    GPtrArray *mounts = g_ptr_array_new_with_free_func(mount_free);
    g_auto(GStrv) lines = g_strsplit(table, "\n", -1);

    for (char **line = lines; *line; line++) {
        g_auto(GStrv) fields = g_strsplit(*line, " ", 6);
        if (g_strv_length(fields) < 6)
            continue;
        Mount *mount = g_new0(Mount, 1);
        mount->id = g_strdup(fields[0]);
        mount->device = g_strdup(fields[2]);
        mount->root = unescape(fields[3]);
        mount->point = unescape(fields[4]);
        mount->is_slave = has_master(fields[5]);
        read_file_system(mount, fields[5]);
        g_ptr_array_add(mounts, mount);
    }
    return mounts;
}

GPtrArray *mounts_read(void)
{
    g_autofree char *table = NULL;

    g_file_get_contents("/proc/self/mountinfo", &table, NULL, NULL);
    return mounts_parse(table ? table : "");
}

/* The last of those with the longest mount point. */
const Mount *mounts_find(const GPtrArray *mounts, const char *path)
{
    const Mount *best = NULL;

    for (guint i = 0; i < mounts->len; i++) {
        const Mount *mount = mounts->pdata[i];
        if (mounts_below(path, mount->point) &&
            (!best || strlen(mount->point) >= strlen(best->point)))
            best = mount;
    }
    return best;
}

const Mount *mounts_find_id(const GPtrArray *mounts, const char *id)
{
    for (guint i = 0; i < mounts->len; i++) {
        const Mount *mount = mounts->pdata[i];
        if (!strcmp(mount->id, id))
            return mount;
    }
    return NULL;
}

GHashTable *mounts_propagated(const GPtrArray *mounts)
{
    GHashTable *ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (guint i = 0; i < mounts->len; i++) {
        const Mount *mount = mounts->pdata[i];
        if (mount->is_slave)
            g_hash_table_add(ids, g_strdup(mount->id));
    }
    return ids;
}

bool mounts_is_home(const char *path)
{
    return mounts_below(path, "/home") || mounts_below(path, "/root") ||
           mounts_below(path, "/run/user");
}

bool mounts_is_hidden(const char *path)
{
    return mounts_is_home(path) || mounts_below(path, "/tmp") || mounts_below(path, "/var/tmp");
}

/* A mount stops being a slave when its master is mounted nowhere any more. */
const char *mounts_find_stale(const GPtrArray *mounts, GHashTable *slaves)
{
    for (guint i = 0; i < mounts->len; i++) {
        const Mount *mount = mounts->pdata[i];
        if (!mount->is_slave && mounts_is_hidden(mount->point) &&
            g_hash_table_contains(slaves, mount->id))
            return mount->point;
    }
    return NULL;
}

/* A program such as sshfs answers the first question from its own cache, for 20 s; the second one,
 * for the free space, it hands on. */
void mounts_ask_server(const char *path)
{
    struct statx st;
    struct statvfs fs;

    statx(AT_FDCWD, path, AT_STATX_FORCE_SYNC, STATX_BASIC_STATS, &st);
    statvfs(path, &fs);
}
