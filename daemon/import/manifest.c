/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A text is written under a hidden name, synced, and gets its name; then its directory is synced,
 * and it is read back as copies are. Where the cache cannot be passed it is only compared: a copy
 * there counts for nothing anyway.
 *
 * Imports into one destination take turns by an flock(2) of ascmhl/.hotfolder-lock, which is there
 * as long as one of them has it. Where a share knows no such locks they do not. A generation that
 * a crash left without its link in the chain stays: programs read it, and the next one has the
 * next number. */
#include "daemon/import/manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hidden.h"
#include "base/text.h"
#include "daemon/files/beneath.h"
#include "daemon/files/dirs.h"
#include "daemon/files/rename.h"
#include "daemon/files/textfile.h"
#include "daemon/import/manifest_internal.h"
#include "daemon/import/proof.h"

#define LOCK_NAME HIDDEN_PREFIX "lock"

enum { TURN_PAUSE_US = 20000 };

unsigned manifest_digests(ImportManifest kind)
{
    switch (kind) {
    case IMPORT_MANIFEST_ASCMHL:
        return CONTENT_MD5;
    case IMPORT_MANIFEST_SHA256:
        return CONTENT_SHA256;
    case IMPORT_MANIFEST_NONE:
        break;
    }
    return 0;
}

/* ---- writing ---- */

/* Where it is written, and what on. */
typedef struct Spot {
    const char *destination;
    const Medium *medium;
    char *directory; /* below the destination */
    int fd;          /* of it; -1: not open */
} Spot;

static bool open_spot(Spot *spot, Error **err)
{
    int root = dirs_open_root(spot->destination, err);

    if (root < 0)
        return false;
    spot->fd = dirs_open(root, spot->directory, true, err);
    close(root);
    return spot->fd >= 0;
}

static void close_spot(Spot *spot)
{
    if (spot->fd >= 0)
        close(spot->fd);
    g_free(spot->directory);
}

/* Reads a text back. */
static bool is_written(const Spot *spot, const char *name, const char *text, Error **err)
{
    g_autofree char *path = g_build_filename(spot->directory, name, NULL);
    g_autoptr(ContentReader) digests = content_reader_new(0);
    Content expected, content;

    content_add(digests, text, strlen(text));
    content_end(digests, &expected);
    switch (proof_read(spot->destination, path, spot->medium, &expected, 0, &content, err)) {
    case PROOF_RIGHT:
    case PROOF_CACHED:
        return true;
    case PROOF_WRONG:
        return error_set(err, ERROR_ENVIRONMENT, "look for errors of the disk in `dmesg`",
                         "'%s' is not on the disk as it was written", path);
    case PROOF_MISSING:
        return error_set(err, ERROR_ENVIRONMENT, "import the card again",
                         "'%s' was removed at once by another program", path);
    case PROOF_FAILED:
    case PROOF_NONE:
        break;
    }
    return false;
}

/* Writes a text durably. `over`: in the place of what has the name. */
static bool write_text(const Spot *spot, const char *name, const char *text, bool over, Error **err)
{
    static gint last;
    g_autofree char *temp =
        g_strdup_printf(HIDDEN_PREFIX "%d-%d", (int) getpid(), g_atomic_int_add(&last, 1));
    bool made = textfile_write_shared(spot->fd, temp, text) &&
                (over ? renameat(spot->fd, temp, spot->fd, name)
                      : rename_to_free_name(spot->fd, temp, spot->fd, name)) == 0;

    if (!made) {
        error_errno(err, errno, "cannot write '%s/%s/%s'", spot->destination, spot->directory,
                    name);
        unlinkat(spot->fd, temp, 0);
        return false;
    }
    return dirs_sync(spot->fd, spot->directory, err) && is_written(spot, name, text, err);
}

/* ---- turns ---- */

static bool is_same_file(int fd, int dir_fd, const char *name)
{
    struct stat st, named;

    return fstat(fd, &st) == 0 && fstatat(dir_fd, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           st.st_dev == named.st_dev && st.st_ino == named.st_ino;
}

/* Whether the turn may be waited for. */
static bool may_wait(const Manifest *manifest, const char *destination, int64_t until_ms,
                     Error **err)
{
    if (manifest->stop && *manifest->stop)
        return error_set(err, ERROR_TRANSIENT, "start it again: it goes on from here",
                         "the import was stopped");
    if (clock_ms() < until_ms)
        return true;
    g_autofree char *shown = text_escape(destination);
    return error_set(err, ERROR_ENVIRONMENT, "wait for its end, or stop it; then import this again",
                     "another import has written to '%s/" MHL_DIRECTORY "' for two minutes", shown);
}

/* Waits for its turn; *fd -1: no turns are taken here. Who had the turn before removes the file:
 * then another one is the lock now. */
static bool lock(const Spot *spot, const Manifest *manifest, int *fd, Error **err)
{
    int64_t until_ms = clock_ms() + MANIFEST_TURN_MS;

    for (;;) {
        *fd = openat(spot->fd, LOCK_NAME, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
        if (*fd < 0)
            return true;
        int code = flock(*fd, LOCK_EX | LOCK_NB) < 0 ? errno : 0;
        if (!code && is_same_file(*fd, spot->fd, LOCK_NAME))
            return true;
        close(*fd);
        *fd = -1;
        if (code && code != EINTR && code != EWOULDBLOCK) {
            unlinkat(spot->fd, LOCK_NAME, 0);
            return true;
        }
        if (code == EWOULDBLOCK && !may_wait(manifest, spot->destination, until_ms, err))
            return false;
        if (code == EWOULDBLOCK)
            g_usleep(TURN_PAUSE_US);
    }
}

static void unlock(int dir_fd, int fd)
{
    if (fd < 0)
        return;
    unlinkat(dir_fd, LOCK_NAME, 0);
    close(fd);
}

/* ---- ASC MHL ---- */

static const Content *known(void *user, const char *path)
{
    const ManifestHistory *history = user;
    const HistoryFile *file = g_hash_table_lookup(history->files, path);

    return file ? &file->content : NULL;
}

/* What every generation of ours leaves out, beside what the last one left out. */
static void add_our_patterns(GPtrArray *patterns)
{
    static const char *const ours[] = { ".DS_Store",     MHL_DIRECTORY,     MHL_DIRECTORY "/",
                                        CARDS_DIRECTORY, HIDDEN_PREFIX "*", NULL };

    for (const char *const *pattern = ours; *pattern; pattern++) {
        if (!g_ptr_array_find_with_equal_func(patterns, *pattern, g_str_equal, NULL))
            g_ptr_array_add(patterns, g_strdup(*pattern));
    }
}

static bool write_generation(const Spot *spot, const Manifest *manifest, char **path, Error **err)
{
    g_autoptr(ManifestHistory) history = NULL;
    g_autofree char *text = NULL, *name = NULL, *c4 = NULL, *chain = NULL;

    if (!manifest_history_read(spot->destination, &history, err))
        return false;
    add_our_patterns(history->patterns);
    text = mhl_compose(manifest, history->patterns, known, history);
    name = mhl_name(manifest, history->last + 1);
    c4 = mhl_c4(text, strlen(text));
    chain = mhl_add_link(history->chain, history->last + 1, name, c4);
    if (!write_text(spot, name, text, false, err) || !write_text(spot, MHL_CHAIN, chain, true, err))
        return false;
    *path = g_build_filename(MHL_DIRECTORY, name, NULL);
    return true;
}

static bool write_mhl(const char *destination, const Medium *medium, const Manifest *manifest,
                      char **path, Error **err)
{
    Spot spot = { destination, medium, g_strdup(MHL_DIRECTORY), -1 };
    bool ok = open_spot(&spot, err);

    if (ok) {
        int turn = -1;
        ok = lock(&spot, manifest, &turn, err) && write_generation(&spot, manifest, path, err);
        unlock(spot.fd, turn);
    }
    close_spot(&spot);
    return ok;
}

/* ---- the directory of the card ---- */

/* A card that comes again with more on it keeps the lines of what it had. */
static bool write_sums(const Spot *spot, const Manifest *manifest, char **path, Error **err)
{
    g_autofree char *name = g_build_filename(spot->directory, SUMS_NAME, NULL);
    g_autofree char *earlier = NULL, *text = NULL;
    size_t length = 0;

    if (!manifest_text(spot->destination, name, &earlier, &length, err) ||
        !sums_compose(manifest, earlier, &text, err) ||
        !write_text(spot, SUMS_NAME, text, true, err))
        return false;
    *path = g_steal_pointer(&name);
    return true;
}

static bool write_card(const char *destination, const Medium *medium, const Manifest *manifest,
                       char **path, Error **err)
{
    Spot spot = { destination, medium, g_build_filename(CARDS_DIRECTORY, manifest->card, NULL),
                  -1 };
    bool ok =
        open_spot(&spot, err) &&
        (manifest->kind != IMPORT_MANIFEST_SHA256 || write_sums(&spot, manifest, path, err)) &&
        write_text(&spot, "report.txt", manifest->report, true, err);

    close_spot(&spot);
    return ok;
}

bool manifest_write(const char *destination, const Medium *medium, const Manifest *manifest,
                    char **path, Error **err)
{
    *path = NULL;
    if (manifest->kind == IMPORT_MANIFEST_ASCMHL &&
        !write_mhl(destination, medium, manifest, path, err))
        return false;
    if (write_card(destination, medium, manifest, path, err))
        return true;
    g_clear_pointer(path, g_free);
    return false;
}

/* ---- reading ---- */

bool manifest_is_there(const char *destination)
{
    g_autofree char *path = g_build_filename(destination, MHL_DIRECTORY, NULL);

    return g_file_test(path, G_FILE_TEST_EXISTS) || manifest_history_has_sums(destination);
}

bool manifest_read(const char *destination, void (*found)(void *user, const ManifestFile *file),
                   void *user, Error **err)
{
    g_autoptr(ManifestHistory) history = NULL;
    g_autoptr(GList) names = NULL;

    if (!manifest_history_read(destination, &history, err) ||
        !manifest_history_add_sums(history, destination, err))
        return false;
    if (!history->manifests)
        return error_set(err, ERROR_CONFIG,
                         "give the directory that cards were copied to: the one with " MHL_DIRECTORY
                         "/ or " CARDS_DIRECTORY "/ in it",
                         "'%s' has no manifest", destination);
    names = g_list_sort(g_hash_table_get_keys(history->files), (GCompareFunc) strcmp);
    for (const GList *name = names; name; name = name->next) {
        const HistoryFile *file = g_hash_table_lookup(history->files, name->data);
        found(user, &(ManifestFile){ .name = file->name,
                                     .content = &file->content,
                                     .mtime_ns = file->mtime_ns });
    }
    return true;
}
