/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SQLite's file system over the simulated disks. */
#include "tests/sim/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/sim/calls.h"
#include "tests/sim/chance.h"
#include "tests/sim/disk.h"
#include "tests/sim/schedule.h"
#include "tests/sim/story.h"

enum { NAME_BYTES = 512, SHARED = 8, REGIONS = 16, SECTOR = 4096 };

/* What connections to one database share; each file of a database here has its own. */
typedef struct Shared {
    char name[NAME_BYTES];
    void *regions[REGIONS];
    int readers, writer;        /* of the database's lock: how many hold one, and who may write */
    int held[SQLITE_SHM_NLOCK]; /* of the log's: -1 exclusive, or how many share it */
} Shared;
static Shared shared[SHARED];

typedef struct File {
    sqlite3_file base;
    int fd, mount;
    int lock;
    unsigned mine[2]; /* bits of the log's locks: shared, exclusive */
    bool sync_directory;
    Shared *common;
    char name[NAME_BYTES];
} File;

static uint64_t random_state;

/* ---- points and faults ---- */

static bool is_due(unsigned rate, const char *what)
{
    if (!rate || now_us >= faults.until_us || fiber_process() != PROCESS_DAEMON ||
        !once_in(ACTOR_DISK, rate))
        return false;
    tell("ledger: %s", what);
    return true;
}

static int begins(const File *file, const char *what, int code)
{
    Faults ours = faults;

    faults.disk_error = faults.disk_full = 0; /* the ledger's disk has its own */
    bool may = call_begins(what, file->mount);
    faults.disk_error = ours.disk_error;
    faults.disk_full = ours.disk_full;
    return !may || is_due(faults.ledger_error, what) ? code : SQLITE_OK;
}

/* ---- a file ---- */

static int close_file(sqlite3_file *base)
{
    File *file = (File *) base;

    if (file->common && file->lock > SQLITE_LOCK_NONE)
        base->pMethods->xUnlock(base, SQLITE_LOCK_NONE);
    sim_close(file->fd);
    return SQLITE_OK;
}

static int read_file(sqlite3_file *base, void *to, int size, sqlite3_int64 at)
{
    File *file = (File *) base;
    int code = begins(file, "ledger read", SQLITE_IOERR_READ);

    if (code)
        return code;
    ssize_t got = sim_pread(file->fd, to, (size_t) size, at);
    if (got < 0)
        return SQLITE_IOERR_READ;
    memset((char *) to + got, 0, (size_t) (size - got));
    return got < size ? SQLITE_IOERR_SHORT_READ : SQLITE_OK;
}

/* The first half of it may be on the disk all the same. */
static int write_torn(const File *file, const void *from, int size, sqlite3_int64 at)
{
    sim_pwrite(file->fd, from, (size_t) size / 2, at);
    return SQLITE_IOERR_WRITE;
}

static int write_file(sqlite3_file *base, const void *from, int size, sqlite3_int64 at)
{
    File *file = (File *) base;
    int code = begins(file, "ledger write", SQLITE_IOERR_WRITE);

    if (code)
        return code;
    if (is_due(faults.ledger_torn, "a torn write"))
        return write_torn(file, from, size, at);
    if (is_due(faults.ledger_full, "its disk is full"))
        return SQLITE_FULL;
    ssize_t put = sim_pwrite(file->fd, from, (size_t) size, at);
    if (put < 0)
        return errno == ENOSPC ? SQLITE_FULL : SQLITE_IOERR_WRITE;
    return put < size ? SQLITE_FULL : SQLITE_OK;
}

static int truncate_file(sqlite3_file *base, sqlite3_int64 size)
{
    File *file = (File *) base;
    int code = begins(file, "ledger truncate", SQLITE_IOERR_TRUNCATE);

    return code ? code : sim_ftruncate(file->fd, size) ? SQLITE_IOERR_TRUNCATE : SQLITE_OK;
}

static int sync_directory_of(const char *name)
{
    char parent[NAME_BYTES];

    snprintf(parent, sizeof(parent), "%s", name);
    char *slash = strrchr(parent, '/');
    slash[slash == parent] = '\0';
    int fd = sim_open(fiber_process(), AT_FDCWD, parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    if (fd < 0)
        return SQLITE_OK; /* as SQLite's own does */
    int code = sim_fsync(fd) ? SQLITE_IOERR_DIR_FSYNC : SQLITE_OK;
    sim_close(fd);
    return code;
}

static int sync_file(sqlite3_file *base, int flags)
{
    File *file = (File *) base;
    int code = begins(file, "ledger sync", SQLITE_IOERR_FSYNC);

    (void) flags;
    if (code || sim_fsync(file->fd))
        return SQLITE_IOERR_FSYNC;
    if (file->sync_directory)
        code = sync_directory_of(file->name);
    file->sync_directory &= code != SQLITE_OK;
    return code;
}

static int size_of_file(sqlite3_file *base, sqlite3_int64 *size)
{
    struct stat st;

    if (sim_fstat(((File *) base)->fd, &st))
        return SQLITE_IOERR_FSTAT;
    *size = st.st_size;
    return SQLITE_OK;
}

static int control_file(sqlite3_file *base, int what, void *data)
{
    (void) base, (void) what, (void) data;
    return SQLITE_NOTFOUND;
}

static int sector_of_file(sqlite3_file *base)
{
    (void) base;
    return SECTOR;
}

static int manners_of_file(sqlite3_file *base)
{
    (void) base;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

/* ---- the database's lock ---- */

/* Readers share it; one of them may intend to write, and writes when it is alone. */
static int lock_file(sqlite3_file *base, int lock)
{
    File *file = (File *) base;
    Shared *common = file->common;
    bool reads = file->lock >= SQLITE_LOCK_SHARED, writes = file->lock >= SQLITE_LOCK_RESERVED;

    if (file->lock >= lock)
        return SQLITE_OK;
    if (lock == SQLITE_LOCK_SHARED && common->writer == SQLITE_LOCK_EXCLUSIVE)
        return SQLITE_BUSY;
    if (lock >= SQLITE_LOCK_RESERVED && common->writer && !writes)
        return SQLITE_BUSY;
    if (lock == SQLITE_LOCK_EXCLUSIVE && common->readers > 1)
        return SQLITE_BUSY;
    common->readers += !reads;
    if (lock >= SQLITE_LOCK_RESERVED)
        common->writer = lock;
    file->lock = lock;
    return SQLITE_OK;
}

static int unlock_file(sqlite3_file *base, int lock)
{
    File *file = (File *) base;

    if (file->lock >= SQLITE_LOCK_RESERVED && lock < SQLITE_LOCK_RESERVED)
        file->common->writer = 0;
    if (file->lock >= SQLITE_LOCK_SHARED && lock < SQLITE_LOCK_SHARED)
        file->common->readers--;
    if (file->lock > lock)
        file->lock = lock;
    return SQLITE_OK;
}

static int is_reserved(sqlite3_file *base, int *reserved)
{
    *reserved = ((File *) base)->common->writer != 0;
    return SQLITE_OK;
}

/* ---- the log's index ---- */

static int map_shared(sqlite3_file *base, int region, int size, int extend, void volatile **at)
{
    Shared *common = ((File *) base)->common;

    if (region >= REGIONS)
        return SQLITE_NOMEM;
    if (!common->regions[region] && extend)
        common->regions[region] = calloc(1, (size_t) size);
    *at = common->regions[region];
    return SQLITE_OK;
}

static bool may_take(const File *file, unsigned bit, int index, bool exclusive)
{
    int held = file->common->held[index];

    if (file->mine[1] & bit)
        return true;
    return exclusive ? held - ((file->mine[0] & bit) != 0) == 0 : held >= 0;
}

static void take_or_leave(File *file, unsigned bit, int index, int flags)
{
    bool exclusive = flags & SQLITE_SHM_EXCLUSIVE, had = file->mine[exclusive] & bit;
    int *held = &file->common->held[index];

    if (flags & SQLITE_SHM_LOCK && !had) {
        *held = exclusive ? -1 : *held + 1;
        file->mine[exclusive] |= bit;
    } else if (flags & SQLITE_SHM_UNLOCK && had) {
        *held = exclusive ? 0 : *held - 1;
        file->mine[exclusive] &= ~bit;
    }
}

static int lock_shared(sqlite3_file *base, int first, int count, int flags)
{
    File *file = (File *) base;

    for (int i = first; flags & SQLITE_SHM_LOCK && i < first + count; i++)
        if (!may_take(file, 1U << i, i, flags & SQLITE_SHM_EXCLUSIVE))
            return SQLITE_BUSY;
    for (int i = first; i < first + count; i++)
        take_or_leave(file, 1U << i, i, flags);
    return SQLITE_OK;
}

static void shared_barrier(sqlite3_file *base)
{
    (void) base;
}

static void free_regions(Shared *common)
{
    for (int i = 0; i < REGIONS; i++) {
        free(common->regions[i]);
        common->regions[i] = NULL;
    }
}

static int unmap_shared(sqlite3_file *base, int remove)
{
    if (remove)
        free_regions(((File *) base)->common);
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = close_file,
    .xRead = read_file,
    .xWrite = write_file,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = size_of_file,
    .xLock = lock_file,
    .xUnlock = unlock_file,
    .xCheckReservedLock = is_reserved,
    .xFileControl = control_file,
    .xSectorSize = sector_of_file,
    .xDeviceCharacteristics = manners_of_file,
    .xShmMap = map_shared,
    .xShmLock = lock_shared,
    .xShmBarrier = shared_barrier,
    .xShmUnmap = unmap_shared,
};

/* ---- the file system ---- */

static Shared *shared_of(const char *name)
{
    for (int i = 0; i < SHARED; i++)
        if (!*shared[i].name || !strcmp(shared[i].name, name)) {
            snprintf(shared[i].name, sizeof(shared[i].name), "%s", name);
            return &shared[i];
        }
    return NULL;
}

void sqlite_forget(void)
{
    for (int i = 0; i < SHARED; i++)
        free_regions(&shared[i]);
    memset(shared, 0, sizeof(shared));
    random_state = 0;
}

static int open_flags(int flags)
{
    return O_CLOEXEC | (flags & SQLITE_OPEN_READWRITE ? O_RDWR : O_RDONLY) |
           (flags & SQLITE_OPEN_CREATE ? O_CREAT : 0) |
           (flags & SQLITE_OPEN_EXCLUSIVE ? O_EXCL : 0);
}

/* Its log has the mode of the database. */
static mode_t mode_for(const char *name, int flags)
{
    char database[NAME_BYTES];
    struct stat st;

    snprintf(database, sizeof(database), "%s", name);
    char *dash = strrchr(database, '-');
    if (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL) && dash) {
        *dash = '\0';
        if (!sim_fstatat(AT_FDCWD, database, &st, 0))
            return st.st_mode & 0777;
    }
    return 0644;
}

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *out)
{
    File *file = (File *) base;

    (void) vfs;
    memset(file, 0, sizeof(*file));
    if (!name) /* a temporary one: temp_store says that there is none */
        return SQLITE_CANTOPEN;
    snprintf(file->name, sizeof(file->name), "%s", name);
    file->mount = disk_mount_of_path(AT_FDCWD, name);
    if (begins(file, "ledger open", SQLITE_CANTOPEN))
        return SQLITE_CANTOPEN;
    file->fd = sim_open(fiber_process(), AT_FDCWD, name, open_flags(flags), mode_for(name, flags));
    if (file->fd < 0)
        return SQLITE_CANTOPEN;
    if (flags & SQLITE_OPEN_MAIN_DB && !(file->common = shared_of(name))) {
        sim_close(file->fd);
        return SQLITE_NOMEM;
    }
    file->sync_directory =
        flags & SQLITE_OPEN_CREATE && flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL);
    file->base.pMethods = &methods;
    if (out)
        *out = flags;
    return SQLITE_OK;
}

static int delete_file(sqlite3_vfs *vfs, const char *name, int sync)
{
    File at = { .mount = disk_mount_of_path(AT_FDCWD, name) };

    (void) vfs;
    if (begins(&at, "ledger delete", SQLITE_IOERR_DELETE))
        return SQLITE_IOERR_DELETE;
    if (sim_unlinkat(AT_FDCWD, name, 0))
        return errno == ENOENT ? SQLITE_IOERR_DELETE_NOENT : SQLITE_IOERR_DELETE;
    return sync ? sync_directory_of(name) : SQLITE_OK;
}

static int access_file(sqlite3_vfs *vfs, const char *name, int what, int *result)
{
    struct stat st;

    (void) vfs;
    if (what == SQLITE_ACCESS_EXISTS) /* an empty one is none, as for SQLite's own */
        *result = !sim_fstatat(AT_FDCWD, name, &st, 0) && (!S_ISREG(st.st_mode) || st.st_size > 0);
    else
        *result = !sim_faccessat(AT_FDCWD, name, R_OK | W_OK, 0);
    return SQLITE_OK;
}

static int whole_path(sqlite3_vfs *vfs, const char *name, int size, char *to)
{
    (void) vfs;
    return snprintf(to, (size_t) size, "%s%s", *name == '/' ? "" : "/", name) < size
               ? SQLITE_OK
               : SQLITE_CANTOPEN;
}

/* Numbers that nothing in the daemon depends on, as long as they differ. */
static int random_bytes(sqlite3_vfs *vfs, int size, char *to)
{
    (void) vfs;
    for (int i = 0; i < size; i++) {
        random_state = random_state * 6364136223846793005 + 1442695040888963407;
        to[i] = (char) (random_state >> 56);
    }
    return size;
}

static int sleep_us(sqlite3_vfs *vfs, int us)
{
    (void) vfs;
    nap_us(us);
    return us;
}

static int julian_ms(sqlite3_vfs *vfs, sqlite3_int64 *ms)
{
    static const int64_t epoch_ms = 210866760000000; /* 1970, since noon of 4714 BC */

    (void) vfs;
    *ms = epoch_ms + (now_us + wall_us) / 1000;
    return SQLITE_OK;
}

static int julian_days(sqlite3_vfs *vfs, double *days)
{
    sqlite3_int64 ms = 0;

    julian_ms(vfs, &ms);
    *days = (double) ms / 86400000.0;
    return SQLITE_OK;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): SQLite's own type */
static int last_error(sqlite3_vfs *vfs, int size, char *text)
{
    (void) vfs, (void) size, (void) text;
    return errno;
}

static sqlite3_vfs world_files = {
    .iVersion = 2,
    .szOsFile = sizeof(File),
    .mxPathname = NAME_BYTES - 1,
    .zName = "world",
    .xOpen = open_file,
    .xDelete = delete_file,
    .xAccess = access_file,
    .xFullPathname = whole_path,
    .xRandomness = random_bytes,
    .xSleep = sleep_us,
    .xCurrentTime = julian_days,
    .xGetLastError = last_error,
    .xCurrentTimeInt64 = julian_ms,
};

void sqlite_begin(void)
{
    sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
    if (sqlite3_initialize() || sqlite3_vfs_register(&world_files, 1))
        abort();
}
