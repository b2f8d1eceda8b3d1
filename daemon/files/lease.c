/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/files/lease.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <linux/magic.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/reasons.h"
#include "daemon/files/beneath.h"

/* File systems that change from elsewhere too; every other one is local. Numbers are those that not
 * every <linux/magic.h> has. */
static const struct {
    unsigned type;
    FsKind kind;
} fs_kinds[] = {
    { NFS_SUPER_MAGIC, FS_REMOTE },  { SMB_SUPER_MAGIC, FS_REMOTE },
    { 0xff534d42, FS_REMOTE }, /* CIFS */
    { 0xfe534d42, FS_REMOTE }, /* SMB 2 and later */
    { 0x01021997, FS_REMOTE }, /* 9P */
    { 0x65735546, FS_REMOTE }, /* FUSE */
    { CEPH_SUPER_MAGIC, FS_REMOTE }, { AFS_SUPER_MAGIC, FS_REMOTE },
    { AFS_FS_MAGIC, FS_REMOTE },     { CODA_SUPER_MAGIC, FS_REMOTE },
    { 0x786f4256, FS_REMOTE },  /* VirtualBox */
    { 0xbacbacbc, FS_REMOTE },  /* VMware */
    { 0x7c7c6673, FS_REMOTE },  /* Parallels */
    { 0x0bd00bd0, FS_REMOTE },  /* Lustre */
    { 0x47504653, FS_REMOTE },  /* GPFS */
    { 0x7461636f, FS_REMOTE },  /* OCFS2 */
    { 0x01161970, FS_REMOTE },  /* GFS2 */
    { 0x794c7630, FS_LAYERED }, /* overlay */
};

FsKind fs_kind_of(unsigned type, dev_t dev)
{
    for (size_t i = 0; i < G_N_ELEMENTS(fs_kinds); i++)
        if (type == fs_kinds[i].type)
            return fs_kinds[i].kind;
    /* 9P passes its host's type of file system on; but it has no device of its own. */
    if ((type == EXT4_SUPER_MAGIC || type == XFS_SUPER_MAGIC) && major(dev) == 0)
        return FS_REMOTE;
    return FS_LOCAL;
}

FsKind fs_kind(int fd)
{
    struct statfs fs;
    struct stat st;

    if (fstatfs(fd, &fs) || fstat(fd, &st))
        return FS_LOCAL;
    return fs_kind_of((unsigned) fs.f_type, st.st_dev);
}

const char *file_refusal(mode_t mode)
{
    if (S_ISREG(mode))
        return NULL;
    if (S_ISLNK(mode))
        return REASON_LINK;
    if (S_ISFIFO(mode))
        return REASON_FIFO;
    if (S_ISSOCK(mode))
        return REASON_SOCKET;
    return S_ISDIR(mode) ? REASON_DIRECTORY : REASON_DEVICE;
}

/* The kernel refuses a read lease while a process has the file open for writing. The lease is given
 * back at once, as it would hold up a new writer. (The signal that the kernel sends then is ignored
 * by the watcher, see watch_start.) */
Lease lease_test(int fd)
{
    if (fcntl(fd, F_SETLEASE, F_RDLCK) == 0) {
        fcntl(fd, F_SETLEASE, F_UNLCK);
        return fs_kind(fd) == FS_REMOTE ? LEASE_UNKNOWN : LEASE_FREE;
    }
    if (errno != EAGAIN && errno != EBUSY)
        return LEASE_UNKNOWN;
    return fs_kind(fd) == FS_REMOTE ? LEASE_UNCERTAIN : LEASE_WRITER;
}

/* A user who may write into the folder could link another user's file into it, to have it shown in
 * the output or taken from its owner. A file of ours or of the folder's owner was put there by
 * its owner; and a file with a single name was not linked. */
bool file_is_foreign_link(const char *root, const struct stat *st)
{
    struct stat top;

    return S_ISREG(st->st_mode) && st->st_nlink > 1 && st->st_uid != geteuid() &&
           (!beneath_stat(root, "", &top) || st->st_uid != top.st_uid);
}
