/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/memory.h"

#include <glib.h>
#include <string.h>
#include <unistd.h>

static int64_t physical_memory(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);

    return pages > 0 && size > 0 ? (int64_t) pages * size : INT64_C(1) << 30;
}

/* The number in a file, or INT64_MAX where there is none ("max"). */
static int64_t number_in(const char *path)
{
    g_autofree char *text = NULL;

    if (!g_file_get_contents(path, &text, NULL, NULL) || !g_ascii_isdigit(*text))
        return INT64_MAX;
    guint64 number = g_ascii_strtoull(text, NULL, 10);
    return number && number < INT64_MAX ? (int64_t) number : INT64_MAX;
}

/* The lowest limit of the group and those above it. */
static int64_t lowest_limit(const char *mount, const char *group, const char *file)
{
    g_autofree char *at = g_strdup(group);
    int64_t least = INT64_MAX;

    for (;;) {
        g_autofree char *path = g_strdup_printf("%s%s/%s", mount, at, file);
        char *slash = strrchr(at, '/');

        least = MIN(least, number_in(path));
        if (!slash)
            return least;
        *slash = '\0';
    }
}

/* The limit of the group in a line of /proc/self/cgroup: "0::/system.slice/x.service", or
 * "9:memory:/x". */
static int64_t limit_of_group(const char *root, const char *line)
{
    g_auto(GStrv) parts = g_strsplit(line, ":", 3);
    g_autofree char *version2 = g_strdup_printf("%s/sys/fs/cgroup", root);
    g_autofree char *version1 = g_strdup_printf("%s/sys/fs/cgroup/memory", root);

    if (g_strv_length(parts) != 3 || *parts[2] != '/')
        return INT64_MAX;
    if (!*parts[1])
        return lowest_limit(version2, parts[2], "memory.max");
    g_auto(GStrv) controllers = g_strsplit(parts[1], ",", -1);
    return g_strv_contains((const char *const *) controllers, "memory")
               ? lowest_limit(version1, parts[2], "memory.limit_in_bytes")
               : INT64_MAX;
}

int64_t memory_total(const char *root)
{
    g_autofree char *path = g_strdup_printf("%s/proc/self/cgroup", root);
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    int64_t least = physical_memory();

    if (!g_file_get_contents(path, &text, NULL, NULL))
        return least;
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++)
        least = MIN(least, limit_of_group(root, *line));
    return least;
}
