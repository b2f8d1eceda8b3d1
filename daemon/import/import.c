/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An import as a straight line: list, what is known, room, names and copies, proof, list again,
 * manifests, verdict, record. Each step is a file. */
#include "daemon/import/import.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "daemon/files/mounts.h"
#include "daemon/import/import_internal.h"

enum { TRIES = 3 };

/* ---- before the first byte ---- */

static bool list(ImportWork *work, Error **err)
{
    const ImportSource *source = work->source;
    Card *card = NULL;

    work->count = g_strv_length(work->import->copy_to);
    if (!work->count || work->count > COPIER_DESTINATIONS)
        return error_set(err, ERROR_CONFIG, "give one to 16 directories",
                         "an import cannot have %u destinations", work->count);
    if (!source->list(source->files.user, work->import, &card, err))
        return false;
    work_set_card(work, card);
    return true;
}

/* What exists of a directory that may have to be made; newly allocated. */
static char *existing(const char *directory)
{
    char *path = g_strdup(directory);
    struct stat st;

    while (stat(path, &st) < 0 && g_strcmp0(path, "/")) {
        char *above = g_path_get_dirname(path);
        g_free(path);
        path = above;
    }
    return path;
}

static bool find_media(ImportWork *work, Error **err)
{
    for (unsigned to = 0; to < work->count; to++) {
        g_autofree char *path = existing(work->import->copy_to[to]);
        g_clear_pointer(&work->media[to], medium_free);
        if (!medium_of_path(path, &work->media[to], err))
            return false;
    }
    return true;
}

static bool is_mount_point(const char *path)
{
    struct statx stx;

    return statx(AT_FDCWD, path, 0, STATX_BASIC_STATS, &stx) == 0 &&
           (stx.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) &&
           (stx.stx_attributes & STATX_ATTR_MOUNT_ROOT);
}

/* Whether both are known to lie on one medium that can be taken away. The image of a card lies on
 * another medium, which may have room for the copies, too. */
static bool is_same_medium(const Medium *card, const Medium *medium)
{
    return card->removable && card->device && medium->device && !*card->backing && *card->disks &&
           *medium->disks && medium_shares_disk(card, medium);
}

/* Where the real path `path` lies in its file system, whatever bind mounts lead there: "8:1" and
 * the path from its top; newly allocated. */
static char *place_of(const GPtrArray *mounts, const char *path)
{
    const Mount *mount = mounts_find(mounts, path);

    if (!mount)
        return g_strdup(path);
    g_autofree char *place = mounts_join(mount->root, mounts_below(path, mount->point));
    return g_strdup_printf("%s%s", mount->device, strcmp(place, "/") != 0 ? place : "");
}

static bool is_below_card(const ImportWork *work, const char *directory)
{
    g_autoptr(GPtrArray) mounts = mounts_read();
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): it is listed before */
    g_autofree char *root = mounts_real_path(work->card->root);
    g_autofree char *real = mounts_real_path(directory);
    g_autofree char *card = place_of(mounts, root);
    g_autofree char *place = place_of(mounts, real);

    return !work->source->is_of_camera && (mounts_below(real, root) || mounts_below(place, card));
}

/* Below the card's directory; or on its file system, where that is a medium of its own. */
static bool is_on_card(const ImportWork *work, unsigned to)
{
    const Medium *card = work->card->medium, *medium = work->media[to];

    if (work->source->is_of_camera)
        return false;
    if (is_below_card(work, work->import->copy_to[to]) || is_same_medium(card, medium))
        return true;
    return card->device && !g_strcmp0(card->device, medium->device) &&
           is_mount_point(work->card->root);
}

static bool is_own(const char *directory, const char *fix, Error **err)
{
    g_autofree char *shown = text_escape(directory);

    return error_set(err, ERROR_CONFIG, fix, "'%s' is on the card itself", shown);
}

static const char *inbox_of(const ImportWork *work)
{
    const char *then = work->import->then;
    const Folder *folder = then ? settings_find_folder(work->run->settings, then) : NULL;

    return folder ? folder->path : NULL;
}

/* Nothing is ever written to the card. */
static bool refuse_own(ImportWork *work, Error **err)
{
    const char *inbox = inbox_of(work);

    for (unsigned to = 0; to < work->count; to++)
        if (is_on_card(work, to))
            return is_own(work->import->copy_to[to], "give a directory on another disk", err);
    if (inbox && is_below_card(work, inbox))
        return is_own(inbox, "give `then` a folder whose path is on another disk", err);
    return !is_below_card(work, work->run->state_dir) ||
           is_own(work->run->state_dir, "give another --state-dir", err);
}

/* ---- what is remembered ---- */

static bool open_catalog(ImportWork *work, Error **err)
{
    const ImportReporter *reporter = work->reporter;

    if (!catalog_open(work->run->state_dir, work->run->dry, &work->catalog, err))
        return false;
    const char *copy = work->catalog ? catalog_damaged_copy(work->catalog) : NULL;
    if (copy && reporter && reporter->damaged)
        reporter->damaged(reporter->user, copy);
    return true;
}

static bool find_record(ImportWork *work, Error **err)
{
    const Import *import = work->import;

    if (!open_catalog(work, err))
        return false;
    if (!work->catalog) {
        work->record = g_new0(CardRecord, 1);
        work->record->name = g_strdup(work->card->root);
        return true;
    }
    if (!catalog_find(work->catalog, work->card, import->name ? import->name : "",
                      (const char *const *) import->copy_to, &work->record, &work->is_known, err) ||
        !catalog_assignment(work->catalog, &work->assignment, err))
        return false;
    work->was_safe = work->is_known && work->record->state == CARD_SAFE;
    work->last_ended = work->record->ended_ms;
    return true;
}

/* From here on its record is that of this import. */
static void begin_record(ImportWork *work)
{
    CardRecord *record = work->record;

    g_clear_pointer(&record->verdict, g_free);
    g_clear_pointer(&record->reason, g_free);
    g_free(record->import);
    g_free(record->source);
    g_strfreev(record->destinations);
    record->import = g_strdup(work->import->name ? work->import->name : "");
    record->source = g_strdup(work->card->root);
    record->destinations = g_strdupv(work->import->copy_to);
    record->verify = work->import->verify;
    record->manifest = work->import->manifest;
    record->safe_copies = work->import->safe_copies;
    record->state = CARD_READING;
    record->began_ms = clock_wall_ms();
    record->ended_ms = 0;
    record->pid = getpid();
    work_tell(work, true);
}

static void start_namer(ImportWork *work)
{
    const char *name = work->record->name;
    const NameWords words = {
        .card = g_strcmp0(name, work->card->root) ? name : "",
        .assignment = work->assignment,
    };

    work->namer = namer_new(work->run->settings, work->import, &words, work->run->worker);
}

/* ---- the work ---- */

/* Where a destination cannot be used, it waits for that, as for room. */
static bool start_copier(ImportWork *work)
{
    const CopierOptions options = {
        .digests = manifest_digests(work->import->manifest),
        .tries = TRIES,
        .locks = work->run->run_dir,
        .early = work->import->then,
    };

    while (room_wait(work)) {
        g_autoptr(Error) error = NULL;
        if (find_media(work, &error))
            work->copier =
                copier_new(&work->source->files, work->import->copy_to,
                           (const Medium *const *) work->media, work->count, &options, &error);
        if (work->copier)
            return true;
        if (!room_hold(work, error))
            return false;
    }
    return false;
}

static void end_copier(ImportWork *work)
{
    work->read_before += copier_bytes(work->copier);
    g_clear_pointer(&work->copier, copier_free);
    handover_commit(work);
    work_tell(work, true);
}

/* What a destination did not take, it may take when there is room again. */
static void copy(ImportWork *work)
{
    if (!start_copier(work))
        return;
    proof_begin(work);
    copy_all(work);
    end_copier(work);
    for (int i = 0; i < TRIES && work->run->waits && copy_has_missing(work); i++) {
        proof_drop(work);
        if (!start_copier(work))
            return;
        copy_again(work);
        end_copier(work);
    }
}

static Verdict *import_new(ImportWork *work)
{
    begin_record(work);
    copy(work);
    proof_all(work);
    return end_import(work);
}

/* It was judged before, and nothing has changed. */
static Verdict *import_again(ImportWork *work)
{
    Verdict *verdict = g_new0(Verdict, 1);

    for (guint i = 0; i < work->plans->len; i++)
        handover_shot(work, g_array_index(work->plans, Plan *, i));
    handover_commit(work);
    verdict->state = work->record->state;
    verdict->line = g_strdup(work->record->verdict);
    verdict->reasons = g_ptr_array_new_with_free_func(g_free);
    verdict->done = work->record->done;
    return verdict;
}

static Verdict *import_dry(ImportWork *work)
{
    Verdict *verdict = g_new0(Verdict, 1);

    dry_plan(work);
    verdict->state = CARD_READING;
    verdict->line = g_strdup("nothing was copied");
    verdict->reasons = g_ptr_array_new_with_free_func(g_free);
    return verdict;
}

static Verdict *import_it(ImportWork *work, bool *nothing_new)
{
    known_find(work);
    *nothing_new = known_is_all(work);
    start_namer(work);
    if (work->run->dry)
        return import_dry(work);
    if (*nothing_new)
        return import_again(work);
    Verdict *verdict = import_new(work);
    *nothing_new = work->is_known && !work->has_copied && !work->interrupted && !work->held &&
                   (work->was_safe || verdict->state != CARD_SAFE);
    return verdict;
}

bool import_run(const ImportRun *run, const ImportSource *source, const ImportReporter *reporter,
                CardRecord **record, Verdict **verdict, bool *nothing_new, Error **err)
{
    ImportWork work = { .run = run, .source = source, .reporter = reporter, .import = run->import };

    *record = NULL;
    *verdict = NULL;
    *nothing_new = false;
    bool ok = list(&work, err) && find_media(&work, err) && refuse_own(&work, err) &&
              find_record(&work, err);
    if (ok) {
        *verdict = import_it(&work, nothing_new);
        *record = g_steal_pointer(&work.record);
    }
    work_clear(&work);
    return ok;
}
