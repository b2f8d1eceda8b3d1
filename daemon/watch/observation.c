/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watch/observation.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <unistd.h>

#include "base/reasons.h"
#include "daemon/files/beneath.h"
#include "daemon/files/provenance.h"

static int open_to_read(const char *root, const char *path)
{
    int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY;
    int fd = beneath_open(root, path, flags | O_NOATIME);

    return fd < 0 && errno == EPERM ? beneath_open(root, path, flags) : fd;
}

static bool has_control_file(const char *root, const char *path)
{
    g_autofree char *control_file = g_strconcat(path, ".aria2", NULL);
    struct stat st;

    return beneath_stat(root, control_file, &st);
}

static int64_t ctime_of(const struct stat *st)
{
    return (int64_t) st->st_ctim.tv_sec * 1000000000 + st->st_ctim.tv_nsec;
}

static void set_unreadable(Observation *observation, int error)
{
    observation->presence =
        error == ENOENT || error == ENOTDIR ? PRESENCE_GONE : PRESENCE_UNREADABLE;
    observation->error = error;
}

static const char *irregularity(const char *root, const struct stat *st)
{
    const char *irregular = file_refusal(st->st_mode);

    return !irregular && file_is_foreign_link(root, st) ? REASON_HARD_LINK : irregular;
}

/* Opens regular files only, as to open a device may have an effect. The file that is opened may be
 * another one than that of the first stat: both are checked. */
static bool open_checked(const char *root, const char *path, Observation *observation,
                         struct stat *st)
{
    if (!beneath_stat(root, path, st)) {
        set_unreadable(observation, errno);
        return false;
    }
    observation->irregular = irregularity(root, st);
    if (observation->irregular) {
        observation->presence = PRESENCE_IRREGULAR;
        return false;
    }
    observation->id = fileid_of(st);
    observation->ctime_ns = ctime_of(st);
    observation->fd = open_to_read(root, path);
    if (observation->fd < 0 && (errno == EWOULDBLOCK || errno == ETXTBSY)) {
        observation->presence = PRESENCE_FILE; /* another process holds a lease */
        observation->lease = LEASE_WRITER;
        return false;
    }
    if (observation->fd < 0 || fstat(observation->fd, st)) {
        set_unreadable(observation, errno);
        return false;
    }
    observation->irregular = irregularity(root, st);
    observation->presence = observation->irregular ? PRESENCE_IRREGULAR : PRESENCE_FILE;
    return observation->irregular == NULL;
}

void observe(const char *root, const char *path, Observation *observation)
{
    const char *extension = NULL;
    struct stat st, after;
    FileId now;

    *observation = (Observation){ .presence = PRESENCE_GONE, .fd = -1, .lease = LEASE_UNKNOWN };
    if (!open_checked(root, path, observation, &st))
        return;
    observation->id = fileid_of(&st);
    observation->ctime_ns = ctime_of(&st);
    if (st.st_size == 0)
        return;
    observation->lease = lease_test(observation->fd);
    observation->control_file = observation->lease != LEASE_WRITER && has_control_file(root, path);
    if (observation->lease == LEASE_WRITER || observation->control_file)
        return;
    if (!probe_file(observation->fd, &observation->probe) || fstat(observation->fd, &after)) {
        set_unreadable(observation, errno);
        return;
    }
    observation->probed = true;
    observation->promised = format_promised(path, &extension);
    observation->made_by_us = provenance_is_ours(observation->fd, &after);
    now = fileid_of(&after);
    observation->changed = !fileid_same(&observation->id, &now);
}

void observation_close(Observation *observation)
{
    if (observation->fd >= 0)
        close(observation->fd);
    observation->fd = -1;
}
