/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is the same for every engine, and the way to the engine of a ledger for the rest. */
#include "daemon/ledger/ledger_internal.h"

bool ledger_open(const char *spec, Ledger **ledger, Error **err)
{
    return sqlite_ledger_open(spec, ledger, err);
}

void ledger_close(Ledger *ledger)
{
    if (ledger)
        ledger->engine->close(ledger);
}

const char *ledger_tag(const Ledger *ledger)
{
    return ledger->tag;
}

bool ledger_is_shared(const Ledger *ledger)
{
    return ledger->engine->is_shared;
}

bool ledger_is_fresh(const Ledger *ledger)
{
    return ledger->fresh;
}

const char *ledger_damaged_copy(const Ledger *ledger)
{
    return ledger->damaged_copy;
}

int ledger_recovered(const Ledger *ledger)
{
    return ledger->recovered;
}

bool ledger_hash(const Ledger *ledger, int fd, FileId *file)
{
    return fileid_hash_keyed(fd, &ledger->key, file);
}

void ledger_row_clear(LedgerRow *row)
{
    g_clear_pointer(&row->folder, g_free);
    g_clear_pointer(&row->source, g_free);
    g_clear_pointer(&row->new_name, g_free);
}

void ledger_duplicate_clear(LedgerDuplicate *duplicate)
{
    ledger_row_clear(&duplicate->row);
}

void ledger_output_clear(LedgerOutput *output)
{
    g_clear_pointer(&output->path, g_free);
    g_clear_pointer(&output->hidden, g_free);
}

void ledger_folder_clear(LedgerFolder *folder)
{
    g_clear_pointer(&folder->name, g_free);
}

void unmoved_group_clear(UnmovedGroup *group)
{
    g_clear_pointer(&group->dir, g_free);
    g_clear_pointer(&group->fix, g_free);
}

void ledger_part_clear(LedgerPart *part)
{
    g_clear_pointer(&part->source, g_free);
    g_clear_pointer(&part->to, g_free);
}

GArray *ledger_parts_new(void)
{
    GArray *parts = g_array_new(FALSE, FALSE, sizeof(LedgerPart));

    g_array_set_clear_func(parts, (GDestroyNotify) ledger_part_clear);
    return parts;
}

void shot_pictures_clear(ShotPictures *shot)
{
    g_clear_pointer(&shot->source, g_free);
    g_clear_pointer(&shot->parts, g_array_unref);
}

void ledger_pause_clear(LedgerPause *pause)
{
    g_clear_pointer(&pause->folder, g_free);
    g_clear_pointer(&pause->who, g_free);
}

void ledger_entry_clear(LedgerEntry *entry)
{
    ledger_row_clear(&entry->row);
    g_clear_pointer(&entry->why, error_free);
    g_clear_pointer(&entry->report, g_free);
    g_clear_pointer(&entry->duplicate_of, g_free);
    g_clear_pointer(&entry->profile, g_free);
    g_clear_pointer(&entry->cancelled_by, g_free);
}

GArray *ledger_outputs_new(void)
{
    GArray *outputs = g_array_new(FALSE, FALSE, sizeof(LedgerOutput));

    g_array_set_clear_func(outputs, (GDestroyNotify) ledger_output_clear);
    return outputs;
}

GArray *ledger_entries_new(void)
{
    GArray *entries = g_array_new(FALSE, FALSE, sizeof(LedgerEntry));

    g_array_set_clear_func(entries, (GDestroyNotify) ledger_entry_clear);
    return entries;
}

void undo_move_clear(UndoMove *move)
{
    g_clear_pointer(&move->root, g_free);
    g_clear_pointer(&move->path, g_free);
    g_clear_pointer(&move->spot_path, g_free);
}

GArray *undo_moves_new(void)
{
    GArray *moves = g_array_new(FALSE, FALSE, sizeof(UndoMove));

    g_array_set_clear_func(moves, (GDestroyNotify) undo_move_clear);
    return moves;
}

bool ledger_count_configured(Ledger *ledger, const Settings *settings, LedgerCounts *sum,
                             Error **err)
{
    bool ok = true;

    *sum = (LedgerCounts){ 0 };
    for (guint i = 0; ok && i < settings->folders->len; i++) {
        const Folder *folder = settings->folders->pdata[i];
        LedgerCounts counts = { 0 };
        ok = ledger_count(ledger, folder->name, &counts, err);
        sum->queued += counts.queued;
        sum->processing += counts.processing;
        sum->publishing += counts.publishing;
        sum->failing += counts.failing;
        sum->done += counts.done;
        sum->failed += counts.failed;
        sum->cancelled += counts.cancelled;
        sum->superseded += counts.superseded;
        sum->duplicates += counts.duplicates;
    }
    return ok;
}

/* ---- the engine does the rest ---- */

bool ledger_is_damaged(Ledger *ledger)
{
    return ledger->engine->is_damaged(ledger);
}

bool ledger_record_crash(Ledger *ledger, const LedgerCrash *crash, const Error *why, Error **err)
{
    return ledger->engine->record_crash(ledger, crash, why, err);
}

bool ledger_find(Ledger *ledger, const char *folder, const char *source, LedgerRow *row,
                 bool *found, Error **err)
{
    return ledger->engine->find(ledger, folder, source, row, found, err);
}

bool ledger_find_elsewhere(Ledger *ledger, const char *folder, const char *source,
                           const FileId *file, int64_t born_ms, GArray *rows, Error **err)
{
    return ledger->engine->find_elsewhere(ledger, folder, source, file, born_ms, rows, err);
}

bool ledger_rename(Ledger *ledger, const LedgerRow *row, const char *source, Error **err)
{
    return ledger->engine->rename(ledger, row, source, err);
}

bool ledger_add(Ledger *ledger, LedgerOffer *offers, unsigned count, int *added, Error **err)
{
    return ledger->engine->add(ledger, offers, count, added, err);
}

bool ledger_update_file(Ledger *ledger, const LedgerRow *row, const FileId *file, Error **err)
{
    return ledger->engine->update_file(ledger, row, file, err);
}

bool ledger_take(Ledger *ledger, const LedgerTake *take, GArray *rows, Error **err)
{
    return ledger->engine->take(ledger, take, rows, err);
}

bool ledger_next_due(Ledger *ledger, const char *folder, int64_t *delay_ms, Error **err)
{
    return ledger->engine->next_due(ledger, folder, delay_ms, err);
}

bool ledger_begin(Ledger *ledger, LedgerRow *row, LedgerDuplicate *duplicate, Error **err)
{
    return ledger->engine->begin(ledger, row, duplicate, err);
}

bool ledger_ask(Ledger *ledger, LedgerRow *row, Error **err)
{
    return ledger->engine->ask(ledger, row, err);
}

bool ledger_release(Ledger *ledger, const LedgerRow *row, Error **err)
{
    return ledger->engine->release(ledger, row, err);
}

bool ledger_defer(Ledger *ledger, const LedgerRow *row, int64_t delay_ms, bool spend,
                  CrashCause crash, const Error *why, Error **err)
{
    return ledger->engine->defer(ledger, row, delay_ms, spend, crash, why, err);
}

bool ledger_stage(Ledger *ledger, const LedgerRow *row, const GArray *outputs, Error **err)
{
    return ledger->engine->stage(ledger, row, outputs, err);
}

bool ledger_publish(Ledger *ledger, const LedgerRow *row, const GArray *outputs,
                    const ProfileText *profile, Error **err)
{
    return ledger->engine->publish(ledger, row, outputs, profile, err);
}

bool ledger_read_outputs(Ledger *ledger, const LedgerRow *row, GArray **outputs, Error **err)
{
    return ledger->engine->read_outputs(ledger, row, outputs, err);
}

bool ledger_done(Ledger *ledger, const LedgerRow *row, LedgerOriginal original, bool duplicate,
                 Error **err)
{
    return ledger->engine->done(ledger, row, original, duplicate, err);
}

bool ledger_begin_failing(Ledger *ledger, const LedgerRow *row, const Error *why, Error **err)
{
    return ledger->engine->begin_failing(ledger, row, why, err);
}

bool ledger_fail(Ledger *ledger, const LedgerRow *row, LedgerOriginal original, const Error *why,
                 Error **err)
{
    return ledger->engine->fail(ledger, row, original, why, err);
}

bool ledger_requeue(Ledger *ledger, LedgerRow *row, Error **err)
{
    return ledger->engine->requeue(ledger, row, err);
}

bool ledger_forget(Ledger *ledger, const LedgerRow *row, Error **err)
{
    return ledger->engine->forget(ledger, row, err);
}

bool ledger_last_error(Ledger *ledger, const LedgerRow *row, Error **why, Error **err)
{
    return ledger->engine->last_error(ledger, row, why, err);
}

bool ledger_has_made(Ledger *ledger, const char *folder, const char *source, const char *path,
                     const FileId *there, bool *made, Error **err)
{
    return ledger->engine->has_made(ledger, folder, source, path, there, made, err);
}

bool ledger_is_output(Ledger *ledger, const FileId *file, bool *is, Error **err)
{
    return ledger->engine->is_output(ledger, file, is, err);
}

bool ledger_was_source(Ledger *ledger, const FileId *file, bool *was, Error **err)
{
    return ledger->engine->was_source(ledger, file, was, err);
}

bool ledger_count(Ledger *ledger, const char *folder, LedgerCounts *counts, Error **err)
{
    return ledger->engine->count(ledger, folder, counts, err);
}

bool ledger_test_write(Ledger *ledger, Error **err)
{
    return ledger->engine->test_write(ledger, err);
}

bool ledger_count_unfinished(Ledger *ledger, int64_t *rows, Error **err)
{
    return ledger->engine->count_unfinished(ledger, rows, err);
}

bool ledger_list_unfinished(Ledger *ledger, GArray *folders, Error **err)
{
    return ledger->engine->list_unfinished(ledger, folders, err);
}

bool ledger_list_old(Ledger *ledger, const char *folder, int64_t age_ms, LedgerPlace *after,
                     int limit, GArray *rows, Error **err)
{
    return ledger->engine->list_old(ledger, folder, age_ms, after, limit, rows, err);
}

bool ledger_mark_absent(Ledger *ledger, const LedgerRow *row, Error **err)
{
    return ledger->engine->mark_absent(ledger, row, err);
}

bool ledger_prune(Ledger *ledger, int64_t age_ms, int limit, int *pruned, Error **err)
{
    return ledger->engine->prune(ledger, age_ms, limit, pruned, err);
}

bool unmoved_keep(Ledger *ledger, const LedgerRow *row, const char *dir, bool shut, const char *fix,
                  int64_t delay_ms, Error **err)
{
    return ledger->engine->unmoved_keep(ledger, row, dir, shut, fix, delay_ms, err);
}

bool unmoved_take(Ledger *ledger, const char *folder, int limit, GArray *rows, Error **err)
{
    return ledger->engine->unmoved_take(ledger, folder, limit, rows, err);
}

bool unmoved_forget(Ledger *ledger, const LedgerRow *row, LedgerOriginal original, Error **err)
{
    return ledger->engine->unmoved_forget(ledger, row, original, err);
}

bool unmoved_is_history(Ledger *ledger, const LedgerRow *row, bool *is, Error **err)
{
    return ledger->engine->unmoved_is_history(ledger, row, is, err);
}

bool unmoved_make_due(Ledger *ledger, const char *folder, const char *dir, bool *any, Error **err)
{
    return ledger->engine->unmoved_make_due(ledger, folder, dir, any, err);
}

bool unmoved_read_report(Ledger *ledger, const LedgerRow *row, char **report, Error **err)
{
    return ledger->engine->unmoved_read_report(ledger, row, report, err);
}

bool unmoved_set_report(Ledger *ledger, const LedgerRow *row, const char *report, Error **err)
{
    return ledger->engine->unmoved_set_report(ledger, row, report, err);
}

bool unmoved_count(Ledger *ledger, const char *folder, int limit, int64_t *originals,
                   GArray **groups, Error **err)
{
    return ledger->engine->unmoved_count(ledger, folder, limit, originals, groups, err);
}

bool parts_offer(Ledger *ledger, const PartOffer *offer, PartState *state, Error **err)
{
    return ledger->engine->parts_offer(ledger, offer, state, err);
}

bool parts_forget(Ledger *ledger, const char *folder, const char *source, Error **err)
{
    return ledger->engine->parts_forget(ledger, folder, source, err);
}

bool parts_find_shot(Ledger *ledger, const char *folder, const char *shot, ShotPictures *found,
                     Error **err)
{
    return ledger->engine->parts_find_shot(ledger, folder, shot, found, err);
}

bool parts_twin(Ledger *ledger, const LedgerRow *row, LedgerRow *twin, bool *found, Error **err)
{
    return ledger->engine->parts_twin(ledger, row, twin, found, err);
}

bool parts_of_others(Ledger *ledger, const LedgerRow *row, GArray *parts, Error **err)
{
    return ledger->engine->parts_of_others(ledger, row, parts, err);
}

bool parts_list_waiting(Ledger *ledger, const char *folder, const char *after, int limit,
                        GArray *parts, Error **err)
{
    return ledger->engine->parts_list_waiting(ledger, folder, after, limit, parts, err);
}

bool parts_take(Ledger *ledger, const LedgerRow *row, GArray *parts, bool *only, Error **err)
{
    return ledger->engine->parts_take(ledger, row, parts, only, err);
}

bool parts_plan(Ledger *ledger, const LedgerRow *row, const GArray *parts, Error **err)
{
    return ledger->engine->parts_plan(ledger, row, parts, err);
}

bool parts_end(Ledger *ledger, const LedgerRow *row, const GArray *parts, Error **err)
{
    return ledger->engine->parts_end(ledger, row, parts, err);
}

bool parts_drop(Ledger *ledger, const LedgerRow *row, const LedgerPart *part, Error **err)
{
    return ledger->engine->parts_drop(ledger, row, part, err);
}

bool parts_keep(Ledger *ledger, const LedgerRow *row, LedgerOriginal original, const char *dir,
                bool shut, const char *fix, int64_t delay_ms, Error **err)
{
    return ledger->engine->parts_keep(ledger, row, original, dir, shut, fix, delay_ms, err);
}

bool parts_give(Ledger *ledger, const LedgerRow *row, const GArray *parts, Error **err)
{
    return ledger->engine->parts_give(ledger, row, parts, err);
}

bool parts_of(Ledger *ledger, int64_t id, GArray *parts, Error **err)
{
    return ledger->engine->parts_of(ledger, id, parts, err);
}

bool ledger_cancel(Ledger *ledger, const LedgerRow *row, const char *who, CancelReason why,
                   Error **err)
{
    return ledger->engine->cancel(ledger, row, who, why, err);
}

bool ledger_take_ended(Ledger *ledger, LedgerRow *row, Error **err)
{
    return ledger->engine->take_ended(ledger, row, err);
}

bool ledger_reopen(Ledger *ledger, const LedgerRow *row, Error **err)
{
    return ledger->engine->reopen(ledger, row, err);
}

bool ledger_make_due(Ledger *ledger, const LedgerRow *row, Error **err)
{
    return ledger->engine->make_due(ledger, row, err);
}

bool ledger_offer_again(Ledger *ledger, const LedgerOffer *offer, bool remake, LedgerRow *row,
                        Error **err)
{
    return ledger->engine->offer_again(ledger, offer, remake, row, err);
}

bool ledger_pause(Ledger *ledger, const char *folder, const char *who, bool *was, Error **err)
{
    return ledger->engine->pause(ledger, folder, who, was, err);
}

bool ledger_resume(Ledger *ledger, const char *folder, bool *was, Error **err)
{
    return ledger->engine->resume(ledger, folder, was, err);
}

bool ledger_paused(Ledger *ledger, GArray *pauses, Error **err)
{
    return ledger->engine->paused(ledger, pauses, err);
}

bool ledger_entry(Ledger *ledger, int64_t id, GArray *entries, Error **err)
{
    return ledger->engine->entry(ledger, id, entries, err);
}

bool ledger_history(Ledger *ledger, const char *folder, const char *source, int limit,
                    GArray *entries, Error **err)
{
    return ledger->engine->history(ledger, folder, source, limit, entries, err);
}

bool ledger_of_file(Ledger *ledger, const char *folder, const FileId *file, GArray *entries,
                    Error **err)
{
    return ledger->engine->of_file(ledger, folder, file, entries, err);
}

bool ledger_newest(Ledger *ledger, const char *folder, const char *after, int limit,
                   GArray *entries, Error **err)
{
    return ledger->engine->newest(ledger, folder, after, limit, entries, err);
}

bool ledger_made(Ledger *ledger, const char *folder, const char *path, int limit, GArray *entries,
                 Error **err)
{
    return ledger->engine->made(ledger, folder, path, limit, entries, err);
}

bool ledger_outputs_of(Ledger *ledger, int64_t id, GArray *outputs, Error **err)
{
    return ledger->engine->outputs_of(ledger, id, outputs, err);
}

bool ledger_list(Ledger *ledger, const LedgerQuery *query, GArray *entries, Error **err)
{
    return ledger->engine->list(ledger, query, entries, err);
}

bool ledger_count_names(Ledger *ledger, const char *folder, int64_t *count, Error **err)
{
    return ledger->engine->count_names(ledger, folder, count, err);
}

bool ledger_count_list(Ledger *ledger, const LedgerQuery *query, int64_t *count, Error **err)
{
    return ledger->engine->count_list(ledger, query, count, err);
}

bool ledger_summary(Ledger *ledger, const char *folder, const char *dir, LedgerCounts *counts,
                    Error **err)
{
    return ledger->engine->summary(ledger, folder, dir, counts, err);
}

bool ledger_count_before(Ledger *ledger, const LedgerRow *row, Order order, int most,
                         int64_t *before, Error **err)
{
    return ledger->engine->count_before(ledger, row, order, most, before, err);
}

bool ledger_oldest_queued(Ledger *ledger, const char *folder, char **source,
                          int64_t *arrived_wall_ms, Error **err)
{
    return ledger->engine->oldest_queued(ledger, folder, source, arrived_wall_ms, err);
}

bool undo_begin(Ledger *ledger, const LedgerRow *row, const char *who, const GArray *moves,
                Error **err)
{
    return ledger->engine->undo_begin(ledger, row, who, moves, err);
}

bool undo_finish(Ledger *ledger, int64_t id, const FileId *file, Error **err)
{
    return ledger->engine->undo_finish(ledger, id, file, err);
}

bool undo_cancel(Ledger *ledger, int64_t id, Error **err)
{
    return ledger->engine->undo_cancel(ledger, id, err);
}

bool undo_list(Ledger *ledger, GArray *rows, Error **err)
{
    return ledger->engine->undo_list(ledger, rows, err);
}

bool undo_read(Ledger *ledger, int64_t id, GArray *moves, char **who, Error **err)
{
    return ledger->engine->undo_read(ledger, id, moves, who, err);
}

bool undo_find_use(Ledger *ledger, const FileId *file, int64_t id, LedgerRow *row, bool *found,
                   Error **err)
{
    return ledger->engine->undo_find_use(ledger, file, id, row, found, err);
}
