/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any two paths, a line each: they are of one shot if their keys are the same, and a key, its stem
 * and its tail are of one piece. */
#include <glib.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/files/shot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
    if (!holds)
        abort();
}

/* The directory as it is, the stem in small letters. */
static void check_key(const char *path, const char *key)
{
    const char *tail = shot_tail(path), *slash = strrchr(path, '/');
    size_t stem = (size_t) (tail - path), dir = slash ? (size_t) (slash + 1 - path) : 0;
    g_autofree char *small = g_ascii_strdown(path, (gssize) stem);

    demand(strlen(key) == stem && stem > dir && *tail == '.');
    demand(!memcmp(key, path, dir) && !strcmp(key + dir, small + dir));
}

static char *check_path(const char *path)
{
    ShotKind kind = shot_kind(path);
    char *key = shot_key(path);

    demand((key != NULL) == (kind != SHOT_NONE) && (key != NULL) == (*shot_tail(path) != '\0'));
    demand(shot_kind_name(kind) != NULL);
    demand(!shot_kind_is_common(kind) || shot_kind_is_companion(kind));
    demand(shot_is_same(path, path) == (key != NULL));
    if (!key)
        return NULL;
    check_key(path, key);
    /* a sidecar of the file, named after the whole of it, is of its shot */
    g_autofree char *whole = g_strconcat(path, ".xmp", NULL);
    demand(kind == SHOT_XMP || shot_is_same(path, whole));
    return key;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *) data, size);
    char *line = strchr(text, '\n');
    const char *other = line ? line + 1 : "";

    if (line)
        *line = '\0';
    g_autofree char *key = check_path(text), *other_key = check_path(other);
    bool same = key && !g_strcmp0(key, other_key);
    demand(shot_is_same(text, other) == same && shot_is_same(other, text) == same);
    return 0;
}
