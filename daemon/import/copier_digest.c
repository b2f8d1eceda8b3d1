/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The thread that makes MD5 and SHA-256 of what is read. Either takes longer than to read a card
 * reader's files; a file has ended when its digests are there. */
#include <string.h>

#include "daemon/import/copier_internal.h"

void digester_push(Copier *copier, ItemKind kind, Task *task, Chunk *chunk, size_t cost)
{
    copier->digester.queued += cost;
    g_queue_push_tail(&copier->digester.items, item_new(kind, task, chunk, cost));
    pthread_cond_signal(&copier->digester.work);
}

/* NULL: the copier ends. */
static Item *take(Copier *copier)
{
    Digester *digester = &copier->digester;

    pthread_mutex_lock(&copier->lock);
    while (!digester->items.length && !(copier->is_stopping && copier->reader_ended))
        copier_wait(copier, &digester->work);
    Item *item = g_queue_pop_head(&digester->items);
    if (item)
        digester->queued -= item->cost;
    pthread_cond_signal(&copier->to_read);
    pthread_mutex_unlock(&copier->lock);
    return item;
}

/* Under the lock. */
static void keep(Copier *copier, Task *task, const Content *content)
{
    memcpy(task->result->content.md5, content->md5, sizeof(content->md5));
    memcpy(task->result->content.sha256, content->sha256, sizeof(content->sha256));
    task->is_hashing = false;
    copier_settle(copier, task);
}

static void digest(Copier *copier, ContentReader *reader, Item *item)
{
    Content content = { 0 };

    if (item->kind == ITEM_BYTES)
        content_add(reader, item->chunk->bytes, item->chunk->length);
    else
        content_end(reader, &content);
    pthread_mutex_lock(&copier->lock);
    if (item->kind == ITEM_END)
        keep(copier, item->task, &content);
    item_free(copier, item);
    pthread_mutex_unlock(&copier->lock);
}

void *copier_digest(void *data)
{
    Copier *copier = data;
    g_autoptr(ContentReader) reader = content_reader_new(copier->digests);

    for (Item *item = take(copier); item; item = take(copier))
        digest(copier, reader, item);
    return NULL;
}
