/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Control groups of the workers, in a directory that stands for the kernel's: mkdir(2) and rmdir(2)
 * make and remove the files in it, as there. */
#include "base/memory.h"
#include "daemon/process/cgroup.h"
#include "tests/unit/process/fixture.h"

static const int64_t megabyte = INT64_C(1) << 20;

/* The linker's names. */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,readability-identifier-naming) */
int __real_mkdir(const char *path, mode_t mode);
int __wrap_mkdir(const char *path, mode_t mode);
int __real_rmdir(const char *path);
int __wrap_rmdir(const char *path);

int __wrap_mkdir(const char *path, mode_t mode)
{
    g_autofree char *parent = g_path_get_dirname(path);
    g_autofree char *control = g_build_filename(parent, "cgroup.subtree_control", NULL);
    g_autofree char *enabled = g_file_test(control, G_FILE_TEST_IS_REGULAR)
                                   ? check_read(parent, "cgroup.subtree_control")
                                   : g_strdup("");

    if (__real_mkdir(path, mode) < 0)
        return -1;
    check_write(path, "cgroup.procs", "");
    if (strstr(enabled, "memory")) {
        check_write(path, "memory.max", "max\n");
        check_write(path, "memory.swap.max", "max\n");
        check_write(path, "memory.oom.group", "0\n");
        check_write(path, "memory.stat", "anon 0\nfile 0\nshmem 0\n");
        check_write(path, "memory.events", "low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\n");
    }
    if (strstr(enabled, "pids"))
        check_write(path, "pids.max", "max\n");
    return 0;
}

int __wrap_rmdir(const char *path)
{
    GDir *dir = g_dir_open(path, 0, NULL);
    const char *name = NULL;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *file = g_build_filename(path, name, NULL);
        unlink(file);
    }
    if (dir)
        g_dir_close(dir);
    return __real_rmdir(path);
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,readability-identifier-naming) */

static void assert_file(const char *root, const char *name, const char *expected)
{
    g_autofree char *path = g_build_filename(CGROUP_SERVICE, name, NULL);
    g_autofree char *text = check_read(root, path);

    if (!expected) {
        assert_null(text);
        return;
    }
    assert_non_null(text);
    assert_string_equal(g_strchomp(text), expected);
}

static void assert_number(const char *root, const char *name, int64_t expected)
{
    g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, (gint64) expected);

    assert_file(root, name, text);
}

/* Nothing has changed, and a worker does not notice. Removes root. */
static void assert_left_alone(char *root)
{
    bool outgrew = false;

    cgroup_start(root);
    CgroupLeaf *leaf = cgroup_leaf_new();
    cgroup_leaf_add(leaf, 4711);
    cgroup_leaf_set_memory(leaf, 100 * megabyte);
    assert_null(cgroup_leaf_kill_reason(leaf, &outgrew));
    assert_null(cgroup_limits());
    assert_false(check_exists(root, CGROUP_SERVICE "/daemon"));
    assert_false(check_exists(root, CGROUP_SERVICE "/worker-1"));
    cgroup_leaf_free(leaf);
    cgroup_stop();
    check_rmdir(root);
}

static void a_group_that_is_not_ours_to_divide_is_left_alone(void **state)
{
    char *root = fake_cgroup("cpu hugetlb\n");

    (void) state;
    assert_left_alone(root); /* neither memory nor pids */

    root = fake_cgroup("cpu memory pids\n");
    check_write(root, "proc/self/cgroup", "4:memory:/a/b.service\n"); /* the first version only */
    assert_left_alone(root);

    root = fake_cgroup("cpu memory pids\n");
    check_write(root, "proc/self/cgroup", "0::/../c.service\n"); /* of another namespace */
    assert_left_alone(root);

    root = fake_cgroup("cpu memory pids\n");
    g_autofree char *others = g_strdup_printf("%d\n999999\n", (int) getpid());
    check_write(root, CGROUP_SERVICE "/cgroup.procs", others); /* as on a terminal */
    assert_left_alone(root);

    root = fake_cgroup("cpu memory pids\n");
    g_autofree char *control =
        g_build_filename(root, CGROUP_SERVICE, "cgroup.subtree_control", NULL);
    unlink(control);
    assert_left_alone(root);
}

static void what_root_may_write_is_not_delegated_by_that(void **state)
{
    char *root = fake_cgroup("memory pids\n");
    g_autofree char *group = g_build_filename(root, CGROUP_SERVICE, NULL);

    (void) state;
    if (geteuid() != 0) {
        check_rmdir(root);
        skip();
    }
    removexattr(group, "user.delegate");
    removexattr(group, "trusted.delegate");
    assert_left_alone(root);
}

static void we_move_beside_the_workers_and_back(void **state)
{
    char *root = fake_cgroup("cpuset cpu memory pids\n");

    (void) state;
    cgroup_start(root);
    assert_string_equal(cgroup_limits(), "memory and threads");
    assert_number(root, "daemon/cgroup.procs", getpid());
    assert_file(root, "cgroup.subtree_control", "+memory +pids");
    check_write(root, CGROUP_SERVICE "/cgroup.procs", ""); /* we have left it */

    /* What there is for pictures is still the service's to say. */
    check_write(root, "proc/self/cgroup", "0::/a/b.service/daemon\n");
    check_write(root, CGROUP_SERVICE "/memory.max", "77000000\n");
    check_write(root, CGROUP_SERVICE "/daemon/memory.max", "max\n");
    assert_int_equal(memory_total(root), 77000000);

    cgroup_stop();
    assert_null(cgroup_limits());
    assert_number(root, "cgroup.procs", getpid());
    assert_false(check_exists(root, CGROUP_SERVICE "/daemon"));
    check_rmdir(root);
}

static void a_group_that_does_not_let_itself_be_divided_is_entered_again(void **state)
{
    char *root = fake_cgroup("memory pids\n");
    g_autofree char *control =
        g_build_filename(root, CGROUP_SERVICE, "cgroup.subtree_control", NULL);

    (void) state;
    unlink(control);
    assert_int_equal(symlink("/dev/full", control), 0);
    cgroup_start(root);
    assert_null(cgroup_limits());
    assert_number(root, "cgroup.procs", getpid());
    assert_false(check_exists(root, CGROUP_SERVICE "/daemon"));
    check_rmdir(root);
}

static void a_worker_has_a_leaf_with_limits(void **state)
{
    char *root = fake_cgroup("memory pids\n");
    int64_t most = 1024 * megabyte;

    (void) state;
    cgroup_start(root);
    CgroupLeaf *first = cgroup_leaf_new(), *second = cgroup_leaf_new();
    cgroup_leaf_add(first, 4711);
    cgroup_leaf_add(second, 4712);
    assert_file(root, "worker-1/cgroup.procs", "4711");
    assert_file(root, "worker-2/cgroup.procs", "4712");
    assert_file(root, "worker-1/memory.max", "max");
    assert_file(root, "worker-1/memory.swap.max", "0");
    assert_file(root, "worker-1/memory.oom.group", "1");
    assert_number(root, "worker-1/pids.max", 64 + 4 * (int64_t) g_get_num_processors());
    cgroup_leaf_set_memory(first, most);
    assert_number(root, "worker-1/memory.max", most + most / 64 + 128 * megabyte);
    assert_file(root, "worker-2/memory.max", "max");
    cgroup_leaf_free(first);
    cgroup_leaf_free(second);
    assert_false(check_exists(root, CGROUP_SERVICE "/worker-1"));
    assert_false(check_exists(root, CGROUP_SERVICE "/worker-2"));
    cgroup_stop();
    check_rmdir(root);
}

static void where_only_threads_can_be_limited_they_are(void **state)
{
    char *root = fake_cgroup("pids\n");

    (void) state;
    cgroup_start(root);
    assert_string_equal(cgroup_limits(), "threads");
    assert_file(root, "cgroup.subtree_control", "+pids");
    CgroupLeaf *leaf = cgroup_leaf_new();
    cgroup_leaf_add(leaf, 4711);
    cgroup_leaf_set_memory(leaf, 100 * megabyte);
    assert_file(root, "worker-1/cgroup.procs", "4711");
    assert_number(root, "worker-1/pids.max", 64 + 4 * (int64_t) g_get_num_processors());
    assert_file(root, "worker-1/memory.max", NULL);
    cgroup_leaf_free(leaf);
    cgroup_stop();
    check_rmdir(root);
}

static void what_a_picture_left_with_the_worker_does_not_kill_it_over_the_next(void **state)
{
    char *root = fake_cgroup("memory\n");
    int64_t large = 2048 * megabyte, small = 64 * megabyte;

    (void) state;
    cgroup_start(root);
    CgroupLeaf *leaf = cgroup_leaf_new();
    cgroup_leaf_add(leaf, 4711);
    cgroup_leaf_set_memory(leaf, large);
    check_write(root, CGROUP_SERVICE "/worker-1/memory.stat", "anon 250000000\nshmem 0\n");
    cgroup_leaf_set_memory(leaf, small);
    assert_number(root, "worker-1/memory.max", large + large / 64 + 128 * megabyte);
    check_write(root, CGROUP_SERVICE "/worker-1/memory.stat", "anon 50000000\nshmem 0\n");
    cgroup_leaf_set_memory(leaf, small);
    assert_number(root, "worker-1/memory.max", small + small / 64 + 128 * megabyte);
    cgroup_leaf_free(leaf);
    cgroup_stop();
    check_rmdir(root);
}

/* What is said of the process that was put in last. */
static void assert_verdict(const char *root, CgroupLeaf *leaf, const char *events,
                           const char *expected, bool outgrew)
{
    bool its_own = false;

    check_write(root, CGROUP_SERVICE "/worker-1/memory.events", events);
    g_autofree char *verdict = cgroup_leaf_kill_reason(leaf, &its_own);
    assert_int_equal(its_own, outgrew);
    assert_int_equal(verdict != NULL, expected != NULL);
    if (expected)
        assert_string_equal(verdict, expected);
}

static void the_verdict_tells_whose_memory_ran_out(void **state)
{
    char *root = fake_cgroup("memory pids\n");

    (void) state;
    cgroup_start(root);
    CgroupLeaf *leaf = cgroup_leaf_new();
    cgroup_leaf_add(leaf, 4711);
    cgroup_leaf_set_memory(leaf, 64 * megabyte);
    assert_verdict(root, leaf, "max 3\noom 0\noom_kill 0\n", NULL, false);
    assert_verdict(root, leaf, "max 3\noom 1\noom_kill 1\n",
                   "it used more than the 193.0MB of memory that its control group allows", true);
    assert_verdict(root, leaf, "max 3\noom 0\noom_kill 1\n",
                   "the memory of the service, or of the machine, ran out", false);

    /* What happened to the one before is not reported for the next. */
    check_write(root, CGROUP_SERVICE "/worker-1/memory.events", "oom 4\noom_kill 5\n");
    cgroup_leaf_add(leaf, 4712);
    assert_verdict(root, leaf, "oom 4\noom_kill 5\n", NULL, false);
    cgroup_leaf_free(leaf);
    cgroup_stop();
    check_rmdir(root);
}

static void what_an_earlier_life_left_is_used_again(void **state)
{
    char *root = fake_cgroup("memory pids\n");

    (void) state;
    check_write(root, CGROUP_SERVICE "/cgroup.subtree_control", "memory pids\n");
    check_write(root, CGROUP_SERVICE "/daemon/cgroup.procs", "");
    check_write(root, CGROUP_SERVICE "/worker-1/cgroup.procs", "");
    check_write(root, CGROUP_SERVICE "/worker-1/memory.max", "1000\n");
    check_write(root, CGROUP_SERVICE "/worker-1/memory.events", "oom 3\noom_kill 3\n");
    cgroup_start(root);
    assert_number(root, "daemon/cgroup.procs", getpid());
    CgroupLeaf *leaf = cgroup_leaf_new();
    cgroup_leaf_add(leaf, 4711);
    assert_string_equal(cgroup_limits(), "memory and threads");
    assert_file(root, "worker-1/cgroup.procs", "4711");
    assert_file(root, "worker-1/memory.max", "max");
    assert_verdict(root, leaf, "oom 3\noom_kill 3\n", NULL, false);
    cgroup_leaf_free(leaf);
    cgroup_stop();
    check_rmdir(root);
}

static void a_worker_that_can_not_be_put_into_its_leaf_works_without(void **state)
{
    char *root = fake_cgroup("memory pids\n");
    bool outgrew = false;

    (void) state;
    cgroup_start(root);
    CgroupLeaf *leaf = cgroup_leaf_new();
    check_write(root, CGROUP_SERVICE "/worker-1", "in the way");
    cgroup_leaf_add(leaf, 4711);
    cgroup_leaf_set_memory(leaf, 64 * megabyte);
    assert_null(cgroup_leaf_kill_reason(leaf, &outgrew));
    assert_null(cgroup_limits());
    cgroup_leaf_free(leaf);
    cgroup_stop();
    check_rmdir(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_group_that_is_not_ours_to_divide_is_left_alone),
        cmocka_unit_test(what_root_may_write_is_not_delegated_by_that),
        cmocka_unit_test(we_move_beside_the_workers_and_back),
        cmocka_unit_test(a_group_that_does_not_let_itself_be_divided_is_entered_again),
        cmocka_unit_test(a_worker_has_a_leaf_with_limits),
        cmocka_unit_test(where_only_threads_can_be_limited_they_are),
        cmocka_unit_test(what_a_picture_left_with_the_worker_does_not_kill_it_over_the_next),
        cmocka_unit_test(the_verdict_tells_whose_memory_ran_out),
        cmocka_unit_test(what_an_earlier_life_left_is_used_again),
        cmocka_unit_test(a_worker_that_can_not_be_put_into_its_leaf_works_without),
    };

    return cmocka_run_group_tests_name("cgroup", tests, NULL, NULL);
}
