/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* `then`: each shot with a picture goes on to a hot folder, once, as soon as its copies stand. */
#include "base/clock.h"
#include "daemon/import/handover.h"
#include "daemon/import/import_internal.h"

enum {
    SUFFIX_DIGITS = 8,
    STAGED_MOST = 32, /* shots that are handed over together, */
    STAGED_MS = 200,  /* or those of this time */
};

static bool is_picture(const CardFile *file)
{
    return file->kind == SHOT_PICTURE || file->kind == SHOT_RAW;
}

static bool has_picture(const CardShot *shot)
{
    for (guint i = 0; i < shot->files->len; i++)
        if (is_picture(shot->files->pdata[i]))
            return true;
    return false;
}

/* Whether a copy of each file stands in the first destination. */
static bool stands(const ImportWork *work, const CardShot *shot)
{
    for (guint i = 0; i < shot->files->len; i++) {
        const FileEnd *end = work_end(work, work_index(work, shot->files->pdata[i]));
        if (!end->copies[0].name || end->error || !*end->content.xxh128)
            return false;
    }
    return true;
}

/* ---- what goes ---- */

/* A shot whose links are staged. */
typedef struct Handing {
    const Plan *plan;
    const Folder *folder;
    Handover handover; /* owns its files, their names, and its suffix: a copy may be set again */
    bool failed;
} Handing;

static void handing_free(void *data)
{
    Handing *handing = data;

    for (unsigned i = 0; i < handing->handover.count; i++)
        g_free((char *) (uintptr_t) handing->handover.files[i].name);
    g_free((HandoverFile *) (uintptr_t) handing->handover.files);
    g_free((char *) (uintptr_t) handing->handover.suffix);
    g_free(handing);
}

/* With room for every file of it. */
static Handing *handing_new(ImportWork *work, const Plan *plan, const Folder *folder)
{
    GPtrArray *files = plan->shot->files;
    const FileEnd *first = work_end(work, work_index(work, files->pdata[0]));
    Handing *handing = g_new0(Handing, 1);

    handing->plan = plan;
    handing->folder = folder;
    handing->handover = (Handover){
        .from = work->import->copy_to[0],
        .inbox = folder->path,
        .flat = !folder->recursive,
        .suffix = g_strdup_printf("-%.*s", (int) SUFFIX_DIGITS, first->content.xxh128),
        .files = g_new0(HandoverFile, files->len),
    };
    return handing;
}

static void add_link(Handing *handing, const FileEnd *end)
{
    HandoverFile *links = (HandoverFile *) (uintptr_t) handing->handover.files;

    links[handing->handover.count++] =
        (HandoverFile){ g_strdup(end->copies[0].name), end->file->tail };
}

/* Each content counts: a RAW on a second card is no new shot where it came with its JPEG before. */
static bool record(ImportWork *work, const Plan *plan, Error **err)
{
    for (guint i = 0; i < plan->shot->files->len; i++) {
        const FileEnd *end = work_end(work, work_index(work, plan->shot->files->pdata[i]));
        if (!catalog_add_handed(work->catalog, &end->content, work->import->then, err))
            return false;
    }
    return true;
}

/* Which of its files go. One whose content went before does not go again; the RAW goes that comes
 * on a later card than its JPEG. What lies beside a picture says too little of which one it is: it
 * goes with each. Of one that an import which was killed has staged, only its name is missing. */
static bool choose_files(ImportWork *work, Handing *handing, Error **err)
{
    const GPtrArray *files = handing->plan->shot->files;
    g_autofree bool *goes = g_new0(bool, files->len);
    bool any = false;

    for (guint i = 0; i < files->len; i++) {
        const FileEnd *end = work_end(work, work_index(work, files->pdata[i]));
        bool handed = false;
        if (is_picture(end->file) &&
            !catalog_handed(work->catalog, &end->content, handing->folder->name, &handed, err))
            return false;
        goes[i] = !handed;
        any = any || (is_picture(end->file) && !handed);
    }
    for (guint i = 0; i < files->len; i++) {
        const FileEnd *end = work_end(work, work_index(work, files->pdata[i]));
        if ((any && goes[i]) || handover_is_staged(&handing->handover, end->copies[0].name))
            add_link(handing, end);
    }
    return true;
}

/* ---- the steps ---- */

static void report(const ImportWork *work, const CardFile *file, const Folder *folder,
                   const Error *error)
{
    const ImportReporter *reporter = work->reporter;

    if (reporter && reporter->not_handed)
        reporter->not_handed(reporter->user, file, folder->name, error);
}

static void fail(const ImportWork *work, Handing *handing, Error *error)
{
    report(work, handing->plan->shot->files->pdata[0], handing->folder, error);
    error_free(error);
    handing->failed = true;
}

typedef bool (*Step)(ImportWork *work, Handing *handing, GHashTable *synced, Error **err);

static bool sync_links(ImportWork *work G_GNUC_UNUSED, Handing *handing, GHashTable *synced,
                       Error **err)
{
    return handover_sync(&handing->handover, synced, err);
}

static bool publish(ImportWork *work G_GNUC_UNUSED, Handing *handing,
                    GHashTable *synced G_GNUC_UNUSED, Error **err)
{
    return handover_publish(&handing->handover, err);
}

static void for_each(ImportWork *work, Step step)
{
    g_autoptr(GHashTable) synced = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (guint i = 0; i < work->handing->len; i++) {
        Handing *handing = work->handing->pdata[i];
        Error *error = NULL;
        if (!handing->failed && !step(work, handing, synced, &error))
            fail(work, handing, error);
    }
}

static bool record_all(ImportWork *work, Error **err)
{
    for (guint i = 0; i < work->handing->len; i++) {
        const Handing *handing = work->handing->pdata[i];
        if (!handing->failed && !record(work, handing->plan, err))
            return false;
    }
    return catalog_flush(work->catalog, err);
}

/* One commit and one sync of a directory are enough for many shots. */
void handover_commit(ImportWork *work)
{
    Error *error = NULL;

    if (!work->handing || !work->handing->len)
        return;
    for_each(work, sync_links);
    if (record_all(work, &error)) {
        for_each(work, publish);
        for_each(work, sync_links);
    } else {
        work_catalog_failed(work, error);
    }
    g_ptr_array_set_size(work->handing, 0);
}

static void add(ImportWork *work, Handing *handing)
{
    if (!work->handing)
        work->handing = g_ptr_array_new_with_free_func(handing_free);
    if (!work->handing->len)
        work->staged_ms = clock_ms();
    g_ptr_array_add(work->handing, handing);
    if (work->handing->len >= STAGED_MOST || clock_ms() >= work->staged_ms + STAGED_MS)
        handover_commit(work);
}

static void hand_over(ImportWork *work, const Plan *plan, const Folder *folder)
{
    Handing *handing = handing_new(work, plan, folder);
    Error *error = NULL;

    if (!choose_files(work, handing, &error)) {
        work_catalog_failed(work, error);
    } else if (handing->handover.count && !handover_stage(&handing->handover, &error)) {
        fail(work, handing, error);
    } else if (handing->handover.count) {
        add(work, handing);
        return;
    }
    handing_free(handing);
}

void handover_shot(ImportWork *work, Plan *plan)
{
    const char *then = work->import->then;
    const Folder *folder = then ? settings_find_folder(work->run->settings, then) : NULL;

    if (!folder || plan->is_handed || !has_picture(plan->shot) || !stands(work, plan->shot))
        return;
    plan->is_handed = true;
    hand_over(work, plan, folder);
}
