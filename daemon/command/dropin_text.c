/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the drop-in says. Only this file knows the syntax of units. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "command/dropin.h"
#include "daemon/files/fstab.h"
#include "daemon/files/mounts.h"
#include "daemon/folders/healthcheck.h"

/* What lets the service do more than write into directories. */
typedef enum Opens {
    OPENS_HOME = 1,  /* ProtectHome= hides a path */
    OPENS_GROUP = 2, /* outputs are given to a group */
    OPENS_OWNER = 4, /* or to a user */
    OPENS_ALL = 7,
} Opens;

typedef struct Dropin {
    GPtrArray *mounts; /* of Mount */
    GHashTable *fixed; /* fstab_read() */
    GHashTable *named; /* paths that the service may write already */
    GString *unit, *service;
    unsigned opens; /* of Opens */
    bool quiet;     /* prints nothing about directories */
} Dropin;

/* ---- mounts ---- */

/* Where the file system of the real path `path` is mounted or, if it is not now, will be by fstab;
 * borrowed. */
static const char *mount_point(const Dropin *dropin, const char *path)
{
    const Mount *mount = mounts_find(dropin->mounts, path);
    const char *best = mount ? mount->point : "/";
    GHashTableIter all;
    gpointer point = NULL;

    g_hash_table_iter_init(&all, dropin->fixed);
    while (g_hash_table_iter_next(&all, &point, NULL))
        if (mounts_below(path, point) && strlen(point) > strlen(best))
            best = point;
    return best;
}

/* A mount that is a whole home: the service would see all of it, and its mode would keep it out. */
static bool is_whole_home(const char *point)
{
    g_autofree char *parent = g_path_get_dirname(point);

    return strcmp(parent, "/home") == 0 || strcmp(point, "/root") == 0;
}

/* Whether what is mounted there may be unmounted while the service runs. What systemd mounts at
 * boot without fstab (systemd-gpt-auto-generator, tmp.mount) stays. The unit must not require a
 * mount whose end restarts the service: the mount may not come back. */
static bool may_go(const Dropin *dropin, const char *point)
{
    static const char *const stay[] = { "/", "/home", "/srv", "/tmp", "/var", "/var/tmp", NULL };
    bool restarts = mounts_is_hidden(point) && !is_whole_home(point);

    return !g_strv_contains(stay, point) &&
           (restarts || !g_hash_table_lookup(dropin->fixed, point));
}

/* ---- the drop-in ---- */

/* Quoted for a unit; NULL where systemd has no syntax for it. */
static char *quoted(const char *path)
{
    GString *out = g_string_new("\"");

    for (const char *at = path; *at; at++) {
        if (g_ascii_iscntrl(*at) || !g_utf8_validate(path, -1, NULL)) {
            g_string_free(out, TRUE);
            return NULL;
        }
        if (strchr("\\\"", *at))
            g_string_append_c(out, '\\');
        if (*at == '%')
            g_string_append_c(out, '%');
        g_string_append_c(out, *at);
    }
    g_string_append_c(out, '"');
    return g_string_free(out, FALSE);
}

bool dropin_brings_in(const char *path)
{
    g_autofree char *real = mounts_real_path(path);

    return mounts_is_hidden(real);
}

static void require_mount(Dropin *dropin, const char *path)
{
    g_autofree char *text = quoted(path);

    if (text)
        g_string_append_printf(dropin->unit, "RequiresMountsFor=%s\n", text);
}

static bool cannot_name(const char *where, const char *path)
{
    g_autofree char *shown = text_escape(path);

    fprintf(
        stderr,
        "hotfolder: %s: systemd cannot name '%s'; rename it to UTF-8 without control characters\n",
        where, shown);
    return false;
}

/* Lets the service write `path`, which is `what` of the folder. False, after printing an error,
 * where systemd cannot name it. Of a folder that does not respond only the text of its paths is
 * known. */
static bool open_for(Dropin *dropin, const Folder *folder, const char *what, const char *path,
                     bool responds)
{
    g_autofree char *real = responds ? mounts_real_path(path) : g_strdup(path);
    const char *point = mount_point(dropin, real);
    bool goes = may_go(dropin, point);
    /* On a part of such a mount systemd would make a mount of its own: an unmount would go unseen
     * and leave the disk busy. Through its top it reaches the service. */
    const char *named = goes ? point : real;
    g_autofree char *text = quoted(named);
    g_autofree char *shown = text_escape(path), *file = text_escape(folder->file);

    if (!text) {
        g_autofree char *where =
            g_strdup_printf("%s:%d: folder \"%s\"", file, folder->line, folder->name);
        return cannot_name(where, path);
    }
    g_string_append_printf(dropin->service, "\n# %s:%d: folder \"%s\", %s = %s\n", file,
                           folder->line, folder->name, what, shown);
    if (goes && strcmp(point, real) != 0)
        g_string_append(dropin->service, "# The whole mount, as it may be unmounted: the service "
                                         "would keep a part of it mounted.\n");
    if (goes && mounts_is_hidden(point)) /* loop.c does so */
        g_string_append(
            dropin->service,
            "# The sandbox keeps this mount busy: after an unmount, the service restarts.\n");
    if (responds && access(real, F_OK) != 0) {
        g_string_append(dropin->service,
                        "# It does not exist now. Create it, and restart the service.\n");
        if (!dropin->quiet)
            fprintf(
                stderr,
                "hotfolder: '%s' does not exist now; create it before you restart the service\n",
                shown);
    }
    dropin->opens |= mounts_is_home(named) ? OPENS_HOME : 0;
    if (!goes)
        require_mount(dropin, path);
    if (g_hash_table_add(dropin->named, g_strdup(named)))
        g_string_append_printf(dropin->service, "%s=\"-%s\n",
                               mounts_is_hidden(named) ? "BindPaths" : "ReadWritePaths", text + 1);
    else
        g_string_append(dropin->service, "# It is named above.\n");
    return true;
}

/* Whether the path lies in a directory that is opened. */
static bool is_opened(const Dropin *dropin, const char *path)
{
    GHashTableIter all;
    gpointer directory = NULL;

    g_hash_table_iter_init(&all, dropin->named);
    while (g_hash_table_iter_next(&all, &directory, NULL))
        if (mounts_below(path, directory))
            return true;
    return false;
}

/* Brings in a file that the configuration names, where the sandbox hides it: under the name that
 * the configuration has, or, where a link leads to it, under its own. */
static bool open_file(Dropin *dropin, const NamedFile *file)
{
    g_autofree char *real = mounts_real_path(file->path);
    const char *inside = mounts_is_hidden(file->path) ? file->path : real;
    g_autofree char *from = quoted(real), *to = quoted(inside);
    g_autofree char *shown = text_escape(file->path);

    if (!mounts_is_hidden(inside) || is_opened(dropin, inside))
        return true;
    if (!from || !to)
        return cannot_name(file->where, file->path);
    dropin->opens |= mounts_is_home(inside) ? OPENS_HOME : 0;
    if (!may_go(dropin, mount_point(dropin, real)))
        require_mount(dropin, file->path);
    g_hash_table_add(dropin->named, g_strdup(inside));
    g_string_append_printf(dropin->service, "\n# %s names %s\nBindReadOnlyPaths=\"-%s", file->where,
                           shown, from + 1);
    if (strcmp(real, inside) != 0)
        g_string_append_printf(dropin->service, ":%s", to);
    g_string_append_c(dropin->service, '\n');
    return true;
}

/* Lets the service give outputs to a group or a user, if the folder is set to do it. */
static void open_ownership(Dropin *dropin, const Folder *folder)
{
    g_autofree char *file = text_escape(folder->file);

    if (!(folder->ownership.set & (OWNERSHIP_GROUP | OWNERSHIP_OWNER)))
        return;
    g_string_append_printf(dropin->service,
                           "\n# %s:%d: folder \"%s\", whose outputs are given away\n"
                           "SystemCallFilter=fchown\n",
                           file, folder->line, folder->name);
    if (folder->ownership.set & OWNERSHIP_GROUP) {
        dropin->opens |= OPENS_GROUP;
        g_string_append_printf(dropin->service, "SupplementaryGroups=%u\n",
                               folder->ownership.group);
    }
    if (folder->ownership.set & OWNERSHIP_OWNER) {
        dropin->opens |= OPENS_OWNER;
        g_string_append(dropin->service, "CapabilityBoundingSet=CAP_CHOWN\n"
                                         "AmbientCapabilities=CAP_CHOWN\n");
    }
}

static bool fill(Dropin *dropin, const Settings *settings)
{
    bool ok = true;

    for (guint i = 0; i < settings->folders->len; i++) {
        const Folder *folder = settings->folders->pdata[i];
        bool responds = healthcheck_responds(folder);
        ok = open_for(dropin, folder, "path", folder->path, responds) && ok;
        ok = open_for(dropin, folder, "output", folder->output, responds) && ok;
        if (folder->copy_to)
            ok = open_for(dropin, folder, "copy_to", folder->copy_to, responds) && ok;
        open_ownership(dropin, folder);
    }
    for (guint i = 0; i < settings->files->len; i++)
        ok = open_file(dropin, settings->files->pdata[i]) && ok;
    return ok;
}

/* What `systemd-analyze security` finds, by Opens; it rounds. */
static const char *const exposures[OPENS_ALL + 1] = { "0.6", "0.6", "0.7", "0.7",
                                                      "0.9", "0.9", "0.9", "0.9" };

static const struct {
    Opens opens;
    const char *text;
} costs[] = {
    { OPENS_HOME, "home directories are empty except for what is named below, instead of closed" },
    { OPENS_GROUP, "outputs are given to a group: the service is a member, and may call fchown" },
    { OPENS_OWNER,
      "outputs are given to a user: the service may give every file away (CAP_CHOWN)" },
};

/* What all of this costs: the head of the drop-in. Newly allocated. */
static char *describe(unsigned opens)
{
    GString *text = g_string_new(NULL);

    g_string_append_printf(text,
                           "# `systemd-analyze security` (of systemd 252) finds an exposure of %s",
                           exposures[opens]);
    if (opens)
        g_string_append_printf(
            text,
            ".\n# Without the following it is %s; with only one of them, the number before it:\n",
            exposures[0]);
    else
        g_string_append(text, ", as without this file.\n");
    for (size_t i = 0; i < G_N_ELEMENTS(costs); i++)
        if (opens & costs[i].opens)
            g_string_append_printf(text, "#   %s: %s\n", exposures[costs[i].opens], costs[i].text);
    if (opens & OPENS_HOME)
        g_string_append(text, "ProtectHome=tmpfs\n");
    return g_string_free(text, FALSE);
}

char *dropin_text(const char *config, const Settings *settings, bool quiet)
{
    g_autoptr(GPtrArray) mounts = mounts_read();
    g_autoptr(GHashTable) fixed = fstab_read(mounts);
    g_autoptr(GHashTable) named = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GString) unit = g_string_new(NULL);
    g_autoptr(GString) service = g_string_new(NULL);
    Dropin dropin = { mounts, fixed, named, unit, service, 0, quiet };
    g_autofree char *shown = text_escape(config);

    if (!fill(&dropin, settings))
        return NULL;
    g_autofree char *description = describe(dropin.opens);
    return g_strdup_printf("# Written by `hotfolder systemd-dropin` from %s.\n"
                           "[Unit]\n%s\n[Service]\n"
                           "# What the service may do besides writing its own state.\n%s%s",
                           shown, unit->str, description, service->str);
}
