/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* naming.h - an import with a real worker, and shots of a card that lie in memory. */
#pragma once

#include <sys/mman.h>

#include "daemon/import/names.h"
#include "daemon/settings/imports_document.h"
#include "tests/unit/check.h"
#include "tests/unit/import/photo.h"

static inline int file_with(const void *bytes, size_t length)
{
    int fd = memfd_create("file", MFD_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, length), length);
    return fd;
}

/* Of a test that frees none of it. */
#define OWN(text) ((char *) (uintptr_t) (text))

typedef struct Bench {
    Settings *settings;
    Import *import;
    Namer *namer;
} Bench;

static const NameWords words = { "EOS_DIGITAL", "Smith wedding" };

static inline Bench bench_with(const char *title, const char *name, const char *when,
                               int day_starts, const NameWords *said)
{
    Bench bench = { .settings = settings_new("hotfolder.conf") };
    Camera camera = { OWN("Z9-A"), OWN("6001234"),        OWN("+1min 12s"),
                      OWN("Ann"),  OWN("hotfolder.conf"), 20 };
    Camera other = { OWN("Z9-B"), OWN("6005678"), NULL, NULL, NULL, 0 };
    g_autoptr(GPtrArray) imports = g_ptr_array_new(), cameras = g_ptr_array_new();

    bench.import = g_new0(Import, 1);
    *bench.import = (Import){ .name = OWN(title),
                              .pattern = g_strdup(name),
                              .when = g_strdup(when),
                              .day_starts = day_starts,
                              .file = OWN("hotfolder.conf"),
                              .line = 12 };
    g_ptr_array_add(imports, bench.import);
    g_ptr_array_add(cameras, &camera);
    g_ptr_array_add(cameras, &other);
    bench.settings->profiles_text = imports_document(imports, cameras);
    bench.namer = namer_new(bench.settings, bench.import, said, NULL);
    return bench;
}

static inline Bench bench_new(const char *name, const char *when, int day_starts)
{
    return bench_with("cards 1", name, when, day_starts, &words);
}

static inline void bench_clear(Bench *bench)
{
    namer_free(bench->namer);
    settings_unref(bench->settings);
    g_free(bench->import->pattern);
    g_free(bench->import->when);
    g_free(bench->import);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Bench, bench_clear)

typedef struct Shot {
    CardFile file;
    CardShot shot;
    int fd, xmp;
} Shot;

/* As card.c has it. */
static const char *tail_of(const char *path)
{
    const char *tail = shot_tail(path), *dot = strrchr(path, '.');

    return *tail || !dot || dot[-1] == '/' ? tail : dot;
}

static inline void shot_begin(Shot *shot, const char *path, const void *bytes, size_t length)
{
    *shot = (Shot){ .file = { .path = OWN(path),
                              .size = (int64_t) length,
                              .mtime_ns = INT64_C(86400) * 1000000000,
                              .kind = shot_kind(path) },
                    .fd = bytes ? file_with(bytes, length) : -1,
                    .xmp = -1 };
    shot->shot.files = g_ptr_array_new();
    shot->file.shot = &shot->shot;
    shot->file.tail = tail_of(path);
    g_ptr_array_add(shot->shot.files, &shot->file);
}

static inline void shot_end(Shot *shot)
{
    ShotFacts *said = &shot->shot.facts;

    g_ptr_array_unref(shot->shot.files);
    g_free(shot->shot.stem);
    g_free(said->taken), g_free(said->corrected), g_free(said->camera);
    g_free(said->serial), g_free(said->note);
    if (shot->fd >= 0)
        close(shot->fd);
    if (shot->xmp >= 0)
        close(shot->xmp);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Shot, shot_end)

static inline void read_and_name(Bench *bench, Shot *shot)
{
    g_autoptr(Error) error = NULL;

    assert_ok(namer_read(bench->namer, &shot->shot, shot->fd, shot->xmp, &error), error);
    assert_ok(namer_name(bench->namer, &shot->shot, shot->fd, shot->xmp, &error), error);
}

static const char by_day[] = "{day:%Y/%Y-%m-%d|undated}/{camera}-{shot}.{ext}";

static const Taken nikon = { .make = "NIKON CORPORATION",
                             .model = "NIKON Z 9",
                             .date = "2024:05:01 12:00:00",
                             .subsec = "05",
                             .offset = "+02:00",
                             .serial = "3002217",
                             .owner = "Jo",
                             .rating = 4 };
