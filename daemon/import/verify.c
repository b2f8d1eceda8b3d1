/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* import_verify: what was copied is read again, past the cache where that is possible.
 *
 * What a file has to be is said by the manifests of the directory; where it has none, by the
 * catalog: of a destination by its copies, of a card by its files. */
#include <string.h>
#include <sys/stat.h>

#include "daemon/import/import.h"
#include "daemon/import/manifest.h"
#include "daemon/import/proof.h"

typedef struct Verification {
    const char *directory;
    const VerifyReporter *reporter;
    Medium *medium;
    Catalog *catalog; /* NULL: there is none */
    int64_t files, wrong, bytes;
} Verification;

/* ---- one file ---- */

/* Digests that one of both lacks say nothing. */
static bool fits_digest(const char *expected, const char *read)
{
    return !*expected || !*read || !strcmp(expected, read);
}

/* A size below 0 is not known. */
static bool fits(const Content *expected, const Content *read)
{
    return (expected->size < 0 || expected->size == read->size) &&
           fits_digest(expected->xxh128, read->xxh128) && fits_digest(expected->md5, read->md5) &&
           fits_digest(expected->sha256, read->sha256);
}

/* The best one that is known; XXH3-128 is made anyway. */
static unsigned digests_for(const Content *expected)
{
    if (*expected->xxh128)
        return 0;
    return *expected->sha256 ? CONTENT_SHA256 : CONTENT_MD5;
}

/* What is wrong with a file, newly allocated; NULL: it is what it has to be. */
static char *examine(const char *directory, const char *name, const Medium *medium,
                     const Content *expected, int64_t *bytes)
{
    g_autoptr(Error) error = NULL;
    Content content = { 0 };
    ProofEnd end =
        proof_read(directory, name, medium, expected, digests_for(expected), &content, &error);

    if (end == PROOF_MISSING)
        return g_strdup("missing");
    if (end == PROOF_FAILED)
        return g_strdup(error->what);
    *bytes += content.size;
    if (fits(expected, &content))
        return NULL;
    if (expected->size >= 0 && expected->size != content.size)
        return g_strdup_printf("another content: %" G_GINT64_FORMAT " bytes instead of "
                               "%" G_GINT64_FORMAT,
                               content.size, expected->size);
    return g_strdup("another content");
}

static bool is_same_file(const char *a, const char *b)
{
    struct stat one, other;

    return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

/* Reads a copy that is said to be of this content. */
static bool is_right(const CatalogCopy *copy, const Content *expected, const char *path)
{
    g_autoptr(Medium) medium = NULL;
    g_autoptr(Error) error = NULL;
    int64_t bytes = 0;

    if (!medium_of_path(copy->destination, &medium, &error))
        return false;
    g_autofree char *there = g_build_filename(copy->destination, copy->name, NULL);
    if (is_same_file(there, path))
        return false;
    g_autofree char *what = examine(copy->destination, copy->name, medium, expected, &bytes);
    return !what;
}

/* The path of another copy that is right; newly allocated, NULL: none is known. A catalog that
 * cannot be read knows none. */
static char *find_right(const Verification *verification, const char *name, const Content *expected)
{
    g_autofree char *path = g_build_filename(verification->directory, name, NULL);
    g_autoptr(GPtrArray) copies = NULL;
    g_autoptr(Error) error = NULL;

    if (!verification->catalog ||
        !catalog_copies_of(verification->catalog, expected, &copies, &error))
        return NULL;
    for (guint i = 0; i < copies->len; i++) {
        const CatalogCopy *copy = copies->pdata[i];
        if (is_right(copy, expected, path))
            return g_build_filename(copy->destination, copy->name, NULL);
    }
    return NULL;
}

static void report(Verification *verification, const char *name, const char *what,
                   const char *right)
{
    const VerifyReporter *reporter = verification->reporter;

    verification->wrong++;
    if (reporter->wrong)
        reporter->wrong(reporter->user, name, what, verification->medium->words, right);
}

static void verify_file(Verification *verification, const char *name, const Content *expected)
{
    const VerifyReporter *reporter = verification->reporter;
    g_autofree char *what = examine(verification->directory, name, verification->medium, expected,
                                    &verification->bytes);

    verification->files++;
    if (what) {
        g_autofree char *right = find_right(verification, name, expected);
        report(verification, name, what, right);
    }
    if (reporter->progress)
        reporter->progress(reporter->user, verification->files, verification->bytes);
}

/* ---- by manifests ---- */

static void verify_named(void *user, const ManifestFile *file)
{
    verify_file(user, file->name, file->content);
}

/* ---- by the catalog ---- */

static bool verify_copies(Verification *verification, bool *found, Error **err)
{
    g_autoptr(GPtrArray) copies = NULL;

    if (!catalog_copies_in(verification->catalog, verification->directory, &copies, err))
        return false;
    for (guint i = 0; i < copies->len; i++) {
        const CatalogCopy *copy = copies->pdata[i];
        verify_file(verification, copy->name, &copy->content);
    }
    *found = copies->len > 0;
    return true;
}

static bool verify_card_file(Verification *verification, int64_t card, const CardFile *file,
                             Error **err)
{
    Content content;
    bool fresh = false, found = false;

    if (!catalog_file(verification->catalog, card, file, 0, &content, &fresh, &found, err))
        return false;
    if (found) {
        verify_file(verification, file->path, &content);
        return true;
    }
    verification->files++;
    report(verification, file->path, "new, or changed: it was not imported", NULL);
    return true;
}

static bool verify_card_files(Verification *verification, int64_t id, const Card *card, Error **err)
{
    for (guint i = 0; i < card->unreadable->len; i++) {
        const Error *error = card->unreadable->pdata[i];
        report(verification, error->where ? error->where : "", error->what, NULL);
    }
    for (guint i = 0; i < card->files->len; i++) {
        if (!verify_card_file(verification, id, card->files->pdata[i], err))
            return false;
    }
    return true;
}

/* *found false: it is no card that was imported. */
static bool verify_card(Verification *verification, bool *found, Error **err)
{
    const Import everything = { .other = IMPORT_OTHER_COPY };
    const char *const nowhere[] = { NULL };
    CardRecord *record = NULL;
    Medium *medium = NULL;
    g_autoptr(Card) card = NULL;
    bool may = false;

    if (!medium_of_path(verification->directory, &medium, err))
        return false;
    bool ok =
        catalog_may_know(verification->catalog, verification->directory, medium, &may, err) && may;
    if (!ok) {
        medium_free(medium);
        return !*err;
    }
    ok = card_list(verification->directory, medium, &everything, &card, err) &&
         catalog_find(verification->catalog, card, "", nowhere, &record, found, err) &&
         (!*found || verify_card_files(verification, record->id, card, err));

    card_record_free(record);
    return ok;
}

static bool verify_known(Verification *verification, bool *found, Error **err)
{
    return verify_copies(verification, found, err) &&
           (*found || verify_card(verification, found, err));
}

/* ---- a directory ---- */

/* Where there is no manifest, the catalog may know the directory. */
static bool verify_directory(Verification *verification, Error **err)
{
    bool found = false;

    if (manifest_is_there(verification->directory))
        return manifest_read(verification->directory, verify_named, verification, err);
    if (verification->catalog && !verify_known(verification, &found, err))
        return false;
    return found ||
           error_set(err, ERROR_CONFIG,
                     "give a directory that cards were copied to, with ascmhl/ or _cards/ in it, "
                     "or one of a card that was imported",
                     "'%s' has no manifest, and no import of it is known here",
                     verification->directory);
}

bool import_verify(const char *directory, const char *state_dir, const VerifyReporter *reporter,
                   int64_t *files, int64_t *wrong, Error **err)
{
    g_autoptr(Catalog) catalog = NULL;
    g_autoptr(Medium) medium = NULL;

    if (!medium_of_path(directory, &medium, err) ||
        (state_dir && !catalog_open(state_dir, true, &catalog, err)))
        return false;
    medium->fs = 0; /* what is mounted below it today is as good */
    Verification verification = {
        .directory = directory, .reporter = reporter, .medium = medium, .catalog = catalog
    };
    bool ok = verify_directory(&verification, err);
    *files = verification.files;
    *wrong = verification.wrong;
    return ok;
}
