/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* powerdisk - a disk that can lose its power and fail, as a file for a loop device.
 *
 *   powerdisk DIRECTORY MEGABYTES
 *
 * serves two files at DIRECTORY (FUSE) until it is unmounted. `disk` is the disk, in memory as far
 * as something was written to it. `control` takes commands, one a write:
 *
 *     record                    from here on remember every write and flush, in their order
 *     stop                      remember no more
 *     ack NUMBER                remember that NUMBER was promised to somebody now
 *     fail                      writes and flushes end with EIO ...
 *     heal                      ... and work again; what failed is lost
 *     image POSITION SEED PATH  make the file PATH: the disk after a power cut
 *
 * and when read gives "entries N" or, after `image`, "kept N lost N acks NUMBER...".
 *
 * A power cut at POSITION, a number of entries, leaves all that was written before the last flush
 * there, and of the writes after it a random part, block by block, as a disk's cache does. One
 * thread serves both files, so disk and promises have one order: an ack that stands in an image was
 * given after every flush that it relied on.
 *
 * It leaves out barriers finer than a flush (a loop device has none) and torn blocks. */
#define FUSE_USE_VERSION 31

#include <errno.h>
#include <fcntl.h>
#include <fuse3/fuse.h>
#include <glib.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#pragma GCC diagnostic ignored "-Wunused-parameter" /* FUSE tells more than is needed */

enum { BLOCK = 4096, LONGEST_COMMAND = 4096, SHARES = 4 };
/* Recording ends here, rather than the machine's memory: what is remembered is still true. */
static const size_t most_remembered = (size_t) 1 << 30;

typedef enum EntryKind { WROTE, FLUSHED, PROMISED } EntryKind;

typedef struct Entry {
    EntryKind kind;
    int64_t number; /* WROTE: offset; PROMISED: what */
    GBytes *data;   /* WROTE */
} Entry;

static struct {
    size_t size;
    char *now;  /* what the disk holds; untouched pages take no memory */
    char *then; /* what it held when recording began */
    GArray *entries;
    size_t remembered;
    bool recording, failing;
    GString *answer;
} disk;

/* ---- what is remembered ---- */

static void entry_clear(void *data)
{
    Entry *entry = data;

    g_clear_pointer(&entry->data, g_bytes_unref);
}

static void remember(EntryKind kind, int64_t number, const char *data, size_t length)
{
    disk.recording &= disk.remembered + length <= most_remembered;
    if (!disk.recording)
        return;

    Entry entry = {
        .kind = kind,
        .number = number,
        .data = data ? g_bytes_new(data, length) : NULL,
    };
    disk.remembered += length;
    g_array_append_val(disk.entries, entry);
}

static const Entry *entry_at(size_t i)
{
    return &g_array_index(disk.entries, Entry, i);
}

static char *new_memory(size_t size)
{
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    /* cppcheck-suppress invalidFunctionArg ; -1: no file is behind it */
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, -1, 0);

    if (memory == MAP_FAILED)
        g_error("no memory for a disk of %zu bytes", size);
    return memory;
}

static bool is_zero(const char *block)
{
    static const char zero[BLOCK];

    return memcmp(block, zero, BLOCK) == 0;
}

static void record(void)
{
    if (disk.then)
        munmap(disk.then, disk.size);
    disk.then = new_memory(disk.size);
    for (size_t at = 0; at < disk.size; at += BLOCK)
        if (!is_zero(disk.now + at))
            memcpy(disk.then + at, disk.now + at, BLOCK);
    g_array_set_size(disk.entries, 0);
    disk.remembered = 0;
    disk.recording = true;
}

/* ---- images ---- */

static bool put(int fd, const char *data, size_t length, size_t at)
{
    return pwrite(fd, data, length, (off_t) at) == (ssize_t) length;
}

static bool put_then(int fd)
{
    bool ok = ftruncate(fd, (off_t) disk.size) == 0;

    for (size_t at = 0; ok && at < disk.size; at += BLOCK)
        ok = is_zero(disk.then + at) || put(fd, disk.then + at, BLOCK, at);
    return ok;
}

/* What of a write outlives a cut: each block, or part of one, by its own luck. `share` of SHARES
 * do. */
static bool put_some(int fd, const Entry *entry, GRand *luck, int share, size_t *kept, size_t *lost)
{
    size_t length = 0, at = (size_t) entry->number;
    const char *data = g_bytes_get_data(entry->data, &length);
    bool ok = true;

    for (size_t done = 0, part = 0; ok && done < length; done += part) {
        part = MIN(length - done, BLOCK - (at + done) % BLOCK);
        if (g_rand_int_range(luck, 0, SHARES) < share) {
            ok = put(fd, data + done, part, at + done);
            ++*kept;
        } else {
            ++*lost;
        }
    }
    return ok;
}

static bool put_entries(int fd, size_t position, guint32 seed)
{
    GRand *luck = g_rand_new_with_seed(seed);
    int share = g_rand_int_range(luck, 0, SHARES + 1);
    size_t flushed = 0, kept = 0, lost = 0;
    bool ok = true;

    for (size_t i = 0; i < position; i++)
        if (entry_at(i)->kind == FLUSHED)
            flushed = i;
    for (size_t i = 0; ok && i < position; i++)
        if (entry_at(i)->kind == WROTE)
            ok = put_some(fd, entry_at(i), luck, i < flushed ? SHARES : share, &kept, &lost);
    g_rand_free(luck);
    g_string_printf(disk.answer, "kept %zu lost %zu acks", kept, lost);
    for (size_t i = 0; i < position; i++)
        if (entry_at(i)->kind == PROMISED)
            g_string_append_printf(disk.answer, " %" PRId64, entry_at(i)->number);
    return ok;
}

/* 0 or -errno. */
static int make_image(const char *path, size_t position, guint32 seed)
{
    if (!disk.then || position > disk.entries->len)
        return -EINVAL;

    int fd = open(path, O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, 0600);
    bool ok = fd >= 0 && put_then(fd) && put_entries(fd, position, seed);
    int code = ok ? 0 : -errno;
    if (fd >= 0)
        close(fd);
    return code;
}

/* ---- commands ---- */

/* 0 or -errno. */
static int command(const char *text)
{
    char path[LONGEST_COMMAND];
    int64_t number = 0;
    size_t position = 0;
    guint32 seed = 0;

    if (sscanf(text, "image %zu %" SCNu32 " %4095s", &position, &seed, path) == 3)
        return make_image(path, position, seed);
    if (sscanf(text, "ack %" SCNd64, &number) == 1)
        remember(PROMISED, number, NULL, 0);
    else if (!strcmp(text, "record"))
        record();
    else if (!strcmp(text, "stop"))
        disk.recording = false;
    else if (!strcmp(text, "fail") || !strcmp(text, "heal"))
        disk.failing = !strcmp(text, "fail");
    else
        return -EINVAL;
    g_string_printf(disk.answer, "entries %u", disk.entries->len);
    return 0;
}

/* ---- the two files ---- */

static bool is_disk(const char *path)
{
    return !strcmp(path, "/disk");
}

static bool is_control(const char *path)
{
    return !strcmp(path, "/control");
}

static int get_attributes(const char *path, struct stat *st, struct fuse_file_info *file)
{
    memset(st, 0, sizeof(*st));
    if (!is_disk(path) && !is_control(path) && strcmp(path, "/") != 0)
        return -ENOENT;
    st->st_mode = strcmp(path, "/") != 0 ? S_IFREG | 0600 : S_IFDIR | 0700;
    st->st_nlink = 1;
    st->st_size = is_disk(path) ? (off_t) disk.size : 0;
    return 0;
}

static int list(const char *path, void *buffer, fuse_fill_dir_t fill, off_t offset,
                struct fuse_file_info *file, enum fuse_readdir_flags flags)
{
    static const char *const names[] = { ".", "..", "disk", "control" };

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        fill(buffer, names[i], NULL, 0, 0);
    return 0;
}

static int open_file(const char *path, struct fuse_file_info *file)
{
    file->direct_io = is_control(path);
    return 0;
}

static int read_file(const char *path, char *buffer, size_t length, off_t offset,
                     struct fuse_file_info *file)
{
    const char *from = is_disk(path) ? disk.now : disk.answer->str;
    size_t size = is_disk(path) ? disk.size : disk.answer->len, at = (size_t) offset;

    if (at >= size)
        return 0;
    length = MIN(length, size - at);
    memcpy(buffer, from + at, length);
    return (int) length;
}

static int write_file(const char *path, const char *data, size_t length, off_t offset,
                      struct fuse_file_info *file)
{
    size_t at = (size_t) offset;

    if (is_control(path)) {
        g_autofree char *text = g_strndup(data, length);
        int code = command(text);
        return code < 0 ? code : (int) length;
    }
    if (disk.failing)
        return -EIO;
    if (at > disk.size || length > disk.size - at)
        return -ENOSPC;
    memcpy(disk.now + at, data, length);
    remember(WROTE, offset, data, length);
    return (int) length;
}

static int sync_file(const char *path, int only_data, struct fuse_file_info *file)
{
    if (disk.failing)
        return -EIO;
    remember(FLUSHED, 0, NULL, 0);
    return 0;
}

/* Both files have the size that they have; who opens one with O_TRUNC is not to fail. */
static int set_size(const char *path, off_t size, struct fuse_file_info *file)
{
    return 0;
}

static const struct fuse_operations operations = {
    .getattr = get_attributes,
    .readdir = list,
    .open = open_file,
    .read = read_file,
    .write = write_file,
    .fsync = sync_file,
    .truncate = set_size,
};

int main(int argc, char **argv)
{
    char *end = NULL;
    guint64 megabytes = argc == 3 ? g_ascii_strtoull(argv[2], &end, 10) : 0;

    if (!megabytes || *end || megabytes > G_MAXUINT32) {
        fprintf(stderr, "usage: powerdisk DIRECTORY MEGABYTES\n");
        return 2;
    }
    disk.size = (size_t) megabytes << 20;
    disk.now = new_memory(disk.size);
    disk.entries = g_array_new(FALSE, FALSE, sizeof(Entry));
    g_array_set_clear_func(disk.entries, entry_clear);
    disk.answer = g_string_new("entries 0");
    /* The kernel must not write to this very disk to find memory for it. */
    prctl(PR_SET_IO_FLUSHER, 1, 0, 0, 0);

    char *arguments[] = { argv[0], (char[]){ "-f" }, (char[]){ "-s" }, argv[1], NULL };
    return fuse_main(4, arguments, &operations, NULL);
}
