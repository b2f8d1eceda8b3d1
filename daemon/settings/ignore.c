/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/settings/ignore.h"

#include <fnmatch.h>
#include <string.h>

#include "base/hidden.h"
#include "daemon/files/shot.h"
#include "formats/format.h"

typedef struct Row {
    const char *pattern; /* for fnmatch(3) with FNM_EXTMATCH, in any case; begins not with [ or ? */
    bool directory;      /* of directories; else of files */
    const char *reason;
} Row;

const char ignore_status_file[] = "status file of hotfolder";
const char ignore_sidecar[] = "sidecar";

/* The first that fits counts, so the special ones stand before `.*`. */
static const Row rows[] = {
    /* macOS */
    { "._*", false, "AppleDouble" },
    { ".DS_Store", false, "folder settings" },
    { "Icon\r", false, "folder settings" },
    { "__MACOSX", true, "archive leftover" },
    { "Network Trash Folder", true, "system folder" },
    { "Temporary Items", true, "system folder" },
    /* Windows */
    { "Thumbs.db", false, "folder settings" },
    { "ehthumbs*.db", false, "folder settings" },
    { "desktop.ini", false, "folder settings" },
    { "*.lnk", false, "shortcut" },
    { "*.url", false, "shortcut" },
    { "~$*", false, "lock file" },
    { "$RECYCLE.BIN", true, "recycle bin" },
    { "RECYCLER", true, "recycle bin" },
    { "System Volume Information", true, "system folder" },
    /* NAS systems */
    { "@eaDir", true, "system folder" },
    { "@Recycle", true, "recycle bin" },
    { "@Recently-Snapshot", true, "snapshot" },
    { "@tmp", true, "system folder" },
    { "#recycle", true, "recycle bin" },
    { "#snapshot", true, "snapshot" },
    { "lost+found", true, "system folder" },
    /* Android, Syncthing, NFS, and ourselves */
    { ".trashed-*", false, "in the trash" },
    { ".pending-*", false, "unfinished transfer" },
    { ".syncthing.*", false, "unfinished transfer" },
    { "~syncthing~*", false, "unfinished transfer" },
    { ".stversions", true, "old versions" },
    { ".nfs*", false, "deleted, but still open" },
    { STATUS_FILE, false, ignore_status_file },
    { HIDDEN_PREFIX "*", false, "temporary file of hotfolder" },
    { ".in.*", false, "unfinished transfer" }, /* ProFTPD's HiddenStores */
    { ".goutputstream-*", false, "unfinished transfer" },
    /* a file without a name: events show an O_TMPFILE as its inode, which is digits and no more */
    { "#+([0-9])", false, "unnamed file" },
    { "tmpfile[0-9a-z][0-9a-z][0-9a-z][0-9a-z][0-9a-z][0-9a-z]", false, "unfinished transfer" },
    { "4913", false, "temporary file" }, /* vim tries whether it may write here */
    /* transfers, by suffix */
    { "*.part", false, "unfinished transfer" },
    { "*.partial", false, "unfinished transfer" },
    { "*.filepart", false, "unfinished transfer" },
    { "*.crdownload", false, "unfinished transfer" },
    { "*.opdownload", false, "unfinished transfer" },
    { "*.download", false, "unfinished transfer" },
    { "*.download", true, "unfinished transfer" }, /* Safari makes a folder */
    { "*.tacitpart", false, "unfinished transfer" },
    { "*.aria2", false, "unfinished transfer" },
    { "*.aria2__temp", false, "unfinished transfer" },
    { "*.!ut", false, "unfinished transfer" },
    { "*.!qb", false, "unfinished transfer" },
    { "*.cpart", false, "unfinished transfer" },
    { "*.ftptmp", false, "unfinished transfer" },
    { "*.upload", false, "unfinished transfer" },
    { "*.tmp", false, "temporary file" },
    { "*.temp", false, "temporary file" },
    /* editors */
    { "*_exiftool_tmp", false, "temporary file" },
    { "*.*_original", false, "backup copy" }, /* exiftool: beach.jpg_original */
    { "*~", false, "backup copy" },
    { "#*#", false, "editor's file" },
    { "*.sw[opx]", false, "editor's file" },
    { "*.kate-swp", false, "editor's file" },
    /* data beside a picture */
    { "*.xmp", false, ignore_sidecar },
    { "*.thm", false, ignore_sidecar },
    { "*.aae", false, ignore_sidecar },
    { "*.lrv", false, ignore_sidecar },
    { "*.pp3", false, ignore_sidecar },
    { "*.dop", false, ignore_sidecar },
    { "*.arp", false, ignore_sidecar },
    { "*.cos", false, ignore_sidecar },
    { "*.on1", false, ignore_sidecar },
    { ".*", false, "dot file" },
    { ".*", true, "dot folder" },
};

const char ignore_not_recursive[] = "directory (recursive = no)";
static const char ignored_by_setting[] = "ignored by the configuration";

/* The pattern of the setting that the name fits; NULL: none. */
static const char *find_setting(const Folder *folder, const char *name)
{
    for (char **pattern = folder ? folder->ignore : NULL; pattern && *pattern; pattern++)
        if (fnmatch(*pattern, name, 0) == 0)
            return *pattern;
    return NULL;
}

/* Comparing the first or last letter spares most calls of fnmatch(3) in a large scan. */
static bool may_match(const char *pattern, const char *name)
{
    size_t length = strlen(pattern);
    size_t name_length = strlen(name);

    if (name_length == 0)
        return false;
    if (*pattern != '*')
        return g_ascii_tolower(*pattern) == g_ascii_tolower(*name);
    return pattern[length - 1] == ']' ||
           g_ascii_tolower(pattern[length - 1]) == g_ascii_tolower(name[name_length - 1]);
}

/* Where the files of a shot are together, its companions are not ignored by their names. */
static bool says(const Folder *folder, const Row *row, const char *name)
{
    return row->reason != ignore_sidecar || !folder || folder->shots == SHOTS_APART ||
           !shot_kind_is_companion(shot_kind(name));
}

/* The row that the name fits; NULL: none. */
static const Row *find_row(const Folder *folder, const char *name, bool directory)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (rows[i].directory == directory && may_match(rows[i].pattern, name) &&
            fnmatch(rows[i].pattern, name, FNM_CASEFOLD | FNM_EXTMATCH) == 0 &&
            says(folder, &rows[i], name))
            return &rows[i];
    return NULL;
}

const char *ignore_reason(const Folder *folder, const char *name, bool directory)
{
    const Row *row = find_row(folder, name, directory);

    if (row)
        return row->reason;
    return find_setting(folder, name) ? ignored_by_setting : NULL;
}

/* As wants_directory() of the watcher decides. */
static bool place_of(const Folder *folder, const char *name, bool directory, IgnoredPlace *place)
{
    const Row *row = find_row(folder, name, directory);
    const char *setting = row ? NULL : find_setting(folder, name);

    place->configured = setting != NULL;
    if (row || setting) {
        place->reason = row ? row->reason : ignored_by_setting;
        place->pattern = row ? row->pattern : setting;
    } else if (directory && folder && !folder->recursive) {
        place->reason = ignore_not_recursive;
        place->pattern = NULL;
    }
    return place->reason != NULL;
}

bool ignore_place(const Folder *folder, const char *path, bool directory, IgnoredPlace *place)
{
    *place = (IgnoredPlace){ .above = true };
    for (const char *name = path; place->above; name = path + place->length + 1) {
        const char *slash = strchr(name, '/');
        g_autofree char *part = slash ? g_strndup(name, (size_t) (slash - name)) : g_strdup(name);

        place->above = slash != NULL;
        place->length = (size_t) (name - path) + strlen(part);
        if (name == path && ignore_is_reserved(part))
            return false;
        if (place_of(folder, part, slash || directory, place))
            return true;
    }
    return false;
}

/* Rows that fit names which people give to pictures; temporary files of a transfer, and what
 * systems keep beside pictures, have other reasons. */
bool ignore_is_notable(const char *name, bool directory, const char *reason)
{
    static const char *const files[] = { "dot file",    "lock file",     "in the trash",
                                         "backup copy", "editor's file", NULL };
    const char *dot = strrchr(name, '.');

    if (directory)
        return !strcmp(reason, "dot folder");
    return g_strv_contains(files, reason) && dot && format_from_extension(dot + 1) != FORMAT_NONE;
}

bool ignore_is_reserved(const char *path)
{
    return strcmp(path, "done") == 0 || strcmp(path, "failed") == 0 || strcmp(path, "trash") == 0;
}

bool ignore_is_output_trash(const Settings *settings, const Folder *folder, const char *path)
{
    g_autofree char *name = g_path_get_basename(path);
    g_autofree char *whole = g_build_filename(folder->path, path, NULL);
    g_autofree char *dir = g_path_get_dirname(whole);

    if (strcmp(name, "trash") != 0)
        return false;
    for (guint i = 0; i < settings->folders->len; i++) {
        const Folder *other = settings->folders->pdata[i];
        if (!strcmp(other->output, dir))
            return true;
    }
    return false;
}

bool ignore_row(unsigned index, const char **pattern, bool *directory, const char **reason)
{
    if (index >= G_N_ELEMENTS(rows))
        return false;
    *pattern = rows[index].pattern;
    *directory = rows[index].directory;
    *reason = rows[index].reason;
    return true;
}
