/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* machines.h - the /sys, /dev and mountinfo of machines with several disks, as their kernels show
 * them, in a directory of its own. */
#pragma once

#include "daemon/import/medium_internal.h"
#include "tests/unit/check.h"

/* A file of the recorded tree. */
static inline void tree_text(const char *root, const char *path, const char *text)
{
    check_write(root, path, text);
}

/* A link at `path`, to `target` from the top of the tree. */
static inline void tree_link(const char *root, const char *path, const char *target)
{
    g_autofree char *link = g_build_filename(root, path, NULL);
    g_autofree char *parent = g_path_get_dirname(link), *to = g_strconcat(root, target, NULL);

    assert_int_equal(g_mkdir_with_parents(parent, 0755), 0);
    assert_int_equal(symlink(to, link), 0);
}

/* A device at its place below /sys/devices, with "name=value" attributes (NULL ends them). */
static inline void tree_device(const char *root, const char *place, const char *number,
                               const char *const *attributes)
{
    g_autofree char *name = g_path_get_basename(place);
    g_autofree char *sys = g_strconcat("/sys/devices/", place, NULL);
    g_autofree char *by_class = g_strconcat("/sys/class/block/", name, NULL);
    g_autofree char *by_number = g_strconcat("/sys/dev/block/", number, NULL);
    g_autofree char *node = g_strconcat("/dev/", name, NULL);

    for (; *attributes; attributes++) {
        g_auto(GStrv) parts = g_strsplit(*attributes, "=", 2);
        g_autofree char *path = g_strconcat(sys, "/", parts[0], NULL);
        tree_text(root, path, parts[1]);
    }
    tree_link(root, by_class, sys);
    tree_link(root, by_number, sys);
    tree_text(root, node, "");
}

#define ATTRIBUTES(...)                                                                            \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }

/* What is plugged in at `hardware` (below /sys/devices) is the disk `name`: its place. */
static inline void tree_disk(const char *root, const char *hardware, const char *name,
                             const char *number, const char *const *attributes)
{
    g_autofree char *place = g_strconcat(hardware, "/block/", name, NULL);
    g_autofree char *link = g_strconcat("/sys/devices/", place, "/device", NULL);
    g_autofree char *target = g_strconcat("/sys/devices/", hardware, NULL);

    tree_device(root, place, number, attributes);
    tree_link(root, link, target);
}

/* `device` consists of `slave`. */
static inline void tree_slave(const char *root, const char *device, const char *slave)
{
    g_autofree char *link =
        g_strdup_printf("/sys/devices/virtual/block/%s/slaves/%s", device, slave);
    g_autofree char *target = g_strconcat("/sys/class/block/", slave, NULL);

    tree_link(root, link, target);
}

#define SATA      "pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/"
#define SATA_TWO  "pci0000:00/0000:00:17.0/ata2/host1/target1:0:0/"
#define USB       "pci0000:00/0000:00:14.0/usb2/"
#define NVME      "pci0000:00/0000:01:00.0/nvme/nvme0"
#define SAN(n)    "pci0000:00/0000:05:00.0/host" #n "/rport-" #n ":0-0/target" #n ":0:0/" #n ":0:0:1"
#define CARD_SLOT "pci0000:00/0000:02:00.0/mmc_host/mmc0/mmc0:aaaa"

/* Two SATA disks, an NVMe one, a reader with a card, a USB disk, a dock with two disks of one
 * serial number, an SD slot, a disk of a storage network with two paths. */
static inline void tree_disks(const char *root)
{
    tree_text(root, "/sys/devices/" SATA "0:0:0:0/wwid", "naa.5000c500a1b2c3d4\n");
    tree_text(root, "/sys/devices/" SATA "0:0:0:0/vendor", "ATA     \n");
    tree_text(root, "/sys/devices/" SATA "0:0:0:0/model", "ST4000VN008-2DR1\n");
    tree_disk(root, SATA "0:0:0:0", "sda", "8:0", ATTRIBUTES("size=7814037168", "removable=0"));
    tree_text(root, "/sys/devices/" SATA_TWO "1:0:0:0/wwid", "naa.50014ee2b9c0d1e2\n");
    tree_disk(root, SATA_TWO "1:0:0:0", "sdb", "8:16",
              ATTRIBUTES("size=7814037168", "removable=0"));
    tree_text(root, "/sys/devices/" USB "2-1/serial", "000000000820\n");
    tree_text(root, "/sys/devices/" USB "2-1/2-1:1.0/host4/target4:0:0/4:0:0:0/vendor",
              "Generic-\n");
    tree_text(root, "/sys/devices/" USB "2-1/2-1:1.0/host4/target4:0:0/4:0:0:0/model",
              "SD/MMC CRW      \n");
    tree_disk(root, USB "2-1/2-1:1.0/host4/target4:0:0/4:0:0:0", "sdc", "8:32",
              ATTRIBUTES("size=124735488", "removable=1"));
    tree_text(root, "/sys/devices/" USB "2-2/serial", "S5SXNG0N\n");
    tree_text(root, "/sys/devices/" USB "2-2/2-2:1.0/host5/target5:0:0/5:0:0:0/vendor",
              "Samsung \n");
    tree_text(root, "/sys/devices/" USB "2-2/2-2:1.0/host5/target5:0:0/5:0:0:0/model",
              "PSSD T7         \n");
    tree_disk(root, USB "2-2/2-2:1.0/host5/target5:0:0/5:0:0:0", "sdd", "8:48",
              ATTRIBUTES("size=1953525168", "removable=0"));
    tree_text(root, "/sys/devices/" USB "2-3/serial", "0123456789ABCDEF\n");
    tree_disk(root, USB "2-3/2-3:1.0/host6/target6:0:0/6:0:0:0", "sde", "8:64",
              ATTRIBUTES("size=1000", "removable=0"));
    tree_disk(root, USB "2-3/2-3:1.0/host6/target6:0:0/6:0:0:1", "sdf", "8:80",
              ATTRIBUTES("size=1000", "removable=0"));
    tree_text(root, "/sys/devices/" SAN(7) "/wwid", "naa.600508b4000f0001\n");
    tree_disk(root, SAN(7), "sdg", "8:96", ATTRIBUTES("size=1000", "removable=0"));
    tree_text(root, "/sys/devices/" SAN(8) "/wwid", "naa.600508b4000f0001\n");
    tree_disk(root, SAN(8), "sdh", "8:112", ATTRIBUTES("size=1000", "removable=0"));
    tree_text(root, "/sys/devices/" NVME "/serial", "S4EWNX0R\n");
    tree_text(root, "/sys/devices/" NVME "/model", "Samsung SSD 980 PRO 1TB\n");
    tree_disk(root, NVME, "nvme0n1", "259:0", ATTRIBUTES("size=1000", "removable=0"));
    tree_disk(root, NVME, "nvme0n2", "259:5", ATTRIBUTES("size=1000", "removable=0"));
    tree_text(root, "/sys/devices/" CARD_SLOT "/type", "SD\n");
    tree_text(root, "/sys/devices/" CARD_SLOT "/name", "SD64G\n");
    tree_text(root, "/sys/devices/" CARD_SLOT "/cid", "035344534436344780a1b2c3d4014a00\n");
    tree_disk(root, CARD_SLOT, "mmcblk0", "179:0", ATTRIBUTES("size=124735488", "removable=0"));
}

/* Partitions, RAID1, LVM over two disks, dm-crypt at USB, btrfs of two disks, multipath, a loop
 * device, memory, and a disk of another machine. */
static inline void tree_devices(const char *root)
{
    tree_device(root, SATA "0:0:0:0/block/sda/sda1", "8:1",
                ATTRIBUTES("partition=1", "size=1000000"));
    tree_device(root, SATA_TWO "1:0:0:0/block/sdb/sdb1", "8:17",
                ATTRIBUTES("partition=1", "size=1000000"));
    tree_device(root, USB "2-1/2-1:1.0/host4/target4:0:0/4:0:0:0/block/sdc/sdc1", "8:33",
                ATTRIBUTES("partition=1", "size=124733440"));
    tree_device(root, NVME "/block/nvme0n1/nvme0n1p2", "259:2",
                ATTRIBUTES("partition=2", "size=1000"));
    tree_device(root, "virtual/block/md0", "9:0", ATTRIBUTES("size=1000"));
    tree_slave(root, "md0", "sda1");
    tree_slave(root, "md0", "sdb1");
    tree_device(root, "virtual/block/dm-0", "253:0", ATTRIBUTES("dm/name=vg-photos", "size=1000"));
    tree_slave(root, "dm-0", "sdb1");
    tree_slave(root, "dm-0", "nvme0n1p2");
    tree_device(root, "virtual/block/dm-1", "253:1", ATTRIBUTES("dm/name=backup", "size=1000"));
    tree_slave(root, "dm-1", "sdd");
    tree_device(root, "virtual/block/dm-2", "253:2", ATTRIBUTES("dm/name=mpatha", "size=1000"));
    tree_slave(root, "dm-2", "sdg");
    tree_slave(root, "dm-2", "sdh");
    tree_link(root, "/dev/mapper/mpatha", "/dev/dm-2");
    tree_device(root, "virtual/block/loop0", "7:0",
                ATTRIBUTES("loop/backing_file=/srv/card.img\n", "size=0"));
    tree_device(root, "virtual/block/loop1", "7:1",
                ATTRIBUTES("loop/backing_file=/mnt/loop/inner.img\n", "size=0"));
    tree_device(root, "virtual/block/loop2", "7:2",
                ATTRIBUTES("loop/backing_file=/gone.img (deleted)\n", "size=0"));
    tree_device(root, "virtual/block/zram0", "254:0", ATTRIBUTES("size=1000"));
    tree_device(root, "virtual/block/nbd0", "43:0", ATTRIBUTES("size=1000"));
    tree_text(root, "/srv/card.img", "");
    tree_text(root, "/mnt/loop/inner.img", "");
    tree_link(root, "/sys/fs/btrfs/3f0e-4b/devices/sde", "/sys/class/block/sde");
    tree_link(root, "/sys/fs/btrfs/3f0e-4b/devices/sdf", "/sys/class/block/sdf");
    tree_link(root, "/dev/disk/by-uuid/1234-ABCD", "/dev/sdc1");
    tree_link(root, "/dev/disk/by-label/EOS\\x20DIGITAL", "/dev/sdc1");
}

static const char tree_mounts[] =
    "20 1 259:2 / / rw - ext4 /dev/nvme0n1p2 rw\n"
    "21 20 0:30 / /tmp rw - tmpfs tmpfs rw\n"
    "22 20 9:0 / /mnt/raid rw - ext4 /dev/md0 rw\n"
    "23 20 253:0 / /mnt/lvm rw - xfs /dev/mapper/vg-photos rw\n"
    "24 20 253:1 / /mnt/crypt rw - ext4 /dev/mapper/backup rw\n"
    "25 20 0:41 /@photos /mnt/btrfs rw - btrfs /dev/sde rw,subvol=/@photos\n"
    "26 20 253:2 / /mnt/san rw - ext4 /dev/mapper/mpatha rw\n"
    "27 20 7:0 / /mnt/loop rw - ext4 /dev/loop0 rw\n"
    "28 20 7:1 / /mnt/inner rw - ext4 /dev/loop1 rw\n"
    "29 20 7:2 / /mnt/lost rw - ext4 /dev/loop2 rw\n"
    "30 20 8:33 / /media/EOS\\040DIGITAL rw - exfat /dev/sdc1 rw\n"
    "31 20 8:17 / /mnt/sata rw - ext4 /dev/sdb1 rw\n"
    "32 20 8:1 / /mnt/disk rw - ext4 /dev/sda1 rw\n"
    "33 20 0:51 / /mnt/nas rw - nfs4 nas.local:/photos rw,vers=4.2\n"
    "34 20 0:52 / /mnt/nas6 rw - nfs [fe80::1%eth0]:/photos rw\n"
    "35 20 0:53 / /mnt/smb rw - cifs //NAS/share rw\n"
    "36 20 0:54 / /mnt/ssh rw - fuse.sshfs ann@nas.local:/photos rw\n"
    "37 20 0:55 / /mnt/fuse rw - fuse.bindfs /srv rw\n"
    "38 20 0:56 / /mnt/over rw - overlay overlay rw,lowerdir=/a,upperdir=/mnt/raid/up,workdir=/w\n"
    "39 20 0:57 / /mnt/zfs rw - zfs tank/photos rw\n"
    "40 20 8:80 / /mnt/bay rw - ext4 /dev/sdf rw\n"
    "41 20 259:5 / /mnt/second rw - ext4 /dev/nvme0n2 rw\n"
    "42 20 179:0 / /media/sd rw - vfat /dev/mmcblk0 rw\n"
    "43 20 254:0 / /mnt/zram rw - ext4 /dev/zram0 rw\n"
    "44 20 43:0 / /mnt/nbd rw - ext4 /dev/nbd0 rw\n"
    "45 20 8:64 / /mnt/docked rw - ext4 /dev/sde rw\n"
    "46 20 0:58 / /mnt/away rw - overlay overlay rw,upperdir=/var/lib/elsewhere,workdir=/w\n";

/* All of that; frees itself with tree_free(). */
static inline Machine *tree_machine(void)
{
    g_autofree char *dir = check_mkdir();
    char *real = realpath(dir, NULL);
    Machine *machine = NULL;

    assert_non_null(real);
    tree_disks(real);
    tree_devices(real);
    tree_text(real, "/mnt/raid/up/file", "");
    tree_text(real, "/proc/self/mountinfo", tree_mounts);
    machine = machine_new(real);
    free(real);
    return machine;
}

static inline void tree_free(Machine *machine)
{
    char *root = g_strdup(machine->root);

    machine_free(machine);
    check_rmdir(root);
}
