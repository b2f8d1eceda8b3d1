/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/check_imports.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "command/findings.h"
#include "daemon/files/async.h"
#include "daemon/import/medium.h"
#include "daemon/import/proof.h"
#include "daemon/settings/import_sections.h"

enum { ANSWER_MS = 2000 };

/* ---- findings ---- */

static void found(const Import *import, const char *fix, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

static void found(const Import *import, const char *fix, const char *format, ...)
{
    g_autofree char *file = text_escape(import->file);
    g_autofree char *where = g_strdup_printf("%s:%d", file, import->line);
    va_list args;

    va_start(args, format);
    g_autofree char *what = g_strdup_vprintf(format, args);
    va_end(args);
    findings_add(where, NULL, what, fix);
}

/* ---- a directory that copies go to ---- */

typedef struct CopyPlace {
    const char *path;
    char *nearest; /* the path, or the deepest directory above it that exists */
    bool is_there, is_directory, takes;
} CopyPlace;

static char *nearest_of(const char *path)
{
    char *nearest = g_strdup(path);

    while (access(nearest, F_OK) != 0 && nearest[1]) {
        char *parent = g_path_get_dirname(nearest);
        g_free(nearest);
        nearest = parent;
    }
    return nearest;
}

static void examine(void *data)
{
    CopyPlace *place = data;

    place->nearest = nearest_of(place->path);
    place->is_there = g_str_equal(place->nearest, place->path);
    place->is_directory = g_file_test(place->nearest, G_FILE_TEST_IS_DIR);
    place->takes = access(place->nearest, W_OK | X_OK) == 0;
}

/* An import makes the last directory of a path, and waits for those above it (room.h). */
static void found_missing(const Import *import, const char *path, const char *nearest)
{
    g_autofree char *shown = text_escape(path), *above = text_escape(nearest);
    g_autofree char *parent = g_path_get_dirname(path);

    if (g_str_equal(parent, nearest))
        found(import, "create it, or mount its disk",
              "warning: copy_to: '%s' does not exist: an import would create it, on the disk of "
              "'%s'",
              shown, above);
    else
        found(import, "create it, or mount its disk",
              "warning: copy_to: '%s' does not exist, and above it there is only '%s': each card "
              "waits until it is there",
              shown, above);
}

static bool check_place(const Import *import, const char *path, const CheckUser *user)
{
    CopyPlace place = { .path = path };

    if (!check_act_as(user, examine, &place))
        return false;
    g_autofree char *nearest = place.nearest;
    g_autofree char *shown = text_escape(path), *above = text_escape(nearest);
    if (!place.is_directory)
        found(import, "name a directory", "copy_to: '%s' is not a directory", above);
    else if (!place.takes)
        found(import,
              place.is_there ? "give this user the right to write into it"
                             : "create it, and give this user the right to write into it",
              "copy_to: '%s' %s", shown, place.is_there ? "cannot be written" : "does not exist");
    else if (!place.is_there)
        found_missing(import, path, nearest);
    return place.is_directory && place.takes;
}

/* ---- the directory that it reads ---- */

typedef struct FromPlace {
    const char *path;
    bool is_there, is_directory, gives;
} FromPlace;

static void examine_from(void *data)
{
    FromPlace *place = data;

    place->is_there = access(place->path, F_OK) == 0;
    place->is_directory = g_file_test(place->path, G_FILE_TEST_IS_DIR);
    place->gives = access(place->path, R_OK | X_OK) == 0;
}

/* It may be where a card will be mounted. */
static bool check_from(const Import *import, const CheckUser *user)
{
    FromPlace place = { .path = import->path };

    if (!import->path)
        return true;
    if (!check_act_as(user, examine_from, &place))
        return false;
    g_autofree char *shown = text_escape(import->path);
    if (!place.is_there)
        found(import, "correct it, or mount the card there before an import",
              "warning: from = %s: there is no such directory", shown);
    else if (!place.is_directory)
        found(import, "give the directory that the card is mounted at",
              "from = %s: it is not a directory", shown);
    else if (!place.gives)
        found(import, "give this user the right to read it", "from = %s: it cannot be read", shown);
    return !place.is_there || (place.is_directory && place.gives);
}

static bool responds(const Import *import)
{
    g_autoptr(GPtrArray) directories = g_ptr_array_new_with_free_func(g_free);

    if (import->path)
        g_ptr_array_add(directories, g_strdup(import->path));
    for (char **to = import->copy_to; *to; to++)
        g_ptr_array_add(directories, g_strdup(*to));
    AsyncCall *call = async_ask_servers(directories);
    bool all = async_wait(call, ANSWER_MS);
    async_abandon(call);
    if (!all)
        found(import, "check the shares that they are on",
              "the directories of %s have not responded within 2 seconds",
              import->path ? "from and copy_to" : "copy_to");
    return all;
}

static bool check_nesting(const Import *import)
{
    const char *inner = NULL, *outer = NULL;

    if (!import_is_nested(import->copy_to, true, &inner, &outer))
        return true;
    g_autofree char *in = text_escape(inner), *out = text_escape(outer);
    found(import, "give directories that lie beside each other", "copy_to: '%s' lies in '%s'", in,
          out);
    return false;
}

/* ---- the folder that pictures are handed to ---- */

/* Whether a hard link leads from one to the other, or from where they will be: they are on one file
 * system, and it is the same mount. */
static bool may_link(const char *from, const char *to)
{
    g_autofree char *near_from = nearest_of(from), *near_to = nearest_of(to);
    struct statx a = { 0 }, b = { 0 };

    return statx(AT_FDCWD, near_from, 0, STATX_MNT_ID, &a) < 0 ||
           statx(AT_FDCWD, near_to, 0, STATX_MNT_ID, &b) < 0 ||
           (a.stx_dev_major == b.stx_dev_major && a.stx_dev_minor == b.stx_dev_minor &&
            a.stx_mnt_id == b.stx_mnt_id);
}

static bool check_then(const Settings *settings, const Import *import)
{
    const Folder *folder = import->then ? settings_find_folder(settings, import->then) : NULL;

    if (!folder || may_link(import->copy_to[0], folder->path))
        return true;
    g_autofree char *to = text_escape(import->copy_to[0]), *path = text_escape(folder->path);
    found(import, "put both on one file system, or another directory first in copy_to",
          "then = %s: its path '%s' is on another file system than '%s', so that it gets no hard "
          "links",
          folder->name, path, to);
    return false;
}

/* ---- what a card has to be before it is safe ---- */

/* A directory of copies, and whether they can be proved there. */
typedef struct Proof {
    char *nearest;
    Medium *medium;
    bool is_possible;
    char *why;
} Proof;

static void try_proof(void *data)
{
    Proof *proof = data;

    proof->is_possible = proof_is_possible(proof->nearest, proof->medium, &proof->why);
}

static void proof_clear(void *data)
{
    Proof *proof = data;

    g_free(proof->nearest);
    medium_free(proof->medium);
    g_free(proof->why);
}

/* Appends the directory to `proofs`, with a finding where copies in it prove nothing. */
static void add_proof(GArray *proofs, const Import *import, const char *path, const CheckUser *user)
{
    Proof proof = { .nearest = nearest_of(path) };
    g_autofree char *shown = text_escape(path);
    g_autoptr(Error) error = NULL;

    if (!medium_of_path(proof.nearest, &proof.medium, &error))
        proof.why = g_strdup(error->what);
    else
        check_act_as(user, try_proof, &proof);
    if (!proof.is_possible)
        found(import, "copy to another file system, too",
              "warning: copies in '%s' cannot be proved here, and do not count: %s", shown,
              proof.why ? proof.why : "the directory cannot be used");
    g_array_append_val(proofs, proof);
}

/* "/a on /dev/sda, /b on server NAS"; newly allocated. */
static char *disks_text(const Import *import, const GArray *proofs)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < proofs->len; i++) {
        const Medium *medium = g_array_index(proofs, Proof, i).medium;
        g_autofree char *shown = text_escape(import->copy_to[i]);
        g_string_append_printf(text, "%s%s on %s", i ? ", " : "", shown,
                               medium ? medium->words : "what is not known");
    }
    return g_string_free(text, FALSE);
}

/* Warns where no card will ever be safe with these directories. That there are too few of them was
 * said. */
static void check_safety(const Import *import, const CheckUser *user)
{
    g_autoptr(GArray) proofs = g_array_new(FALSE, TRUE, sizeof(Proof));
    guint count = g_strv_length(import->copy_to);
    g_autofree const Medium **counted = g_new0(const Medium *, count);
    unsigned proved = 0;

    g_array_set_clear_func(proofs, proof_clear);
    for (guint i = 0; i < count; i++)
        add_proof(proofs, import, import->copy_to[i], user);
    for (guint i = 0; i < count; i++)
        if (g_array_index(proofs, Proof, i).is_possible)
            counted[proved++] = g_array_index(proofs, Proof, i).medium;
    unsigned disks = medium_count_disks(counted, proved);
    g_autofree char *number = disks
                                  ? g_strdup_printf("%u disk%s only", disks, disks == 1 ? "" : "s")
                                  : g_strdup("no disk");
    g_autofree char *where = disks_text(import, proofs);
    if (disks < import->safe_copies && import->safe_copies <= count)
        found(import, "add a directory on another disk, or lower safe_copies",
              "warning: safe_copies = %u, but copies can be proved on %s, so that no card will "
              "ever be safe to format: %s",
              import->safe_copies, number, where);
}

/* ---- all ---- */

static bool check_import(const Settings *settings, const Import *import, const CheckUser *user)
{
    if (!responds(import))
        return false;
    bool right = check_nesting(import);
    right = check_from(import, user) && right;
    for (char **to = import->copy_to; *to; to++)
        right = check_place(import, *to, user) && right;
    if (import->verify != IMPORT_VERIFY_SIZE && import->from != IMPORT_FROM_PTP)
        check_safety(import, user);
    return check_then(settings, import) && right;
}

unsigned check_imports(const Settings *settings, const CheckUser *user)
{
    unsigned wrong = 0;

    for (guint i = 0; i < settings->imports->len; i++)
        wrong += !check_import(settings, settings->imports->pdata[i], user);
    return wrong;
}
