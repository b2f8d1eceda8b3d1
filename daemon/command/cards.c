/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/cards.h"

#include <string.h>

#define PICTURES "DCIM"

/* What sysfs says of a block device or of the disk that it is a partition of. */
static bool says_removable(const char *sys, const char *device, const char *above)
{
    g_autofree char *file = g_strdup_printf("%s/dev/block/%s/%sremovable", sys, device, above);
    g_autofree char *text = NULL;

    return g_file_get_contents(file, &text, NULL, NULL) && *text == '1';
}

/* Readers in the machine say that they are fixed, but their disks are called mmcblk0. */
static bool is_of_reader(const char *sys, const char *device)
{
    g_autofree char *link = g_strdup_printf("%s/dev/block/%s", sys, device);
    g_autofree char *target = g_file_read_link(link, NULL);

    return target && strstr(target, "/mmcblk");
}

static bool is_card(const Mount *mount, const char *sys)
{
    bool goes = says_removable(sys, mount->device, "") ||
                says_removable(sys, mount->device, "../") || is_of_reader(sys, mount->device);
    g_autofree char *pictures = g_build_filename(mount->point, PICTURES, NULL);

    return goes && g_file_test(pictures, G_FILE_TEST_IS_DIR);
}

GPtrArray *cards_find(const GPtrArray *mounts, const char *sys)
{
    GPtrArray *cards = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < mounts->len; i++) {
        const Mount *mount = mounts->pdata[i];
        if (is_card(mount, sys))
            g_ptr_array_add(cards, g_strdup(mount->point));
    }
    return cards;
}
