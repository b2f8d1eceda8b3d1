/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hotfolder remove - takes a folder out of the configuration; no picture is touched. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "command/addition.h"
#include "command/client.h"
#include "command/dropin.h"
#include "command/findings.h"
#include "command/folder_file.h"
#include "command/folder_status.h"
#include "command/json.h"
#include "daemon/folders/status_file.h"
#include "daemon/settings/ignore.h"
#include "daemon/settings/load.h"

enum { OPTION_DRY_RUN = 256, OPTION_JSON, OPTION_USER };

/* What there is to remove. */
typedef struct Removal {
    Addition daemon; /* whose folder it is; only what addition_choose_daemon() sets */
    Settings *settings;
    const Folder *folder; /* in them */
    bool runs, shuts;     /* the daemon answers; the drop-in of its unit changes */
    char *kept;           /* where its file is kept, NULL: it is as `add` wrote it */
    double queued;        /* pictures, which stay where they are */
} Removal;

static void removal_clear(Removal *removal)
{
    g_clear_pointer(&removal->settings, settings_unref);
    addition_clear(&removal->daemon);
    g_free(removal->kept);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Removal, removal_clear)

/* ---- which folder ---- */

static char *suggestion(const Settings *settings, const char *typed)
{
    const char *closest = settings_closest_folder(settings, typed);

    return closest
               ? g_strdup_printf("did you mean %s?", closest)
               : g_strdup("give its name or its path as in the configuration; `hotfolder status` "
                          "lists all");
}

/* A path counts as it is in the configuration, and as it leads there from here. */
static const Folder *find(const Settings *settings, const char *typed, Error **err)
{
    g_autofree char *path = g_canonicalize_filename(typed, NULL), *shown = text_escape(typed);
    const Folder *named = settings_find_folder(settings, typed);
    const Folder *folder = named ? named : settings_find_directory(settings, path);

    if (folder)
        return folder;
    g_autofree char *fix = suggestion(settings, typed);
    error_set(err, ERROR_CONFIG, fix, "there is no folder '%s'", shown);
    return NULL;
}

/* Only a file with nothing else in it is removed: the rest may be of use to other folders. */
static bool is_of_its_own(const Folder *folder, Error **err)
{
    g_autofree char *file = text_escape(folder->file), *name = text_escape(folder->name);
    FolderLines lines = { 0 };

    if (!folder_file_find(folder->file, folder->name, folder->line, &lines, err))
        return false;
    g_autofree char *range = lines.last > lines.first
                                 ? g_strdup_printf("lines %d to %d", lines.first, lines.last)
                                 : g_strdup_printf("line %d", lines.first);
    g_autofree char *fix =
        g_strdup_printf("remove %s of %s, and run: hotfolder reload", range, file);
    return lines.alone ||
           error_set(err, ERROR_CONFIG, fix, "the folder \"%s\" stands in %s beside other settings",
                     name, file);
}

/* Where a file that a person has changed is kept, which no include reads; newly allocated. */
static char *kept_path(const Removal *removal)
{
    const Folder *folder = removal->folder;
    g_autofree char *written =
        folder_file_text(folder->name, folder->path, folder->output, folder->profile->name);
    g_autofree char *text = NULL;

    if (!g_file_get_contents(folder->file, &text, NULL, NULL) || !strcmp(text, written))
        return NULL;
    char *kept = g_strconcat(folder->file, ".removed", NULL);
    for (int i = 1; g_file_test(kept, G_FILE_TEST_EXISTS); i++) {
        g_free(kept);
        kept = g_strdup_printf("%s.removed-%d", folder->file, i);
    }
    return kept;
}

static bool plan(const Target *target, const AdditionOptions *options, Removal *removal,
                 GPtrArray *errors)
{
    Addition *daemon = &removal->daemon;
    Error *error = NULL;
    g_auto(FolderStatus) status = { 0 };

    if (!addition_choose_daemon(target, options, daemon, &error)) {
        g_ptr_array_add(errors, error);
        return false;
    }
    removal->settings = settings_load(daemon->config, NULL, errors);
    if (!removal->settings)
        return false;
    removal->folder = find(removal->settings, options->path, &error);
    if (!removal->folder || !is_of_its_own(removal->folder, &error)) {
        g_ptr_array_add(errors, error);
        return false;
    }
    folder_status_ask(&daemon->target, removal->folder->name, &status);
    removal->kept = kept_path(removal);
    removal->runs = status.answered;
    removal->queued = status.queued + status.in_progress;
    removal->shuts = daemon->manager == UNIT_SYSTEM && unit_is_managed(UNIT_SYSTEM);
    return true;
}

/* ---- removing ---- */

/* The service may write there until its next start. */
static bool shut_sandbox(const Removal *removal, Error **err)
{
    const Addition *daemon = &removal->daemon;
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_autoptr(Settings) settings =
        removal->shuts ? settings_load(daemon->config, NULL, errors) : NULL;

    if (!settings || dropin_is_current(&daemon->target, daemon->config, settings))
        return true;
    if (!settings->folders->len)
        return dropin_remove(&daemon->target, err);
    g_autofree char *text = dropin_text(daemon->config, settings, true);
    return !text || dropin_install(&daemon->target, text, err);
}

/* Whether this command removes the status file: a daemon that runs does it by itself, after the
 * reload. */
static bool has_status_file(const Removal *removal)
{
    return removal->folder->status_file && !removal->runs;
}

static bool do_remove(const Removal *removal, Error **err)
{
    const char *path = removal->folder->file;
    g_autofree char *file = text_escape(path);

    if ((removal->kept ? rename(path, removal->kept) : unlink(path)) < 0)
        return error_errno(err, errno, "cannot remove '%s'", file);
    return (!removal->runs || client_reload(&removal->daemon.target, err)) &&
           (!has_status_file(removal) || status_file_remove(removal->folder->path, err)) &&
           shut_sandbox(removal, err);
}

/* ---- the result ---- */

static void show_commands(const Removal *removal)
{
    g_autofree char *options = addition_target_options(&removal->daemon);
    g_autofree char *file = text_shell_word(removal->folder->file);
    g_autofree char *kept = removal->kept ? text_shell_word(removal->kept) : NULL;

    printf("%s %s%s%s\n", kept ? "mv" : "rm", file, kept ? " " : "", kept ? kept : "");
    if (removal->runs)
        printf("hotfolder%s reload\n", options);
    if (has_status_file(removal)) {
        g_autofree char *path = g_build_filename(removal->folder->path, STATUS_FILE, NULL);
        g_autofree char *shown = text_shell_word(path);
        printf("rm -f %s\n", shown);
    }
    if (removal->shuts)
        printf("hotfolder%s systemd-dropin --install\n", options);
}

static void show(const Removal *removal)
{
    const Folder *folder = removal->folder;
    g_autofree char *name = text_escape(folder->name), *file = text_escape(folder->file);
    g_autofree char *path = text_escape(folder->path), *output = text_escape(folder->output);

    printf("the folder \"%s\" is removed (%s); its pictures stay in %s and %s\n", name, file, path,
           output);
    if (removal->kept) {
        g_autofree char *kept = text_escape(removal->kept);
        printf("its file was changed by hand: it is kept as %s, which is not read\n", kept);
    }
    if (removal->queued > 0)
        printf("%.0f %s not finished; added again, the folder goes on with them\n", removal->queued,
               removal->queued == 1 ? "picture was" : "pictures were");
}

static void show_json(const Removal *removal, bool ok, bool dry)
{
    const Folder *folder = removal->folder;
    cJSON *json = cJSON_CreateObject();

    if (folder) {
        json_add_text(json, "folder", folder->name);
        json_add_text(json, "path", folder->path);
        json_add_text(json, "output", folder->output);
        json_add_text(json, "file", folder->file);
        if (removal->kept)
            json_add_text(json, "kept", removal->kept);
        cJSON_AddNumberToObject(json, "queued", removal->queued);
    }
    cJSON_AddBoolToObject(json, "ok", ok);
    cJSON_AddBoolToObject(json, "dry_run", dry);
    findings_add_to(json);
    json_print(json);
}

/* ---- the command ---- */

static int remove_folder(const Target *target, const AdditionOptions *options, bool dry, bool json)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_auto(Removal) removal = { 0 };
    Error *error = NULL;

    if (json)
        findings_collect();
    bool ok = plan(target, options, &removal, errors);
    if (ok && !dry && !do_remove(&removal, &error)) {
        g_ptr_array_add(errors, error);
        ok = false;
    }
    findings_add_errors(errors);
    if (json)
        show_json(&removal, ok, dry);
    else if (ok && dry)
        show_commands(&removal);
    else if (ok)
        show(&removal);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int run_remove(int argc, char **argv, const Target *target)
{
    AdditionOptions typed = { 0 };
    int option = 0, status = 0;
    bool json = false, dry = false;

    while ((option = usage_next(&usage_remove, argc, argv, &status)) > 0) {
        json = json || option == OPTION_JSON;
        dry = dry || option == OPTION_DRY_RUN;
        typed.user = typed.user || option == OPTION_USER;
        if (option == 'c')
            typed.config = optarg;
    }
    if (option == USAGE_DONE)
        return status;
    if (optind + 1 != argc)
        return optind == argc ? usage_error(&usage_remove, "give the name or the path of a folder")
                              : usage_error(&usage_remove,
                                            "unexpected argument '%s'; remove one folder at a time",
                                            argv[optind + 1]);
    typed.path = argv[optind];
    return remove_folder(target, &typed, dry, json);
}

static const UsageOption options[] = {
    { OPTION_DRY_RUN, COMPLETE_WITH_NOTHING, "dry-run", NULL,
      "change nothing; print the commands that would do it" },
    { OPTION_JSON, COMPLETE_WITH_NOTHING, "json", NULL, "print the result as JSON" },
    { OPTION_USER, COMPLETE_WITH_NOTHING, "user", NULL, "of a daemon of your own" },
    { 'c', COMPLETE_WITH_FILES, "config", "FILE",
      "of a daemon with this configuration that systemd does not start; with --runtime-dir" },
    { 0 },
};

static const UsageExit exits[] = {
    { 0, "the folder is removed" },
    { 1, "it is not" },
    { USAGE_ERROR, "wrong usage" },
    { 0 },
};

const Usage usage_remove = {
    .name = "hotfolder remove",
    .arguments = "NAME|PATH",
    .summary = "take a hot folder out of the configuration",
    .text =
        "Removes the file of the configuration that has this folder and nothing else, as "
        "`hotfolder add` writes it (one that was changed by hand is kept as NAME.conf.removed), "
        "makes the daemon read its configuration, and takes the folder "
        "out of the drop-in of the service's sandbox, which is in use from its next start on. The "
        "directories and every picture in them stay. Of a folder beside other settings, it says "
        "which lines to remove. Pictures in progress are finished; those that are queued stay in "
        "the folder, and `hotfolder add` goes on with them.",
    .options = options,
    .exits = exits,
    .outer = &usage_hotfolder,
    .run = run_remove,
};
