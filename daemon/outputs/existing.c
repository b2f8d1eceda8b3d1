/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Outputs whose names are taken: whether one replaces the file there, is skipped for it, or gets a
 * number. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "daemon/files/filename.h"
#include "daemon/ledger/answers.h"
#include "daemon/outputs/staging_internal.h"

enum { MAKERS_MAX = 100 }; /* jobs that made an output of one name, the last ones */

/* Whether the existing file was made from the same source, with whatever content. *found: what it
 * says of itself, if anything. */
static bool made_from_source(const Staging *staging, const StagedFile *item, const struct stat *st,
                             bool *made, Provenance *found, Error **err)
{
    g_autofree char *path = filename_join(item->dir, item->name);
    FileId there = fileid_of(st);

    *made = provenance_read(item->dir_fd, item->name, found) &&
            found->source == staging->provenance.source;
    return *made || ledger_has_made(staging->ledger, staging->folder->name, staging->row->source,
                                    path, &there, made, err);
}

/* The name is one of an output of this source, and `exists = number` keeps that. */
static void note_own_output(const Staging *staging, StagedFile *item, const Provenance *found)
{
    const uint64_t *content = staging->provenance.content;
    bool same = found->content[0] == content[0] && found->content[1] == content[1];
    g_autofree char *path = filename_join(item->dir, item->name), *shown = text_escape(path);
    g_autofree char *source = text_escape(staging->row->source);

    g_autofree char *how =
        same ? g_strdup("was made of it before") : g_strdup_printf("is of an earlier %s", source);

    g_free(item->note);
    item->note = g_strdup_printf("%s %s; exists = replace takes its place", shown, how);
}

/* Whether it is what an output may be; a person may have moved one and left a link. */
static bool may_be_output(const struct stat *st)
{
    return S_ISREG(st->st_mode) || S_ISLNK(st->st_mode);
}

void staging_note_skipped(StagedFile *item)
{
    g_autofree char *path = filename_join(item->dir, item->name), *shown = text_escape(path);

    g_free(item->note);
    item->note = g_strdup_printf("%s is of another picture; exists = skip keeps it", shown);
}

bool staging_skips(const Staging *staging, StagedFile *item, const struct stat *st)
{
    Provenance found = { 0 };

    if (item->exists != EXISTS_SKIP || !may_be_output(st))
        return false;
    item->skipped = true;
    if (provenance_read(item->dir_fd, item->name, &found) &&
        found.source != staging->provenance.source)
        staging_note_skipped(item);
    return true;
}

/* ---- a picture that is made again ---- */

static void note_changed(StagedFile *item)
{
    g_autofree char *path = filename_join(item->dir, item->name), *shown = text_escape(path);

    g_free(item->note);
    item->note = g_strdup_printf("%s was changed since it was made, and stays", shown);
}

/* Whether the file is as it was made; it says itself that this source made it. */
static bool is_unchanged(const StagedFile *item)
{
    int fd =
        openat(item->dir_fd, item->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    struct stat st;
    bool is = fd >= 0 && fstat(fd, &st) == 0 && provenance_is_ours(fd, &st);

    if (fd >= 0)
        close(fd);
    return is;
}

/* Whether an earlier job made an output of this name from this source, whatever lies there now. */
static bool had_name(const Staging *staging, const StagedFile *item, bool *had, Error **err)
{
    g_autofree char *path = filename_join(item->dir, item->name);
    g_autoptr(GArray) makers = ledger_entries_new();

    if (!ledger_made(staging->ledger, staging->folder->name, path, MAKERS_MAX, makers, err))
        return false;
    *had = false;
    for (guint i = 0; i < makers->len && !*had; i++)
        *had = !strcmp(g_array_index(makers, LedgerEntry, i).row.source, staging->row->source);
    return true;
}

/* It replaces what was made of this source before, never what a person has changed since. */
static bool judge_remake(const Staging *staging, StagedFile *item, const struct stat *st,
                         bool *next, Error **err)
{
    Provenance found = { 0 };
    bool own = false, had = false;

    *next = false;
    if (!made_from_source(staging, item, st, &own, &found, err) ||
        (!own && !had_name(staging, item, &had, err)))
        return false;
    if (own && (found.source != staging->provenance.source || is_unchanged(item))) {
        item->replaced = fileid_of(st);
        item->replace = true;
    } else if (own || had) {
        item->skipped = true;
        note_changed(item);
    } else {
        *next = !staging_skips(staging, item, st);
    }
    return true;
}

bool staging_may_replace(const Staging *staging, StagedFile *item)
{
    struct stat st;

    if (!staging->row->remake || fstatat(item->dir_fd, item->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return true;
    FileId there = fileid_of(&st);
    if (fileid_same(&there, &item->replaced))
        return true;
    item->skipped = true;
    note_changed(item);
    return false;
}

/* ---- every other one ---- */

/* What to do about an existing file: skip the output, replace the file, or (*next) try the next
 * number. */
static bool judge_existing(const Staging *staging, StagedFile *item, const struct stat *st,
                           bool *next, Error **err)
{
    bool own = false, asks = item->exists == EXISTS_REPLACE || item->number == 0;
    Provenance found = { 0 };

    *next = false;
    if (staging->row->remake)
        return judge_remake(staging, item, st, next, err);
    if (staging_skips(staging, item, st))
        return true;
    item->skipped = provenance_matches(item->dir_fd, item->name, &staging->provenance);
    if (item->skipped)
        g_clear_pointer(&item->note, g_free); /* it has its number already */
    if (!item->skipped && asks && !made_from_source(staging, item, st, &own, &found, err))
        return false;
    item->replace = own && item->exists == EXISTS_REPLACE;
    *next = !item->skipped && !item->replace;
    if (*next && own)
        note_own_output(staging, item, &found);
    return true;
}

bool staging_next_name(StagedFile *item, Error **err)
{
    g_autofree char *dir = NULL, *wanted = NULL;

    filename_split(item->wanted, &dir, &wanted);
    if (item->number >= FILENAME_NUMBERS)
        return error_set(err, ERROR_CONFIG,
                         "remove or rename some of them, or use {seq:5} in `name`",
                         "there are %d outputs of the name '%s'", FILENAME_NUMBERS, wanted);
    g_free(item->name);
    item->name = filename_numbered(wanted, ++item->number);
    return true;
}

bool staging_resolve_name(const Staging *staging, StagedFile *item, Error **err)
{
    bool next = true;
    struct stat st;

    while (next && fstatat(item->dir_fd, item->name, &st, AT_SYMLINK_NOFOLLOW) == 0)
        if (!judge_existing(staging, item, &st, &next, err) ||
            (next && !staging_next_name(item, err)))
            return false;
    return true;
}
