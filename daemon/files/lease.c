#include "daemon/files/lease.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <linux/magic.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "daemon/files/beneath.h"

/* File systems that change from elsewhere too; every other one is local. Numbers are those that not
 * every <linux/magic.h> has. */
static const struct {
    unsigned type;
    Ground kind;
} fs_kinds[] = {
    { NFS_SUPER_MAGIC, GROUND_REMOTE },  { SMB_SUPER_MAGIC, GROUND_REMOTE },
    { 0xff534d42, GROUND_REMOTE }, /* CIFS */
    { 0xfe534d42, GROUND_REMOTE }, /* SMB 2 and later */
    { 0x01021997, GROUND_REMOTE }, /* 9P */
    { 0x65735546, GROUND_REMOTE }, /* FUSE */
    { CEPH_SUPER_MAGIC, GROUND_REMOTE }, { AFS_SUPER_MAGIC, GROUND_REMOTE },
    { AFS_FS_MAGIC, GROUND_REMOTE },     { CODA_SUPER_MAGIC, GROUND_REMOTE },
    { 0x786f4256, GROUND_REMOTE },  /* VirtualBox */
    { 0xbacbacbc, GROUND_REMOTE },  /* VMware */
    { 0x7c7c6673, GROUND_REMOTE },  /* Parallels */
    { 0x0bd00bd0, GROUND_REMOTE },  /* Lustre */
    { 0x47504653, GROUND_REMOTE },  /* GPFS */
    { 0x7461636f, GROUND_REMOTE },  /* OCFS2 */
    { 0x01161970, GROUND_REMOTE },  /* GFS2 */
    { 0x794c7630, GROUND_LAYERED }, /* overlay */
};

Ground look_ground_of(unsigned type, dev_t dev)
{
    for (size_t i = 0; i < G_N_ELEMENTS(fs_kinds); i++)
        if (type == fs_kinds[i].type)
            return fs_kinds[i].kind;
    /* 9P passes its host's type of file system on; but it has no device of its own. */
    if ((type == EXT4_SUPER_MAGIC || type == XFS_SUPER_MAGIC) && major(dev) == 0)
        return GROUND_REMOTE;
    return GROUND_LOCAL;
}

Ground look_ground(int fd)
{
    struct statfs fs;
    struct stat st;

    if (fstatfs(fd, &fs) || fstat(fd, &st))
        return GROUND_LOCAL;
    return look_ground_of((unsigned) fs.f_type, st.st_dev);
}

const char *look_odd(mode_t mode)
{
    if (S_ISREG(mode))
        return NULL;
    if (S_ISLNK(mode))
        return "symbolic link";
    return S_ISDIR(mode) ? "folder" : "not a regular file";
}

/* The kernel refuses a read lease while a process has the file open for writing. The lease is given
 * back at once, as it would hold up a new writer. (The signal that the kernel sends then is ignored
 * by the watcher, see watch_start.) */
Lease look_lease(int fd)
{
    if (fcntl(fd, F_SETLEASE, F_RDLCK) == 0) {
        fcntl(fd, F_SETLEASE, F_UNLCK);
        return look_ground(fd) == GROUND_REMOTE ? LEASE_SILENT : LEASE_FREE;
    }
    if (errno != EAGAIN && errno != EBUSY)
        return LEASE_SILENT;
    return look_ground(fd) == GROUND_REMOTE ? LEASE_DOUBT : LEASE_WRITER;
}

/* A user who may write into the folder could link another user's file into it, to have it shown in
 * the output or moved away from its owner. A file of ours or of the folder's owner was put there by
 * its owner; and a file with a single name was not linked. */
bool look_is_foreign(const char *root, const struct stat *st)
{
    struct stat top;

    return S_ISREG(st->st_mode) && st->st_nlink > 1 && st->st_uid != geteuid() &&
           (!beneath_stat(root, "", &top) || st->st_uid != top.st_uid);
}
