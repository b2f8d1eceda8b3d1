/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is read back counts only past the cache. The kernel's answers are the test's own: which
 * pages are in memory, what is read from the disk, and what it knows of O_DIRECT. */
#include <errno.h>

#include "daemon/import/direct.h"
#include "daemon/import/proof.h"
#include "tests/unit/check.h"

/* ---- the kernel ---- */

static struct {
    int resident;       /* how often a page is still in memory when it is asked */
    int syncs, drops;   /* calls */
    bool dropped_dirty; /* pages were dropped before the file was synced */
    int read_error;     /* of each read; 0: none */
    int64_t ends_at;    /* the file ends there; -1: where it ends */
    int64_t flipped;    /* a byte that the disk gives otherwise; -1: none */
    size_t at_most;     /* of a read; 0: all */
    DirectReads direct;
    bool refuses_direct; /* a read of a file that is open with O_DIRECT */
} kernel;

/* NOLINTBEGIN(bugprone-reserved-identifier, readability-identifier-naming): the linker's names */
int __wrap_mincore(void *map, size_t length, unsigned char *resident);
int __wrap_fdatasync(int fd);
int __wrap_posix_fadvise64(int fd, off_t at, off_t length, int advice);
ssize_t __real_pread64(int fd, void *buffer, size_t length, off_t at);
ssize_t __wrap_pread64(int fd, void *buffer, size_t length, off_t at);
DirectReads __wrap_direct_reads(int fd, size_t *alignment);

int __wrap_mincore(void *map, size_t length, unsigned char *resident)
{
    (void) map;
    memset(resident, 0, (length + 4095) / 4096);
    if (kernel.resident > 0) {
        kernel.resident--;
        resident[0] = 1;
    }
    return 0;
}

int __wrap_fdatasync(int fd)
{
    (void) fd;
    kernel.syncs++;
    return 0;
}

int __wrap_posix_fadvise64(int fd, off_t at, off_t length, int advice)
{
    (void) fd, (void) at, (void) length;
    if (advice == POSIX_FADV_DONTNEED) {
        kernel.drops++;
        kernel.dropped_dirty |= kernel.syncs == 0;
    }
    return 0;
}

static ssize_t refuse(int code)
{
    errno = code;
    return -1;
}

ssize_t __wrap_pread64(int fd, void *buffer, size_t length, off_t at)
{
    char *bytes = buffer;

    if (kernel.read_error)
        return refuse(kernel.read_error);
    if (kernel.refuses_direct && fcntl(fd, F_GETFL) & O_DIRECT)
        return refuse(EINVAL);
    if (kernel.ends_at >= 0 && at >= kernel.ends_at)
        return 0;
    if (kernel.at_most)
        length = MIN(length, kernel.at_most);
    ssize_t got = __real_pread64(fd, buffer, length, at);
    if (kernel.flipped >= at && kernel.flipped < at + got)
        bytes[kernel.flipped - at] ^= 1;
    return got;
}

DirectReads __wrap_direct_reads(int fd, size_t *alignment)
{
    (void) fd;
    *alignment = 4096;
    return kernel.direct;
}
/* NOLINTEND(bugprone-reserved-identifier, readability-identifier-naming) */

/* ---- a copy ---- */

enum { LENGTH = 9 * 1024 * 1024 + 123 };

typedef struct Copy {
    char *dir;
    Content content; /* that it has to have */
    Content read;    /* that it had */
    Error *error;
} Copy;

static int set_up(void **state)
{
    Copy *copy = g_new0(Copy, 1);
    g_autoptr(ContentReader) digests = content_reader_new(CONTENT_SHA256);
    g_autofree char *bytes = g_malloc(LENGTH);
    g_autofree char *path = NULL;

    for (unsigned i = 0; i < LENGTH; i++)
        bytes[i] = (char) (i * 2654435761U >> 13);
    copy->dir = check_mkdir();
    path = g_build_filename(copy->dir, "a.nef", NULL);
    assert_true(g_file_set_contents(path, bytes, LENGTH, NULL));
    content_add(digests, bytes, LENGTH);
    content_end(digests, &copy->content);
    memset(&kernel, 0, sizeof(kernel));
    kernel.ends_at = kernel.flipped = -1;
    *state = copy;
    return 0;
}

static int tear_down(void **state)
{
    Copy *copy = *state;

    error_free(copy->error);
    check_rmdir(copy->dir);
    g_free(copy);
    return 0;
}

/* A medium of a type; `server` NULL: it is no share. */
static Medium medium_of(char *type, char *server, char **disks)
{
    static char *none[] = { NULL };

    return (Medium){ .type = type,
                     .server = server,
                     .disks = disks ? disks : none,
                     .backing = none,
                     .words = type };
}

static ProofEnd prove_on(Copy *copy, const char *type, const char *server)
{
    g_autofree char *own = g_strdup(type), *host = g_strdup(server);
    char memory[] = "memory", disk[] = "disk:1";
    char *disks[] = { strcmp(type, "tmpfs") ? disk : memory, NULL };
    const Medium medium = medium_of(own, host, disks);

    return proof_read(copy->dir, "a.nef", &medium, &copy->content, CONTENT_SHA256, &copy->read,
                      &copy->error);
}

/* Where tests lie on a file system without O_DIRECT, as tmpfs was before Linux 6.6. */
static void skip_without_direct(const Copy *copy)
{
    g_autofree char *path = g_build_filename(copy->dir, "a.nef", NULL);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_DIRECT);

    if (fd < 0)
        skip();
    close(fd);
}

static void a_copy_of_which_no_page_is_in_memory_is_proved(void **state)
{
    Copy *copy = *state;

    assert_int_equal(prove_on(copy, "btrfs", NULL), PROOF_RIGHT);
    assert_string_equal(copy->read.sha256, copy->content.sha256);
    assert_int_equal(copy->read.size, LENGTH);
    assert_int_equal(kernel.syncs, 1);
    assert_true(kernel.drops > 0);
    assert_false(kernel.dropped_dirty);
}

static void pages_that_go_a_moment_later_do_no_harm(void **state)
{
    kernel.resident = 3;
    assert_int_equal(prove_on(*state, "btrfs", NULL), PROOF_RIGHT);
}

static void pages_that_stay_prove_nothing(void **state)
{
    kernel.resident = G_MAXINT;
    assert_int_equal(prove_on(*state, "btrfs", NULL), PROOF_CACHED);
}

static void direct_reading_passes_pages_that_stay(void **state)
{
    skip_without_direct(*state);
    kernel.resident = G_MAXINT;
    kernel.direct = DIRECT_ALWAYS;
    assert_int_equal(prove_on(*state, "ext4", NULL), PROOF_RIGHT);
}

/* Another program may need them soon. */
static void pages_that_direct_reading_passes_stay(void **state)
{
    skip_without_direct(*state);
    kernel.direct = DIRECT_ALWAYS;
    assert_int_equal(prove_on(*state, "ext4", NULL), PROOF_RIGHT);
    assert_int_equal(kernel.syncs, 1);
    assert_int_equal(kernel.drops, 0);
}

static void a_copy_that_was_synced_is_not_synced_once_more(void **state)
{
    Copy *copy = *state;
    char type[] = "btrfs";
    const Medium medium = medium_of(type, NULL, NULL);

    assert_int_equal(proof_read_synced(copy->dir, "a.nef", &medium, &copy->content, 0, &copy->read,
                                       &copy->error),
                     PROOF_RIGHT);
    assert_int_equal(kernel.syncs, 0);
    assert_true(kernel.drops > 0);
}

static void direct_reading_that_is_refused_after_all_passes_nothing(void **state)
{
    kernel.resident = G_MAXINT;
    kernel.direct = DIRECT_ALWAYS;
    kernel.refuses_direct = true;
    assert_int_equal(prove_on(*state, "ext4", NULL), PROOF_CACHED);
}

static void a_file_that_is_never_read_directly_is_read_without_its_pages(void **state)
{
    kernel.direct = DIRECT_NEVER;
    kernel.refuses_direct = true;
    assert_int_equal(prove_on(*state, "ext4", NULL), PROOF_RIGHT);
}

static void memory_and_unknown_caches_prove_nothing(void **state)
{
    kernel.direct = DIRECT_ALWAYS;
    assert_int_equal(prove_on(*state, "tmpfs", NULL), PROOF_CACHED);
    assert_int_equal(prove_on(*state, "fuse.bindfs", NULL), PROOF_CACHED);
    assert_int_equal(prove_on(*state, "fuseblk", NULL), PROOF_CACHED);
    assert_int_equal(prove_on(*state, "zfs", NULL), PROOF_CACHED);
}

static void a_share_is_asked_again_only_by_direct_reading(void **state)
{
    skip_without_direct(*state);
    assert_int_equal(prove_on(*state, "nfs4", "nas"), PROOF_RIGHT);
    kernel.refuses_direct = true;
    assert_int_equal(prove_on(*state, "cifs", "nas"), PROOF_CACHED);
}

static void a_bit_that_the_disk_gives_otherwise_is_wrong(void **state)
{
    const int64_t places[] = { 0, 4194304, LENGTH - 1 };

    for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
        kernel.flipped = places[i];
        assert_int_equal(prove_on(*state, "btrfs", NULL), PROOF_WRONG);
    }
    assert_int_equal(prove_on(*state, "tmpfs", NULL), PROOF_WRONG);
}

static void a_disk_that_cannot_be_read_is_named(void **state)
{
    Copy *copy = *state;

    kernel.read_error = EIO;
    assert_int_equal(prove_on(copy, "btrfs", NULL), PROOF_FAILED);
    assert_string_equal(copy->error->what, "cannot read 'a.nef' back: Input/output error");
}

static void a_file_that_ends_early_is_no_copy(void **state)
{
    Copy *copy = *state;

    kernel.ends_at = 4096;
    assert_int_equal(prove_on(copy, "btrfs", NULL), PROOF_FAILED);
    assert_non_null(strstr(copy->error->what, "ends after"));
}

static void short_reads_are_continued(void **state)
{
    kernel.at_most = 100000;
    assert_int_equal(prove_on(*state, "btrfs", NULL), PROOF_RIGHT);
    kernel.direct = DIRECT_NEVER;
    kernel.at_most = 1234567;
    assert_int_equal(prove_on(*state, "btrfs", NULL), PROOF_RIGHT);
}

static void links_and_directories_are_no_copies(void **state)
{
    Copy *copy = *state;
    g_autofree char *path = g_build_filename(copy->dir, "a.nef", NULL);
    char type[] = "ext4";
    const Medium medium = medium_of(type, NULL, NULL);

    check_write(copy->dir, "other.nef", "x");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(prove_on(copy, "ext4", NULL), PROOF_MISSING);
    assert_int_equal(symlink("other.nef", path), 0);
    assert_int_equal(prove_on(copy, "ext4", NULL), PROOF_MISSING);
    assert_int_equal(
        proof_read(copy->dir, ".", &medium, &copy->content, 0, &copy->read, &copy->error),
        PROOF_FAILED);
}

static void a_copy_on_another_file_system_than_its_destination_proves_nothing(void **state)
{
    Copy *copy = *state;
    char type[] = "ext4";
    Medium medium = medium_of(type, NULL, NULL);
    struct stat st;

    assert_int_equal(stat(copy->dir, &st), 0);
    medium.fs = st.st_dev;
    assert_int_equal(
        proof_read(copy->dir, "a.nef", &medium, &copy->content, 0, &copy->read, &copy->error),
        PROOF_RIGHT);
    medium.fs = st.st_dev + 1;
    assert_int_equal(
        proof_read(copy->dir, "a.nef", &medium, &copy->content, 0, &copy->read, &copy->error),
        PROOF_FAILED);
    assert_non_null(strstr(copy->error->what, "another file system"));
}

static void what_loop_devices_show_is_dropped_too(void **state)
{
    Copy *copy = *state;
    g_autofree char *image = g_build_filename(copy->dir, "a.nef", NULL);
    char type[] = "btrfs", gone[] = "/no/such/image";
    char *backing[] = { image, NULL };
    Medium medium = medium_of(type, NULL, NULL);

    medium.backing = backing;
    kernel.drops = 0;
    assert_int_equal(
        proof_read(copy->dir, "a.nef", &medium, &copy->content, 0, &copy->read, &copy->error),
        PROOF_RIGHT);
    assert_int_equal(kernel.drops, 2);
    backing[0] = gone;
    assert_int_equal(
        proof_read(copy->dir, "a.nef", &medium, &copy->content, 0, &copy->read, &copy->error),
        PROOF_CACHED);
}

static void a_card_is_read_twice_without_being_synced(void **state)
{
    Copy *copy = *state;
    g_autofree char *path = g_build_filename(copy->dir, "a.nef", NULL);
    char type[] = "exfat";
    const Medium medium = medium_of(type, NULL, NULL);
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    assert_int_equal(lseek(fd, 17, SEEK_SET), 17);
    assert_int_equal(
        proof_read_open(fd, "a.nef", &medium, &copy->content, &copy->read, &copy->error),
        PROOF_RIGHT);
    assert_int_equal(kernel.syncs, 0);
    assert_int_equal(lseek(fd, 0, SEEK_CUR), 17);
    assert_false(fcntl(fd, F_GETFL) & O_DIRECT);
    close(fd);
}

static bool is_possible(const char *dir, char *type, const char *disk, char **why)
{
    g_autofree char *name = g_strdup(disk);
    char *disks[] = { name, NULL };
    const Medium medium = medium_of(type, NULL, disks);

    return proof_is_possible(dir, &medium, why);
}

static void it_is_known_before_the_first_byte_whether_copies_can_be_proved(void **state)
{
    const Copy *copy = *state;
    char btrfs[] = "btrfs", tmpfs[] = "tmpfs", fuse[] = "fuse.x";
    g_autofree char *why = NULL, *memory = NULL, *unknown = NULL, *cached = NULL;

    assert_true(is_possible(copy->dir, btrfs, "disk:1", &why));
    assert_null(why);
    assert_false(is_possible(copy->dir, tmpfs, "memory", &memory));
    assert_string_equal(memory, "it lies in memory, which is no disk");
    assert_false(is_possible(copy->dir, fuse, "disk:1", &unknown));
    assert_non_null(strstr(unknown, "fuse.x"));
    kernel.resident = G_MAXINT;
    assert_false(is_possible(copy->dir, btrfs, "disk:1", &cached));
    assert_int_equal(check_entries(copy->dir), 1);
}

#define OF_A_COPY(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OF_A_COPY(a_copy_of_which_no_page_is_in_memory_is_proved),
        OF_A_COPY(pages_that_go_a_moment_later_do_no_harm),
        OF_A_COPY(pages_that_stay_prove_nothing),
        OF_A_COPY(direct_reading_passes_pages_that_stay),
        OF_A_COPY(pages_that_direct_reading_passes_stay),
        OF_A_COPY(a_copy_that_was_synced_is_not_synced_once_more),
        OF_A_COPY(direct_reading_that_is_refused_after_all_passes_nothing),
        OF_A_COPY(a_file_that_is_never_read_directly_is_read_without_its_pages),
        OF_A_COPY(memory_and_unknown_caches_prove_nothing),
        OF_A_COPY(a_share_is_asked_again_only_by_direct_reading),
        OF_A_COPY(a_bit_that_the_disk_gives_otherwise_is_wrong),
        OF_A_COPY(a_disk_that_cannot_be_read_is_named),
        OF_A_COPY(a_file_that_ends_early_is_no_copy),
        OF_A_COPY(short_reads_are_continued),
        OF_A_COPY(links_and_directories_are_no_copies),
        OF_A_COPY(a_copy_on_another_file_system_than_its_destination_proves_nothing),
        OF_A_COPY(what_loop_devices_show_is_dropped_too),
        OF_A_COPY(a_card_is_read_twice_without_being_synced),
        OF_A_COPY(it_is_known_before_the_first_byte_whether_copies_can_be_proved),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
