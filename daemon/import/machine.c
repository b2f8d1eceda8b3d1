/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/import/machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* How many devices and files may lie one below the other. */
enum { DEEPEST = 16 };

Machine *machine_new(const char *root)
{
    Machine *machine = g_new0(Machine, 1);
    g_autofree char *table = NULL, *path = g_strconcat(root, "/proc/self/mountinfo", NULL);

    machine->root = g_strdup(root);
    g_file_get_contents(path, &table, NULL, NULL);
    machine->mounts = mounts_parse(table ? table : "");
    return machine;
}

void machine_free(Machine *machine)
{
    if (!machine)
        return;
    g_free(machine->root);
    g_ptr_array_unref(machine->mounts);
    g_free(machine);
}

Below below_new(void)
{
    return (Below){ .disks = g_ptr_array_new_with_free_func(g_free),
                    .backing = g_ptr_array_new_with_free_func(g_free) };
}

void below_clear(Below *below)
{
    g_clear_pointer(&below->disks, g_ptr_array_unref);
    g_clear_pointer(&below->backing, g_ptr_array_unref);
}

static void add_once(GPtrArray *names, const char *name)
{
    if (!g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL))
        g_ptr_array_add(names, g_strdup(name));
}

/* ---- /sys and /dev ---- */

static char *sys_path(const Machine *machine, const char *device, const char *below)
{
    return g_strconcat(machine->root, "/sys/class/block/", device, *below ? "/" : "", below, NULL);
}

/* The real path of an attribute that is a directory, from /sys on; newly allocated, NULL: none. */
static char *sys_place(const Machine *machine, const char *device, const char *below)
{
    g_autofree char *path = sys_path(machine, device, below);
    char *real = realpath(path, NULL);
    char *place = real ? g_strdup(real + strlen(machine->root)) : NULL;

    free(real);
    return place;
}

static bool sys_has(const Machine *machine, const char *device, const char *below)
{
    g_autofree char *path = sys_path(machine, device, below);

    return g_file_test(path, G_FILE_TEST_EXISTS);
}

char *machine_attribute(const Machine *machine, const char *device, const char *attribute)
{
    g_autofree char *path = sys_path(machine, device, attribute), *text = NULL;

    if (!g_file_get_contents(path, &text, NULL, NULL) || !*g_strstrip(text))
        return NULL;
    return g_steal_pointer(&text);
}

/* The last part of what a link leads to, where /sys/class/block has a device of that name. */
static char *device_at(const Machine *machine, const char *link)
{
    g_autofree char *path = g_strconcat(machine->root, link, NULL), *name = NULL;
    char *real = realpath(path, NULL);

    if (!real)
        return NULL;
    const char *rest = mounts_below(real + strlen(machine->root), "/dev");
    name = rest ? g_strdelimit(g_strdup(rest), "/", '!') : g_path_get_basename(real);
    free(real);
    return sys_has(machine, name, "") ? g_steal_pointer(&name) : NULL;
}

char *machine_numbered_device(const Machine *machine, const char *number)
{
    g_autofree char *link = g_strconcat("/sys/dev/block/", number, NULL);

    return device_at(machine, link);
}

/* Of "/dev/mapper/x", a link where udev is there, else a node of its own. */
static char *device_of_node(const Machine *machine, const char *node)
{
    char *device = device_at(machine, node);
    struct stat st;

    if (device || *machine->root || stat(node, &st) < 0 || !S_ISBLK(st.st_mode))
        return device;
    g_autofree char *number = g_strdup_printf("%u:%u", major(st.st_rdev), minor(st.st_rdev));
    return machine_numbered_device(machine, number);
}

/* Anonymous numbers, as 0:39, are of no device: btrfs has them, and says in the source one of its
 * devices. */
char *machine_mounted_device(const Machine *machine, const Mount *mount)
{
    char *device = NULL;

    if (!g_str_has_prefix(mount->device, "0:"))
        device = machine_numbered_device(machine, mount->device);
    if (!device && g_str_has_prefix(mount->source, "/dev/"))
        device = device_of_node(machine, mount->source);
    return device;
}

bool machine_has(const Machine *machine, const char *device)
{
    return *device && !strchr(device, '/') && sys_has(machine, device, "");
}

int64_t machine_size(const Machine *machine, const char *device)
{
    g_autofree char *sectors = machine_attribute(machine, device, "size");

    return sectors ? g_ascii_strtoll(sectors, NULL, 10) * 512 : 0;
}

char *machine_whole(const Machine *machine, const char *device)
{
    g_autofree char *place = NULL, *parent = NULL;

    if (!sys_has(machine, device, "partition") || !(place = sys_place(machine, device, "")))
        return g_strdup(device);
    parent = g_path_get_dirname(place);
    return g_path_get_basename(parent);
}

/* ---- what lies below ---- */

static void device_below(const Machine *machine, const char *name, Below *below, unsigned depth);
static void mount_below(const Machine *machine, const Mount *mount, Below *below, unsigned depth);

static gint compare(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *) a, *(char *const *) b);
}

/* The entries of a directory, sorted; none where it cannot be listed. */
static GPtrArray *entries_of(const char *path)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    GDir *dir = g_dir_open(path, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir)))
        g_ptr_array_add(names, g_strdup(name));
    g_clear_pointer(&dir, g_dir_close);
    g_ptr_array_sort(names, compare);
    return names;
}

static bool slaves_below(const Machine *machine, const char *name, Below *below, unsigned depth)
{
    g_autofree char *path = sys_path(machine, name, "slaves");
    g_autoptr(GPtrArray) slaves = entries_of(path);

    for (guint i = 0; i < slaves->len; i++)
        device_below(machine, slaves->pdata[i], below, depth + 1);
    return slaves->len > 0;
}

/* The name of the file is what another name space may have called it: what has another size here is
 * another file. */
static bool is_backing(const char *path, const char *wanted, int64_t size, struct stat *st)
{
    return *wanted == '/' && stat(path, st) == 0 &&
           (S_ISBLK(st->st_mode) || (S_ISREG(st->st_mode) && st->st_size >= size));
}

static void loop_below(const Machine *machine, const char *name, Below *below, unsigned depth)
{
    g_autofree char *file = machine_attribute(machine, name, "loop/backing_file"), *path = NULL;
    const Mount *mount = NULL;
    struct stat st;

    path = g_strconcat(machine->root, file ? file : "", NULL);
    if (!file || !is_backing(path, file, machine_size(machine, name), &st)) {
        below->is_unknown = true;
    } else if (S_ISBLK(st.st_mode)) {
        g_autofree char *device = device_of_node(machine, file);
        device_below(machine, device ? device : "", below, depth + 1);
    } else {
        add_once(below->backing, path);
        if ((mount = mounts_find(machine->mounts, file)))
            mount_below(machine, mount, below, depth + 1);
        below->is_unknown |= !mount;
    }
}

static void disk_below(const Machine *machine, const char *name, Below *below)
{
    if (g_str_has_prefix(name, "zram") || g_str_has_prefix(name, "ram"))
        below->is_memory = true;
    else if (sys_has(machine, name, "device"))
        add_once(below->disks, name);
    else
        below->is_unknown = true; /* nbd, drbd: on another machine */
}

static void device_below(const Machine *machine, const char *name, Below *below, unsigned depth)
{
    g_autofree char *whole = machine_whole(machine, name);

    if (!*name || depth > DEEPEST)
        below->is_unknown = true;
    else if (strcmp(whole, name))
        device_below(machine, whole, below, depth + 1);
    else if (sys_has(machine, name, "loop"))
        loop_below(machine, name, below, depth);
    else if (!slaves_below(machine, name, below, depth))
        disk_below(machine, name, below);
}

/* All devices of the btrfs that `device` belongs to. False: it is not found. */
static bool btrfs_below(const Machine *machine, const char *device, Below *below, unsigned depth)
{
    g_autofree char *all = g_strconcat(machine->root, "/sys/fs/btrfs", NULL);
    g_autoptr(GPtrArray) uuids = entries_of(all);

    for (guint i = 0; i < uuids->len; i++) {
        g_autofree char *path = g_build_filename(all, uuids->pdata[i], "devices", NULL);
        g_autoptr(GPtrArray) devices = entries_of(path);
        if (!g_ptr_array_find_with_equal_func(devices, device, g_str_equal, NULL))
            continue;
        for (guint j = 0; j < devices->len; j++)
            device_below(machine, devices->pdata[j], below, depth + 1);
        return true;
    }
    return false;
}

/* What is written to an overlay lies in its upper directory, if our name space has that. */
static void overlay_below(const Machine *machine, const Mount *overlay, Below *below,
                          unsigned depth)
{
    const char *upper = strstr(overlay->options, "upperdir=");
    g_autofree char *directory = NULL, *path = NULL;
    const Mount *mount = NULL;

    if (upper) {
        upper += strlen("upperdir=");
        directory = g_strndup(upper, strcspn(upper, ","));
        path = g_strconcat(machine->root, directory, NULL);
    }
    if (path && g_file_test(path, G_FILE_TEST_IS_DIR))
        mount = mounts_find(machine->mounts, directory);
    if (mount && mount != overlay && depth <= DEEPEST)
        mount_below(machine, mount, below, depth + 1);
    else
        below->is_unknown = true;
}

static bool is_memory(const char *type)
{
    return !strcmp(type, "tmpfs") || !strcmp(type, "ramfs") || !strcmp(type, "devtmpfs");
}

static void mount_below(const Machine *machine, const Mount *mount, Below *below, unsigned depth)
{
    g_autofree char *device = NULL;

    if (is_memory(mount->type))
        below->is_memory = true;
    else if (!strcmp(mount->type, "overlay"))
        overlay_below(machine, mount, below, depth);
    else if (!(device = machine_mounted_device(machine, mount)))
        below->is_unknown = true;
    else if (strcmp(mount->type, "btrfs") || !btrfs_below(machine, device, below, depth))
        device_below(machine, device, below, depth);
}

void machine_device_below(const Machine *machine, const char *device, Below *below)
{
    device_below(machine, device, below, 0);
}

void machine_mount_below(const Machine *machine, const Mount *mount, Below *below)
{
    mount_below(machine, mount, below, 0);
}
