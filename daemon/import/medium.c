/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What names a medium comes from udev's database; where there is none, as in a container, from the
 * links that a host made in /dev/disk, or from the file system where it is mounted; or it stays
 * unknown: no device is read here. */
#include "daemon/import/medium.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <systemd/sd-device.h>
#include <unistd.h>

#include "daemon/import/medium_internal.h"

#define MEMORY "memory"

void medium_free(Medium *medium)
{
    if (!medium)
        return;
    g_free(medium->device);
    g_free(medium->uuid);
    g_free(medium->label);
    g_free(medium->maker);
    g_free(medium->type);
    g_free(medium->server);
    g_strfreev(medium->disks);
    g_strfreev(medium->backing);
    g_free(medium->words);
    g_free(medium);
}

/* ---- what names it ---- */

/* What udev knows of a device. Its keys are documented by what every distribution has in
 * /dev/disk. */
static void ask_udev(Medium *medium)
{
    sd_device *device = NULL;
    const char *value = NULL;

    if (sd_device_new_from_subsystem_sysname(&device, "block", medium->device) < 0)
        return;
    if (sd_device_get_property_value(device, "ID_FS_UUID", &value) >= 0)
        medium->uuid = g_strdup(value);
    if (sd_device_get_property_value(device, "ID_FS_LABEL_ENC", &value) >= 0)
        medium->label = machine_decode(value);
    if (!*medium->type && sd_device_get_property_value(device, "ID_FS_TYPE", &value) >= 0) {
        g_free(medium->type);
        medium->type = g_strdup(value);
    }
    if (sd_device_get_property_value(device, "ID_DRIVE_FLASH_SD", &value) >= 0 ||
        sd_device_get_property_value(device, "ID_DRIVE_FLASH_CF", &value) >= 0)
        medium->removable = true;
    sd_device_unref(device);
}

/* Linux 6.9; older headers lack it. */
struct fs_uuid {
    uint8_t length, bytes[16];
};
#define GET_UUID _IOR(0x15, 0, struct fs_uuid)

/* As udev writes it: of FAT and exFAT "1234-ABCD". Newly allocated; NULL: it is none of both. */
static char *uuid_text(const struct fs_uuid *uuid)
{
    enum { OF_FAT = 4 };
    const uint8_t *b = uuid->bytes;
    GString *text = g_string_new(NULL);

    if (uuid->length == OF_FAT) {
        g_string_printf(text, "%02X%02X-%02X%02X", b[0], b[1], b[2], b[3]);
        return g_string_free(text, FALSE);
    }
    for (unsigned i = 0; uuid->length == sizeof(uuid->bytes) && i < sizeof(uuid->bytes); i++)
        g_string_append_printf(text, "%s%02x", i >= 4 && i <= 10 && i % 2 == 0 ? "-" : "", b[i]);
    return g_string_free(text, !text->len);
}

/* What the mounted file system says itself, where no udev has looked at it, as in a container. Some
 * say nothing: FAT keeps its label among its files, and older kernels ask fewer. */
static void ask_file_system(Medium *medium, const char *path)
{
    char label[FSLABEL_MAX] = "";
    struct fs_uuid uuid = { 0 };
    int fd = medium->device && !(medium->uuid && medium->label)
                 ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
                 : -1;

    if (fd < 0)
        return;
    if (!medium->label && ioctl(fd, FS_IOC_GETFSLABEL, label) == 0 && *label)
        medium->label = g_strndup(label, sizeof(label));
    if (!medium->uuid && ioctl(fd, GET_UUID, &uuid) == 0)
        medium->uuid = uuid_text(&uuid);
    close(fd);
}

/* ---- shares ---- */

/* The name of the server before `end` in "user@[fe80::1]:/photos"; newly allocated. */
static char *host_of(const char *source, const char *ends)
{
    const char *at = strchr(source, '@'), *slash = strchr(source, '/');

    if (at && (!slash || at < slash))
        source = at + 1;
    if (*source == '[')
        return g_strndup(source + 1, strcspn(source + 1, "]"));
    return g_strndup(source, strcspn(source, ends));
}

/* The server of a share, NULL where it is none or its server is not known. */
static char *server_of(const Mount *mount)
{
    static const char *const by_colon[] = { "nfs",  "nfs4", "fuse.sshfs", "fuse.glusterfs",
                                            "ceph", "afs",  NULL };
    static const char *const by_slashes[] = { "cifs", "smb3", "smbfs", NULL };
    char *server = NULL;

    if (g_strv_contains(by_colon, mount->type))
        server = host_of(mount->source, ":,/");
    else if (g_strv_contains(by_slashes, mount->type) && g_str_has_prefix(mount->source, "//"))
        server = host_of(mount->source + 2, "/:");
    if (server && !*server)
        g_clear_pointer(&server, g_free);
    return server;
}

/* ---- its disks ---- */

static gint compare(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *) a, *(char *const *) b);
}

static char **to_strv(GPtrArray *names)
{
    g_ptr_array_add(names, NULL);
    return (char **) g_ptr_array_free(names, FALSE);
}

/* Names of disks; none where one of them is not known. */
static char **disks_of(const Machine *machine, const Below *below)
{
    GPtrArray *names = g_ptr_array_new();

    for (guint i = 0; !below->is_unknown && i < below->disks->len; i++) {
        g_autofree char *name = machine_disk_name(machine, below->disks->pdata[i]);
        if (!g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL))
            g_ptr_array_add(names, g_steal_pointer(&name));
    }
    if (!below->is_unknown && below->is_memory)
        g_ptr_array_add(names, g_strdup(MEMORY));
    g_ptr_array_sort(names, compare);
    return to_strv(names);
}

static char *disk_words(const Machine *machine, const Below *below)
{
    GString *words = g_string_new(NULL);

    for (guint i = 0; i < below->disks->len; i++) {
        g_autofree char *maker = machine_disk_maker(machine, below->disks->pdata[i]);
        g_string_append_printf(words, "%s/dev/%s", i ? " and " : "",
                               (const char *) below->disks->pdata[i]);
        if (maker)
            g_string_append_printf(words, " (%s)", maker);
    }
    if (below->is_memory)
        g_string_append_printf(words, "%s%s", words->len ? " and " : "", MEMORY);
    return g_string_free(words, FALSE);
}

static void set_disks(Medium *medium, const Machine *machine, const Below *below)
{
    medium->disks = disks_of(machine, below);
    medium->backing = g_new0(char *, below->backing->len + 1);
    for (guint i = 0; i < below->backing->len; i++)
        medium->backing[i] = g_strdup(below->backing->pdata[i]);
    if (below->disks->len && !medium->maker)
        medium->maker = machine_disk_maker(machine, below->disks->pdata[0]);
    medium->words = *medium->disks
                        ? disk_words(machine, below)
                        : g_strdup_printf("%s, whose disk is not known",
                                          *medium->type ? medium->type : "a file system");
}

static void set_device(Medium *medium, const Machine *machine)
{
    if (!*machine->root)
        ask_udev(medium);
    if (!medium->uuid)
        medium->uuid = machine_link_name(machine, "by-uuid", medium->device);
    if (!medium->label)
        medium->label = machine_link_name(machine, "by-label", medium->device);
    medium->size = machine_size(machine, medium->device);
    medium->removable |= machine_is_removable(machine, medium->device);
}

static void set_server(Medium *medium)
{
    medium->disks = g_new0(char *, 2);
    medium->disks[0] = g_strconcat("server:", medium->server, NULL);
    medium->backing = g_new0(char *, 1);
    medium->words = g_strconcat("server ", medium->server, NULL);
}

Medium *medium_of_mount(const Machine *machine, const Mount *mount)
{
    Medium *medium = g_new0(Medium, 1);
    g_auto(Below) below = below_new();

    medium->type = g_strdup(mount->type);
    if ((medium->server = server_of(mount))) {
        set_server(medium);
        return medium;
    }
    medium->device = machine_mounted_device(machine, mount);
    if (medium->device)
        set_device(medium, machine);
    machine_mount_below(machine, mount, &below);
    set_disks(medium, machine, &below);
    return medium;
}

/* The type of its file system is known to the mount, where it is mounted. */
static const Mount *mount_of_device(const Machine *machine, const char *device)
{
    for (guint i = 0; i < machine->mounts->len; i++) {
        const Mount *mount = machine->mounts->pdata[i];
        g_autofree char *mounted = machine_mounted_device(machine, mount);
        if (!g_strcmp0(mounted, device))
            return mount;
    }
    return NULL;
}

Medium *medium_of_block(const Machine *machine, const char *device)
{
    const Mount *mount = mount_of_device(machine, device);
    Medium *medium = g_new0(Medium, 1);
    g_auto(Below) below = below_new();

    medium->device = g_strdup(device);
    medium->type = g_strdup(mount ? mount->type : "");
    set_device(medium, machine);
    if (mount)
        machine_mount_below(machine, mount, &below);
    else
        machine_device_below(machine, device, &below);
    set_disks(medium, machine, &below);
    return medium;
}

/* ---- this machine ---- */

/* By its id, where the kernel says it: a path may be below a mount that was made over it. */
static const Mount *mount_of_path(const GPtrArray *mounts, const char *path, const struct statx *st)
{
    const Mount *mount = NULL;

    if (st->stx_mask & STATX_MNT_ID) {
        g_autofree char *id = g_strdup_printf("%" G_GUINT64_FORMAT, (guint64) st->stx_mnt_id);
        mount = mounts_find_id(mounts, id);
    }
    if (!mount) {
        g_autofree char *real = mounts_real_path(path);
        mount = mounts_find(mounts, real);
    }
    return mount;
}

bool medium_of_path(const char *path, Medium **medium, Error **err)
{
    g_autoptr(Machine) machine = machine_new("");
    struct statvfs fs;
    struct statx st;

    if (statx(AT_FDCWD, path, 0, STATX_BASIC_STATS | STATX_MNT_ID, &st) < 0)
        return error_errno(err, errno, "cannot examine '%s'", path);
    const Mount *mount = mount_of_path(machine->mounts, path, &st);
    g_autofree char *number = g_strdup_printf("%u:%u", st.stx_dev_major, st.stx_dev_minor);
    char nothing[] = "";
    Mount unlisted = { .device = number, .type = nothing, .source = nothing, .options = nothing };
    *medium = medium_of_mount(machine, mount ? mount : &unlisted);
    (*medium)->fs = makedev(st.stx_dev_major, st.stx_dev_minor);
    if (mount && !strcmp(mount->root, "/")) /* a bind mount shows a part of a larger one */
        ask_file_system(*medium, path);
    if (!(*medium)->size && statvfs(path, &fs) == 0)
        (*medium)->size = (int64_t) (fs.f_blocks * fs.f_frsize);
    return true;
}

bool medium_of_device(const char *device, Medium **medium, Error **err)
{
    g_autoptr(Machine) machine = machine_new("");

    if (!machine_has(machine, device))
        return error_set(err, ERROR_ENVIRONMENT, "see what `lsblk` lists",
                         "'%s' is not the name of a block device", device);
    *medium = medium_of_block(machine, device);
    return true;
}

/* ---- how many ---- */

static bool has_disk(const Medium *medium, const char *disk)
{
    return g_strv_contains((const char *const *) medium->disks, disk);
}

bool medium_shares_disk(const Medium *a, const Medium *b)
{
    for (char **disk = a->disks; *disk; disk++) {
        if (has_disk(b, *disk))
            return true;
    }
    return !*a->disks || !*b->disks;
}

static bool counts(const Medium *medium)
{
    return *medium->disks && !has_disk(medium, MEMORY);
}

/* The most of media[at...] that share no disk with each other and with `taken`: each one is left
 * out, or taken. */
static unsigned most_apart(const Medium *const *media, unsigned count, unsigned at,
                           const Medium **taken, unsigned taken_count)
{
    bool fits = at < count && counts(media[at]);
    unsigned with = 0;

    if (at == count)
        return taken_count;
    for (unsigned i = 0; fits && i < taken_count; i++)
        fits = !medium_shares_disk(media[at], taken[i]);
    if (fits) {
        taken[taken_count] = media[at];
        with = most_apart(media, count, at + 1, taken, taken_count + 1);
    }
    return MAX(with, most_apart(media, count, at + 1, taken, taken_count));
}

unsigned medium_count_disks(const Medium *const *media, unsigned count)
{
    g_autofree const Medium **taken = g_new0(const Medium *, count + 1);

    return most_apart(media, count, 0, taken, 0);
}
