/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/files/provenance.h"

#include <fcntl.h>
#include <glib.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "daemon/files/fileid.h"

#define ATTRIBUTE "user.hotfolder"

enum { TEXT_BYTES = 256 };

#define TIME_MAX (INT64_MAX / 1000000000) /* of a FileId, in seconds */

/* The file's own size and time are part of the text, so that an edited file is not taken for our
 * output. Returns the length. */
static int identity_text(const struct stat *st, const Provenance *provenance, char text[TEXT_BYTES])
{
    FileId id = fileid_of(st);

    return g_snprintf(text, TEXT_BYTES,
                      "1 %016" PRIx64 " %016" PRIx64 "%016" PRIx64 " %016" PRIx64 " %jd %" PRId64,
                      provenance->source, provenance->content[0], provenance->content[1],
                      provenance->profile, (intmax_t) id.size, id.mtime_ns);
}

/* The numbers and the time follow; which of them a picture has does not make it another one. */
static void attribute_text(const struct stat *st, const Provenance *provenance,
                           char text[TEXT_BYTES])
{
    const Sequence *sequence = &provenance->sequence;
    int length = identity_text(st, provenance, text);

    g_snprintf(text + length, (gulong) (TEXT_BYTES - length),
               " %016" PRIx64 " %" PRId64 " %" PRId64 " %" PRId64 " %d %" PRId64,
               provenance->folder, sequence->folder, sequence->day, sequence->run, sequence->date,
               provenance->time);
}

/* The attribute of the file `name`, and its stat(2) data; false where it has none. */
static bool read_attribute(int dir_fd, const char *name, struct stat *st, char text[TEXT_BYTES])
{
    bool file = fstatat(dir_fd, name, st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st->st_mode);
    int fd =
        file ? openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) : -1;
    ssize_t size = fd < 0 ? -1 : fgetxattr(fd, ATTRIBUTE, text, TEXT_BYTES - 1);
    bool known = size > 0 && fstat(fd, st) == 0;

    text[known ? size : 0] = '\0';
    if (fd >= 0)
        close(fd);
    return known;
}

void provenance_set(int fd, const struct stat *st, const Provenance *provenance)
{
    char text[TEXT_BYTES];

    attribute_text(st, provenance, text);
    fsetxattr(fd, ATTRIBUTE, text, strlen(text), 0);
}

bool provenance_is_ours(int fd, const struct stat *st)
{
    char text[TEXT_BYTES];
    ssize_t size = fgetxattr(fd, ATTRIBUTE, text, TEXT_BYTES - 1);
    intmax_t length = 0;
    int64_t mtime_ns = 0;

    text[MAX(size, 0)] = '\0';
    return size > 0 && sscanf(text, "1 %*s %*s %*s %jd %" SCNd64, &length, &mtime_ns) == 2 &&
           length == st->st_size && mtime_ns == fileid_of(st).mtime_ns;
}

bool provenance_matches(int dir_fd, const char *name, const Provenance *provenance)
{
    char found[TEXT_BYTES], expected[TEXT_BYTES];
    struct stat st;

    if (!read_attribute(dir_fd, name, &st, found))
        return false;
    size_t length = (size_t) identity_text(&st, provenance, expected);
    return !strncmp(found, expected, length) && (!found[length] || found[length] == ' ');
}

bool provenance_read(int dir_fd, const char *name, Provenance *provenance)
{
    Provenance *p = provenance;
    char found[TEXT_BYTES];
    struct stat st;

    *p = (Provenance){ .time = PROVENANCE_NO_TIME };
    bool known =
        read_attribute(dir_fd, name, &st, found) &&
        sscanf(found,
               "1 %16" SCNx64 " %16" SCNx64 "%16" SCNx64 " %16" SCNx64 " %*d %*d %16" SCNx64
               " %18" SCNd64 " %18" SCNd64 " %18" SCNd64 " %8d %18" SCNd64,
               &p->source, &p->content[0], &p->content[1], &p->profile, &p->folder,
               &p->sequence.folder, &p->sequence.day, &p->sequence.run, &p->sequence.date,
               &p->time) >= 4;
    if (p->time < -TIME_MAX || p->time > TIME_MAX)
        p->time = PROVENANCE_NO_TIME;
    return known;
}
