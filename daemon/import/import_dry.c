/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A dry run says what would be copied, and under which names; it writes nothing. */
#include <errno.h>
#include <unistd.h>

#include "daemon/import/import_internal.h"

enum { CHUNK = 1024 * 1024 };

/* What the copier would read of it. */
static void read_content(ImportWork *work, FileEnd *end)
{
    const CopySource *files = &work->source->files;
    g_autoptr(ContentReader) reader = content_reader_new(0);
    g_autofree char *bytes = g_malloc(CHUNK);
    int fd = files->open(files->user, end->file, &end->error);
    ssize_t got = 0;

    if (fd < 0)
        return;
    while ((got = read(fd, bytes, CHUNK)) > 0 || (got < 0 && errno == EINTR))
        content_add(reader, bytes, (size_t) MAX(got, 0));
    if (got < 0)
        error_errno(&end->error, errno, "cannot read '%s'", end->file->path);
    close(fd);
    content_end(reader, &end->content);
    end->is_read = !end->error;
}

/* Where a name is taken, only the content says what would become of it. */
static void choose_name(ImportWork *work, Plan *plan)
{
    Plan *other = NULL;

    known_read_heads(work, plan);
    if (names_are_free(work, plan, plan->shot->stem, &other) &&
        !known_may_be_duplicate(work, plan)) {
        plan->stem = g_strdup(plan->shot->stem);
        return;
    }
    for (guint i = 0; i < plan->shot->files->len; i++)
        read_content(work, work_end(work, work_index(work, plan->shot->files->pdata[i])));
    known_take_duplicates(work, plan);
    names_choose(work, plan);
}

static void say(ImportWork *work, const Plan *plan)
{
    for (guint i = 0; plan->stem && i < plan->shot->files->len; i++) {
        const FileEnd *end = work_end(work, work_index(work, plan->shot->files->pdata[i]));
        g_autofree char *name = names_of(plan->stem, end->file);
        bool lacks = false;
        for (unsigned to = 0; to < work->count; to++)
            lacks |= !end->copies[to].name;
        if (lacks && !end->error && work->reporter && work->reporter->planned)
            work->reporter->planned(work->reporter->user, end->file, name);
    }
}

static void plan_shot(ImportWork *work, Plan *plan)
{
    plan->state = PLAN_DONE;
    if (plan->is_known) {
        names_reserve(work, plan);
        return;
    }
    if (!names_read(work, plan) || !names_make(work, plan))
        return;
    choose_name(work, plan);
    names_reserve(work, plan);
    say(work, plan);
}

void dry_plan(ImportWork *work)
{
    copy_prepare(work);
    g_autoptr(GPtrArray) files = card_in_order(work->card, work->import);
    for (guint i = 0; i < files->len && !work_is_over(work); i++) {
        Plan *plan = work_plan(work, ((const CardFile *) files->pdata[i])->shot);
        if (plan->state == PLAN_WAITING)
            plan_shot(work, plan);
    }
}
