/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copies the shots of a card: which are begun when, what each file became, and what follows. */
#include "daemon/import/import_internal.h"

enum { POLL_MS = 200, ROUNDS = 3 };

/* ---- to the copier ---- */

static void queue(ImportWork *work, Plan *plan, const CardFile *file, unsigned to)
{
    const CopyJob job = {
        .file = file,
        .name = to ? names_of(plan->stem, file) : NULL,
        .to = to,
        .user = plan,
    };

    plan->queued++;
    work->queued++;
    copier_add(work->copier, &job);
}

/* A copy that this import has made, or read back: others may be made of it. -1: none. */
static int source_of(const ImportWork *work, const FileEnd *end)
{
    for (unsigned to = 0; to < work->count; to++)
        if (end->copies[to].name &&
            (!end->copies[to].was_there || end->copies[to].proof == PROOF_RIGHT))
            return (int) to;
    return -1;
}

static unsigned missing_of(const ImportWork *work, const FileEnd *end)
{
    unsigned missing = 0;

    for (unsigned to = 0; to < work->count; to++)
        if (!end->copies[to].name)
            missing |= 1U << to;
    return missing;
}

/* The card is read for a second time only where no copy is known to be right. The copier finds a
 * copy by the name that it shall get in the other destinations. */
static void queue_missing(ImportWork *work, Plan *plan, const FileEnd *end)
{
    unsigned missing = missing_of(work, end);
    g_autofree char *name = names_of(plan->stem, end->file);
    int from = source_of(work, end);

    if (!missing || end->error)
        return;
    if (from < 0 || g_strcmp0(end->copies[from].name, name)) {
        queue(work, plan, end->file, missing);
        return;
    }
    const CopyJob job = {
        .file = end->file, .name = g_steal_pointer(&name), .to = missing, .user = plan
    };
    plan->queued++;
    work->queued++;
    copier_add_from(work->copier, &job, (unsigned) from, &end->content);
}

static void read_all(ImportWork *work, Plan *plan)
{
    plan->state = PLAN_READING;
    for (guint i = 0; i < plan->shot->files->len; i++)
        queue(work, plan, plan->shot->files->pdata[i], 0);
}

/* ---- what a shot becomes ---- */

static void finish(ImportWork *work, Plan *plan)
{
    plan->state = PLAN_DONE;
    names_reserve(work, plan);
    known_record(work, plan);
    handover_shot(work, plan);
    proof_shot(work, plan);
}

static void fail_without_name(ImportWork *work, Plan *plan)
{
    Error *error = NULL;

    error_set(&error, ERROR_CONFIG, "move the files of that name away, then import the card again",
              "every name that '%s' may get is taken", plan->shot->stem);
    for (guint i = 0; i < plan->shot->files->len; i++) {
        FileEnd *end = work_end(work, work_index(work, plan->shot->files->pdata[i]));
        if (missing_of(work, end) && !end->error) {
            end->error = error_copy(error);
            work_trouble(work, end->file, NULL, error);
        }
    }
    error_free(error);
}

static bool is_complete(const ImportWork *work, const Plan *plan)
{
    for (guint i = 0; i < plan->shot->files->len; i++) {
        const FileEnd *end = work_end(work, work_index(work, plan->shot->files->pdata[i]));
        if (missing_of(work, end) && !end->error)
            return false;
    }
    return true;
}

/* Its contents are known: what stands already counts, the rest is copied. */
static void settle(ImportWork *work, Plan *plan)
{
    if (work_is_over(work)) {
        finish(work, plan);
        return;
    }
    known_take_duplicates(work, plan);
    if (!is_complete(work, plan) && names_read(work, plan) && names_make(work, plan)) {
        names_choose(work, plan);
        if (!plan->stem)
            fail_without_name(work, plan);
    }
    plan->state = PLAN_COPYING;
    names_reserve(work, plan);
    for (guint i = 0; plan->stem && i < plan->shot->files->len; i++)
        queue_missing(work, plan, work_end(work, work_index(work, plan->shot->files->pdata[i])));
    if (!plan->queued)
        finish(work, plan);
}

/* All files of it that the copier had are back. */
static void go_on(ImportWork *work, Plan *plan)
{
    if (plan->state == PLAN_READING || (plan->was_taken && plan->rounds++ < ROUNDS)) {
        plan->was_taken = false;
        settle(work, plan);
    } else {
        finish(work, plan);
    }
}

/* ---- what a file became ---- */

/* What was read must be what was read before. Of what an earlier import has read, it may not be:
 * then the file is a new one. */
static void take_content(ImportWork *work, FileEnd *end, const Content *content)
{
    bool is_known = end->is_read || *end->content.xxh128;

    if (end->error)
        return;
    if (is_known && !content_same(content, &end->content)) {
        if (end->is_read) {
            error_set(&end->error, ERROR_ENVIRONMENT, "look at the card and its reader",
                      "the card gave two different contents when it was read twice");
            work_trouble(work, end->file, NULL, end->error);
            return;
        }
        work_forget_copies(work, end);
    }
    end->content = *content;
    end->is_read = true;
}

static void take_error(ImportWork *work, FileEnd *end, CopyResult *result)
{
    if (result->card_is_gone)
        work_interrupt(work, "the card is not there any more");
    if (work_is_over(work) || end->error)
        return;
    end->error = g_steal_pointer(&result->error);
    work_trouble(work, end->file, NULL, end->error);
}

static void take_copy(ImportWork *work, Plan *plan, FileEnd *end, CopyResult *result, unsigned to)
{
    FileCopy *copy = &end->copies[to];

    switch (result->ends[to]) {
    case COPY_MADE:
        work_set_copy(end, to, (FileCopy){ .name = g_strdup(result->job.name) });
        work->has_copied = true;
        break;
    case COPY_NAME_TAKEN:
        plan->was_taken = true;
        break;
    case COPY_FAILED:
        if (work_is_over(work))
            break;
        g_clear_pointer(&copy->error, error_free);
        copy->error = g_steal_pointer(&result->errors[to]);
        plan->is_missing = true;
        work_trouble(work, end->file, work->import->copy_to[to], copy->error);
        break;
    case COPY_NOT_ASKED:
        break;
    }
}

static void take(ImportWork *work, CopyResult *result)
{
    Plan *plan = result->job.user;
    FileEnd *end = work_end(work, work_index(work, result->job.file));

    if (result->was_read)
        take_content(work, end, &result->content);
    else if (result->error)
        take_error(work, end, result);
    for (unsigned to = 0; to < work->count; to++)
        take_copy(work, plan, end, result, to);
    if (result->is_early) {
        handover_shot(work, plan);
    } else {
        plan->queued--;
        work->queued--;
        if (!plan->queued)
            go_on(work, plan);
    }
    copy_result_free(result);
    work_tell(work, false);
}

/* Takes what has ended, waiting for the first one. False: nothing came. */
static bool take_next(ImportWork *work, int timeout_ms)
{
    CopyResult *result = copier_next(work->copier, timeout_ms);

    work_is_over(work); /* then it cancels the copier, and all results come at once */
    if (result) {
        take(work, result);
    } else {
        handover_commit(work);
        work_tell(work, false);
    }
    return result;
}

static void take_ended(ImportWork *work)
{
    while (work->queued && take_next(work, 0))
        ;
}

static void take_all(ImportWork *work)
{
    while (work->queued)
        take_next(work, POLL_MS);
}

static void wait_for(ImportWork *work, const Plan *plan)
{
    while (plan->state != PLAN_DONE && work->queued)
        take_next(work, POLL_MS);
}

/* ---- a shot begins ---- */

static char *head_key(const CardFile *file, uint64_t head)
{
    return g_strdup_printf("%lld %016llx", (long long) file->size, (unsigned long long) head);
}

/* The first shot that is being copied and may have the same content as a file of this one; NULL:
 * none. */
static Plan *alike(ImportWork *work, Plan *plan)
{
    for (guint i = 0; i < plan->shot->files->len; i++) {
        const CardFile *file = plan->shot->files->pdata[i];
        const FileWork *its = &work->files[work_index(work, file)];
        if (!its->head || !file->size)
            continue;
        g_autofree char *key = head_key(file, its->head);
        Plan *other = g_hash_table_lookup(work->heads, key);
        if (!other)
            g_hash_table_insert(work->heads, g_steal_pointer(&key), plan);
        else if (other != plan && other->state != PLAN_DONE)
            return other;
    }
    return NULL;
}

/* Waits for shots of this card that have its names or its content. Whether its names are free. */
static bool wait_for_others(ImportWork *work, Plan *plan)
{
    Plan *other = NULL;
    bool free = false;

    do {
        if (other)
            wait_for(work, other);
        free = names_are_free(work, plan, plan->shot->stem, &other);
        if (!other && work->import->duplicates == IMPORT_DUPLICATES_SKIP)
            other = alike(work, plan);
    } while (other && !work_is_over(work));
    return free;
}

static void begin_new(ImportWork *work, Plan *plan)
{
    if (!names_read(work, plan) || !names_make(work, plan)) {
        plan->state = PLAN_DONE;
        return;
    }
    known_read_heads(work, plan);
    bool free = wait_for_others(work, plan);
    if (work_is_over(work))
        return;
    if (!free || known_may_be_duplicate(work, plan)) {
        read_all(work, plan);
        return;
    }
    plan->state = PLAN_COPYING;
    plan->stem = g_strdup(plan->shot->stem);
    names_reserve(work, plan);
    for (guint i = 0; i < plan->shot->files->len; i++)
        queue(work, plan, plan->shot->files->pdata[i], (1U << work->count) - 1);
}

static void begin(ImportWork *work, Plan *plan)
{
    if (plan->state == PLAN_WAITING && !plan->is_known)
        begin_new(work, plan);
    take_ended(work);
}

/* ---- waves ---- */

static void begin_in_order(ImportWork *work, bool only_protected)
{
    g_autoptr(GPtrArray) files = card_in_order(work->card, work->import);

    for (guint i = 0; i < files->len && !work_is_over(work); i++) {
        const CardFile *file = files->pdata[i];
        if (!only_protected || file->shot->is_protected)
            begin(work, work_plan(work, file->shot));
    }
}

static bool has_order(const Import *import, ImportOrder order)
{
    for (unsigned i = 0; i < import->orders; i++)
        if (import->order[i] == order)
            return true;
    return false;
}

static void read_metadata(ImportWork *work)
{
    for (guint i = 0; i < work->plans->len && !work_is_over(work); i++) {
        Plan *plan = g_array_index(work->plans, Plan *, i);
        if (plan->state == PLAN_WAITING && !plan->is_known)
            names_read(work, plan);
        take_ended(work);
    }
}

/* A shot keeps the number that it was given, also when it comes in another insertion. */
static bool draw_numbers(ImportWork *work, Error **err)
{
    GPtrArray *shots = work->card->shots;
    int64_t last = 0, id = work->record->id;

    for (guint i = 0; work->catalog && i < shots->len; i++) {
        CardShot *shot = shots->pdata[i];
        const CardFile *first = shot->files->pdata[0];
        if (!catalog_number(work->catalog, id, first->path, &shot->number, err))
            return false;
    }
    if (work->catalog && !catalog_last_number(work->catalog, id, &last, err))
        return false;
    card_number(work->card, last + 1);
    for (guint i = 0; work->catalog && !work->run->dry && i < shots->len; i++) {
        const CardShot *shot = shots->pdata[i];
        const CardFile *first = shot->files->pdata[0];
        if (!catalog_add_number(work->catalog, id, first->path, shot->number, err))
            return false;
    }
    return !work->catalog || work->run->dry || catalog_flush(work->catalog, err);
}

void copy_prepare(ImportWork *work)
{
    const Import *import = work->import;
    bool numbers = namer_needs_numbers(work->namer);
    bool ordered = has_order(import, IMPORT_ORDER_RATED) || has_order(import, IMPORT_ORDER_NEWEST);
    Error *error = NULL;

    if (numbers || (ordered && !work->source->is_of_camera)) /* which gives whole files alone */
        read_metadata(work);
    if (numbers && !work_is_over(work) && !draw_numbers(work, &error))
        work_catalog_failed(work, error);
}

/* What was copied in an earlier insertion is read after all that is new, and only where no verdict
 * SAFE was based on it, or it was changed since. */
static void read_known(ImportWork *work)
{
    for (guint i = 0; i < work->plans->len && !work_is_over(work); i++) {
        Plan *plan = g_array_index(work->plans, Plan *, i);
        if (plan->state != PLAN_WAITING || !plan->is_known)
            continue;
        if (known_is_trusted(work, plan))
            finish(work, plan);
        else
            read_all(work, plan);
        take_ended(work);
    }
    take_all(work);
}

static void reserve_known(ImportWork *work)
{
    for (guint i = 0; i < work->plans->len; i++) {
        Plan *plan = g_array_index(work->plans, Plan *, i);
        if (plan->is_known)
            names_reserve(work, plan);
    }
}

void copy_again(ImportWork *work)
{
    for (guint i = 0; i < work->plans->len && !work_is_over(work); i++) {
        Plan *plan = g_array_index(work->plans, Plan *, i);
        if (!plan->is_missing)
            continue;
        plan->is_missing = false;
        settle(work, plan);
        take_ended(work);
    }
    take_all(work);
}

bool copy_has_missing(const ImportWork *work)
{
    for (guint i = 0; i < work->plans->len; i++)
        if (g_array_index(work->plans, Plan *, i)->is_missing)
            return true;
    return false;
}

void copy_all(ImportWork *work)
{
    const Import *import = work->import;

    reserve_known(work);
    if (import->orders && import->order[0] == IMPORT_ORDER_PROTECTED &&
        !namer_needs_numbers(work->namer))
        begin_in_order(work, true);
    copy_prepare(work);
    begin_in_order(work, false);
    take_all(work);
    read_known(work);
}
