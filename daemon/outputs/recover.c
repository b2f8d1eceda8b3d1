/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/outputs/recover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/files/dirs.h"
#include "daemon/files/filename.h"
#include "daemon/files/rename.h"
#include "daemon/outputs/staging.h"

/* Whether the output had its name, and a program has taken it away: its hidden name, which was on
 * disk before the row was recorded, is gone without a crash of ours. Rows that another version
 * recorded, and another output directory or file system than then, say nothing. */
static bool was_taken_away(const Folder *folder, int dir_fd, const LedgerOutput *output,
                           const char *hidden)
{
    struct stat dir, st;

    return staging_was_here(folder, hidden) && fstat(dir_fd, &dir) == 0 &&
           dir.st_dev == output->file.dev &&
           fstatat(dir_fd, hidden, &st, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT;
}

/* Publishes one output of the row. *whole: it has its name now, or had it and has gone on: taken
 * away by a program, or into another folder. */
static bool recover_output(const Folder *folder, int root_fd, Ledger *ledger,
                           const LedgerOutput *output, bool *whole, Error **err)
{
    g_autofree char *dir = NULL, *name = NULL, *hidden_dir = NULL, *hidden = NULL;

    filename_split(output->path, &dir, &name);
    int dir_fd = dirs_open_with(root_fd, dir, folder->output_links, &folder->ownership, err);
    if (dir_fd < 0)
        return false;

    *whole = fileid_is_at(&output->file, dir_fd, name);
    if (!*whole && output->hidden) {
        filename_split(output->hidden, &hidden_dir, &hidden);
        *whole = fileid_is_at(&output->file, dir_fd, hidden) &&
                 (output->replace ? renameat(dir_fd, hidden, dir_fd, name)
                                  : rename_to_free_name(dir_fd, hidden, dir_fd, name)) == 0;
        *whole |= was_taken_away(folder, dir_fd, output, hidden);
    }
    bool ok = dirs_sync(dir_fd, dir, err);
    close(dir_fd);
    return ok && (*whole || ledger_was_source(ledger, &output->file, whole, err));
}

bool recover_roll_forward(const Folder *folder, Ledger *ledger, const GArray *outputs, bool *lost,
                          Error **err)
{
    int root_fd = dirs_open_root(folder->output, err);
    bool ok = root_fd >= 0;

    *lost = false;
    for (unsigned i = 0; ok && i < outputs->len; i++) {
        bool whole = false;
        ok = recover_output(folder, root_fd, ledger, &g_array_index(outputs, LedgerOutput, i),
                            &whole, err);
        *lost |= !whole;
    }
    if (root_fd >= 0)
        close(root_fd);
    return ok;
}

void recover_remove_hidden(const Folder *folder, const GArray *outputs)
{
    g_autoptr(Error) ignored = NULL;
    int root_fd = dirs_open_root(folder->output, &ignored);

    for (unsigned i = 0; root_fd >= 0 && i < outputs->len; i++) {
        const LedgerOutput *output = &g_array_index(outputs, LedgerOutput, i);
        g_autofree char *dir = NULL, *name = NULL;
        g_autoptr(Error) missing = NULL;
        if (!output->hidden)
            continue;
        filename_split(output->hidden, &dir, &name);
        int dir_fd = dirs_open_with(root_fd, dir, folder->output_links, NULL, &missing);
        if (dir_fd < 0)
            continue;
        unlinkat(dir_fd, name, 0);
        close(dir_fd);
    }
    if (root_fd >= 0)
        close(root_fd);
}
