/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How much memory there is, in a tree that stands for a machine's. */
#include <unistd.h>

#include "base/memory.h"
#include "tests/unit/check.h"

static const int64_t gigabyte = INT64_C(1) << 30;

/* What is found where the process is in these groups, and these files have these numbers. */
static int64_t found(const char *groups, const char *const *files)
{
    char *dir = check_mkdir();

    check_write(dir, "proc/self/cgroup", groups);
    for (; files && files[0]; files += 2)
        check_write(dir, files[0], files[1]);
    int64_t bytes = memory_total(dir);
    check_rmdir(dir);
    return bytes;
}

static void without_groups_the_machine_counts(void **state)
{
    int64_t machine = memory_total("/nonexistent");
    const char *const boundless[] = { "sys/fs/cgroup/a/memory.max", "max\n", NULL };

    (void) state;
    assert_true(machine >= gigabyte / 4);
    assert_int_equal(found("0::/\n", NULL), machine);
    assert_int_equal(found("0::/a\n", boundless), machine);
    assert_int_equal(found("nonsense\n1:\n::\n0::a\n", boundless), machine);
}

static void a_group_or_one_above_it_allows_less(void **state)
{
    const char *const own[] = { "sys/fs/cgroup/a/b.service/memory.max", "100000000\n",
                                "sys/fs/cgroup/a/memory.max", "200000000\n", NULL };
    const char *const above[] = { "sys/fs/cgroup/a/b.service/memory.max", "max\n",
                                  "sys/fs/cgroup/a/memory.max", "50000000\n", NULL };
    const char *const top[] = { "sys/fs/cgroup/memory.max", "60000000\n", NULL };

    (void) state;
    assert_int_equal(found("0::/a/b.service\n", own), 100000000);
    assert_int_equal(found("0::/a/b.service\n", above), 50000000);
    assert_int_equal(found("0::/a/b.service\n", top), 60000000);
    assert_int_equal(found("0::/\n", top), 60000000);
}

static void the_first_version_of_groups_counts_too(void **state)
{
    const char *const files[] = { "sys/fs/cgroup/memory/docker/1/memory.limit_in_bytes",
                                  "70000000\n", "sys/fs/cgroup/memory/memory.limit_in_bytes",
                                  "9223372036854771712\n", NULL };

    (void) state;
    assert_int_equal(found("5:cpu,cpuacct:/docker/2\n4:memory:/docker/1\n0::/\n", files), 70000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_groups_the_machine_counts),
        cmocka_unit_test(a_group_or_one_above_it_allows_less),
        cmocka_unit_test(the_first_version_of_groups_counts_too),
    };

    return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
