#include "daemon/files/provenance.h"

#include <fcntl.h>
#include <glib.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "daemon/files/fileid.h"

#define NAME "user.hotfolder"

enum { SIZE = 256 };

/* The size and time of the file itself are in it, so that one that was edited is not taken for
 * ours. */
static void text_of(const struct stat *st, const Origins *origins, char text[SIZE])
{
    FileId id = fileid_of(st);

    g_snprintf(text, SIZE,
               "1 %016" PRIx64 " %016" PRIx64 "%016" PRIx64 " %016" PRIx64 " %jd %" PRId64,
               origins->source, origins->content[0], origins->content[1], origins->profile,
               (intmax_t) id.size, id.mtime_ns);
}

/* The mark of the file `name` and its stat(2) data; false where it has none. */
static bool read_mark(int dir_fd, const char *name, struct stat *st, char text[SIZE])
{
    bool file = fstatat(dir_fd, name, st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st->st_mode);
    int fd =
        file ? openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) : -1;
    ssize_t size = fd < 0 ? -1 : fgetxattr(fd, NAME, text, SIZE - 1);
    bool known = size > 0 && fstat(fd, st) == 0;

    text[known ? size : 0] = '\0';
    if (fd >= 0)
        close(fd);
    return known;
}

void mark_set(int fd, const struct stat *st, const Origins *origins)
{
    char text[SIZE];

    text_of(st, origins, text);
    fsetxattr(fd, NAME, text, strlen(text), 0);
}

bool mark_is_ours(int fd, const struct stat *st)
{
    char text[SIZE];
    ssize_t size = fgetxattr(fd, NAME, text, SIZE - 1);
    intmax_t length = 0;
    int64_t mtime_ns = 0;

    text[MAX(size, 0)] = '\0';
    return size > 0 && sscanf(text, "1 %*s %*s %*s %jd %" SCNd64, &length, &mtime_ns) == 2 &&
           length == st->st_size && mtime_ns == fileid_of(st).mtime_ns;
}

bool mark_is(int dir_fd, const char *name, const Origins *origins)
{
    char had[SIZE], would[SIZE];
    struct stat st;

    if (!read_mark(dir_fd, name, &st, had))
        return false;
    text_of(&st, origins, would);
    return !strcmp(had, would);
}

bool mark_source_is(int dir_fd, const char *name, const Origins *origins)
{
    uint64_t source = 0;
    char had[SIZE];
    struct stat st;

    return read_mark(dir_fd, name, &st, had) && sscanf(had, "1 %16" SCNx64, &source) == 1 &&
           source == origins->source;
}
