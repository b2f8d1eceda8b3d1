/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* `then`: each shot with a picture goes on to a hot folder, once, as soon as its copies stand. */
#include "daemon/import/handover.h"
#include "daemon/import/import_internal.h"

enum { SUFFIX_DIGITS = 8 };

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

static bool link_files(ImportWork *work, const Plan *plan, const bool *goes, const Folder *folder,
                       Error **err)
{
    GPtrArray *files = plan->shot->files;
    g_autofree HandoverFile *links = g_new0(HandoverFile, files->len);
    const FileEnd *first = work_end(work, work_index(work, files->pdata[0]));
    g_autofree char *suffix = g_strdup_printf("-%.*s", (int) SUFFIX_DIGITS, first->content.xxh128);
    unsigned count = 0;

    for (guint i = 0; i < files->len; i++) {
        const FileEnd *end = work_end(work, work_index(work, files->pdata[i]));
        if (goes[i])
            links[count++] = (HandoverFile){ end->copies[0].name, end->file->tail };
    }
    const Handover handover = {
        .from = work->import->copy_to[0],
        .inbox = folder->path,
        .flat = !folder->recursive,
        .suffix = suffix,
        .files = links,
        .count = count,
    };
    return handover_link(&handover, err);
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

/* Which of its files go, into `goes`; *any: a picture or a RAW is among them. One whose content
 * went before does not go again; the RAW goes that comes on a later card than its JPEG. What lies
 * beside a picture says too little of which one it is: it goes with each. */
static bool choose_files(ImportWork *work, const Plan *plan, const Folder *folder, bool *goes,
                         bool *any, Error **err)
{
    for (guint i = 0; i < plan->shot->files->len; i++) {
        const FileEnd *end = work_end(work, work_index(work, plan->shot->files->pdata[i]));
        bool handed = false;
        if (is_picture(end->file) &&
            !catalog_handed(work->catalog, &end->content, folder->name, &handed, err))
            return false;
        goes[i] = !handed;
        *any = *any || (is_picture(end->file) && !handed);
    }
    return true;
}

static void report(const ImportWork *work, const CardFile *file, const Folder *folder,
                   const Error *error)
{
    const ImportReporter *reporter = work->reporter;

    if (reporter && reporter->not_handed)
        reporter->not_handed(reporter->user, file, folder->name, error);
}

static void hand_over(ImportWork *work, const Plan *plan, const Folder *folder)
{
    g_autofree bool *goes = g_new0(bool, plan->shot->files->len);
    bool any = false;
    Error *error = NULL;

    if (!choose_files(work, plan, folder, goes, &any, &error)) {
        work_catalog_failed(work, error);
        return;
    }
    if (!any)
        return;
    if (!link_files(work, plan, goes, folder, &error)) {
        report(work, plan->shot->files->pdata[0], folder, error);
        error_free(error);
    } else if (!record(work, plan, &error)) {
        work_catalog_failed(work, error);
    }
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
