/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* share - a directory under another name, as a share of another machine would be: a FUSE file
 * system that hands every request on to what lies behind it.
 *
 *   share BEHIND DIRECTORY [dead | slow | exfat]
 *
 * With `dead` it stops as soon as it is mounted, and answers once it is continued; with `slow` it
 * gives 300 kB a second of what is read, as a camera does, and to every user; with `exfat` there is
 * no file whose name has a sign that exFAT does not know. What changes behind it makes no event in
 * DIRECTORY, and is seen at the next look. It serves until it is unmounted. Left out: locks,
 * extended attributes, owners other than its own. */
#define FUSE_USE_VERSION 31

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fuse3/fuse.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BYTES_PER_MS 300

static int behind; /* the directory */
static bool dead, slow, exfat;

/* Paths come with a slash in front; the directory itself is ".". Of "" there is no file. */
static const char *below(const char *path)
{
    if (exfat && strpbrk(path, "\"*:<>?|\\"))
        return "";
    return path[1] ? path + 1 : ".";
}

#pragma GCC diagnostic ignored "-Wunused-parameter" /* FUSE passes more than is needed */

static int result(int code)
{
    return code < 0 ? -errno : code;
}

static void *begin(struct fuse_conn_info *connection, struct fuse_config *config)
{
    if (dead)
        raise(SIGSTOP);
    config->use_ino = 1;
    config->attr_timeout = config->entry_timeout = config->negative_timeout = 0;
    return NULL;
}

static int get_attributes(const char *path, struct stat *st, struct fuse_file_info *file)
{
    return result(fstatat(behind, below(path), st, AT_SYMLINK_NOFOLLOW));
}

static int list(const char *path, void *buffer, fuse_fill_dir_t fill, off_t offset,
                struct fuse_file_info *file, enum fuse_readdir_flags flags)
{
    int fd = openat(behind, below(path), O_RDONLY | O_DIRECTORY);
    DIR *listing = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry = NULL;

    if (!listing)
        return -errno;
    /* cppcheck-suppress readdirCalled ; only this thread reads the stream */
    while ((entry = readdir(listing))) {
        struct stat st = { .st_ino = entry->d_ino, .st_mode = DTTOIF(entry->d_type) };

        fill(buffer, entry->d_name, &st, 0, 0);
    }
    closedir(listing);
    return 0;
}

static int open_file(const char *path, struct fuse_file_info *file)
{
    int fd = openat(behind, below(path), file->flags & ~O_NOFOLLOW);

    file->fh = (uint64_t) fd;
    return fd < 0 ? -errno : 0;
}

static int create_file(const char *path, mode_t mode, struct fuse_file_info *file)
{
    int fd = openat(behind, below(path), file->flags | O_CREAT, mode);

    file->fh = (uint64_t) fd;
    return fd < 0 ? -errno : 0;
}

static int close_file(const char *path, struct fuse_file_info *file)
{
    return result(close((int) file->fh));
}

/* Each close of a descriptor waits for it, as on sshfs. */
static int flush_file(const char *path, struct fuse_file_info *file)
{
    return 0;
}

static int read_file(const char *path, char *data, size_t length, off_t offset,
                     struct fuse_file_info *file)
{
    int got = (int) pread((int) file->fh, data, length, offset);

    if (slow && got > 0) {
        long ms = got / BYTES_PER_MS;

        nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 }, NULL);
    }
    return result(got);
}

static int write_file(const char *path, const char *data, size_t length, off_t offset,
                      struct fuse_file_info *file)
{
    return result((int) pwrite((int) file->fh, data, length, offset));
}

static int sync_file(const char *path, int only_data, struct fuse_file_info *file)
{
    return result(fsync((int) file->fh));
}

static int make_directory(const char *path, mode_t mode)
{
    return result(mkdirat(behind, below(path), mode));
}

static int remove_file(const char *path)
{
    return result(unlinkat(behind, below(path), 0));
}

static int remove_directory(const char *path)
{
    return result(unlinkat(behind, below(path), AT_REMOVEDIR));
}

static int rename_file(const char *from, const char *to, unsigned flags)
{
    return result(renameat2(behind, below(from), behind, below(to), flags));
}

static int link_file(const char *from, const char *to)
{
    return result(linkat(behind, below(from), behind, below(to), 0));
}

static int change_mode(const char *path, mode_t mode, struct fuse_file_info *file)
{
    return result(fchmodat(behind, below(path), mode, 0));
}

static int set_times(const char *path, const struct timespec times[2], struct fuse_file_info *file)
{
    return result(utimensat(behind, below(path), times, AT_SYMLINK_NOFOLLOW));
}

static const struct fuse_operations operations = {
    .init = begin,
    .getattr = get_attributes,
    .readdir = list,
    .open = open_file,
    .create = create_file,
    .flush = flush_file,
    .release = close_file,
    .read = read_file,
    .write = write_file,
    .fsync = sync_file,
    .mkdir = make_directory,
    .unlink = remove_file,
    .rmdir = remove_directory,
    .rename = rename_file,
    .link = link_file,
    .chmod = change_mode,
    .utimens = set_times,
};

int main(int argc, char **argv)
{
    dead = argc == 4 && strcmp(argv[3], "dead") == 0;
    slow = argc == 4 && strcmp(argv[3], "slow") == 0;
    exfat = argc == 4 && strcmp(argv[3], "exfat") == 0;
    if (argc != 3 && !dead && !slow && !exfat) {
        fputs("usage: share BEHIND DIRECTORY [dead | slow | exfat]\n", stderr);
        return 2;
    }
    behind = open(argv[1], O_PATH | O_DIRECTORY);
    if (behind < 0) {
        perror(argv[1]);
        return 1;
    }
    char *arguments[] = { argv[0], (char[]){ "-f" }, argv[2], (char[]){ "-oallow_other" }, NULL };
    return fuse_main(slow ? 4 : 3, arguments, &operations, NULL);
}
