/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Observations: which file systems other hosts change, and a file whose name another process gives
 * to other files all the time. (The tests of the watcher show other observations.) */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/sysmacros.h>

#include "daemon/watch/observation.h"
#include "tests/unit/check.h"
#include "tests/unit/sample.h"

typedef struct Kind {
    const char *name;
    unsigned type; /* as statfs(2) has it */
    unsigned major, minor;
    FsKind expected;
} Kind;

static const Kind kinds[] = {
    { "ext4", 0xef53, 8, 1, FS_LOCAL },
    { "ext4 on LVM", 0xef53, 253, 0, FS_LOCAL },
    { "XFS", 0x58465342, 259, 2, FS_LOCAL },
    { "Btrfs", 0x9123683e, 0, 40, FS_LOCAL },
    { "tmpfs", 0x01021994, 0, 30, FS_LOCAL },
    { "ZFS", 0x2fc12fc1, 0, 31, FS_LOCAL },
    { "F2FS", 0xf2f52010, 8, 2, FS_LOCAL },
    { "vfat", 0x4d44, 8, 17, FS_LOCAL },
    { "exFAT", 0x2011bab0, 8, 18, FS_LOCAL },
    { "NTFS", 0x5346544e, 8, 19, FS_LOCAL },
    { "overlay", 0x794c7630, 0, 45, FS_LAYERED },
    { "NFS", 0x6969, 0, 50, FS_REMOTE },
    { "SMB", 0x517b, 0, 51, FS_REMOTE },
    { "CIFS", 0xff534d42, 0, 52, FS_REMOTE },
    { "SMB 2", 0xfe534d42, 0, 53, FS_REMOTE },
    { "9P", 0x01021997, 0, 54, FS_REMOTE },
    { "ext4 behind 9P", 0xef53, 0, 55, FS_REMOTE },
    { "XFS behind 9P", 0x58465342, 0, 56, FS_REMOTE },
    { "FUSE", 0x65735546, 0, 57, FS_REMOTE },
    { "Ceph", 0x00c36400, 0, 58, FS_REMOTE },
    { "AFS", 0x5346414f, 0, 59, FS_REMOTE },
    { "kAFS", 0x6b414653, 0, 60, FS_REMOTE },
    { "Coda", 0x73757245, 0, 61, FS_REMOTE },
    { "VirtualBox", 0x786f4256, 0, 62, FS_REMOTE },
    { "VMware", 0xbacbacbc, 0, 63, FS_REMOTE },
    { "Parallels", 0x7c7c6673, 0, 64, FS_REMOTE },
    { "Lustre", 0x0bd00bd0, 0, 65, FS_REMOTE },
    { "GPFS", 0x47504653, 0, 66, FS_REMOTE },
    { "OCFS2", 0x7461636f, 8, 33, FS_REMOTE },
    { "GFS2", 0x01161970, 8, 34, FS_REMOTE },
};

static void each_file_system_is_changed_by_whom_it_is_known_to_be(void **state)
{
    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        const Kind *kind = &kinds[i];

        if (fs_kind_of(kind->type, makedev(kind->major, kind->minor)) != kind->expected)
            fail_msg("%s is taken for another kind", kind->name);
    }
}

static void what_can_not_be_asked_counts_as_local(void **state)
{
    (void) state;
    assert_int_equal(fs_kind(-1), FS_LOCAL);
}

enum { LOOKS = 20000 };

typedef struct Swap {
    int dir_fd;
    atomic_bool over;
} Swap;

static void *swap(void *data)
{
    Swap *swapping = data;

    while (!atomic_load(&swapping->over))
        if (renameat2(swapping->dir_fd, "a.jpg", swapping->dir_fd, "b.jpg", RENAME_EXCHANGE) < 0)
            return data;
    return NULL;
}

/* Of two files whose names are exchanged all the time, one is a hard link to another user's. */
static void another_users_file_is_never_taken_for_the_one_that_was_asked_about(void **state)
{
    GByteArray *jpeg = sample_jpeg();
    char *dir = check_mkdir(), *elsewhere = check_mkdir();
    g_autofree char *foreign = g_build_filename(elsewhere, "secret.jpg", NULL);
    g_autofree char *here = g_build_filename(dir, "b.jpg", NULL);
    g_autofree char *mine = g_build_filename(dir, "a.jpg", NULL);
    Swap swapping = { .dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
    int mine_seen = 0, foreign_seen = 0, foreign_taken = 0;
    void *failed = NULL;
    pthread_t thread;
    struct stat st;

    (void) state;
    if (geteuid() != 0)
        skip(); /* only root can make a file of another user */
    assert_true(g_file_set_contents(mine, (char *) jpeg->data, (gssize) jpeg->len, NULL));
    assert_true(g_file_set_contents(foreign, (char *) jpeg->data, (gssize) jpeg->len, NULL));
    assert_int_equal(chown(foreign, 1, 1) | link(foreign, here) | stat(foreign, &st), 0);
    assert_int_equal(pthread_create(&thread, NULL, swap, &swapping), 0);
    for (int i = 0; i < LOOKS; i++) {
        Observation observation;

        observe(dir, "a.jpg", &observation);
        mine_seen += observation.presence == PRESENCE_FILE && observation.id.ino != st.st_ino;
        foreign_seen += observation.presence == PRESENCE_IRREGULAR;
        foreign_taken += observation.presence == PRESENCE_FILE && observation.id.ino == st.st_ino;
        observation_close(&observation);
    }
    atomic_store(&swapping.over, true);
    pthread_join(thread, &failed);
    assert_null(failed);
    assert_true(mine_seen && foreign_seen);
    assert_int_equal(foreign_taken, 0);
    close(swapping.dir_fd);
    g_byte_array_unref(jpeg);
    check_rmdir(dir);
    check_rmdir(elsewhere);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_file_system_is_changed_by_whom_it_is_known_to_be),
        cmocka_unit_test(what_can_not_be_asked_counts_as_local),
        cmocka_unit_test(another_users_file_is_never_taken_for_the_one_that_was_asked_about),
    };

    return cmocka_run_group_tests_name("observation", tests, NULL, NULL);
}
