/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What fails, in the card or in a destination, is named; all else is copied, whole. */
#include <errno.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/mount.h>

#include "tests/unit/import/copying.h"
#include "tests/unit/openat.h"

enum { BUFFER = 1024 * 1024 };

/* ---- calls that fail ---- */

/* Where a call fails; nothing is said about the others. */
static struct {
    const char *read;      /* a part of the path of files whose reading fails, ... */
    int64_t read_at;       /* at this offset, or after it */
    atomic_int read_fails; /* so often */
    void (*before_read)(void);

    const char *write; /* the same of a destination's directory */
    atomic_int write_code;
    const char *slow;    /* writing there waits until release() */
    const char *hanging; /* the same of another one, and resume() */
    const char *locked;  /* the file of a lock that another one has at each writing */
    const char *sync;    /* fsync(2) of files there fails */
    bool unnamed_fails;
    atomic_int passed_ms; /* time that a test lets pass */
    atomic_int unlocked;  /* writings when it was free */
    atomic_int written;   /* bytes, in the slow one */
} fault;

static pthread_mutex_t slow_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t slow_cond = PTHREAD_COND_INITIALIZER;
static bool released, resumed;

static bool is_at(int fd, const char *part)
{
    char self[32], path[PATH_MAX];

    if (!part)
        return false;
    g_snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
    ssize_t length = readlink(self, path, sizeof(path) - 1);
    path[MAX(length, 0)] = '\0';
    return strstr(path, part) != NULL;
}

/* NOLINTBEGIN(bugprone-reserved-identifier, readability-identifier-naming): of the linker */
ssize_t __real_pread64(int fd, void *bytes, size_t length, off_t at);
ssize_t __wrap_pread64(int fd, void *bytes, size_t length, off_t at);
ssize_t __wrap_pread64(int fd, void *bytes, size_t length, off_t at)
{
    if (is_at(fd, "/card/") && fault.before_read)
        fault.before_read();
    if (!is_at(fd, fault.read) || at + (int64_t) length <= fault.read_at)
        return __real_pread64(fd, bytes, length, at);
    if (at < fault.read_at)
        return __real_pread64(fd, bytes, (size_t) (fault.read_at - at), at);
    if (atomic_fetch_sub(&fault.read_fails, 1) <= 0)
        return __real_pread64(fd, bytes, length, at);
    errno = EIO;
    return -1;
}

static void wait_for(const bool *flag)
{
    pthread_mutex_lock(&slow_lock);
    while (!*flag)
        pthread_cond_wait(&slow_cond, &slow_lock);
    pthread_mutex_unlock(&slow_lock);
}

static void set(bool *flag)
{
    pthread_mutex_lock(&slow_lock);
    *flag = true;
    pthread_cond_broadcast(&slow_cond);
    pthread_mutex_unlock(&slow_lock);
}

static void release(void)
{
    set(&released);
}

static void resume(void)
{
    set(&resumed);
}

static void check_locked(void)
{
    int fd = open(fault.locked, O_RDONLY | O_CLOEXEC);

    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
        atomic_fetch_add(&fault.unlocked, 1);
    if (fd >= 0)
        close(fd);
}

ssize_t __real_write(int fd, const void *bytes, size_t length);
ssize_t __wrap_write(int fd, const void *bytes, size_t length);
ssize_t __wrap_write(int fd, const void *bytes, size_t length)
{
    if (is_at(fd, fault.slow)) {
        wait_for(&released);
        atomic_fetch_add(&fault.written, (int) length);
    }
    if (is_at(fd, fault.hanging))
        wait_for(&resumed);
    if (fault.locked && is_at(fd, "/to"))
        check_locked();
    int code = is_at(fd, fault.write) ? atomic_load(&fault.write_code) : 0;
    if (!code)
        return __real_write(fd, bytes, length);
    errno = code;
    return -1;
}

int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __wrap_fsync(int fd)
{
    if (!is_at(fd, fault.sync))
        return __real_fsync(fd);
    errno = EIO;
    return -1;
}

int64_t __real_clock_ms(void);
int64_t __wrap_clock_ms(void);
int64_t __wrap_clock_ms(void)
{
    return __real_clock_ms() + atomic_load(&fault.passed_ms);
}

/* NOLINTEND(bugprone-reserved-identifier, readability-identifier-naming) */

static int before_open(int flags, mode_t mode)
{
    (void) mode;
    return fault.unnamed_fails ? no_unnamed_files(flags) : 0;
}

static World *new_world(unsigned count)
{
    memset(&fault, 0, sizeof(fault));
    released = resumed = false;
    return world_new(count);
}

/* ---- the card ---- */

static void a_reading_error_that_goes_away_is_no_error(void **state)
{
    World *world = new_world(2);

    (void) state;
    world_add(world, "a.jpg", 3000000);
    fault.read = "/card/a.jpg";
    fault.read_at = 1500000;
    fault.read_fails = 2;
    world_start(world, &(CopierOptions){ .tries = 3 });
    world_queue_all(world);
    world_check_made(world, 1);
    assert_int_equal(copier_bytes(world->copier), 3000000);
    world_check_whole(world, 1);
    world_free(world);
}

static void a_file_that_cannot_be_read_is_named_and_the_others_are_copied(void **state)
{
    World *world = new_world(2);

    (void) state;
    world_add(world, "DCIM/a.jpg", 100);
    world_add(world, "DCIM/b.jpg", 3000000);
    world_add(world, "DCIM/c.jpg", 100);
    fault.read = "/card/DCIM/b.jpg";
    fault.read_at = 1500000;
    fault.read_fails = 3;
    world_start(world, &(CopierOptions){ .tries = 3 });
    world_queue_all(world);
    for (unsigned i = 0; i < 3; i++) {
        CopyResult *result = world_next(world);
        if (strstr(result->job.file->path, "b.jpg")) {
            assert_false(result->was_read || result->card_is_gone);
            assert_non_null(strstr(result->error->what, "'DCIM/b.jpg' at byte 1500000: Input"));
            assert_int_equal(result->ends[0], COPY_NOT_ASKED);
        } else {
            assert_int_equal(result->ends[1], COPY_MADE);
        }
        copy_result_free(result);
    }
    world_check_whole(world, 2);
    world_free(world);
}

static World *changing;

static void change_it(void)
{
    g_autofree char *path = g_build_filename(changing->card, "a.jpg", NULL);
    FILE *file = fopen(path, "a");

    fputs("more", file);
    fclose(file);
    fault.before_read = NULL;
}

static void a_file_that_changes_while_it_is_read_is_not_copied(void **state)
{
    World *world = changing = new_world(1);

    (void) state;
    world_add(world, "a.jpg", 3000000);
    fault.before_read = change_it;
    world_start(world, &(CopierOptions){ 0 });
    world_queue_all(world);
    CopyResult *result = world_next(world);
    assert_false(result->was_read);
    assert_non_null(strstr(result->error->what, "'a.jpg' changed while it was read"));
    copy_result_free(result);
    world_check_whole(world, 0);
    world_free(world);
}

static atomic_int reads_left;
static World *pulled;

static void pull_it(void)
{
    if (atomic_fetch_sub(&reads_left, 1) == 1) {
        atomic_store(&pulled->is_gone, true);
        fault.read = "/card/";
    }
}

static void a_card_that_is_pulled_leaves_whole_files(void **state)
{
    World *world = pulled = new_world(2);
    unsigned gone = 0, made = 0;

    (void) state;
    for (unsigned i = 0; i < 40; i++) {
        g_autofree char *path = g_strdup_printf("DCIM/%u.jpg", i);
        world_add(world, path, 300000);
    }
    reads_left = 25;
    fault.read_fails = 1000;
    fault.before_read = pull_it;
    world_start(world, &(CopierOptions){ 0 });
    world_queue_all(world);
    for (unsigned i = 0; i < 40; i++) {
        CopyResult *result = world_next(world);
        gone += result->card_is_gone;
        made += result->ends[0] == COPY_MADE && result->ends[1] == COPY_MADE;
        assert_true(result->card_is_gone != result->was_read);
        copy_result_free(result);
    }
    assert_true(gone > 0 && made > 0);
    assert_int_equal(gone + made, 40);
    world_check_whole(world, (int) made);
    world_free(world);
}

/* ---- destinations ---- */

static void add_files(World *world, unsigned count, size_t size)
{
    for (unsigned i = 0; i < count; i++) {
        g_autofree char *path = g_strdup_printf("DCIM/%03u.jpg", i);
        world_add(world, path, size);
    }
}

static int64_t bytes_of(const World *world)
{
    int64_t bytes = 0;

    for (guint i = 0; i < world->files->len; i++)
        bytes += ((CardFile *) world->files->pdata[i])->size;
    return bytes;
}

static void a_slow_destination_holds_up_no_other(void **state)
{
    World *world = new_world(3);

    (void) state;
    add_files(world, 12, 700000);
    fault.slow = "/to1/";
    world_start(world, &(CopierOptions){ .buffer = BUFFER, .early = true });
    world_queue_all(world);
    for (unsigned i = 0; i < world->files->len; i++) {
        CopyResult *result = world_next(world);
        assert_true(result->is_early && result->was_read);
        assert_int_equal(result->ends[1], COPY_NOT_ASKED);
        copy_result_free(result);
    }
    assert_int_equal(copier_bytes(world->copier), bytes_of(world));
    assert_int_equal(fault.written, 0);
    release();
    world_check_made(world, world->files->len);
    assert_int_equal(copier_bytes(world->copier), bytes_of(world)); /* the card was read once */
    world_check_whole(world, (int) world->files->len);
    world_free(world);
}

static void the_card_is_read_again_where_no_copy_stands(void **state)
{
    World *world = new_world(2);

    (void) state;
    add_files(world, 8, 700000);
    fault.slow = "/to1/";
    fault.write = "/to0/";
    world_start(world, &(CopierOptions){ .buffer = BUFFER / 2 });
    world_queue(world, world->files->pdata[0], 3);
    while (copier_bytes(world->copier) < 600000) /* the slow one has dropped out */
        g_usleep(1000);
    atomic_store(&fault.write_code, ENOSPC);
    for (unsigned i = 1; i < 8; i++)
        world_queue(world, world->files->pdata[i], 3);
    release();
    for (unsigned i = 0; i < 8; i++) {
        CopyResult *result = world_next(world);
        assert_ok(result->ends[1] == COPY_MADE, result->errors[1]);
        assert_true(world_has(world, result->job.file->path, 1));
        copy_result_free(result);
    }
    world_check_whole(world, -1);
    world_free(world);
}

static CopyResult *next_whole(World *world)
{
    CopyResult *result = world_next(world);

    while (result->is_early) {
        copy_result_free(result);
        result = world_next(world);
    }
    return result;
}

/* The slow one drops out of a file while the other one is as far as it can be: and that one hangs
 * then. */
static void a_destination_that_hangs_holds_up_no_slow_one(void **state)
{
    World *world = new_world(2);
    CardFile *first = world_add(world, "first.jpg", 700000);
    CardFile *second = world_add(world, "second.jpg", 2000000);

    (void) state;
    fault.hanging = "/to0/";
    fault.slow = "/to1/";
    world_start(world, &(CopierOptions){ .buffer = BUFFER, .early = true });
    world_queue(world, first, 2);
    world_queue(world, second, 3);
    while (copier_bytes(world->copier) < first->size + BUFFER / 2)
        g_usleep(1000);
    release();
    copy_result_free(world_next(world)); /* of the first file */
    CopyResult *early = NULL;
    while (!early) {
        atomic_fetch_add(&fault.passed_ms, 20000);
        early = copier_next(world->copier, 19000);
    }
    assert_true(early->is_early);
    assert_int_equal(early->ends[1], COPY_MADE);
    assert_true(world_has(world, "second.jpg", 1));
    copy_result_free(early);
    resume();
    CopyResult *result = next_whole(world);
    assert_int_equal(result->ends[0], COPY_MADE);
    assert_true(world_has(world, "second.jpg", 0));
    copy_result_free(result);
    world_free(world);
}

/* The copy in the first destination is not what was written there, near its end. */
static void a_wrong_copy_is_given_to_no_other(void **state)
{
    World *world = new_world(2);
    g_autofree char *copy = g_build_filename(world->to[0], "DCIM/000.jpg", NULL);

    (void) state;
    add_files(world, 1, 3000000);
    fault.slow = "/to1/";
    world_start(world, &(CopierOptions){ .buffer = BUFFER, .early = true });
    world_queue_all(world);
    copy_result_free(world_next(world));
    int fd = open(copy, O_WRONLY | O_CLOEXEC);
    assert_int_equal(pwrite(fd, "damaged", 7, 2999900), 7);
    close(fd);
    release();
    world_check_made(world, 1);
    assert_true(world_has(world, "DCIM/000.jpg", 1));
    assert_int_equal(copier_bytes(world->copier), 2 * bytes_of(world));
    world_free(world);
}

static void a_destination_that_fails_is_named_and_the_others_go_on(void **state)
{
    static const int codes[] = { ENOSPC, EDQUOT, EROFS, EIO };

    (void) state;
    for (unsigned i = 0; i < G_N_ELEMENTS(codes); i++) {
        World *world = new_world(2);
        add_files(world, 3, 100000);
        fault.write = "/to1/";
        fault.write_code = codes[i];
        world_start(world, &(CopierOptions){ 0 });
        world_queue_all(world);
        for (unsigned n = 0; n < 3; n++) {
            CopyResult *result = world_next(world);
            assert_int_equal(result->ends[0], COPY_MADE);
            assert_int_equal(result->ends[1], COPY_FAILED);
            assert_int_equal(result->errors[1]->kind, ERROR_ENVIRONMENT);
            assert_non_null(strstr(result->errors[1]->what, g_strerror(codes[i])));
            assert_non_null(strstr(result->errors[1]->what, result->job.file->path));
            assert_true(world_has(world, result->job.file->path, 0));
            copy_result_free(result);
        }
        fault.write_code = 0;
        world_free(world);
    }
}

static void what_may_not_be_on_disk_gets_no_name(void **state)
{
    World *world = new_world(2);

    (void) state;
    add_files(world, 3, 1000);
    fault.sync = "/to1/DCIM/#"; /* a file without a name */
    world_start(world, &(CopierOptions){ 0 });
    world_queue_all(world);
    for (unsigned n = 0; n < 3; n++) {
        CopyResult *result = world_next(world);
        assert_int_equal(result->ends[0], COPY_MADE);
        assert_int_equal(result->ends[1], COPY_FAILED);
        copy_result_free(result);
    }
    world->count = 1;
    world_check_whole(world, 3);
    assert_false(check_exists(world->to[1], "DCIM/000.jpg"));
    world->count = 2;
    world_free(world);
}

static void a_name_that_may_not_be_on_disk_is_taken_away(void **state)
{
    World *world = new_world(1);

    (void) state;
    add_files(world, 2, 1000);
    world_start(world, &(CopierOptions){ 0 });
    fault.sync = "/to0"; /* is made already */
    g_autofree char *dcim = g_build_filename(world->to[0], "DCIM", NULL);
    assert_int_equal(g_mkdir(dcim, 0755), 0);
    fault.sync = "/to0/DCIM";
    world_queue_all(world);
    for (unsigned n = 0; n < 2; n++) {
        CopyResult *result = world_next(world);
        assert_int_equal(result->ends[0], COPY_FAILED);
        copy_result_free(result);
    }
    assert_int_equal(check_entries(dcim), 0);
    world_free(world);
}

static void a_file_system_without_unnamed_files_gets_hidden_ones(void **state)
{
    World *world = new_world(1), *other = new_world(1);

    (void) state;
    g_free(other->to[0]);
    other->to[0] = g_strdup(world->to[0]);
    check_write(world->to[0], ".hotfolder-import-1-ab", "of an import that died");
    add_files(world, 20, 10000);
    fault.unnamed_fails = true;
    fault.slow = "/to0/";
    world_start(world, &(CopierOptions){ 0 });
    assert_false(check_exists(world->to[0], ".hotfolder-import-1-ab"));
    world_queue_all(world);
    while (!check_exists(world->to[0], "DCIM") || check_entries(world->to[0]) < 2)
        g_usleep(1000);
    world_start(other, &(CopierOptions){ 0 }); /* leaves what one that is alive is writing */
    release();
    world_check_made(world, 20);
    world_check_whole(world, 20);
    world_free(other);
    world_free(world);
}

static void nothing_goes_to_a_disk_that_is_not_mounted_any_more(void **state)
{
    World *world = new_world(1);

    (void) state;
    assert_int_equal(g_mkdir(world->to[0], 0755), 0);
    if (geteuid() != 0 || mount("tmpfs", world->to[0], "tmpfs", 0, "size=2m") < 0) {
        world_free(world);
        skip();
    }
    add_files(world, 4, 900000);
    world_start(world, &(CopierOptions){ 0 });
    world_queue(world, world->files->pdata[0], 1);
    world_check_made(world, 1);
    world_queue(world, world->files->pdata[1], 1);
    world_queue(world, world->files->pdata[2], 1); /* it is full */
    for (unsigned i = 0; i < 2; i++) {
        CopyResult *result = world_next(world);
        bool fits = result->job.file == world->files->pdata[1];
        assert_int_equal(result->ends[0], fits ? COPY_MADE : COPY_FAILED);
        copy_result_free(result);
    }
    world_check_whole(world, 2);
    assert_int_equal(umount(world->to[0]), 0);
    world_queue(world, world->files->pdata[3], 1);
    CopyResult *result = world_next(world);
    assert_int_equal(result->ends[0], COPY_FAILED);
    assert_non_null(strstr(result->errors[0]->what, "is not mounted there any more"));
    copy_result_free(result);
    world_check_whole(world, 0);
    world_free(world);
}

/* ---- turns ---- */

static void imports_to_one_disk_take_turns(void **state)
{
    World *world = new_world(3);
    g_auto(GStrv) disks = g_strsplit("disk:wwn/1", " ", -1);
    g_auto(GStrv) both = g_strsplit("disk:wwn/1 disk:wwn/2", " ", -1);
    Medium one = { .disks = disks }, two = { .disks = both };
    g_autofree char *locks = g_build_filename(world->dir, "locks", NULL);
    g_autofree char *lock = g_build_filename(locks, "disk-disk:wwn_1", NULL);

    (void) state;
    world->media[0] = world->media[1] = &one;
    world->media[2] = &two;
    add_files(world, 12, 900000);
    world_start(world, &(CopierOptions){ .locks = locks });
    fault.locked = lock;
    world_queue_all(world);
    world_check_made(world, 12);
    assert_int_equal(fault.unlocked, 0);
    world_check_whole(world, 12);
    world_free(world);
}

static void an_import_that_waits_for_its_turn_holds_up_no_other_disk(void **state)
{
    World *world = new_world(2);
    g_auto(GStrv) disks = g_strsplit("disk:a", " ", -1);
    g_auto(GStrv) others = g_strsplit("disk:b", " ", -1);
    Medium one = { .disks = disks }, two = { .disks = others };
    g_autofree char *lock = g_build_filename(world->dir, "disk-disk:a", NULL);
    int fd = open(lock, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);

    (void) state;
    assert_int_equal(flock(fd, LOCK_EX), 0);
    world->media[0] = &one;
    world->media[1] = &two;
    add_files(world, 12, 300000);
    fault.slow = "/to0/";
    release();
    world_start(world, &(CopierOptions){ .locks = world->dir, .buffer = BUFFER, .early = true });
    world_queue_all(world);
    for (unsigned i = 0; i < 12; i++) {
        CopyResult *result = world_next(world);
        assert_int_equal(result->ends[1], COPY_MADE);
        copy_result_free(result);
    }
    assert_int_equal(fault.written, 0);
    close(fd);
    world_check_made(world, 12);
    world_check_whole(world, 12);
    world_free(world);
}

static void a_cancelled_import_waits_for_no_turn(void **state)
{
    World *world = new_world(1);
    g_auto(GStrv) disks = g_strsplit("disk:a", " ", -1);
    Medium one = { .disks = disks };
    g_autofree char *lock = g_build_filename(world->dir, "disk-disk:a", NULL);
    int fd = open(lock, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);

    (void) state;
    assert_int_equal(flock(fd, LOCK_EX), 0);
    world->media[0] = &one;
    add_files(world, 3, 300000);
    world_start(world, &(CopierOptions){ .locks = world->dir });
    world_queue_all(world);
    copier_cancel(world->copier);
    for (unsigned i = 0; i < 3; i++) {
        CopyResult *result = world_next(world);
        assert_true(result->error || result->ends[0] == COPY_FAILED);
        copy_result_free(result);
    }
    world_check_whole(world, 0);
    close(fd);
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reading_error_that_goes_away_is_no_error),
        cmocka_unit_test(a_file_that_cannot_be_read_is_named_and_the_others_are_copied),
        cmocka_unit_test(a_file_that_changes_while_it_is_read_is_not_copied),
        cmocka_unit_test(a_card_that_is_pulled_leaves_whole_files),
        cmocka_unit_test(a_slow_destination_holds_up_no_other),
        cmocka_unit_test(the_card_is_read_again_where_no_copy_stands),
        cmocka_unit_test(a_destination_that_hangs_holds_up_no_slow_one),
        cmocka_unit_test(a_wrong_copy_is_given_to_no_other),
        cmocka_unit_test(a_destination_that_fails_is_named_and_the_others_go_on),
        cmocka_unit_test(what_may_not_be_on_disk_gets_no_name),
        cmocka_unit_test(a_name_that_may_not_be_on_disk_is_taken_away),
        cmocka_unit_test(a_file_system_without_unnamed_files_gets_hidden_ones),
        cmocka_unit_test(nothing_goes_to_a_disk_that_is_not_mounted_any_more),
        cmocka_unit_test(imports_to_one_disk_take_turns),
        cmocka_unit_test(an_import_that_waits_for_its_turn_holds_up_no_other_disk),
        cmocka_unit_test(a_cancelled_import_waits_for_no_turn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
