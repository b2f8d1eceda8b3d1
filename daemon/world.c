#include "daemon/world.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "daemon/tree.h"

enum { LEAST_NEED = 64 * 1024 };

/* A file without a name, or one whose name is gone at once. It is always the same name, so that one
 * that a crash left is taken again; that others may have it open does no harm. */
static int scratch_file(int dir_fd)
{
    static const char name[] = ".hotfolder-try";
    int fd = openat(dir_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
        return fd;
    fd = openat(dir_fd, name, O_CREAT | O_NOFOLLOW | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0)
        unlinkat(dir_fd, name, 0);
    return fd;
}

static bool takes_files(const Folder *folder, int64_t need, Error **err)
{
    int root_fd = tree_open(folder->output, err);
    int dir_fd = root_fd < 0 ? -1 : tree_dir(root_fd, "", false, err);
    int fd = dir_fd < 0 ? -1 : scratch_file(dir_fd);
    int code = fd < 0 ? errno : posix_fallocate(fd, 0, MAX(need, LEAST_NEED));
    bool ok = fd >= 0 && (code == 0 || code == EOPNOTSUPP || code == EINVAL);

    if (dir_fd >= 0 && !ok)
        error_errno(err, code, "cannot write into '%s'", folder->output);
    if (fd >= 0)
        close(fd);
    if (dir_fd >= 0)
        close(dir_fd);
    if (root_fd >= 0)
        close(root_fd);
    return ok;
}

bool world_check(const Folder *folder, int64_t need, Error **err)
{
    if (folder->originals != ORIGINALS_UNTOUCHED && access(folder->path, F_OK) == 0 &&
        access(folder->path, W_OK | X_OK) < 0)
        return error_errno(err, errno, "cannot move originals within '%s'", folder->path);
    return takes_files(folder, need, err);
}
