/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A card is a mounted disk that can be taken out and has DCIM. */
#include "command/cards.h"
#include "tests/unit/check.h"

/* A disk 8:16 with the partition 8:17, as sysfs shows them, and a mount of the partition. */
static GPtrArray *mounted(char *dir, const char *disk, const char *removable)
{
    g_autofree char *block = g_build_filename(dir, "sys/dev/block", NULL);
    g_autofree char *partition = g_strdup_printf("devices/%s/part/partition", disk);
    g_autofree char *flag = g_strdup_printf("devices/%s/removable", disk);
    g_autofree char *link = g_build_filename(block, "8:17", NULL);
    g_autofree char *target = g_strdup_printf("../../../devices/%s/part", disk);
    GPtrArray *mounts = g_ptr_array_new_with_free_func(g_free);
    static char device[] = "8:17";
    Mount mount = { .device = device, .point = g_build_filename(dir, "card", NULL) };

    check_write(dir, partition, "1\n");
    check_write(dir, flag, removable);
    g_mkdir_with_parents(block, 0755);
    assert_int_equal(symlink(target, link), 0);
    g_ptr_array_add(mounts, g_memdup2(&mount, sizeof(mount)));
    return mounts;
}

static guint count_cards(char *dir, const GPtrArray *mounts)
{
    g_autofree char *sys = g_build_filename(dir, "sys", NULL);
    g_autoptr(GPtrArray) cards = cards_find(mounts, sys);
    const Mount *mount = mounts->pdata[0];

    if (cards->len)
        assert_string_equal(cards->pdata[0], mount->point);
    return cards->len;
}

static void assert_cards(const char *disk, const char *removable, bool pictures, guint expected)
{
    char *dir = check_mkdir();
    g_autoptr(GPtrArray) mounts = mounted(dir, disk, removable);

    check_write(dir, pictures ? "card/DCIM/100CANON/a.jpg" : "card/a.jpg", "");
    assert_int_equal(count_cards(dir, mounts), expected);
    g_free(((Mount *) mounts->pdata[0])->point);
    check_rmdir(dir);
}

static void a_disk_that_can_be_taken_out_and_has_dcim_is_a_card(void **state)
{
    (void) state;
    assert_cards("sdb", "1\n", true, 1);
    assert_cards("sdb", "1\n", false, 0);
}

static void a_fixed_disk_is_no_card_but_one_in_a_reader_is(void **state)
{
    (void) state;
    assert_cards("sda", "0\n", true, 0);
    assert_cards("mmcblk0", "0\n", true, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_disk_that_can_be_taken_out_and_has_dcim_is_a_card),
        cmocka_unit_test(a_fixed_disk_is_no_card_but_one_in_a_reader_is),
    };

    return cmocka_run_group_tests_name("cards", tests, NULL, NULL);
}
