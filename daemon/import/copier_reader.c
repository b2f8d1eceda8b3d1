/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The thread that reads the card: each file once, from its begin to its end, unless a destination
 * dropped out of it and no copy stands from which it could have its own.
 *
 * A file that cannot be read at some offset is opened again there. One that changes meanwhile is
 * given to no destination. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "daemon/import/copier_internal.h"

enum {
    PAUSE_US = 20000,         /* before a file is opened again */
    HANG_MS = 10000,          /* without any work a destination hangs */
    DROP_AT = 8 * 1024 * 1024 /* so many bytes that were read leave memory together */
};

/* A file of the card that is being read. */
typedef struct Input {
    Copier *copier;
    Task *task;
    const CardFile *file;
    int fd; /* -1: it is to be opened again */
    bool is_known;
    struct stat first; /* of its first opening, where is_known */
    int64_t at, dropped;
    unsigned failures; /* one after the other at this offset */
    bool is_gone;
    bool is_unwanted; /* all lanes have dropped out: the task begins again */
} Input;

static bool is_cancelled(const Copier *copier)
{
    return atomic_load(&copier->is_cancelled);
}

/* ---- the file ---- */

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static bool has_changed(const Input *input, const char *when, Error **err)
{
    g_autofree char *shown = text_escape(input->file->path);

    return error_set(err, ERROR_TRANSIENT, "let no program write to the card, and import it again",
                     "'%s' changed %s", shown, when);
}

static void close_input(Input *input)
{
    if (input->fd < 0)
        return;
    posix_fadvise(input->fd, 0, 0, POSIX_FADV_DONTNEED);
    close(input->fd);
    input->fd = -1;
}

/* What can only be read from its begin is read again up to the offset. */
static bool skip(Input *input, Error **err)
{
    char bytes[PAGE_BYTES];

    for (int64_t left = input->at; left > 0;) {
        ssize_t got = read(input->fd, bytes, (size_t) MIN(left, (int64_t) sizeof(bytes)));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return error_errno(err, got < 0 ? errno : EIO, "cannot read '%s' again",
                               input->file->path);
        left -= got;
    }
    return true;
}

/* *changed: another try is of no use. */
static bool open_input(Input *input, bool *changed, Error **err)
{
    struct stat now;

    input->fd = input->copier->source.open(input->copier->source.user, input->file, err);
    if (input->fd < 0)
        return false;
    if (fstat(input->fd, &now) < 0)
        return error_errno(err, errno, "cannot examine '%s'", input->file->path);
    *changed = input->is_known ? !is_same(&now, &input->first)
                               : S_ISREG(now.st_mode) && now.st_size != input->file->size;
    if (*changed)
        return has_changed(
            input, input->is_known ? "while it was read" : "after the card was listed", err);
    if (!S_ISREG(now.st_mode))
        return skip(input, err);
    input->first = now;
    input->is_known = true;
    posix_fadvise(input->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    return true;
}

/* Bytes of a card are read once: they must not push others out of memory. */
static void drop_behind(Input *input)
{
    if (input->at - input->dropped < DROP_AT)
        return;
    posix_fadvise(input->fd, input->dropped, input->at - input->dropped, POSIX_FADV_DONTNEED);
    input->dropped = input->at;
}

/* -1 with errno; 0 at the end of the file. */
static ssize_t read_once(Input *input, char *bytes, size_t length)
{
    ssize_t got = -1;

    do {
        got = input->is_known ? pread(input->fd, bytes, length, input->at)
                              : read(input->fd, bytes, length);
    } while (got < 0 && errno == EINTR);
    if (got != 0 || input->at >= input->file->size)
        return got;
    errno = ENODATA;
    return -1;
}

/* After a failure: whether it is worth another try. `error` says what failed, or is NULL. */
static bool may_try_again(Input *input, int code, Error *why, Error **err)
{
    g_autofree char *shown = text_escape(input->file->path);
    g_autoptr(Error) error = why;
    Copier *copier = input->copier;

    close_input(input);
    if (!copier->source.is_there(copier->source.user)) {
        input->is_gone = true;
        return false;
    }
    if (++input->failures < copier->tries && !is_cancelled(copier)) {
        g_usleep(PAUSE_US);
        return true;
    }
    if (error)
        *err = g_steal_pointer(&error);
    else
        error_errno(err, code, "cannot read '%s' at byte %" PRId64, shown, input->at);
    if (!(*err)->fix)
        (*err)->fix = g_strdup("try another reader, and look at the file in the camera");
    return false;
}

/* *got 0: the end. With `length` 0 it is only opened. */
static bool read_bytes(Input *input, char *bytes, size_t length, size_t *got, Error **err)
{
    for (;;) {
        g_autoptr(Error) error = NULL;
        bool changed = false;
        int code = 0;
        if (input->fd >= 0 || open_input(input, &changed, &error)) {
            ssize_t now = !length ? 0 : read_once(input, bytes, length);
            code = errno;
            if (now >= 0) {
                *got = (size_t) now;
                return true;
            }
        }
        if (changed) {
            *err = g_steal_pointer(&error);
            return false;
        }
        if (!may_try_again(input, code, g_steal_pointer(&error), err))
            return false;
    }
}

/* ---- the lanes ---- */

/* Under the lock: a destination that lags gets the file later. */
static void drop_out(Lane *lane, Task *task)
{
    unsigned bit = 1U << lane->index;

    task->fed &= ~bit;
    task->lags |= bit;
    lane_take_back(lane, task);
}

/* Under the lock: the lane that lags least. */
static size_t least_queued(const Copier *copier, const Task *task)
{
    size_t least = SIZE_MAX;

    for (unsigned i = 0; i < copier->count; i++)
        if (task->fed & 1U << i)
            least = MIN(least, copier->lanes[i].queued);
    return least;
}

/* Under the lock: whether digests are made of the task. Of a second reading there are some. */
static bool is_digested(const Copier *copier, const Task *task)
{
    return copier->has_digester && !task->result->was_read;
}

/* Under the lock: the file begins again with one that dropped out of it and has nothing else to do.
 */
static void change_lanes(Copier *copier, Task *task)
{
    bool idle = false;

    for (unsigned i = 0; i < copier->count; i++)
        idle |= task->lags & 1U << i && !copier->lanes[i].queued && !copier->lanes[i].is_busy;
    for (unsigned i = 0; i < copier->count && idle; i++)
        if (task->fed & 1U << i)
            drop_out(&copier->lanes[i], task);
}

/* Under the lock. */
static bool must_wait(const Copier *copier, const Task *task)
{
    return ((task->fed && least_queued(copier, task) >= copier->buffer / 2) ||
            copier->digester.queued >= copier->buffer / 2) &&
           !is_cancelled(copier);
}

/* Under the lock: the fastest one is waited for, unless it works no more. */
static void wait_for_room(Copier *copier, Task *task)
{
    size_t before = least_queued(copier, task);
    int64_t since_ms = clock_ms();

    while (must_wait(copier, task)) {
        copier_wait(copier, &copier->to_read);
        size_t now = least_queued(copier, task);
        if (now != before || now < copier->buffer / 2)
            since_ms = clock_ms();
        else if (clock_ms() - since_ms >= HANG_MS)
            change_lanes(copier, task);
        before = now;
    }
}

/* Gives an item to all that still want it. Others may lag behind the fastest one by the rest of
 * the buffer. False: all of them have dropped out. */
static bool feed(Copier *copier, Task *task, ItemKind kind, Chunk *chunk)
{
    size_t cost = chunk ? chunk->size : kind == ITEM_BEGIN ? BEGIN_COST : 0;

    pthread_mutex_lock(&copier->lock);
    wait_for_room(copier, task);
    for (unsigned i = 0; i < copier->count; i++) {
        Lane *lane = &copier->lanes[i];
        if (!(task->fed & 1U << i))
            continue;
        if (lane->queued + cost > copier->buffer && cost)
            drop_out(lane, task);
        else
            lane_push(lane, kind, task, chunk, cost);
    }
    if (chunk && is_digested(copier, task))
        digester_push(copier, kind, NULL, chunk, cost);
    bool wanted = task->fed || !task->lags;
    pthread_mutex_unlock(&copier->lock);
    return wanted;
}

/* ---- a task ---- */

/* Where the file ends is seen by a read that gives nothing. */
static size_t next_length(const Input *input)
{
    int64_t left = input->is_known ? input->first.st_size - input->at : INT64_MAX;

    return (size_t) CLAMP(left, 1, (int64_t) input->copier->chunk);
}

static bool read_chunk(Input *input, ContentReader *reader, bool *ended, Error **err)
{
    size_t length = next_length(input);
    Chunk *chunk = chunk_new(input->copier, length);
    bool read = read_bytes(input, chunk->bytes, length, &chunk->length, err);

    *ended = read && chunk->length == 0;
    if (read && !*ended) {
        content_add(reader, chunk->bytes, chunk->length);
        input->is_unwanted = !feed(input->copier, input->task, ITEM_BYTES, chunk);
        input->at += (int64_t) chunk->length;
        input->failures = 0;
        atomic_fetch_add(&input->copier->bytes, (int64_t) chunk->length);
        drop_behind(input);
        *ended = input->is_known && input->at > input->first.st_size; /* it grows */
    }
    pthread_mutex_lock(&input->copier->lock);
    chunk_release(input->copier, chunk);
    pthread_mutex_unlock(&input->copier->lock);
    return read;
}

/* The file is as long, and as old, as at its first opening. */
static bool check_unchanged(Input *input, Error **err)
{
    struct stat now;

    if (!input->is_known)
        return true;
    if (fstat(input->fd, &now) < 0)
        return error_errno(err, errno, "cannot examine '%s'", input->file->path);
    return (is_same(&now, &input->first) && input->at == now.st_size) ||
           has_changed(input, "while it was read", err);
}

static bool read_all(Input *input, Content *content, Error **err)
{
    g_autoptr(ContentReader) reader = content_reader_new(0);
    bool ended = false;

    while (!ended) {
        if (is_cancelled(input->copier)) {
            *err = copier_stopped_error();
            return false;
        }
        if (!read_chunk(input, reader, &ended, err) || input->is_unwanted)
            return false;
    }
    content_end(reader, content);
    return check_unchanged(input, err);
}

/* Opens the file before a lane hears of it. */
static bool read_and_feed(Input *input, Content *content, Error **err)
{
    char byte = 0;
    size_t got = 0;

    if (!read_bytes(input, &byte, 0, &got, err))
        return false;
    input->is_unwanted = !feed(input->copier, input->task, ITEM_BEGIN, NULL);
    return !input->is_unwanted && read_all(input, content, err);
}

/* Under the lock: what the file is is known; that of a second reading has to be the same. */
static bool keep_content(Task *task, const Content *content, Error **err)
{
    CopyResult *result = task->result;
    g_autofree char *shown = text_escape(result->job.file->path);

    if (result->was_read)
        return content_same(&result->content, content) ||
               error_set(err, ERROR_ENVIRONMENT, "try another reader",
                         "'%s' was read twice, with different bytes", shown);
    result->was_read = true;
    result->content = *content;
    return true;
}

/* Under the lock: no lane gets it. Of a second reading, that is the error of each of them. */
static void fail_task(Copier *copier, Task *task, const Error *error)
{
    CopyResult *result = task->result;

    for (unsigned i = 0; i < copier->count; i++) {
        if (!((task->fed | task->lags) & 1U << i))
            continue;
        if (task->fed & 1U << i)
            lane_take_back(&copier->lanes[i], task);
        if (result->was_read) {
            result->ends[i] = COPY_FAILED;
            result->errors[i] = error_copy(error);
        }
    }
    task->fed = task->lags = 0;
    if (!result->was_read)
        result->error = error_copy(error);
    result->card_is_gone = copier->is_gone && !atomic_load(&copier->is_cancelled);
}

static bool is_possible(Copier *copier, Error **err)
{
    bool gone = false;

    if (is_cancelled(copier)) {
        *err = copier_stopped_error();
        return false;
    }
    pthread_mutex_lock(&copier->lock);
    gone = copier->is_gone;
    pthread_mutex_unlock(&copier->lock);
    return !gone ||
           error_set(err, ERROR_ENVIRONMENT, "put it in again: the import goes on from here",
                     "the card is not there any more");
}

/* A card that went away while a file was read. */
static void note_gone(Copier *copier, const Input *input, Error **err)
{
    if (!input->is_gone)
        return;
    pthread_mutex_lock(&copier->lock);
    copier->is_gone = true;
    pthread_mutex_unlock(&copier->lock);
    g_clear_pointer(err, error_free);
    is_possible(copier, err);
}

static void end_task(Copier *copier, Task *task, const Content *content, bool read, Error *why)
{
    g_autoptr(Error) error = why;

    pthread_mutex_lock(&copier->lock);
    bool digested = is_digested(copier, task);
    read = read && keep_content(task, content, &error);
    if (digested)
        digester_push(copier, read ? ITEM_END : ITEM_STOP, read ? task : NULL, NULL, 0);
    task->is_hashing = digested && read;
    for (unsigned i = 0; i < copier->count && read; i++)
        if (task->fed & 1U << i)
            lane_push(&copier->lanes[i], ITEM_END, task, NULL, 0);
    if (error)
        fail_task(copier, task, error);
    task->is_reading = false;
    copier_settle(copier, task);
    pthread_mutex_unlock(&copier->lock);
}

static void read_task(Copier *copier, Task *task)
{
    Input input = { .copier = copier, .task = task, .file = task->result->job.file, .fd = -1 };
    Content content = { 0 };
    Error *error = NULL;

    pthread_mutex_lock(&copier->lock);
    task->fed = task->lags;
    task->lags = 0;
    pthread_mutex_unlock(&copier->lock);
    bool read = is_possible(copier, &error) && read_and_feed(&input, &content, &error);
    close_input(&input);
    note_gone(copier, &input, &error);
    end_task(copier, task, &content, read, error);
}

/* NULL: the copier ends. */
static Task *next_task(Copier *copier)
{
    pthread_mutex_lock(&copier->lock);
    while (!copier->tasks.length && !copier->is_stopping)
        copier_wait(copier, &copier->to_read);
    Task *task = g_queue_pop_head(&copier->tasks);
    copier->reader_ended = !task;
    pthread_cond_broadcast(&copier->ended);
    pthread_mutex_unlock(&copier->lock);
    return task;
}

void *copier_read(void *data)
{
    Copier *copier = data;

    for (Task *task = next_task(copier); task; task = next_task(copier))
        read_task(copier, task);
    return NULL;
}
