/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/scratch.h"

#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <unistd.h>

static const char *temporary(void)
{
    const char *directory = g_getenv("TMPDIR");

    return directory && g_path_is_absolute(directory) ? directory : "/var/tmp";
}

char *scratch_new(const char *directory, Error **err)
{
    g_autofree char *path =
        g_build_filename(directory ? directory : temporary(),
                         directory ? ".hotfolder-XXXXXX" : "hotfolder-XXXXXX", NULL);

    if (mkdtemp(path))
        return g_steal_pointer(&path);
    error_errno(err, errno, "cannot make a directory '%s'", path);
    return NULL;
}

void scratch_remove(const char *path)
{
    g_autofree char *root = g_strdup(path);
    char *roots[] = { root, NULL };
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    FTSENT *entry = NULL;

    while (walk && (entry = fts_read(walk))) {
        if (entry->fts_info == FTS_DP)
            rmdir(entry->fts_accpath);
        else if (entry->fts_info != FTS_D)
            unlink(entry->fts_accpath);
    }
    if (walk)
        fts_close(walk);
}
