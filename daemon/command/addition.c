/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/addition.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/paths.h"
#include "base/text.h"
#include "command/config_with.h"
#include "command/dropin.h"
#include "command/folder_file.h"
#include "command/folder_status.h"
#include "command/sent_probe.h"
#include "daemon/files/fstab.h"
#include "daemon/files/mounts.h"
#include "daemon/settings/ignore.h"
#include "daemon/settings/load.h"

#define PROFILE "web"

enum { NAME_BYTES = 200 }; /* of a folder, as a name of a file */

void addition_clear(Addition *add)
{
    g_free(add->unit);
    g_free(add->runtime_dir);
    g_free(add->config);
    g_free(add->name);
    g_free(add->path);
    g_free(add->output);
    g_free(add->profile);
    g_free(add->file);
    g_free(add->text);
    g_clear_pointer(&add->settings, settings_unref);
    *add = (Addition){ 0 };
}

/* Takes over the error, which *err may have; always false. */
static bool refuse(GPtrArray *errors, Error *error)
{
    g_ptr_array_add(errors, error);
    return false;
}

/* ---- whose daemon ---- */

static bool choose_service(const Target *target, Addition *add, Error **err)
{
    add->manager = UNIT_SYSTEM;
    add->config = g_strdup(target->config);
    add->runtime_dir = g_strdup(target->runtime_dir);
    add->user = check_service_user();
    add->owner = (DirectoryOwner){ add->user.id, add->user.group };
    add->has_owner = true;
    return add->user.id ||
           error_set(err, ERROR_CONFIG, "install the package, or run systemd-sysusers",
                     "this machine has no user '" SERVICE_USER "'");
}

static void choose_own(const Target *target, Addition *add)
{
    g_autofree char *implied = paths_daemon_dir();

    add->manager = UNIT_USER;
    add->config = paths_own_config();
    /* where no daemon of the user runs, the directory is that of the system's service */
    add->runtime_dir = strcmp(target->runtime_dir, implied) != 0 ? g_strdup(target->runtime_dir)
                                                                 : paths_runtime_dir();
}

static bool refuse_user(const Target *target, Error **err)
{
    if (geteuid() == 0)
        return error_set(err, ERROR_CONFIG, "leave --user out, or run the command without sudo",
                         "--user means the daemon of another user than root");
    if (target->instance)
        return error_set(err, ERROR_CONFIG, "use sudo",
                         "only root may change the configuration of hotfolder@%s",
                         target->instance);
    return error_set(err, ERROR_CONFIG,
                     "use sudo, or give --user for a daemon of your own, which runs while you are "
                     "logged in",
                     "only root may change the configuration of this machine's service");
}

bool addition_choose_daemon(const Target *target, const AdditionOptions *options, Addition *add,
                            Error **err)
{
    g_autofree char *own = paths_own_config();
    bool is_root = geteuid() == 0;
    bool wants_own = options->user || (!is_root && access(own, F_OK) == 0);
    bool ok = true;

    *add = (Addition){ 0 };
    if (options->config) {
        add->config = g_canonicalize_filename(options->config, NULL);
        add->runtime_dir = g_strdup(target->runtime_dir);
    } else if (is_root && !options->user) {
        ok = choose_service(target, add, err);
    } else if (!is_root && wants_own && !target->instance) {
        choose_own(target, add);
    } else {
        return refuse_user(target, err);
    }
    add->target = (Target){ target->instance, add->runtime_dir, add->config };
    add->unit = unit_name(&add->target);
    add->config_misses = access(add->config, F_OK) < 0 && errno == ENOENT;
    return ok;
}

char *addition_target_options(const Addition *add)
{
    g_autofree char *implied = paths_daemon_dir(), *quoted = text_shell_word(add->runtime_dir);

    if (add->target.instance)
        return g_strdup_printf(" --instance %s", add->target.instance);
    return strcmp(implied, add->runtime_dir) != 0 && add->manager == UNIT_BY_HAND
               ? g_strdup_printf(" --runtime-dir %s", quoted)
               : g_strdup("");
}

char *addition_config_text(const Addition *add)
{
    g_autofree char *pattern = folder_file_pattern(add->config);

    return g_strdup_printf("# Written by `hotfolder add`; it is yours to change. hotfolder.conf(5) "
                           "explains the settings.\n"
                           "include(\"%s\")\n",
                           pattern);
}

/* ---- what is asked for ---- */

/* A name in the configuration has no escapes. */
static bool can_be_name(const char *name)
{
    return *name && *name != '.' && *name != '-' && !strpbrk(name, "/\"\\") &&
           !strstr(name, "${") && strlen(name) <= NAME_BYTES && folder_file_can_hold(name);
}

static bool set_names(Addition *add, const AdditionOptions *options, Error **err)
{
    g_autofree char *parent = NULL, *base = NULL;

    add->path = g_canonicalize_filename(options->path, NULL);
    parent = g_path_get_dirname(add->path);
    base = g_path_get_basename(add->path);
    add->output = options->output ? g_canonicalize_filename(options->output, NULL)
                                  : g_build_filename(parent, "finished", NULL);
    add->name = g_strdup(options->name ? options->name : base);
    add->profile = g_strdup(options->profile ? options->profile : PROFILE);
    g_autofree char *path = text_escape(add->path), *output = text_escape(add->output);
    g_autofree char *name = text_escape(add->name);
    if (!folder_file_can_hold(add->path) || !folder_file_can_hold(add->output) ||
        !folder_file_can_hold(add->profile))
        return error_set(err, ERROR_CONFIG, "rename it to UTF-8 without control characters",
                         "'%s', '%s': a configuration cannot name it", path, output);
    return can_be_name(add->name) ||
           error_set(err, ERROR_CONFIG, "give another one with --name",
                     "'%s' cannot be the name of a folder and of its file", name);
}

/* ---- what there is already ---- */

static bool is_same_file(const char *a, const char *b)
{
    struct stat x, y;

    return a && b && stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
           x.st_ino == y.st_ino;
}

/* An earlier call wrote the folder: the rest is finished, if it is the same one. */
static bool continue_with(Addition *add, const AdditionOptions *options, const Folder *folder,
                          Error **err)
{
    g_autofree char *file = text_escape(folder->file), *name = text_escape(folder->name);
    const char *other = options->name && strcmp(options->name, folder->name) != 0     ? "name"
                        : options->output && strcmp(add->output, folder->output) != 0 ? "output"
                        : options->profile && strcmp(options->profile, folder->profile->name) != 0
                            ? "profile"
                            : NULL;

    if (other)
        return error_set(err, ERROR_CONFIG, "change it there, and run: hotfolder reload",
                         "the folder \"%s\" (%s:%d) is there already, with another %s", name, file,
                         folder->line, other);
    g_free(add->name);
    g_free(add->output);
    g_free(add->profile);
    add->name = g_strdup(folder->name);
    add->output = g_strdup(folder->output);
    add->profile = g_strdup(folder->profile->name);
    add->is_written = true;
    return true;
}

/* Of the configuration as it is: whether the folder is in it, or its name. */
static bool compare(Addition *add, const AdditionOptions *options, const Settings *settings,
                    Error **err)
{
    const Folder *folder = settings_find_directory(settings, add->path);
    const Folder *named = settings_find_folder(settings, add->name);
    g_autofree char *place = folder ? folder_file_path(add->config, folder->name) : NULL;
    g_autofree char *shown = text_escape(add->path), *name = text_escape(add->name);

    if (folder && is_same_file(place, folder->file))
        return continue_with(add, options, folder, err);
    if (folder) {
        g_autofree char *file = text_escape(folder->file), *is = text_escape(folder->name);
        return error_set(err, ERROR_CONFIG, "change it there, and run: hotfolder reload",
                         "'%s' is a folder already: \"%s\" (%s:%d)", shown, is, file, folder->line);
    }
    if (named) {
        g_autofree char *file = text_escape(named->file), *path = text_escape(named->path);
        return error_set(err, ERROR_CONFIG, "give the new one another name with --name",
                         "a folder \"%s\" is there already (%s:%d): %s", name, file, named->line,
                         path);
    }
    return true;
}

/* Its finished pictures would become new pictures. A share that does not respond is not asked. */
static bool is_apart(const Addition *add, const Settings *settings, Error **err)
{
    g_autofree char *real = mounts_real_path(add->path), *shown = text_escape(add->path);

    for (guint i = 0; i < settings->folders->len; i++) {
        const Folder *folder = settings->folders->pdata[i];
        g_autofree char *output = text_escape(folder->output), *name = text_escape(folder->name);
        if (!add->is_written &&
            (mounts_below(add->path, folder->output) || mounts_below(real, folder->output)))
            return error_set(err, ERROR_CONFIG, "choose a directory outside of it",
                             "'%s' lies in '%s', where the folder \"%s\" puts finished pictures",
                             shown, output, name);
    }
    return true;
}

/* ---- where its settings go ---- */

static bool set_file(Addition *add, Error **err)
{
    g_autofree char *config = text_escape(add->config), *place = g_path_get_dirname(add->config);
    g_autofree char *pattern = folder_file_pattern(add->config);
    g_autofree char *directory = g_path_get_dirname(pattern);

    if (add->config_misses)
        add->file = g_strdup_printf("%s/%s/%s.conf", place, directory, add->name);
    else
        add->file = folder_file_path(add->config, add->name);
    g_autofree char *fix = g_strdup_printf("add this line to it: include(\"%s\")", pattern);
    if (!add->file)
        return error_set(err, ERROR_CONFIG, fix, "%s includes no file that could be %s.conf",
                         config, add->name);
    g_autofree char *file = text_escape(add->file);
    if (!add->is_written && access(add->file, F_OK) == 0)
        return error_set(err, ERROR_CONFIG,
                         "give the folder another name with --name, or remove the file",
                         "'%s' exists, and has no such folder", file);
    add->text = folder_file_text(add->name, add->path, add->output, add->profile);
    return true;
}

/* ---- its directories ---- */

/* A disk or share of fstab that is not mounted would hide what is made in its place. */
static bool is_mounted(const char *path, const GPtrArray *mounts, GHashTable *fixed, Error **err)
{
    g_autofree char *real = mounts_real_path(path);
    const Mount *mount = mounts_find(mounts, real);
    GHashTableIter all;
    gpointer point = NULL;

    g_hash_table_iter_init(&all, fixed);
    while (g_hash_table_iter_next(&all, &point, NULL)) {
        if (!mounts_below(real, point) || (mount && mounts_below(mount->point, point)))
            continue;
        g_autofree char *shown = text_escape(path), *top = text_escape(point);
        g_autofree char *quoted = text_shell_word(top);
        g_autofree char *fix = g_strdup_printf("mount it first: mount %s", quoted);
        return error_set(err, ERROR_CONFIG, fix,
                         "'%s' lies on '%s', which is in /etc/fstab and is not mounted", shown,
                         top);
    }
    return true;
}

static bool examine_directories(Addition *add, Error **err)
{
    g_autoptr(GPtrArray) mounts = mounts_read();
    g_autoptr(GHashTable) fixed = fstab_read(mounts);
    const DirectoryOwner *owner = add->has_owner ? &add->owner : NULL;

    return is_mounted(add->path, mounts, fixed, err) &&
           is_mounted(add->output, mounts, fixed, err) &&
           directories_examine(add->path, owner, &add->path_need, err) &&
           directories_examine(add->output, owner, &add->output_need, err);
}

/* What lies in the folder, beside what hotfolder itself keeps there. */
static unsigned count_present(const char *path)
{
    static const char *const own[] = { "done", "failed", "trash", STATUS_FILE, NULL };
    g_autoptr(GDir) listing = g_dir_open(path, 0, NULL);
    const char *name = NULL;
    unsigned count = 0;

    while (listing && (name = g_dir_read_name(listing)))
        count +=
            *name != '.' && !g_strv_contains(own, name) && !g_str_has_prefix(name, PROBE_PREFIX);
    return count;
}

/* ---- how the daemon comes to know ---- */

static AdditionStart choose_start(const Addition *add)
{
    bool managed = unit_is_managed(add->manager);
    bool runs = managed && add->manager == UNIT_SYSTEM
                    ? unit_asks(add->manager, "is-active", add->unit)
                    : folder_status_is_answered(&add->target);

    if (runs)
        return add->opens ? START_RESTART : START_RELOAD;
    return managed ? START_ENABLE : START_BY_HAND;
}

/* ---- all of it ---- */

/* NULL with the errors of the configuration as it is appended. */
static Settings *load(const Addition *add, GPtrArray *errors)
{
    guint before = errors->len;
    Settings *settings =
        add->config_misses ? settings_new(add->config) : settings_load(add->config, NULL, errors);

    if (errors->len > before) {
        Error *error = NULL;
        error_set(&error, ERROR_CONFIG, "correct it first; `hotfolder check` tests it",
                  "the configuration has errors already");
        g_ptr_array_insert(errors, (int) before, error);
        g_clear_pointer(&settings, settings_unref);
    }
    return settings;
}

/* The settings with the folder. */
static bool set_settings(Addition *add, Settings *present, GPtrArray *errors)
{
    add->settings = add->is_written ? settings_ref(present)
                                    : config_with_load(add->config_misses ? NULL : add->config,
                                                       add->text, add->file, errors);
    add->folder = add->settings ? settings_find_folder(add->settings, add->name) : NULL;
    return add->folder != NULL;
}

bool addition_plan(const Target *target, const AdditionOptions *options, Addition *add,
                   GPtrArray *errors)
{
    Error *error = NULL;

    if (!addition_choose_daemon(target, options, add, &error) || !set_names(add, options, &error))
        return refuse(errors, error);
    g_autoptr(Settings) present = load(add, errors);
    if (!present)
        return false;
    if (!compare(add, options, present, &error) || !is_apart(add, present, &error) ||
        !set_file(add, &error) || !examine_directories(add, &error))
        return refuse(errors, error);
    if (!set_settings(add, present, errors))
        return false;
    add->present = count_present(add->path);
    add->opens = unit_is_managed(add->manager) && add->manager == UNIT_SYSTEM &&
                 !dropin_is_current(&add->target, add->config, add->settings);
    add->start = choose_start(add);
    return true;
}
