/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/made.h"

#include <fcntl.h>
#include <glib.h>

#include "daemon/files/walk.h"

typedef struct Reader {
    const char *output;
    Named *named;
    Numbers *numbers;
} Reader;

static bool on_directory(void *user G_GNUC_UNUSED, const char *path G_GNUC_UNUSED,
                         int fd G_GNUC_UNUSED, const struct stat *st G_GNUC_UNUSED)
{
    return true;
}

static bool wants_directory(void *user G_GNUC_UNUSED, const char *path G_GNUC_UNUSED,
                            const char *name G_GNUC_UNUSED)
{
    return true;
}

static void on_unreadable(void *user G_GNUC_UNUSED, const char *path G_GNUC_UNUSED,
                          int error G_GNUC_UNUSED)
{
}

static void on_entry(void *user, const char *path, const char *name G_GNUC_UNUSED,
                     const struct stat *st)
{
    const Reader *reader = user;
    g_autofree char *full = g_build_filename(reader->output, path, NULL);
    Provenance made;

    if (!S_ISREG(st->st_mode) || !provenance_read(AT_FDCWD, full, &made))
        return;
    if (reader->named)
        named_add(reader->named, &made);
    if (reader->numbers)
        numbers_add(reader->numbers, &made);
}

void made_read(const char *output, Named *named, Numbers *numbers)
{
    static const WalkHooks hooks = { on_directory, wants_directory, on_entry, on_unreadable };
    Reader reader = { output, named, numbers };
    Walk *walk = walk_new(output, &hooks, &reader);

    walk_push(walk, "");
    while (walk_step(walk))
        ;
    walk_free(walk);
}
