/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* On which physical disks a directory lies, by what kernels of several machines show. */
#include <stdlib.h>

#include "daemon/import/medium.h"
#include "tests/unit/import/machines.h"

static int set_up(void **state)
{
    *state = tree_machine();
    return 0;
}

static int tear_down(void **state)
{
    tree_free(*state);
    return 0;
}

static Medium *medium_at(const Machine *machine, const char *path)
{
    const Mount *mount = mounts_find(machine->mounts, path);

    assert_non_null(mount);
    return medium_of_mount(machine, mount);
}

/* The disks of a directory, with a blank between two. */
static void assert_disks(const Machine *machine, const char *path, const char *expected)
{
    g_autoptr(Medium) medium = medium_at(machine, path);
    g_autofree char *disks = g_strjoinv(" | ", medium->disks);

    if (strcmp(disks, expected))
        print_error("of %s:\n", path);
    assert_string_equal(disks, expected);
}

static void assert_words(const Machine *machine, const char *path, const char *expected)
{
    g_autoptr(Medium) medium = medium_at(machine, path);

    assert_string_equal(medium->words, expected);
}

#define SDA  "disk:naa.5000c500a1b2c3d4"
#define SDB  "disk:naa.50014ee2b9c0d1e2"
#define NVM  "disk:nvme-Samsung SSD 980 PRO 1TB-S4EWNX0R"
#define BAY0 "disk:usb-0123456789ABCDEF-2-3:1.0-0"
#define BAY1 "disk:usb-0123456789ABCDEF-2-3:1.0-1"

static void every_layer_is_followed_to_its_disks(void **state)
{
    const Machine *machine = *state;

    assert_disks(machine, "/srv/photos", NVM);
    assert_disks(machine, "/mnt/disk", SDA);
    assert_disks(machine, "/mnt/raid/photos", SDA " | " SDB);
    assert_disks(machine, "/mnt/lvm", SDB " | " NVM);
    assert_disks(machine, "/mnt/crypt", "disk:usb-S5SXNG0N-2-2:1.0-0");
    assert_disks(machine, "/mnt/btrfs/2024", BAY0 " | " BAY1);
    assert_disks(machine, "/mnt/over", SDA " | " SDB);
    assert_disks(machine, "/media/sd",
                 "disk:035344534436344780a1b2c3d4014a00@/sys/devices/" CARD_SLOT);
}

static void loop_devices_lie_where_their_files_lie(void **state)
{
    const Machine *machine = *state;
    g_autoptr(Medium) inner = medium_at(machine, "/mnt/inner");
    g_autofree char *files = g_strjoinv(" | ", inner->backing);
    g_autofree char *expected =
        g_strdup_printf("%s/mnt/loop/inner.img | %s/srv/card.img", machine->root, machine->root);

    assert_disks(machine, "/mnt/loop", NVM);
    assert_disks(machine, "/mnt/inner", NVM);
    assert_string_equal(files, expected);
    assert_true(inner->removable);
    assert_disks(machine, "/mnt/lost", "");
}

static void two_ways_to_one_disk_are_one_disk(void **state)
{
    const Machine *machine = *state;

    assert_disks(machine, "/mnt/san", "disk:naa.600508b4000f0001");
    assert_disks(machine, "/mnt/second", NVM);
}

static void two_disks_in_a_dock_with_one_serial_number_are_two(void **state)
{
    const Machine *machine = *state;

    assert_disks(machine, "/mnt/docked", BAY0);
    assert_disks(machine, "/mnt/bay", BAY1);
}

static void memory_and_what_cannot_be_known_are_no_disks(void **state)
{
    const Machine *machine = *state;

    assert_disks(machine, "/tmp", "memory");
    assert_disks(machine, "/mnt/zram", "memory");
    assert_disks(machine, "/mnt/fuse", "");
    assert_disks(machine, "/mnt/zfs", "");
    assert_disks(machine, "/mnt/nbd", "");
    assert_disks(machine, "/mnt/away", "");
}

static void a_share_is_one_disk_by_its_server(void **state)
{
    const Machine *machine = *state;

    assert_disks(machine, "/mnt/nas", "server:nas.local");
    assert_disks(machine, "/mnt/nas6", "server:fe80::1%eth0");
    assert_disks(machine, "/mnt/smb", "server:NAS");
    assert_disks(machine, "/mnt/ssh", "server:nas.local");
}

static void people_read_disks_with_their_makers(void **state)
{
    const Machine *machine = *state;

    assert_words(machine, "/mnt/disk", "/dev/sda (ST4000VN008-2DR1)");
    assert_words(machine, "/mnt/raid", "/dev/sda (ST4000VN008-2DR1) and /dev/sdb");
    assert_words(machine, "/mnt/crypt", "/dev/sdd (Samsung PSSD T7)");
    assert_words(machine, "/mnt/smb", "server NAS");
    assert_words(machine, "/tmp", "memory");
    assert_words(machine, "/mnt/fuse", "fuse.bindfs, whose disk is not known");
}

static void a_card_in_a_reader_has_its_names(void **state)
{
    const Machine *machine = *state;
    g_autoptr(Medium) card = medium_at(machine, "/media/EOS DIGITAL/DCIM");
    g_autoptr(Medium) same = medium_of_block(machine, "sdc1");
    g_autoptr(Medium) slot = medium_at(machine, "/media/sd");
    g_autoptr(Medium) disk = medium_at(machine, "/mnt/disk");

    assert_string_equal(card->device, "sdc1");
    assert_string_equal(card->uuid, "1234-ABCD");
    assert_string_equal(card->label, "EOS DIGITAL");
    assert_string_equal(card->type, "exfat");
    assert_string_equal(card->maker, "SD/MMC CRW");
    assert_int_equal(card->size, 124733440LL * 512);
    assert_true(card->removable);
    assert_string_equal(same->uuid, card->uuid);
    assert_string_equal(same->type, "exfat");
    assert_true(slot->removable);
    assert_false(disk->removable);
}

static unsigned count_disks(const Machine *machine, const char *const *paths)
{
    g_autoptr(GPtrArray) media = g_ptr_array_new_with_free_func((GDestroyNotify) medium_free);

    for (; *paths; paths++)
        g_ptr_array_add(media, medium_at(machine, *paths));
    return medium_count_disks((const Medium *const *) media->pdata, media->len);
}

static void copies_on_one_disk_count_once(void **state)
{
    const Machine *machine = *state;

    assert_int_equal(count_disks(machine, ATTRIBUTES("/mnt/disk", "/mnt/sata")), 2);
    assert_int_equal(count_disks(machine, ATTRIBUTES("/srv/a", "/srv/b", "/mnt/loop")), 1);
    assert_int_equal(count_disks(machine, ATTRIBUTES("/mnt/raid", "/mnt/disk")), 1);
    /* the RAID shares one with each: without it there are two */
    assert_int_equal(count_disks(machine, ATTRIBUTES("/mnt/raid", "/mnt/disk", "/mnt/sata")), 2);
    assert_int_equal(count_disks(machine, ATTRIBUTES("/mnt/nas", "/mnt/ssh", "/mnt/smb")), 2);
    assert_int_equal(count_disks(machine, ATTRIBUTES("/tmp", "/mnt/fuse", "/mnt/disk")), 1);
    assert_int_equal(count_disks(machine, ATTRIBUTES("/tmp")), 0);
}

static bool shares(const Machine *machine, const char *a, const char *b)
{
    g_autoptr(Medium) one = medium_at(machine, a), other = medium_at(machine, b);

    return medium_shares_disk(one, other);
}

static void what_is_not_known_may_be_the_same_disk(void **state)
{
    const Machine *machine = *state;

    assert_true(shares(machine, "/mnt/raid", "/mnt/sata"));
    assert_false(shares(machine, "/mnt/disk", "/mnt/sata"));
    assert_true(shares(machine, "/mnt/fuse", "/mnt/sata"));
    assert_false(shares(machine, "/tmp", "/mnt/sata"));
}

static void this_machine_is_read_too(void **state)
{
    g_autoptr(Medium) here = NULL, proc = NULL, gone = NULL;
    g_autoptr(Error) error = NULL;

    (void) state;
    assert_ok(medium_of_path("/", &here, &error), error);
    assert_true(*here->type && *here->words);
    assert_true(here->size > 0);
    assert_ok(medium_of_path("/proc", &proc, &error), error);
    assert_string_equal(proc->type, "proc");
    assert_null(*proc->disks);
    assert_false(medium_of_device("no-such-device", &gone, &error));
    assert_non_null(error);
}

#define WITH_TREE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_TREE(every_layer_is_followed_to_its_disks),
        WITH_TREE(loop_devices_lie_where_their_files_lie),
        WITH_TREE(two_ways_to_one_disk_are_one_disk),
        WITH_TREE(two_disks_in_a_dock_with_one_serial_number_are_two),
        WITH_TREE(memory_and_what_cannot_be_known_are_no_disks),
        WITH_TREE(a_share_is_one_disk_by_its_server),
        WITH_TREE(people_read_disks_with_their_makers),
        WITH_TREE(a_card_in_a_reader_has_its_names),
        WITH_TREE(copies_on_one_disk_count_once),
        WITH_TREE(what_is_not_known_may_be_the_same_disk),
        cmocka_unit_test(this_machine_is_read_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
