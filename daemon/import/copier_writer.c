/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The thread of a destination: it writes what the reader gives it, and copies from other
 * destinations what it missed.
 *
 * Files that are whole are synced and named together as long as others wait behind them: one commit
 * of the file system's journal is then enough for the bytes of all of them, and one for the names.
 */
#include <errno.h>
#include <unistd.h>

#include "base/text.h"
#include "daemon/import/copier_internal.h"

enum {
    GROUP_FILES = 32,
    GROUP_BYTES = 32 * 1024 * 1024,
};

typedef struct Whole {
    Task *task;
    CopyFile *file; /* NULL: it got no name */
} Whole;

typedef struct Writer {
    Lane *lane;
    Copier *copier;
    Task *task;     /* of `file` */
    CopyFile *file; /* that is being written; NULL: none, or it failed */
    Whole group[GROUP_FILES];
    unsigned count;
    int64_t bytes; /* of the files in the group */
    bool has_turn;
} Writer;

static bool is_cancelled(const void *user)
{
    const Copier *copier = user;

    return atomic_load(&copier->is_cancelled);
}

static void end(Writer *writer, Task *task, CopyEnd how, Error *error)
{
    pthread_mutex_lock(&writer->copier->lock);
    lane_finish(writer->lane, task, how, error);
    pthread_mutex_unlock(&writer->copier->lock);
}

/* ---- a group ---- */

/* One of the group gets no name. */
static void give_up(Writer *writer, Whole *whole, CopyEnd how, Error *error)
{
    copy_file_free(g_steal_pointer(&whole->file));
    end(writer, whole->task, how, error);
}

static void sync_one(Writer *writer, Whole *whole)
{
    g_autoptr(Error) error = NULL;

    if (is_cancelled(writer->copier))
        error = copier_stopped_error();
    if (error || !copy_file_sync(whole->file, &error))
        give_up(writer, whole, COPY_FAILED, g_steal_pointer(&error));
}

static void link_one(Writer *writer, Whole *whole)
{
    g_autoptr(Error) error = NULL;
    bool taken = false;

    if (whole->file && !copy_file_link(whole->file, &taken, &error))
        give_up(writer, whole, taken ? COPY_NAME_TAKEN : COPY_FAILED, g_steal_pointer(&error));
}

/* Whether one before it has had the directory of its name synced. */
static bool is_kept(const Writer *writer, unsigned index)
{
    for (unsigned i = 0; i < index; i++)
        if (writer->group[i].file &&
            copy_file_shares_dir(writer->group[i].file, writer->group[index].file))
            return true;
    return false;
}

static void keep_one(Writer *writer, unsigned index)
{
    Whole *whole = &writer->group[index];
    g_autoptr(Error) error = NULL;

    if (whole->file && !copy_file_keep(whole->file, is_kept(writer, index), &error))
        give_up(writer, whole, COPY_FAILED, g_steal_pointer(&error));
}

/* Nothing has a name before its bytes are on disk, and nothing is reported before its name is. Then
 * the turn of this import is over. */
static void publish(Writer *writer)
{
    for (unsigned i = 0; i < writer->count; i++)
        sync_one(writer, &writer->group[i]);
    for (unsigned i = 0; i < writer->count; i++)
        link_one(writer, &writer->group[i]);
    for (unsigned i = 0; i < writer->count; i++)
        keep_one(writer, i);
    for (unsigned i = 0; i < writer->count; i++)
        if (writer->group[i].file)
            give_up(writer, &writer->group[i], COPY_MADE, NULL);
    writer->count = 0;
    writer->bytes = 0;
    writer->has_turn = false;
    copy_turn_end(writer->lane->turn);
}

static void add_whole(Writer *writer, Task *task, CopyFile *file)
{
    const CardFile *card = task->result->job.file;
    g_autoptr(Error) error = NULL;

    writer->group[writer->count] = (Whole){ .task = task, .file = file };
    if (!copy_file_end(file, card->mtime_ns, card->is_protected, &error)) {
        give_up(writer, &writer->group[writer->count], COPY_FAILED, g_steal_pointer(&error));
        return;
    }
    writer->count++;
    writer->bytes += task->result->content.size;
    if (writer->count == GROUP_FILES || writer->bytes >= GROUP_BYTES)
        publish(writer);
}

/* Before anything is written. */
static bool take_turn(Writer *writer, Error **err)
{
    writer->has_turn = copy_turn_begin(writer->lane->turn, is_cancelled, writer->copier);
    if (writer->has_turn && !is_cancelled(writer->copier))
        return true;
    *err = copier_stopped_error();
    return false;
}

/* ---- what the reader gives ---- */

/* The file cannot be had here: what else the reader has given of it is dropped. The reader may have
 * taken it back meanwhile. */
static void fail(Writer *writer, CopyEnd how, Error *error)
{
    Lane *lane = writer->lane;

    copy_file_free(g_steal_pointer(&writer->file));
    pthread_mutex_lock(&writer->copier->lock);
    if (lane->begun && lane->begun == writer->task) {
        lane->begun = NULL;
        lane_forget(lane, writer->task);
        lane_finish(lane, writer->task, how, g_steal_pointer(&error));
    }
    pthread_mutex_unlock(&writer->copier->lock);
    error_free(error);
}

static void begin(Writer *writer, const Item *item)
{
    g_autoptr(Error) error = NULL;
    bool taken = false;

    writer->task = item->task;
    if (!take_turn(writer, &error) ||
        !copy_file_begin(&writer->lane->place, item->name, &writer->file, &taken, &error))
        fail(writer, taken ? COPY_NAME_TAKEN : COPY_FAILED, g_steal_pointer(&error));
}

static void add(Writer *writer, const Chunk *chunk)
{
    g_autoptr(Error) error = NULL;

    if (writer->file && (!take_turn(writer, &error) ||
                         !copy_file_add(writer->file, chunk->bytes, chunk->length, &error)))
        fail(writer, COPY_FAILED, g_steal_pointer(&error));
}

static void do_item(Writer *writer, const Item *item)
{
    switch (item->kind) {
    case ITEM_BEGIN:
        begin(writer, item);
        break;
    case ITEM_BYTES:
        add(writer, item->chunk);
        break;
    case ITEM_END:
        add_whole(writer, item->task, g_steal_pointer(&writer->file));
        break;
    case ITEM_STOP:
        copy_file_free(g_steal_pointer(&writer->file));
        break;
    }
}

/* ---- from another destination ---- */

static bool copy_bytes_of(Writer *writer, int fd, CopyFile *file, Content *content,
                          Error **of_source, Error **of_copy)
{
    g_autoptr(ContentReader) reader = content_reader_new(0);
    g_autofree char *bytes = g_malloc(CHUNK_BYTES);
    ssize_t got = 1;

    while (got) {
        got = read(fd, bytes, CHUNK_BYTES);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_errno(of_source, errno, "cannot read a copy");
        content_add(reader, bytes, (size_t) got);
        if (!take_turn(writer, of_copy) || !copy_file_add(file, bytes, (size_t) got, of_copy))
            return false;
    }
    content_end(reader, content);
    return true;
}

static bool check_copy(const CopyPlace *place, const Task *task, const Content *content,
                       Error **err)
{
    g_autofree char *shown = text_escape(task->result->job.name);

    return content_same(content, &task->result->content) ||
           error_set(err, ERROR_ENVIRONMENT,
                     "look for what is wrong with that disk; the card has the right one",
                     "the copy '%s/%s' is not what the card gave", place->path, shown);
}

/* NULL with one of the errors, or with *taken. */
static CopyFile *copy_from(Writer *writer, const Later *later, bool *taken, Error **of_source,
                           Error **of_copy)
{
    const CopyPlace *place = &writer->copier->lanes[later->from].place;
    const char *name = later->task->result->job.name;
    Content content = { 0 };
    CopyFile *file = NULL;
    int fd = copy_place_read(place, name, of_source);

    if (fd < 0)
        return NULL;
    if (take_turn(writer, of_copy) &&
        copy_file_begin(&writer->lane->place, name, &file, taken, of_copy) &&
        (!copy_bytes_of(writer, fd, file, &content, of_source, of_copy) ||
         !check_copy(place, later->task, &content, of_source)))
        copy_file_free(g_steal_pointer(&file));
    close(fd);
    return file;
}

/* The copy is of no use: another one is, or the card is read again. */
static void look_elsewhere(Writer *writer, const Later *later)
{
    unsigned bit = 1U << writer->lane->index;

    pthread_mutex_lock(&writer->copier->lock);
    later->task->bad |= 1U << later->from;
    later->task->later &= ~bit;
    later->task->lags |= bit;
    copier_settle(writer->copier, later->task);
    pthread_mutex_unlock(&writer->copier->lock);
}

static void do_later(Writer *writer, const Later *later)
{
    g_autoptr(Error) of_source = NULL, of_copy = NULL;
    bool taken = false;
    CopyFile *file = copy_from(writer, later, &taken, &of_source, &of_copy);

    if (file)
        add_whole(writer, later->task, file);
    else if (of_source && later->task->from < 0)
        look_elsewhere(writer, later);
    else if (of_source)
        end(writer, later->task, COPY_FAILED, g_steal_pointer(&of_source));
    else
        end(writer, later->task, taken ? COPY_NAME_TAKEN : COPY_FAILED, g_steal_pointer(&of_copy));
}

/* ---- the thread ---- */

/* Under the lock. */
static Item *take_item(Lane *lane)
{
    Item *item = g_queue_pop_head(&lane->items);

    lane->queued -= item->cost;
    if (item->kind == ITEM_BEGIN)
        lane->begun = item->task;
    if (item->kind == ITEM_END)
        lane->begun = NULL;
    pthread_cond_signal(&lane->copier->to_read);
    return item;
}

/* The next item, or what is to be copied later. Both NULL: there is nothing at the moment. False:
 * nor will there be. */
static bool take(Writer *writer, Item **item, Later **later)
{
    Lane *lane = writer->lane;
    Copier *copier = writer->copier;
    bool ends = false;

    pthread_mutex_lock(&copier->lock);
    lane->is_busy = false;
    while (!lane->items.length && (writer->file || !lane->later.length) && !writer->has_turn &&
           !writer->count) {
        ends = copier->is_stopping && copier->reader_ended;
        if (ends)
            break;
        copier_wait(copier, &lane->work);
    }
    if (lane->items.length)
        *item = take_item(lane);
    else if (!writer->file)
        *later = g_queue_pop_head(&lane->later);
    lane->is_busy = *item || *later;
    pthread_mutex_unlock(&copier->lock);
    return !ends;
}

static void done(Writer *writer, Item *item)
{
    pthread_mutex_lock(&writer->copier->lock);
    if (item)
        item_free(writer->copier, item);
    pthread_mutex_unlock(&writer->copier->lock);
}

void *copier_write(void *data)
{
    Lane *lane = data;
    Writer writer = { .lane = lane, .copier = lane->copier };
    Item *item = NULL;
    Later *later = NULL;

    while (take(&writer, &item, &later)) {
        if (item)
            do_item(&writer, item);
        else if (later)
            do_later(&writer, later);
        else
            publish(&writer);
        done(&writer, g_steal_pointer(&item));
        g_clear_pointer(&later, g_free);
    }
    copy_file_free(writer.file);
    return NULL;
}
