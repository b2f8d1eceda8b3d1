/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/beside.h"

#include <string.h>

#include "daemon/files/filename.h"
#include "daemon/files/shot.h"
#include "formats/format.h"

/* The files of one shot. */
typedef struct Shot {
    bool raw, picture;
    GPtrArray *sidecars; /* of char *: names */
} Shot;

struct Beside {
    GHashTable *files; /* borrowed: the only ones that count; NULL: all */
    char *dir;         /* that was looked at last; NULL: none */
    GHashTable *shots; /* of its files: shot_key() -> Shot */
};

static void shot_free(void *data)
{
    Shot *shot = data;

    g_ptr_array_unref(shot->sidecars);
    g_free(shot);
}

Beside *beside_new(GHashTable *files)
{
    Beside *beside = g_new0(Beside, 1);

    beside->files = files;
    beside->shots = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, shot_free);
    return beside;
}

void beside_free(Beside *beside)
{
    if (!beside)
        return;
    g_hash_table_unref(beside->shots);
    g_free(beside->dir);
    g_free(beside);
}

/* ---- a directory ---- */

static void add(Beside *beside, const char *name)
{
    ShotKind kind = shot_kind(name);
    char *key =
        kind == SHOT_PICTURE || kind == SHOT_RAW || kind == SHOT_XMP ? shot_key(name) : NULL;

    if (!key)
        return;
    Shot *shot = g_hash_table_lookup(beside->shots, key);
    if (!shot) {
        shot = g_new0(Shot, 1);
        shot->sidecars = g_ptr_array_new_with_free_func(g_free);
        g_hash_table_insert(beside->shots, key, shot);
    } else {
        g_free(key);
    }
    shot->raw |= kind == SHOT_RAW;
    shot->picture |= kind == SHOT_PICTURE;
    if (kind == SHOT_XMP)
        g_ptr_array_add(shot->sidecars, g_strdup(name));
}

static bool counts(const Beside *beside, const char *name)
{
    g_autofree char *path = filename_join(beside->dir, name);

    return !beside->files || g_hash_table_contains(beside->files, path);
}

static void read_directory(Beside *beside, const char *dir)
{
    g_autoptr(GDir) listing = g_dir_open(dir, 0, NULL);
    const char *name = NULL;

    g_hash_table_remove_all(beside->shots);
    g_free(beside->dir);
    beside->dir = g_strdup(dir);
    while (listing && (name = g_dir_read_name(listing)))
        if (counts(beside, name))
            add(beside, name);
}

/* *name: the last part of the path, newly allocated. NULL: its name is of no shot. */
static const Shot *shot_of(Beside *beside, const char *path, char **name)
{
    g_autofree char *dir = NULL;

    filename_split(path, &dir, name);
    if (g_strcmp0(beside->dir, dir) != 0)
        read_directory(beside, dir);
    g_autofree char *key = shot_key(*name);
    return key ? g_hash_table_lookup(beside->shots, key) : NULL;
}

/* ---- questions ---- */

/* What a camera or a phone makes beside its RAW. */
static bool is_cameras(const char *name)
{
    const char *extension = NULL;
    Format format = format_promised(name, &extension);

    return format == FORMAT_JPEG || format == FORMAT_HEIF;
}

const char *beside_reason(Beside *beside, const Folder *folder, const char *path)
{
    bool takes_raw = folder->limits.accept & FORMAT_BIT(FORMAT_RAW);
    ShotKind kind = shot_kind(path);
    g_autofree char *name = NULL;

    if (folder->shots == SHOTS_APART || (kind != SHOT_RAW && kind != SHOT_PICTURE))
        return NULL;
    const Shot *shot = shot_of(beside, path, &name);
    if (!shot || !shot->raw || !shot->picture)
        return NULL;
    if (kind == SHOT_RAW)
        return !takes_raw || folder->prefer == PREFER_JPEG ? "camera RAW beside its picture" : NULL;
    return takes_raw && folder->prefer == PREFER_RAW && is_cameras(name)
               ? "picture beside its camera RAW"
               : NULL;
}

const char *beside_companion(Beside *beside, const Folder *folder, const char *path)
{
    g_autofree char *name = NULL;

    if (folder->shots == SHOTS_APART || !shot_kind_is_companion(shot_kind(path)))
        return NULL;
    const Shot *shot = shot_of(beside, path, &name);
    return shot && (shot->raw || shot->picture) ? "companion of a picture" : NULL;
}

char *beside_sidecar(Beside *beside, const Folder *folder, const char *path)
{
    g_autofree char *name = NULL;
    const char *nearest = NULL;
    int near = 0;
    const Shot *shot = folder->shots == SHOTS_APART ? NULL : shot_of(beside, path, &name);

    for (guint i = 0; shot && i < shot->sidecars->len; i++) {
        const char *sidecar = shot->sidecars->pdata[i];
        int is_near = shot_nearness(sidecar, name);
        if (is_near > near || (nearest && is_near == near && strcmp(sidecar, nearest) < 0)) {
            nearest = sidecar;
            near = is_near;
        }
    }
    return g_strdup(nearest);
}
