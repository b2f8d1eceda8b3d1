/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The end of an import: the card is listed again, manifests are written, the verdict is recorded.
 */
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/text.h"
#include "daemon/import/import_internal.h"
#include "daemon/import/room.h"

/* What the verdict is made of. */
typedef struct End {
    ImportWork *work;
    Outcome outcome;
    Card *now;
    Error *manifests[COPIER_DESTINATIONS];
    bool passed[COPIER_DESTINATIONS]; /* nothing is written there */
    CardRecord *mirrors;
    int64_t ended_ms;
} End;

/* ---- the last listing ---- */

/* A file that is gone is a change, too: the card may be another one by now. */
static void list_again(End *end)
{
    ImportWork *work = end->work;
    const ImportSource *source = work->source;
    g_autoptr(Error) error = NULL;

    if (work_is_over(work) || work->held)
        return;
    if (!source->list(source->files.user, work->import, &end->now, &error)) {
        if (!source->files.is_there(source->files.user))
            work_interrupt(work, "the card is not there any more");
        return;
    }
    end->outcome.is_listed_again = end->now->unreadable->len == 0;
    end->outcome.first_new = card_first_new(work->card, end->now);
    if (!end->outcome.first_new)
        end->outcome.first_new = card_first_new(end->now, work->card);
}

/* ---- manifests ---- */

static void append_safely(GString *name, const char *text)
{
    g_string_append_c(name, '_');
    for (const char *byte = text; *byte; byte++)
        g_string_append_c(name,
                          g_ascii_isalnum(*byte) || strchr("-.", *byte) || *byte < 0 ? *byte : '_');
}

/* "2024-05-01_EOS_DIGITAL_1234-ABCD"; of a directory its name, and a fingerprint of its path. */
static char *title_of(const ImportWork *work)
{
    const Medium *medium = work->card->medium;
    g_autoptr(GDateTime) began = g_date_time_new_from_unix_local(work->record->began_ms / 1000);
    g_autofree char *day = g_date_time_format(began, "%Y-%m-%d");
    GString *title = g_string_new(day);

    if (g_strcmp0(work->record->name, work->card->root)) {
        append_safely(title, medium->label && *medium->label ? medium->label : "card");
        append_safely(title, medium->uuid ? medium->uuid : "none");
    } else {
        g_autofree char *base = g_path_get_basename(work->card->root);
        append_safely(title, base);
        g_string_append_printf(title, "_%08x", g_str_hash(work->card->root));
    }
    return g_string_free(title, FALSE);
}

/* The copies in a destination that may be in its manifest: none that is known to be wrong. */
static GArray *files_in(const ImportWork *work, unsigned to)
{
    GArray *files = g_array_new(FALSE, FALSE, sizeof(ManifestFile));
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < work->ends->len; i++) {
        const FileEnd *end = work_end(work, i);
        const FileCopy *copy = &end->copies[to];
        if (!copy->name || end->error || copy->proof == PROOF_WRONG ||
            copy->proof == PROOF_MISSING || copy->proof == PROOF_FAILED ||
            !g_hash_table_add(names, copy->name))
            continue;
        const ShotFacts *facts = end->file->shot ? &end->file->shot->facts : NULL;
        const ManifestFile file = {
            .name = copy->name,
            .content = &end->content,
            .mtime_ns = end->file->mtime_ns,
            .taken = facts ? facts->taken : NULL,
            .corrected = facts && facts->taken ? facts->corrected : NULL,
        };
        g_array_append_val(files, file);
    }
    return files;
}

static void write_manifests(End *end, ImportManifest kind, const char *report)
{
    ImportWork *work = end->work;
    g_autofree char *title = title_of(work);

    for (unsigned to = 0; to < work->count; to++) {
        g_autoptr(GArray) files = files_in(work, to);
        const Manifest manifest = {
            .kind = kind,
            .card = title,
            .wall_ms = work->record->began_ms,
            .files = (const ManifestFile *) files->data,
            .count = files->len,
            .report = report,
            .stop = work->run->stop,
        };
        g_autofree char *path = NULL;
        if (!end->manifests[to] && !end->passed[to])
            manifest_write(work->import->copy_to[to], work->media[to], &manifest, &path,
                           &end->manifests[to]);
    }
}

/* The report says what became of the manifests, too: so it comes after them. Until then there is
 * one that promises nothing, and where the last one cannot be written, all are made to say so. */
static Verdict *write_and_judge(End *end)
{
    ImportWork *work = end->work;
    Verdict *verdict = NULL;

    write_manifests(end, work->import->manifest, "NOT SAFE: this import has not ended\n");
    for (int i = 0; i < 2; i++) {
        bool had_errors = false, has_errors = false;
        for (unsigned to = 0; to < work->count; to++)
            had_errors |= end->manifests[to] != NULL;
        verdict_free(verdict);
        verdict = verdict_of(&end->outcome);
        g_autofree char *report =
            verdict_report(verdict, &end->outcome, work->record->began_ms, end->ended_ms);
        write_manifests(end, IMPORT_MANIFEST_NONE, report);
        for (unsigned to = 0; to < work->count; to++)
            has_errors |= end->manifests[to] != NULL;
        if (had_errors == has_errors)
            break;
    }
    verdict_free(verdict);
    return verdict_of(&end->outcome);
}

/* Whether copies of this card may lie there: the directory was made, and its disk is mounted. */
static bool may_write(const char *destination)
{
    const RoomNeed need = { .destination = destination };
    g_autoptr(Error) ignored = NULL;

    return g_file_test(destination, G_FILE_TEST_IS_DIR) && room_check(&need, 1, 0, &ignored);
}

/* Of an import that has not come to its end: a person finds out at each disk how far it came. What
 * cannot be written is in the way of nothing. */
static Verdict *judge_early(End *end)
{
    ImportWork *work = end->work;
    Verdict *verdict = verdict_of(&end->outcome);
    g_autofree char *report =
        verdict_report(verdict, &end->outcome, work->record->began_ms, end->ended_ms);

    for (unsigned to = 0; to < work->count; to++)
        end->passed[to] = !work->media[to] || !may_write(work->import->copy_to[to]);
    write_manifests(end, IMPORT_MANIFEST_NONE, report);
    return verdict;
}

/* ---- the record ---- */

static char *join_reasons(const Verdict *verdict)
{
    GString *reasons = g_string_new(NULL);

    for (guint i = 0; i < verdict->reasons->len; i++)
        g_string_append_printf(reasons, "%s%s", i ? "\n" : "",
                               (const char *) verdict->reasons->pdata[i]);
    return g_string_free(reasons, !reasons->len);
}

static char *reason_of(const ImportWork *work, const Verdict *verdict)
{
    if (work->held)
        return g_strdup(work->held);
    if (work->interrupted)
        return g_strdup_printf("interrupted at %lld of %u: %s", (long long) verdict->done,
                               work->ends->len, work->interrupted);
    return join_reasons(verdict);
}

/* Of a card that is safe without it: the next import makes another one, and promises nothing of
 * this one. */
static void forget_wrong_copies(ImportWork *work)
{
    Error *error = NULL;

    for (guint i = 0; i < work->ends->len; i++) {
        const FileEnd *end = work_end(work, i);
        for (unsigned to = 0; to < work->count && !error; to++) {
            ProofEnd proof = end->copies[to].proof;
            if (proof == PROOF_WRONG || proof == PROOF_MISSING || proof == PROOF_FAILED)
                catalog_forget_copy(work->catalog, &end->content, work->import->copy_to[to],
                                    &error);
        }
    }
    if (error)
        work_catalog_failed(work, error);
}

static void record(End *end, const Verdict *verdict)
{
    CardRecord *record = end->work->record;

    g_free(record->verdict);
    g_free(record->reason);
    record->verdict = g_strdup(verdict->line);
    record->reason = reason_of(end->work, verdict);
    record->state = verdict->state;
    record->ended_ms = end->ended_ms;
    record->pid = 0;
    if (verdict->state == CARD_SAFE)
        forget_wrong_copies(end->work);
    work_tell(end->work, true);
}

/* A card with the same pictures, as of the other slot of the camera. */
static void find_mirror(End *end)
{
    ImportWork *work = end->work;
    Error *error = NULL;

    if (!catalog_mirror(work->catalog, work->record->id, &end->mirrors, &end->outcome.mirrored,
                        &error))
        work_catalog_failed(work, error);
    end->outcome.mirrors = end->mirrors;
}

static void clear(End *end)
{
    for (unsigned to = 0; to < end->work->count; to++)
        error_free(end->manifests[to]);
    card_record_free(end->mirrors);
    card_free(end->now);
}

Verdict *end_import(ImportWork *work)
{
    End end = { .work = work };

    list_again(&end);
    find_mirror(&end);
    end.ended_ms = clock_wall_ms();
    end.outcome.card = work->card;
    end.outcome.name = work->record->name;
    end.outcome.import = work->import;
    end.outcome.media = (const Medium *const *) work->media;
    end.outcome.files = work->ends;
    end.outcome.interrupted = work->interrupted;
    end.outcome.held = work->held;
    end.outcome.manifests = end.manifests;
    end.outcome.is_of_camera = work->source->is_of_camera;
    Verdict *verdict = work->interrupted || work->held ? judge_early(&end) : write_and_judge(&end);
    record(&end, verdict);
    clear(&end);
    return verdict;
}
