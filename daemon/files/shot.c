/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/files/shot.h"

#include <glib.h>
#include <string.h>

#include "formats/format.h"

static const struct {
    const char *extension;
    ShotKind kind;
} companions[] = {
    { "xmp", SHOT_XMP },  { "aae", SHOT_AAE },  { "thm", SHOT_THM }, { "wav", SHOT_SOUND },
    { "mov", SHOT_FILM }, { "mp4", SHOT_FILM }, { "lrv", SHOT_LRV },
};

static const char *const names[] = {
    "no part of a shot", "picture", "RAW",  "XMP sidecar", "AAE sidecar",
    "thumbnail",         "sound",   "film", "small film",
};

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* By an extension of `length` bytes, without its dot. */
static ShotKind kind_of(const char *extension, size_t length)
{
    g_autofree char *word = g_strndup(extension, length);

    for (size_t i = 0; i < G_N_ELEMENTS(companions); i++)
        if (!g_ascii_strcasecmp(companions[i].extension, word))
            return companions[i].kind;
    Format format = format_from_extension(word);
    if (format == FORMAT_RAW)
        return SHOT_RAW;
    return format == FORMAT_NONE ? SHOT_NONE : SHOT_PICTURE;
}

/* The last dot of the first `length` bytes of a name that is not its first character; NULL. */
static const char *dot_of(const char *name, size_t length)
{
    const char *dot = memrchr(name, '.', length);

    return dot && dot != name ? dot : NULL;
}

ShotKind shot_kind(const char *path)
{
    const char *name = name_of(path), *dot = dot_of(name, strlen(name));

    return dot ? kind_of(dot + 1, strlen(dot + 1)) : SHOT_NONE;
}

bool shot_kind_is_companion(ShotKind kind)
{
    return kind >= SHOT_XMP;
}

bool shot_kind_is_common(ShotKind kind)
{
    return kind == SHOT_SOUND || kind == SHOT_FILM;
}

const char *shot_kind_name(ShotKind kind)
{
    return names[kind];
}

/* A sidecar may be named after the whole name of its picture. */
const char *shot_tail(const char *path)
{
    const char *name = name_of(path), *dot = dot_of(name, strlen(name));
    ShotKind kind = dot ? kind_of(dot + 1, strlen(dot + 1)) : SHOT_NONE;

    if (kind == SHOT_NONE)
        return name + strlen(name);
    const char *inner = kind == SHOT_XMP ? dot_of(name, (size_t) (dot - name)) : NULL;
    ShotKind of = inner ? kind_of(inner + 1, (size_t) (dot - inner - 1)) : SHOT_NONE;
    return of != SHOT_NONE && of != SHOT_XMP ? inner : dot;
}

char *shot_key(const char *path)
{
    const char *tail = shot_tail(path);

    if (!*tail)
        return NULL;
    char *key = g_strndup(path, (gsize) (tail - path));
    for (char *letter = key + (name_of(path) - path); *letter; letter++)
        *letter = g_ascii_tolower(*letter);
    return key;
}

int shot_nearness(const char *sidecar, const char *picture)
{
    const char *tail = shot_tail(sidecar), *last = strrchr(tail, '.');

    if (last == tail)
        return 2;
    if (last && !g_ascii_strncasecmp(tail, shot_tail(picture), (size_t) (last - tail)) &&
        strlen(shot_tail(picture)) == (size_t) (last - tail))
        return 3;
    return last && kind_of(tail + 1, (size_t) (last - tail - 1)) == SHOT_RAW ? 1 : 0;
}

bool shot_is_same(const char *path, const char *other)
{
    size_t stem = (size_t) (shot_tail(path) - path), dir = (size_t) (name_of(path) - path);

    return *shot_tail(path) && *shot_tail(other) && stem == (size_t) (shot_tail(other) - other) &&
           dir == (size_t) (name_of(other) - other) && !memcmp(path, other, dir) &&
           !g_ascii_strncasecmp(path + dir, other + dir, stem - dir);
}
