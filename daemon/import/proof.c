/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What counts as read from the disk.
 *
 * First the file is synced, since a page that is not written yet cannot be dropped; then its pages
 * are dropped, unless they are in no way. The file is read in windows. A window is past the cache
 * where
 *   - the kernel says of this very file that it reads past its cache with O_DIRECT (ext4, XFS,
 *     f2fs: STATX_DIOALIGN), and it was opened so: it does not matter then that another program
 *     has brought pages of it back; or
 *   - right before it is read no page of it is in memory. mincore(2) says so of a mapping without
 *     any rights, of which no page is ever touched; it says that all are where this user may not
 *     write the file. Reading brings in nothing beyond the window: by O_DIRECT where it opens
 *     (btrfs, exFAT; it may fall back to the cache, which is empty), else with FADV_RANDOM.
 * On a share it is O_DIRECT alone: its server is asked again, whose own cache cannot be passed.
 * Behind a FUSE program, ZFS and what is not known here there is a cache that does not show.
 * A loop device shows a file which the kernel caches once more: that one's pages are dropped, too.
 *
 * What is left out: the memory in the disk itself, and the host of a virtual machine. What a file
 * system keeps of a very small file beside its name is read as the name is: as it is kept. */
#include "daemon/import/proof.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hidden.h"
#include "daemon/files/beneath.h"
#include "daemon/import/direct.h"

enum {
    WINDOW = 4 * 1024 * 1024,
    ALIGNMENT_MAX = 64 * 1024,
    DROPS = 8,
    TRIAL = 64 * 1024,
};

/* How the kernel's cache is passed on a file system. */
typedef enum Way {
    WAY_NONE,  /* it is not, or nothing is known of it */
    WAY_PAGES, /* a file's pages are all of its cache */
    WAY_SHARE, /* by O_DIRECT alone */
} Way;

typedef struct Reading {
    int fd; /* owned */
    const char *name;
    Way way;
    bool is_direct; /* it is open with O_DIRECT */
    bool is_sure;   /* which then passes the cache, whatever pages there are */
    size_t alignment;
    size_t page;
    int64_t size; /* as fstat(2) says */
    bool is_past; /* all windows up to now were past the cache */
    char *buffer; /* a window, of this thread */
    ContentReader *digests;
} Reading;

static Way way_of(const Medium *medium)
{
    static const char *const pages[] = { "ext4", "xfs",   "btrfs",   "exfat",    "vfat",
                                         "ext3", "ext2",  "f2fs",    "ntfs3",    "overlay",
                                         "ntfs", "jfs",   "hfs",     "bcachefs", "nilfs2",
                                         "udf",  "msdos", "hfsplus", NULL };

    if (medium->server)
        return WAY_SHARE;
    if (g_strv_contains((const char *const *) medium->disks, "memory"))
        return WAY_NONE;
    return g_strv_contains(pages, medium->type) ? WAY_PAGES : WAY_NONE;
}

/* ---- the cache ---- */

/* How many of the pages of a window are in memory; -1: that is not known. */
static int count_resident(const Reading *reading, int64_t at)
{
    size_t length = (size_t) MIN(WINDOW, reading->size - at);
    size_t pages = (length + reading->page - 1) / reading->page;
    g_autofree unsigned char *resident = g_malloc(pages);
    void *map = mmap(NULL, length, PROT_NONE, MAP_SHARED, reading->fd, at);
    int count = 0;

    if (map == MAP_FAILED)
        return -1;
    if (mincore(map, length, resident) < 0)
        count = -1;
    for (size_t i = 0; count >= 0 && i < pages; i++)
        count += resident[i] & 1;
    munmap(map, length);
    return count;
}

/* A page that another program is reading just now stays: a moment later it goes. */
static bool drop_window(const Reading *reading, int64_t at)
{
    for (unsigned tries = 0; tries < DROPS; tries++) {
        int resident = count_resident(reading, at);
        if (resident == 0)
            return true;
        if (resident < 0)
            return false;
        posix_fadvise(reading->fd, at, WINDOW, POSIX_FADV_DONTNEED);
        if (tries > 1)
            g_usleep(1000);
    }
    return false;
}

static bool is_past_cache(const Reading *reading, int64_t at)
{
    switch (reading->way) {
    case WAY_SHARE:
        return reading->is_direct;
    case WAY_PAGES:
        return (reading->is_direct && reading->is_sure) || drop_window(reading, at);
    case WAY_NONE:
        break;
    }
    return false;
}

/* Drops the pages of the files that loop devices show. What is dirty in them is of other files: the
 * sync of this one has gone through the device. */
static bool drop_backing(const Medium *medium)
{
    for (char **path = medium->backing; *path; path++) {
        int fd = open(*path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        if (fd < 0)
            return false;
        int code = posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
        close(fd);
        if (code)
            return false;
    }
    return true;
}

static void leave_direct(Reading *reading)
{
    int flags = fcntl(reading->fd, F_GETFL);

    if (reading->is_direct && flags >= 0)
        fcntl(reading->fd, F_SETFL, flags & ~O_DIRECT);
    reading->is_direct = false;
}

/* ---- reading ---- */

/* Reads from `at` on what fits into the buffer; bytes, 0 at the end, -1 with errno. A file system
 * that opened the file with O_DIRECT may still refuse to read it so. */
static ssize_t read_some(Reading *reading, int64_t at, size_t room)
{
    for (;;) {
        ssize_t got = pread(reading->fd, reading->buffer, room, at);
        if (got >= 0 || (errno != EINTR && !(reading->is_direct && errno == EINVAL)))
            return got;
        if (errno == EINVAL) {
            leave_direct(reading);
            reading->is_past &= is_past_cache(reading, at);
        }
    }
}

static bool read_failed(const Reading *reading, int64_t at, ssize_t got, Error **err)
{
    if (got < 0)
        return error_errno(err, errno, "cannot read '%s' back", reading->name);
    return error_set(err, ERROR_ENVIRONMENT, "look for errors of the disk in `dmesg`",
                     "'%s' ends after %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " bytes",
                     reading->name, at, reading->size);
}

/* A short read may end where the next one cannot begin: its last bytes are then read again. */
static size_t usable(const Reading *reading, int64_t at, size_t got)
{
    if (reading->is_direct && at + (int64_t) got < reading->size)
        got -= got % reading->alignment;
    return got;
}

static bool read_window(Reading *reading, int64_t *at, Error **err)
{
    int64_t end = *at + WINDOW;

    reading->is_past &= is_past_cache(reading, *at);
    while (*at < end && *at < reading->size) {
        ssize_t got = read_some(reading, *at, (size_t) (end - *at));
        size_t good = got > 0 ? usable(reading, *at, (size_t) got) : 0;
        if (!good)
            return read_failed(reading, *at, got, err);
        content_add(reading->digests, reading->buffer, good);
        *at += (int64_t) good;
    }
    return true;
}

/* What was appended since is another content, too. */
static bool read_all(Reading *reading, Error **err)
{
    struct stat st;
    int64_t at = 0;

    while (at < reading->size) {
        if (!read_window(reading, &at, err))
            return false;
    }
    if (fstat(reading->fd, &st) < 0)
        return error_errno(err, errno, "cannot examine '%s'", reading->name);
    if (st.st_size != reading->size)
        return error_set(err, ERROR_TRANSIENT, "let no program change what was copied",
                         "'%s' changed its size while it was read back", reading->name);
    return true;
}

static ProofEnd judge(const Reading *reading, const Content *expected, const Content *content)
{
    if (!content_same(expected, content))
        return PROOF_WRONG;
    return reading->is_past ? PROOF_RIGHT : PROOF_CACHED;
}

/* Below a destination something else may be mounted, or it is itself unmounted by now: then its
 * disk is another one than the medium says. Of a share its server tells them apart, and an overlay
 * gives its files numbers of their own. */
static bool lies_on(const Medium *medium, const struct stat *st)
{
    return !medium->fs || medium->fs == st->st_dev || medium->server ||
           !strcmp(medium->type, "overlay");
}

/* Kept for the next copy: the pages of a new one take longer than the reading. NULL: there is no
 * memory. */
static char *window_of_thread(void)
{
    static GPrivate kept = G_PRIVATE_INIT(free);
    void *window = g_private_get(&kept);

    if (!window && posix_memalign(&window, ALIGNMENT_MAX, WINDOW) == 0)
        g_private_set(&kept, window);
    return window;
}

static void find_way(Reading *reading)
{
    DirectReads direct = direct_reads(reading->fd, &reading->alignment);

    reading->is_sure = direct == DIRECT_ALWAYS;
    if (direct == DIRECT_NEVER || reading->alignment > ALIGNMENT_MAX)
        leave_direct(reading);
    if (!reading->is_direct || !reading->is_sure)
        posix_fadvise(reading->fd, 0, 0, POSIX_FADV_DONTNEED);
    posix_fadvise(reading->fd, 0, 0, POSIX_FADV_RANDOM);
}

static bool prepare(Reading *reading, const Medium *medium, bool sync, Error **err)
{
    struct stat st;

    if (fstat(reading->fd, &st) < 0 || (sync && fdatasync(reading->fd) < 0))
        return error_errno(err, errno, "cannot read '%s' back", reading->name);
    if (!S_ISREG(st.st_mode))
        return error_set(err, ERROR_PICTURE, NULL, "'%s' is not a file", reading->name);
    if (!lies_on(medium, &st))
        return error_set(err, ERROR_ENVIRONMENT, "mount its disk again, and nothing below it",
                         "'%s' lies on another file system than its destination", reading->name);
    reading->size = st.st_size;
    reading->page = (size_t) sysconf(_SC_PAGESIZE);
    reading->buffer = window_of_thread();
    if (!reading->buffer)
        return error_set(err, ERROR_MEMORY, NULL, "no memory to read '%s' back", reading->name);
    find_way(reading);
    reading->is_past = drop_backing(medium);
    return true;
}

/* Takes over reading->fd. */
static ProofEnd read_back(Reading *reading, const Medium *medium, bool sync,
                          const Content *expected, unsigned digests, Content *content, Error **err)
{
    ProofEnd end = PROOF_FAILED;

    reading->way = way_of(medium);
    reading->digests = content_reader_new(digests);
    if (prepare(reading, medium, sync, err) && read_all(reading, err)) {
        content_end(reading->digests, content);
        end = judge(reading, expected, content);
    }
    content_reader_free(reading->digests);
    close(reading->fd);
    return end;
}

static ProofEnd read_copy(const char *destination, const char *name, const Medium *medium,
                          bool sync, const Content *expected, unsigned digests, Content *content,
                          Error **err)
{
    const int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY;
    Reading reading = { .name = name, .is_direct = true };

    reading.fd = beneath_open(destination, name, flags | O_DIRECT);
    if (reading.fd < 0 && errno == EINVAL) {
        reading.is_direct = false;
        reading.fd = beneath_open(destination, name, flags);
    }
    if (reading.fd < 0 && beneath_is_absence(errno))
        return PROOF_MISSING;
    if (reading.fd < 0) {
        error_errno(err, errno, "cannot open '%s'", name);
        return PROOF_FAILED;
    }
    return read_back(&reading, medium, sync, expected, digests, content, err);
}

ProofEnd proof_read(const char *destination, const char *name, const Medium *medium,
                    const Content *expected, unsigned digests, Content *content, Error **err)
{
    return read_copy(destination, name, medium, true, expected, digests, content, err);
}

ProofEnd proof_read_synced(const char *destination, const char *name, const Medium *medium,
                           const Content *expected, unsigned digests, Content *content, Error **err)
{
    return read_copy(destination, name, medium, false, expected, digests, content, err);
}

/* The caller's descriptor keeps its flags and its position: it is opened once more. */
ProofEnd proof_read_open(int fd, const char *name, const Medium *medium, const Content *expected,
                         Content *content, Error **err)
{
    Reading reading = { .name = name, .is_direct = true };
    char self[64];

    g_snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
    reading.fd = open(self, O_RDONLY | O_CLOEXEC | O_DIRECT);
    if (reading.fd < 0) {
        reading.is_direct = false;
        reading.fd = open(self, O_RDONLY | O_CLOEXEC);
    }
    if (reading.fd >= 0)
        return read_back(&reading, medium, false, expected, 0, content, err);
    error_errno(err, errno, "cannot open '%s' once more", name);
    return PROOF_FAILED;
}

/* ---- is it possible ---- */

/* Writes a file and reads it back. What fails is said by the copies that fail. */
static bool trial(const char *directory, const Medium *medium)
{
    g_autofree char *name = g_strdup(HIDDEN_PREFIX "proof-XXXXXX");
    g_autofree char *path = g_build_filename(directory, name, NULL);
    g_autofree char *bytes = g_malloc0(TRIAL);
    g_autoptr(ContentReader) digests = content_reader_new(0);
    g_autoptr(Error) error = NULL;
    Content expected, content;
    int fd = mkostemp(path, O_CLOEXEC);

    if (fd < 0)
        return true;
    content_add(digests, bytes, TRIAL);
    content_end(digests, &expected);
    ssize_t wrote = write(fd, bytes, TRIAL);
    close(fd);
    ProofEnd end =
        proof_read(directory, strrchr(path, '/') + 1, medium, &expected, 0, &content, &error);
    unlink(path);
    return wrote != TRIAL || end != PROOF_CACHED;
}

bool proof_is_possible(const char *directory, const Medium *medium, char **why)
{
    *why = NULL;
    if (g_strv_contains((const char *const *) medium->disks, "memory"))
        *why = g_strdup("it lies in memory, which is no disk");
    else if (way_of(medium) == WAY_NONE)
        *why = g_strdup_printf("%s keeps a cache of its own, which cannot be passed",
                               *medium->type ? medium->type : "its file system");
    else if (!trial(directory, medium))
        *why = g_strdup_printf("what is read of %s may come from its cache",
                               medium->server ? medium->words : medium->type);
    return !*why;
}
