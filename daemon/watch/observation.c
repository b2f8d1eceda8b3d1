#include "daemon/watch/observation.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <unistd.h>

#include "daemon/files/beneath.h"
#include "daemon/files/provenance.h"

static int open_to_read(const char *root, const char *path)
{
    int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY;
    int fd = beneath_open(root, path, flags | O_NOATIME);

    return fd < 0 && errno == EPERM ? beneath_open(root, path, flags) : fd;
}

static bool has_partner(const char *root, const char *path)
{
    g_autofree char *partner = g_strconcat(path, ".aria2", NULL);
    struct stat st;

    return beneath_stat(root, partner, &st);
}

static int64_t ctime_of(const struct stat *st)
{
    return (int64_t) st->st_ctim.tv_sec * 1000000000 + st->st_ctim.tv_nsec;
}

static void bar(Look *look, int error)
{
    look->sight = error == ENOENT || error == ENOTDIR ? SIGHT_GONE : SIGHT_BARRED;
    look->error = error;
}

static const char *oddity(const char *root, const struct stat *st)
{
    const char *odd = look_odd(st->st_mode);

    return !odd && look_is_foreign(root, st) ? "hard link to another user's file" : odd;
}

/* Opens only what is known to be a regular file: opening a device may already do something. What
 * was opened may be another file by then. */
static bool look_open(const char *root, const char *path, Look *look, struct stat *st)
{
    if (!beneath_stat(root, path, st)) {
        bar(look, errno);
        return false;
    }
    look->odd = oddity(root, st);
    if (look->odd) {
        look->sight = SIGHT_ODD;
        return false;
    }
    look->id = fileid_of(st);
    look->ctime_ns = ctime_of(st);
    look->fd = open_to_read(root, path);
    if (look->fd < 0 && (errno == EWOULDBLOCK || errno == ETXTBSY)) {
        look->sight = SIGHT_FILE; /* somebody holds a lease of their own */
        look->lease = LEASE_WRITER;
        return false;
    }
    if (look->fd < 0 || fstat(look->fd, st)) {
        bar(look, errno);
        return false;
    }
    look->odd = oddity(root, st);
    look->sight = look->odd ? SIGHT_ODD : SIGHT_FILE;
    return look->odd == NULL;
}

void look_at(const char *root, const char *path, Look *look)
{
    struct stat st, after;
    FileId now;

    *look = (Look){ .sight = SIGHT_GONE, .fd = -1, .lease = LEASE_SILENT };
    if (!look_open(root, path, look, &st))
        return;
    look->id = fileid_of(&st);
    look->ctime_ns = ctime_of(&st);
    if (st.st_size == 0)
        return;
    look->lease = look_lease(look->fd);
    look->partner = look->lease != LEASE_WRITER && has_partner(root, path);
    if (look->lease == LEASE_WRITER || look->partner)
        return;
    if (!probe_file(look->fd, &look->probe) || fstat(look->fd, &after)) {
        bar(look, errno);
        return;
    }
    look->probed = true;
    look->ours = mark_is_ours(look->fd, &after);
    now = fileid_of(&after);
    look->changed = !fileid_same(&look->id, &now);
}

void look_close(Look *look)
{
    if (look->fd >= 0)
        close(look->fd);
    look->fd = -1;
}
