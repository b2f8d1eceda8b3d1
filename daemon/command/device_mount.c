/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/device_mount.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/cdrom.h>
#include <sched.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

/* Where cards are mounted, each below the name of its device. */
#define PLACE "/run/hotfolder-card"

#define SAFE_OPTIONS "ro,nodev,nosuid,noexec"

enum {
    OPEN_TO_ALL = 0755,
    LINUX_DOOR_UNLOCK = 0x5381, /* SCSI_IOCTL_DOORUNLOCK of <scsi/scsi_ioctl.h> */
    MOMENT_US = 50 * 1000,
    MOMENTS = 40,
};

/* ---- the mount ---- */

bool device_mount_begin(Error **err)
{
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) != 0)
        return error_errno(err, errno, "no mounts of its own can be had");
    return true;
}

/* What mounts a file system without a write to it: the kernel's own driver first, then programs
 * (FUSE). A type that is not here is not mounted: its driver was never meant to meet a stranger's
 * medium. */
static const struct {
    const char *type;    /* as udev calls it */
    const char *driver;  /* as mount(8) calls it */
    const char *options; /* for it alone */
    bool owned;          /* it knows no owners: who may read its files is an option */
} drivers[] = {
    { "vfat", "vfat", "shortname=mixed,utf8=1", true },
    { "exfat", "exfat", NULL, true },
    { "exfat", "exfat-fuse", NULL, true },
    { "ntfs", "ntfs3", NULL, true },
    { "ntfs", "ntfs-3g", NULL, true },
    { "udf", "udf", NULL, true },
    { "hfsplus", "hfsplus", NULL, true },
    { "iso9660", "iso9660", NULL, true },
    { "ext2", "ext2", NULL, false },
    { "ext3", "ext3", "noload", false },
    { "ext4", "ext4", "noload", false },
    { "xfs", "xfs", "norecovery", false },
    { "btrfs", "btrfs", "rescue=nologreplay", false },
    { "f2fs", "f2fs", "norecovery", false },
};

/* Newly allocated. */
static char *options_of(size_t driver, uid_t user, gid_t group)
{
    GString *out = g_string_new(SAFE_OPTIONS);

    if (drivers[driver].options)
        g_string_append_printf(out, ",%s", drivers[driver].options);
    if (drivers[driver].owned)
        g_string_append_printf(out, ",uid=%u,gid=%u", user, group);
    /* iso9660 has modes; of all others a file without `w` is one that the camera protects */
    if (drivers[driver].owned && strcmp(drivers[driver].type, "iso9660") != 0)
        g_string_append(out, ",umask=0022");
    return g_string_free(out, FALSE);
}

/* Calls mount(8), which knows the programs that mount. `said` gets the first line that it writes;
 * newly allocated. */
static bool call_mount(const Device *device, const char *root, const char *driver,
                       const char *options, char **said)
{
    g_autoptr(GStrvBuilder) words = g_strv_builder_new();
    g_autofree char *written = NULL;
    g_autoptr(GError) error = NULL;
    int status = 0;

    g_strv_builder_add_many(words, "mount", "-t", driver, "-o", options, "--", device->node, root,
                            NULL);
    g_auto(GStrv) argv = g_strv_builder_end(words);
    if (g_spawn_sync("/", argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL,
                     NULL, &written, &status, &error) &&
        g_spawn_check_wait_status(status, &error))
        return true;
    if (written)
        written[strcspn(written, "\n")] = '\0';
    g_free(*said);
    *said = text_escape(written && *written ? written : error->message);
    return false;
}

/* Some programs that mount do not know each option; a session's mount may be writable. */
static bool make_safe(const char *root)
{
    return mount(NULL, root, NULL,
                 MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NODEV | MS_NOSUID | MS_NOEXEC, NULL) == 0;
}

static bool mount_by_type(const Device *device, const char *root, uid_t user, gid_t group,
                          Error **err)
{
    g_autofree char *said = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(drivers); i++) {
        if (g_strcmp0(drivers[i].type, device->type) != 0)
            continue;
        g_autofree char *options = options_of(i, user, group);
        if (call_mount(device, root, drivers[i].driver, options, &said))
            return make_safe(root) || error_errno(err, errno, "cannot make %s read-only", root);
    }
    if (!said)
        return error_set(err, ERROR_ENVIRONMENT, NULL,
                         "no card has a file system of the type '%s': it is not mounted",
                         device->type ? device->type : "unknown");
    return error_set(err, ERROR_ENVIRONMENT,
                     "see whether this system can read such a file system: Debian has exfat-fuse "
                     "and ntfs-3g where the kernel cannot",
                     "it cannot be mounted: %s", said);
}

/* ---- where a session has it mounted ---- */

/* Its directory may be closed to others, so it is bound to the place. */
static bool bind_other(DeviceMount *mounted, Error **err)
{
    mounted->busy = open(mounted->other, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (mounted->busy >= 0 && mount(mounted->other, mounted->root, NULL, MS_BIND, NULL) == 0 &&
        make_safe(mounted->root))
        return true;
    g_autofree char *shown = text_escape(mounted->other);
    return error_errno(err, errno, "what is mounted on %s cannot be read", shown);
}

static bool mount_or_bind(const Device *device, uid_t user, gid_t group, DeviceMount *mounted,
                          Error **err)
{
    g_autoptr(Error) failed = NULL;

    mounted->other = device_mount_point(device);
    if (mounted->other)
        return bind_other(mounted, err);
    if (mount_by_type(device, mounted->root, user, group, &failed))
        return true;
    /* A session may have mounted it meanwhile, for writing: the kernel then refuses ours. */
    mounted->other = device_mount_point(device);
    if (mounted->other)
        return bind_other(mounted, err);
    *err = g_steal_pointer(&failed);
    return false;
}

/* ---- all of it ---- */

/* Whatever the umask: the service's user passes through it. */
static bool make_directory(const char *path, Error **err)
{
    if ((mkdir(path, S_IRWXU) == 0 || errno == EEXIST) && chmod(path, OPEN_TO_ALL) == 0)
        return true;
    return error_errno(err, errno, "cannot make %s", path);
}

bool device_mount(const Device *device, uid_t user, gid_t group, DeviceMount **mount, Error **err)
{
    g_autoptr(DeviceMount) mounted = g_new0(DeviceMount, 1);
    g_autofree char *disk = g_build_filename("/dev", device->disk, NULL);

    mounted->root = g_build_filename(PLACE, device->name, NULL);
    mounted->busy = -1;
    mounted->disk = open(disk, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (mounted->disk >= 0)
        (void) flock(mounted->disk, LOCK_SH | LOCK_NB);
    if (!make_directory(PLACE, err) || !make_directory(mounted->root, err) ||
        !mount_or_bind(device, user, group, mounted, err))
        return false;
    *mount = g_steal_pointer(&mounted);
    return true;
}

static void wait_a_moment(void)
{
    g_usleep(MOMENT_US);
}

void device_unmount(DeviceMount *mount)
{
    /* a child that was killed may still be ending */
    for (int i = 0; i < MOMENTS && umount2(mount->root, 0) != 0 && errno == EBUSY; i++)
        wait_a_moment();
    (void) umount2(mount->root, MNT_DETACH);
    if (mount->busy >= 0)
        close(mount->busy);
    mount->busy = -1;
}

/* udev takes the lock for moments. */
static bool is_last_reader(int disk)
{
    for (int i = 0; i < MOMENTS; i++) {
        if (flock(disk, LOCK_EX | LOCK_NB) == 0)
            return true;
        wait_a_moment();
    }
    return false;
}

bool device_eject(const Device *device, DeviceMount *mount, bool *ejected, Error **err)
{
    g_autofree char *point = device_busy_point(device);
    g_autofree char *shown = point ? text_escape(point) : NULL;

    *ejected = false;
    if (point)
        return error_set(err, ERROR_CONFIG, "unmount it there before you pull it",
                         "it is mounted on %s", shown);
    if (mount->disk < 0)
        return true;
    if (!is_last_reader(mount->disk))
        return error_set(err, ERROR_TRANSIENT, "wait until that ends",
                         "another import reads from the same disk, %s", device->disk);
    /* a reader that is open keeps its door locked */
    *ejected = device->ejects && ioctl(mount->disk, LINUX_DOOR_UNLOCK) == 0 &&
               ioctl(mount->disk, CDROMEJECT) == 0;
    return true;
}

void device_mount_free(DeviceMount *mount)
{
    if (!mount)
        return;
    if (mount->busy >= 0)
        close(mount->busy);
    if (mount->disk >= 0)
        close(mount->disk);
    /* another import may have its card there */
    (void) (rmdir(mount->root) == 0 && rmdir(PLACE) == 0);
    g_free(mount->root);
    g_free(mount->other);
    g_free(mount);
}
