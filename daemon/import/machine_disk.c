/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What names a physical disk, who made it, and whether it can be taken out. */
#include <stdlib.h>
#include <string.h>

#include "daemon/import/machine.h"

/* Where the hardware of a disk is in /sys: "/sys/devices/pci0000:00/.../6:0:0:0"; newly allocated,
 * NULL: nowhere. */
static char *place_of(const Machine *machine, const char *disk)
{
    g_autofree char *path = g_strconcat(machine->root, "/sys/class/block/", disk, "/device", NULL);
    char *real = realpath(path, NULL);
    char *place = real ? g_strdup(real + strlen(machine->root)) : NULL;

    free(real);
    return place;
}

/* The serial number that a USB device above `place` says. */
static char *usb_serial(const Machine *machine, const char *place)
{
    g_autofree char *at = g_strdup(place);

    while (strstr(at, "/usb")) {
        g_autofree char *path = g_strconcat(machine->root, at, "/serial", NULL), *text = NULL;
        if (g_file_get_contents(path, &text, NULL, NULL) && *g_strstrip(text))
            return g_steal_pointer(&text);
        *strrchr(at, '/') = '\0';
    }
    return NULL;
}

/* Cheap bridges and readers all have one serial number, and one of them may hold several disks: the
 * port, "2-1.4:1.0", and the last number of "6:0:0:1" tell these apart. */
static char *usb_name(const Machine *machine, const char *place)
{
    g_autofree char *serial = usb_serial(machine, place);
    const char *end = strstr(place, "/host"), *lun = strrchr(place, ':');
    g_autofree char *port = g_strndup(place, end ? (size_t) (end - place) : strlen(place));

    return g_strdup_printf("disk:usb-%s-%s-%s", serial ? serial : "", strrchr(port, '/') + 1,
                           end && lun ? lun + 1 : "");
}

/* The namespaces of one controller are one disk. */
static char *nvme_name(const Machine *machine, const char *disk)
{
    g_autofree char *serial = machine_attribute(machine, disk, "device/serial");
    g_autofree char *model = machine_attribute(machine, disk, "device/model");

    return serial ? g_strdup_printf("disk:nvme-%s-%s", model ? model : "", serial) : NULL;
}

static char *serial_of(const Machine *machine, const char *disk)
{
    char *serial = machine_attribute(machine, disk, "device/cid"); /* of an SD card */

    return serial ? serial : machine_attribute(machine, disk, "serial");
}

char *machine_disk_name(const Machine *machine, const char *disk)
{
    g_autofree char *place = place_of(machine, disk), *wwn = NULL, *serial = NULL;
    char *name = NULL;

    if (!place)
        return g_strconcat("disk:", disk, NULL);
    if (strstr(place, "/usb"))
        return usb_name(machine, place);
    if (g_str_has_prefix(disk, "nvme") && (name = nvme_name(machine, disk)))
        return name;
    if ((wwn = machine_attribute(machine, disk, "device/wwid")))
        return g_strconcat("disk:", wwn, NULL);
    serial = serial_of(machine, disk);
    return g_strconcat("disk:", serial ? serial : "", serial ? "@" : "", place, NULL);
}

/* What stands there without a maker is not said. */
static bool is_maker(const char *vendor)
{
    return vendor && strcmp(vendor, "ATA") && strcmp(vendor, "Generic") &&
           strcmp(vendor, "Generic-") && !g_str_has_prefix(vendor, "0x");
}

char *machine_disk_maker(const Machine *machine, const char *disk)
{
    g_autofree char *vendor = machine_attribute(machine, disk, "device/vendor");
    g_autofree char *model = machine_attribute(machine, disk, "device/model");

    if (!model)
        model = machine_attribute(machine, disk, "device/name"); /* of an SD card: "SD64G" */
    if (!is_maker(vendor))
        return g_steal_pointer(&model);
    if (!model)
        return g_steal_pointer(&vendor);
    return g_strconcat(vendor, " ", model, NULL);
}

static bool disk_is_removable(const Machine *machine, const char *disk)
{
    g_autofree char *removable = machine_attribute(machine, disk, "removable");
    g_autofree char *kind = machine_attribute(machine, disk, "device/type");
    g_autofree char *place = place_of(machine, disk);

    return !g_strcmp0(removable, "1") || (place && strstr(place, "/usb")) || !g_strcmp0(kind, "SD");
}

bool machine_is_removable(const Machine *machine, const char *device)
{
    g_autofree char *whole = machine_whole(machine, device);
    g_auto(Below) below = below_new();

    if (g_str_has_prefix(whole, "loop"))
        return true;
    machine_device_below(machine, device, &below);
    for (guint i = 0; i < below.disks->len; i++) {
        if (!disk_is_removable(machine, below.disks->pdata[i]))
            return false;
    }
    return below.disks->len > 0;
}

/* ---- /dev/disk ---- */

char *machine_decode(const char *name)
{
    GString *text = g_string_new(NULL);

    for (; *name; name++) {
        if (name[0] == '\\' && name[1] == 'x' && g_ascii_isxdigit(name[2]) &&
            g_ascii_isxdigit(name[3])) {
            g_string_append_c(
                text, (char) (g_ascii_xdigit_value(name[2]) * 16 + g_ascii_xdigit_value(name[3])));
            name += 3;
        } else {
            g_string_append_c(text, *name);
        }
    }
    return g_string_free(text, FALSE);
}

char *machine_link_name(const Machine *machine, const char *kind, const char *device)
{
    g_autofree char *directory = g_strconcat(machine->root, "/dev/disk/", kind, NULL);
    GDir *dir = g_dir_open(directory, 0, NULL);
    char *found = NULL;
    const char *name;

    while (dir && !found && (name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(directory, name, NULL);
        g_autofree char *target = g_file_read_link(path, NULL);
        g_autofree char *last = target ? g_path_get_basename(target) : NULL;
        if (!g_strcmp0(last, device))
            found = machine_decode(name);
    }
    g_clear_pointer(&dir, g_dir_close);
    return found;
}
