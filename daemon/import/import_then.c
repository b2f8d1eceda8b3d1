/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* `then`: each shot with a picture goes on to a hot folder, once, as soon as its copies stand. */
#include "daemon/import/handover.h"
#include "daemon/import/import_internal.h"

enum { SUFFIX_DIGITS = 8 };

static bool has_picture(const CardShot *shot)
{
    for (guint i = 0; i < shot->files->len; i++) {
        const CardFile *file = shot->files->pdata[i];
        if (file->kind == SHOT_PICTURE || file->kind == SHOT_RAW)
            return true;
    }
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

static bool link_files(ImportWork *work, const Plan *plan, const Folder *folder, Error **err)
{
    GPtrArray *files = plan->shot->files;
    g_autofree HandoverFile *links = g_new0(HandoverFile, files->len);
    const FileEnd *first = work_end(work, work_index(work, files->pdata[0]));
    g_autofree char *suffix = g_strdup_printf("-%.*s", (int) SUFFIX_DIGITS, first->content.xxh128);

    for (guint i = 0; i < files->len; i++) {
        const FileEnd *end = work_end(work, work_index(work, files->pdata[i]));
        links[i] = (HandoverFile){ .name = end->copies[0].name, .tail = end->file->tail };
    }
    const Handover handover = {
        .from = work->import->copy_to[0],
        .inbox = folder->path,
        .flat = !folder->recursive,
        .suffix = suffix,
        .files = links,
        .count = files->len,
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

static void hand_over(ImportWork *work, const Plan *plan, const Folder *folder)
{
    const CardFile *first = plan->shot->files->pdata[0];
    const Content *content = &work_end(work, work_index(work, first))->content;
    bool handed = false;
    Error *error = NULL;

    if (!catalog_handed(work->catalog, content, folder->name, &handed, &error)) {
        work_catalog_failed(work, error);
        return;
    }
    if (handed)
        return;
    if (!link_files(work, plan, folder, &error)) {
        work_trouble(work, first, folder->path, error);
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
