/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names of shots: what the template makes, that it is free, and what is done where it is not. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/files/beneath.h"
#include "daemon/files/filename.h"
#include "daemon/import/import_internal.h"

/* ---- the template ---- */

static int open_file(const ImportWork *work, const CardFile *file)
{
    g_autoptr(Error) error = NULL; /* the copier reports it */

    return file ? work->source->files.open(work->source->files.user, file, &error) : -1;
}

/* The file with metadata that names the shot. NULL: it has none. */
static const CardFile *picture_of(const CardShot *shot)
{
    for (guint i = 0; i < shot->files->len; i++) {
        const CardFile *file = shot->files->pdata[i];
        if (file->kind == SHOT_PICTURE || file->kind == SHOT_RAW || file->kind == SHOT_THM)
            return file;
    }
    return NULL;
}

static const CardFile *film_of(const CardShot *shot)
{
    for (guint i = 0; i < shot->files->len; i++) {
        const CardFile *file = shot->files->pdata[i];
        if (file->kind == SHOT_FILM)
            return file;
    }
    return NULL;
}

/* Of a film its thumbnail, unless that says no date. */
static const CardFile *main_of(const Plan *plan)
{
    const CardFile *picture = plan->is_of_film ? NULL : picture_of(plan->shot);

    return picture ? picture : film_of(plan->shot);
}

static const CardFile *sidecar_of(const CardShot *shot)
{
    const CardFile *first = shot->files->pdata[0], *best = NULL;
    int nearest = -1;

    for (guint i = 0; i < shot->files->len; i++) {
        const CardFile *file = shot->files->pdata[i];
        int near = file->kind == SHOT_XMP ? shot_nearness(file->path, first->path) : -1;
        if (near > nearest) {
            nearest = near;
            best = file;
        }
    }
    return best;
}

static bool ask_namer(ImportWork *work, Plan *plan,
                      bool (*ask)(Namer *, CardShot *, int, int, Error **), Error **err)
{
    int main_fd = open_file(work, main_of(plan));
    int xmp_fd = open_file(work, sidecar_of(plan->shot));
    bool ok = ask(work->namer, plan->shot, main_fd, xmp_fd, err);

    if (main_fd >= 0)
        close(main_fd);
    if (xmp_fd >= 0)
        close(xmp_fd);
    return ok;
}

/* Its files are passed over; or, where no worker can be started, the import ends. */
static bool pass_over(ImportWork *work, Plan *plan, Error *error)
{
    g_autofree char *text = error_text(error);

    if (error->kind == ERROR_ENVIRONMENT || error->kind == ERROR_MEMORY ||
        error->kind == ERROR_TRANSIENT) {
        work_interrupt(work, text);
        error_free(error);
        return false;
    }
    plan->is_passed = true;
    work_trouble(work, plan->shot->files->pdata[0], NULL, error);
    for (guint i = 0; i < plan->shot->files->len; i++) {
        guint index = work_index(work, plan->shot->files->pdata[i]);
        if (!work_end(work, index)->error)
            work_end(work, index)->error = error_copy(error);
    }
    error_free(error);
    return false;
}

static bool has_undated_thumbnail(const Plan *plan)
{
    const CardFile *picture = picture_of(plan->shot);

    return picture && picture->kind == SHOT_THM && !plan->shot->facts.is_dated &&
           film_of(plan->shot);
}

bool names_read(ImportWork *work, Plan *plan)
{
    Error *error = NULL;

    if (plan->is_looked_at)
        return true;
    plan->is_looked_at = true;
    bool ok = ask_namer(work, plan, namer_read, &error);
    if (ok && has_undated_thumbnail(plan)) {
        plan->is_of_film = true;
        ok = ask_namer(work, plan, namer_read, &error);
    }
    return ok || pass_over(work, plan, error);
}

bool names_make(ImportWork *work, Plan *plan)
{
    Error *error = NULL;

    if (plan->is_passed)
        return false;
    return plan->shot->stem || ask_namer(work, plan, namer_name, &error) ||
           pass_over(work, plan, error);
}

/* ---- names of files ---- */

char *names_of(const char *stem, const CardFile *file)
{
    g_autofree char *dir = NULL, *base = NULL;

    filename_split(stem, &dir, &base);
    g_autofree char *name = filename_with_tail(base, strlen(base), file->tail);
    return filename_join(dir, name);
}

char *names_suffixed(const char *stem, const Content *content, unsigned digits)
{
    return digits ? g_strdup_printf("%s-%.*s", stem, (int) digits, content->xxh128)
                  : g_strdup(stem);
}

/* Two names that a file system without case takes for one have the same. */
static char *fold(const char *name)
{
    return g_utf8_validate(name, -1, NULL) ? g_utf8_casefold(name, -1) : g_ascii_strdown(name, -1);
}

static Plan *owner_of(const ImportWork *work, const char *name)
{
    g_autofree char *key = fold(name);

    return g_hash_table_lookup(work->names, key);
}

static void reserve(ImportWork *work, Plan *plan, const char *name)
{
    g_autofree char *key = fold(name);

    if (!g_hash_table_contains(work->names, key))
        g_hash_table_insert(work->names, g_steal_pointer(&key), plan);
}

void names_reserve(ImportWork *work, Plan *plan)
{
    for (guint i = 0; i < plan->shot->files->len; i++) {
        const FileEnd *end = work_end(work, work_index(work, plan->shot->files->pdata[i]));
        if (plan->stem) {
            g_autofree char *name = names_of(plan->stem, end->file);
            reserve(work, plan, name);
        }
        for (unsigned to = 0; to < work->count; to++)
            if (end->copies[to].name)
                reserve(work, plan, end->copies[to].name);
    }
}

/* What fails in another way, the copier reports. */
static bool is_nothing(const char *destination, const char *name, struct stat *st)
{
    return !beneath_stat(destination, name, st);
}

static bool is_free(const ImportWork *work, const char *name)
{
    struct stat st;

    for (unsigned to = 0; to < work->count; to++)
        if (!is_nothing(work->import->copy_to[to], name, &st))
            return false;
    return true;
}

bool names_are_free(ImportWork *work, const Plan *plan, const char *stem, Plan **other)
{
    bool all = true;

    *other = NULL;
    for (guint i = 0; i < plan->shot->files->len; i++) {
        g_autofree char *name = names_of(stem, plan->shot->files->pdata[i]);
        Plan *owner = owner_of(work, name);
        if (owner && owner != plan && owner->state != PLAN_DONE)
            *other = owner;
        if ((owner && owner != plan) || !is_free(work, name))
            all = false;
    }
    return all;
}

/* ---- names that are taken ---- */

/* What lies under a name. */
typedef enum Lies { LIES_NOTHING, LIES_SAME, LIES_OTHER } Lies;

static Lies what_lies(const ImportWork *work, const FileEnd *end, unsigned to, const char *name,
                      ProofEnd *proof)
{
    const char *destination = work->import->copy_to[to];
    g_autoptr(Error) error = NULL;
    Content content = { 0 };
    struct stat st;

    if (is_nothing(destination, name, &st))
        return LIES_NOTHING;
    if (!S_ISREG(st.st_mode) || st.st_size != end->content.size)
        return LIES_OTHER;
    *proof = proof_read(destination, name, work->media[to], &end->content, 0, &content, &error);
    bool same =
        *proof == PROOF_RIGHT || (*proof == PROOF_CACHED && content_same(&content, &end->content));
    return same ? LIES_SAME : LIES_OTHER;
}

/* Whether a file may have this name wherever it has no copy; `found` gets what lies there. */
static bool file_fits(ImportWork *work, const Plan *plan, const FileEnd *end, const char *stem,
                      FileCopy *found)
{
    g_autofree char *name = names_of(stem, end->file);
    const Plan *owner = owner_of(work, name);

    for (unsigned to = 0; to < work->count; to++) {
        if (end->copies[to].name)
            continue;
        Lies lies = what_lies(work, end, to, name, &found[to].proof);
        if (lies == LIES_OTHER || (lies == LIES_NOTHING && owner && owner != plan))
            return false;
        found[to].was_there = lies == LIES_SAME;
    }
    return true;
}

static void take_found(ImportWork *work, FileEnd *end, const char *stem, const FileCopy *found)
{
    for (unsigned to = 0; to < work->count; to++)
        if (found[to].was_there && !end->copies[to].name)
            work_set_copy(end, to,
                          (FileCopy){ .name = names_of(stem, end->file),
                                      .proof = found[to].proof,
                                      .was_there = true });
}

/* Whether all of its files fit; then what lies there are their copies. */
static bool shot_fits(ImportWork *work, Plan *plan, const char *stem)
{
    GPtrArray *files = plan->shot->files;
    g_autofree FileCopy *found = g_new0(FileCopy, (gsize) files->len * work->count);

    for (guint i = 0; i < files->len; i++) {
        const FileEnd *end = work_end(work, work_index(work, files->pdata[i]));
        if (end->is_read && !end->error &&
            !file_fits(work, plan, end, stem, &found[(gsize) i * work->count]))
            return false;
    }
    for (guint i = 0; i < files->len; i++)
        take_found(work, work_end(work, work_index(work, files->pdata[i])), stem,
                   &found[(gsize) i * work->count]);
    return true;
}

/* Of the first file that could be read. */
static const Content *first_content(const ImportWork *work, const Plan *plan)
{
    for (guint i = 0; i < plan->shot->files->len; i++) {
        const FileEnd *end = work_end(work, work_index(work, plan->shot->files->pdata[i]));
        if (end->is_read)
            return &end->content;
    }
    return NULL;
}

void names_choose(ImportWork *work, Plan *plan)
{
    static const unsigned digits[] = { 0, 8, 16, 32 };
    const Content *content = first_content(work, plan);

    g_clear_pointer(&plan->stem, g_free);
    for (size_t i = 0; content && i < G_N_ELEMENTS(digits) && !plan->stem; i++) {
        g_autofree char *stem = names_suffixed(plan->shot->stem, content, digits[i]);
        if (shot_fits(work, plan, stem))
            plan->stem = g_steal_pointer(&stem);
    }
}
