/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/jobs/parts.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hidden.h"
#include "daemon/files/beneath.h"
#include "daemon/files/filename.h"
#include "daemon/files/lease.h"
#include "daemon/files/rights.h"
#include "daemon/files/shot.h"
#include "daemon/jobs/parts_copy.h"
#include "daemon/jobs/parts_read.h"
#include "daemon/jobs/second_copy.h"
#include "daemon/journal/journal.h"
#include "daemon/originals/put_back.h"
#include "daemon/originals/shot_names.h"

/* A name that was free is taken when it is used: another program makes files there. */
enum { NAMES_TRIED = 100 };

static guint count_of(const Job *job)
{
    return job->parts.list ? job->parts.list->len : 0;
}

static LedgerPart *part_at(const Job *job, guint i)
{
    return &g_array_index(job->parts.list, LedgerPart, i);
}

/* ---- where they go ---- */

/* Of nothing but a sidecar and a thumbnail a trash is the place: of a RAW, a film, a sound, or the
 * same picture in another format nothing was made. */
static bool goes_to_trash(const Job *job, bool failed, const LedgerPart *part)
{
    return !failed && job->folder->originals == ORIGINALS_TRASH &&
           (part->kind == SHOT_XMP || part->kind == SHOT_AAE || part->kind == SHOT_THM);
}

/* The directory for the original, and its parts; those of a picture in the trash go to done/. */
static const char *place_of(bool failed)
{
    return failed ? "failed" : "done";
}

static bool original_goes_along(const Job *job, bool failed)
{
    return failed || job->folder->originals == ORIGINALS_DONE;
}

/* Whether a part is to be moved to the directory of place_of(). */
static bool goes_along(const Job *job, bool failed, const LedgerPart *part)
{
    return !part->moved && !goes_to_trash(job, failed, part);
}

/* ---- one name for all ---- */

static bool is_at_its_place(const Job *job)
{
    struct stat st;

    if (!beneath_stat(job->folder->path, job->row.source, &st))
        return false;
    FileId there = fileid_of(&st);
    return fileid_same(&there, &job->row.file);
}

/* Where the original of a row has gone: of the job's own, or of the other picture of its shot. */
static bool read_name_of(const Job *job, bool failed, const LedgerRow *row, ShotName *name)
{
    const Belonging it = { job->folder->path, row->source, &row->file, row->new_name };
    g_autoptr(Error) ignored = NULL;
    g_auto(Spot) spot = { 0 };

    if (!original_goes_along(job, failed) ||
        !put_back_find(&it, SPOT_BIT(failed ? SPOT_FAILED : SPOT_DONE), &spot, &ignored))
        return false;
    shot_name_read(spot.path, row->source, name);
    return true;
}

/* Where an earlier attempt has moved parts, or was to. */
static bool read_planned_name(const Job *job, bool failed, ShotName *name)
{
    g_autofree char *below = g_strconcat(place_of(failed), "/", NULL);

    for (guint i = 0; i < count_of(job); i++) {
        const LedgerPart *part = part_at(job, i);

        if (!part->to || !g_str_has_prefix(part->to, below))
            continue;
        shot_name_read(part->to, part->source, name);
        return true;
    }
    return false;
}

/* ---- a RAW and a JPEG that are two pictures of one shot ---- */

static bool has_twins(const Job *job)
{
    return job->folder->prefer == PREFER_BOTH && job->folder->shots == SHOTS_TOGETHER &&
           !job_is_batch(job) && shot_kind(job->row.source) != SHOT_NONE;
}

/* ---- the name ---- */

/* Of the original and its parts those that go to the directory; newly allocated. */
static GArray *files_that_go(const Job *job, bool failed, bool original)
{
    GArray *files = g_array_new(FALSE, FALSE, sizeof(ShotFile));
    const ShotFile own = { job->row.source, &job->row.file };

    if (original)
        g_array_append_val(files, own);
    for (guint i = 0; i < count_of(job); i++) {
        const LedgerPart *part = part_at(job, i);
        const ShotFile file = { part->source, &part->file };

        if (goes_along(job, failed, part))
            g_array_append_val(files, file);
    }
    return files;
}

static bool are_free(const Job *job, bool failed, const ShotName *name, const GArray *files)
{
    bool are = true;

    for (guint i = 0; are && i < files->len; i++)
        are = shot_name_is_free(job->folder, place_of(failed), name,
                                &g_array_index(files, ShotFile, i));
    return are;
}

/* Adds those of the other picture. `parts` gets its parts. */
static bool add_files_of_twin(const Job *job, const LedgerRow *twin, GArray *parts, GArray *files,
                              Error **err)
{
    const ShotFile other = { twin->source, &twin->file };

    if (!parts_of(job->context->ledger, twin->id, parts, err))
        return false;
    g_array_append_val(files, other);
    for (guint i = 0; i < parts->len; i++) {
        const LedgerPart *part = &g_array_index(parts, LedgerPart, i);
        const ShotFile file = { part->source, &part->file };

        g_array_append_val(files, file);
    }
    return true;
}

/* A name that is free for the files, and for those of the other picture of the shot, if there is
 * one, which may have moved. */
static bool choose_name(const Job *job, bool failed, GArray *files, ShotName *name, Error **err)
{
    g_autoptr(GArray) parts = ledger_parts_new(); /* whose texts `files` borrows */
    g_auto(LedgerRow) twin = { 0 };
    bool found = false;

    if (has_twins(job) && !parts_twin(job->context->ledger, &job->row, &twin, &found, err))
        return false;
    if (found && read_name_of(job, failed, &twin, name) && are_free(job, failed, name, files))
        return true;
    if (found && !add_files_of_twin(job, &twin, parts, files, err))
        return false;
    return shot_name_choose(job->folder, place_of(failed), failed ? NULL : job->row.new_name,
                            (const ShotFile *) (void *) files->data, files->len, name, err);
}

/* The name that the shot has, or gets. Nothing has moved while the original is at its place. */
static bool find_name(const Job *job, bool failed, ShotName *name, Error **err)
{
    bool here = is_at_its_place(job);
    g_autoptr(GArray) files = files_that_go(job, failed, here && original_goes_along(job, failed));

    if (!here && read_name_of(job, failed, &job->row, name))
        return true;
    if (read_planned_name(job, failed, name) && (!here || are_free(job, failed, name, files)))
        return true;
    return choose_name(job, failed, files, name, err);
}

/* ---- the plan ---- */

/* A copy on another disk is known by its content only. */
static void know_content(const Job *job, LedgerPart *part)
{
    g_autofree char *done = g_build_filename(job->folder->path, "done", NULL);
    g_autofree char *failed = g_build_filename(job->folder->path, "failed", NULL);
    struct stat root, st;

    if (fileid_was_read(&part->file) || stat(job->folder->path, &root) < 0 ||
        ((stat(done, &st) < 0 || st.st_dev == root.st_dev) &&
         (stat(failed, &st) < 0 || st.st_dev == root.st_dev)))
        return;
    int fd = beneath_open(job->folder->path, part->source, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return; /* the move says why */
    fileid_hash(fd, &part->file);
    close(fd);
}

static bool plan_part(const Job *job, bool failed, const ShotName *shot, LedgerPart *part,
                      Error **err)
{
    const ShotFile file = { part->source, &part->file };
    g_auto(ShotName) name = { 0 };

    if (!goes_along(job, failed, part))
        return true;
    know_content(job, part);
    if (!shot_name_number(job->folder, place_of(failed), shot, &file, &name, err))
        return false;
    g_free(part->to);
    part->to = shot_name_path(&name, place_of(failed), part->source);
    return true;
}

/* *as: the name of the original, newly allocated; NULL: any that is free. */
static bool plan(Job *job, bool failed, char **as, Error **err)
{
    g_auto(ShotName) name = { 0 };
    g_autofree char *path = NULL, *dir = NULL;

    *as = NULL;
    if (!find_name(job, failed, &name, err))
        return false;
    for (guint i = 0; i < count_of(job); i++)
        if (!plan_part(job, failed, &name, part_at(job, i), err))
            return false;
    if (original_goes_along(job, failed)) {
        path = shot_name_path(&name, place_of(failed), job->row.source);
        filename_split(path, &dir, as);
    }
    return !job->parts.list || parts_plan(job->context->ledger, &job->row, job->parts.list, err);
}

/* ---- the moves ---- */

/* The name that another file has got: the next one. */
static bool plan_again(const Job *job, bool failed, LedgerPart *part, Error **err)
{
    g_auto(ShotName) name = { 0 };

    shot_name_read(part->to, part->source, &name);
    return plan_part(job, failed, &name, part, err) &&
           parts_plan(job->context->ledger, &job->row, job->parts.list, err);
}

/* Why a part has not moved, though nothing went wrong. */
typedef struct PartStays {
    bool taken;   /* another file has its name */
    bool missing; /* what lies there is no longer the file that was read, and is left alone */
} PartStays;

static bool move_once(const Job *job, bool failed, const LedgerPart *part, PartStays *stays,
                      Error **err)
{
    g_autofree char *temp =
        g_strdup_printf(HIDDEN_PREFIX "%s-%" PRId64 "-part-%" PRId64,
                        ledger_tag(job->context->ledger), job->row.id, part->id);
    bool trash = goes_to_trash(job, failed, part), gone = false;
    g_autofree char *dir = NULL, *as = NULL;

    if (!trash)
        filename_split(part->to, &dir, &as);
    Original original = { .folder = job->folder,
                          .root = job->folder->path,
                          .source = part->source,
                          .file = &part->file,
                          .temp = temp,
                          .again = job->resumed,
                          .as = as,
                          .taken = &stays->taken,
                          .missing = &stays->missing };
    return trash ? originals_move_to_trash(&original, &gone, err)
                 : originals_move_below(&original, place_of(failed), &gone, err);
}

static bool move_part(const Job *job, bool failed, LedgerPart *part, PartStays *stays, Error **err)
{
    for (int tries = 0; tries < NAMES_TRIED; tries++) {
        *stays = (PartStays){ false, false };
        if (!move_once(job, failed, part, stays, err))
            return false;
        if (!stays->taken)
            break;
        if (!plan_again(job, failed, part, err))
            return false;
    }
    part->moved = !stays->taken && !stays->missing;
    return !stays->missing || parts_drop(job->context->ledger, &job->row, part, err);
}

static void note_moved(Job *job, const LedgerPart *part)
{
    if (!part->moved)
        return;
    if (!job->parts.moved)
        job->parts.moved = g_string_new(NULL);
    g_string_append_printf(job->parts.moved, "%s%s", job->parts.moved->len ? ", " : "",
                           part->source);
}

char *parts_moved_now(const Job *job)
{
    return job->parts.moved ? g_strdup(job->parts.moved->str) : NULL;
}

/* Whether it is a part still. */
static bool try_part(Job *job, bool failed, LedgerPart *part, Error **why)
{
    g_autoptr(Error) error = NULL;
    PartStays stays = { false, false };

    if (part->moved)
        return true;
    if (parts_copy_late(job, part, &error) && second_copy_part(job, part, &error) &&
        move_part(job, failed, part, &stays, &error))
        note_moved(job, part);
    else if (!*why)
        *why = g_steal_pointer(&error);
    return !stays.missing;
}

/* One that cannot be moved keeps no other one back; *why is the first reason. */
static void move_all(Job *job, bool failed, Error **why)
{
    g_autoptr(Error) unrecorded = NULL;
    guint i = 0;

    while (i < count_of(job))
        if (try_part(job, failed, part_at(job, i), why))
            i++;
        else
            g_array_remove_index(job->parts.list, i);
    if (!job->parts.list)
        return;
    g_free(job->parts.names);
    job->parts.names = parts_names(job->parts.list);
    if (!parts_end(job->context->ledger, &job->row, job->parts.list, &unrecorded) && !*why)
        *why = g_steal_pointer(&unrecorded);
}

/* With a name that is free for its parts, too. */
static bool move_original(Job *job, bool failed, PartsMoveOriginal *move, const void *user,
                          LedgerOriginal *end, Error **why)
{
    g_autofree char *temp = job_hidden_name(job), *as = NULL;
    bool gone = false, missing = false, taken = false;
    Original original = job_original(job, temp, &missing);

    for (int tries = 0; tries < NAMES_TRIED; tries++) {
        taken = false;
        g_clear_pointer(&as, g_free);
        if ((count_of(job) || has_twins(job)) && !plan(job, failed, &as, why))
            return false;
        original.as = as;
        original.taken = &taken;
        if (!move(job, &original, user, &gone, why))
            return false;
        if (!taken)
            break;
    }
    *end = job_original_end(gone, missing);
    return true;
}

bool parts_move(Job *job, bool failed, PartsMoveOriginal *move, const void *user,
                LedgerOriginal *end, Error **why)
{
    bool moves = failed || folder_moves_originals(job->folder);
    g_autofree char *unused = NULL;

    *end = ORIGINAL_STAYS;
    if (!moves)
        return true;
    if (job->parts.only ? !plan(job, failed, &unused, why)
                        : !move_original(job, failed, move, user, end, why))
        return false;
    if (job->parts.only || *end != ORIGINAL_STAYS)
        move_all(job, failed, &job->parts.unmoved);
    return true;
}

/* ---- what stays ---- */

bool parts_record(const Job *job, LedgerOriginal original, Error **err)
{
    g_autofree char *dir = NULL, *name = NULL, *fix = NULL;

    if (!job->parts.unmoved)
        return true;
    filename_split(job->row.source, &dir, &name);
    int fd = beneath_open(job->folder->path, dir, O_PATH | O_DIRECTORY);
    fix = fd >= 0 ? rights_command(fd) : NULL;
    bool shut = fd >= 0 && !rights_may_change(fd);
    if (fd >= 0)
        close(fd);
    return parts_keep(job->context->ledger, &job->row, original, dir, shut,
                      fix ? fix : job->parts.unmoved->fix, job->context->times->unmoved_retry_ms,
                      err);
}

void parts_report(const Job *job)
{
    if (job->parts.unmoved)
        journal_event(EVENT_PARTS_NOT_MOVED, JOB_FIELDS(job), .error = job->parts.unmoved,
                      .delay_ms = job->context->times->unmoved_retry_ms);
}
