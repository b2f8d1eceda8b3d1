/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/device.h"

#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/text.h"
#include "daemon/files/mounts.h"
#include "daemon/import/medium.h"

enum { LINE = 4096 };

/* ---- the device ---- */

/* The attribute of a block device, without its newline; newly allocated. NULL: it has none. */
static char *attribute(const char *name, const char *what)
{
    g_autofree char *path = g_build_filename("/sys/class/block", name, what, NULL);
    char *text = NULL;

    return g_file_get_contents(path, &text, NULL, NULL) ? g_strchomp(text) : NULL;
}

/* /sys/class/block/sdb1 leads to .../block/sdb/sdb1. Newly allocated. */
static char *disk_of(const char *name)
{
    g_autofree char *link = g_build_filename("/sys/class/block", name, NULL);
    g_autofree char *real = mounts_real_path(link), *part = attribute(name, "partition");
    g_autofree char *parent = g_path_get_dirname(real);

    return part ? g_path_get_basename(parent) : g_strdup(name);
}

bool device_find(const char *name, Device **device, Error **err)
{
    g_autofree char *number = strchr(name, '/') ? NULL : attribute(name, "dev");
    g_autofree char *shown = text_escape(name);
    g_autoptr(Medium) medium = NULL;

    if (!number)
        return error_set(err, ERROR_ENVIRONMENT, "give the name of a block device: sdb1",
                         "there is no device '%s'", shown);
    if (!medium_of_device(name, &medium, err))
        return false;
    *device = g_new0(Device, 1);
    (*device)->name = g_strdup(name);
    (*device)->node = g_build_filename("/dev", name, NULL);
    (*device)->disk = disk_of(name);
    (*device)->number = g_steal_pointer(&number);
    (*device)->type = *medium->type ? g_strdup(medium->type) : NULL;
    g_autofree char *removable = attribute((*device)->disk, "removable");
    (*device)->ejects = !g_strcmp0(removable, "1") && g_str_has_prefix(name, "s");
    return true;
}

void device_free(Device *device)
{
    if (!device)
        return;
    g_free(device->name);
    g_free(device->node);
    g_free(device->disk);
    g_free(device->number);
    g_free(device->type);
    g_free(device);
}

/* ---- where it is mounted ---- */

char *device_mount_point(const Device *device)
{
    g_autoptr(GPtrArray) mounts = mounts_read();

    for (guint i = 0; i < mounts->len; i++) {
        const Mount *mount = mounts->pdata[i];
        if (!strcmp(mount->device, device->number) && !strcmp(mount->root, "/"))
            return g_strdup(mount->point);
    }
    return NULL;
}

/* Whether the device of that number, "8:17", is the disk `disk` or a part of it. */
static bool is_part_of(const char *number, const char *disk)
{
    g_autofree char *link = g_build_filename("/sys/dev/block", number, NULL);
    g_autofree char *real = mounts_real_path(link), *name = g_path_get_basename(real);
    g_autofree char *parent = g_path_get_dirname(real), *above = g_path_get_basename(parent);

    return !strcmp(name, disk) || !strcmp(above, disk);
}

char *device_busy_point(const Device *device)
{
    g_autoptr(GPtrArray) mounts = mounts_read();

    for (guint i = 0; i < mounts->len; i++) {
        const Mount *mount = mounts->pdata[i];
        if (is_part_of(mount->device, device->disk))
            return g_strdup(mount->point);
    }
    return NULL;
}

/* ---- whether it may be a card ---- */

/* As udev writes a label or an UUID into a name below /dev/disk: any other byte is \xNN. Newly
 * allocated. */
static char *encoded(const char *text)
{
    GString *out = g_string_new(NULL);

    for (const char *at = text; *at; at++) {
        if (g_ascii_isalnum(*at) || strchr("#+-.:=@_", *at) || (unsigned char) *at >= 0x80)
            g_string_append_c(out, *at);
        else
            g_string_append_printf(out, "\\x%02x", (unsigned char) *at);
    }
    return g_string_free(out, FALSE);
}

/* The path of the device that fstab calls `spec`; newly allocated, NULL: it is no device. */
static char *path_of_spec(const char *spec)
{
    static const struct {
        const char *tag, *directory;
    } tags[] = {
        { "UUID=", "by-uuid" },           { "LABEL=", "by-label" }, { "PARTUUID=", "by-partuuid" },
        { "PARTLABEL=", "by-partlabel" }, { "ID=", "by-id" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(tags); i++) {
        if (!g_str_has_prefix(spec, tags[i].tag))
            continue;
        g_autofree char *value = g_strdup(spec + strlen(tags[i].tag));
        g_strdelimit(value, "\"'", ' ');
        g_autofree char *name = encoded(g_strstrip(value));
        return g_build_filename("/dev/disk", tags[i].directory, name, NULL);
    }
    return *spec == '/' ? g_strdup(spec) : NULL;
}

static bool is_the_device(const char *path, const Device *device)
{
    struct stat st;

    if (stat(path, &st) != 0 || !S_ISBLK(st.st_mode))
        return false;
    g_autofree char *number = g_strdup_printf("%u:%u", major(st.st_rdev), minor(st.st_rdev));
    return !strcmp(number, device->number);
}

static bool is_in_fstab(const Device *device)
{
    FILE *file = setmntent("/etc/fstab", "re");
    struct mntent entry;
    char line[LINE];
    bool found = false;

    while (file && !found && getmntent_r(file, &entry, line, sizeof(line))) {
        g_autofree char *path = path_of_spec(entry.mnt_fsname);
        found = path && is_the_device(path, device);
    }
    if (file)
        endmntent(file);
    return found;
}

/* Where no person and no session mounts a card. */
static bool is_of_the_system(const char *point)
{
    static const char *const places[] = { "/boot", "/efi", "/etc", "/home", "/opt",
                                          "/srv",  "/usr", "/var", NULL };
    bool is = !strcmp(point, "/");

    for (size_t i = 0; places[i] && !is; i++)
        is = mounts_below(point, places[i]);
    return is;
}

bool device_may_be_card(const Device *device, Error **err)
{
    g_autofree char *point = device_mount_point(device);
    g_autofree char *shown = point ? text_escape(point) : NULL;

    if (is_in_fstab(device))
        return error_set(err, ERROR_CONFIG, NULL,
                         "it is in /etc/fstab: a disk of this system is not imported");
    if (point && is_of_the_system(point))
        return error_set(err, ERROR_CONFIG, NULL,
                         "it is mounted on %s: a disk of this system is not imported", shown);
    return true;
}
