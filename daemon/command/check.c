/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hotfolder check - the configuration as the daemon would read it, and its directories as the
 * daemon, or the person who asks, may use them. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "command/check_imports.h"
#include "command/command.h"
#include "command/dropin.h"
#include "command/findings.h"
#include "command/services.h"
#include "command/terminal.h"
#include "command/unit.h"
#include "config/manual.h"
#include "daemon/settings/load.h"
#include "daemon/settings/tables.h"

enum { OPTION_SETTINGS = 256, OPTION_JSON };

/* ---- settings ---- */

static void show_table(const char *title, const Param *params, size_t indent)
{
    g_autofree char *text = manual_params(params, indent);

    printf("%s\n\n%s\n", title, text);
}

static int show_settings(void)
{
    show_table("At the top of the file:", top_settings, 2);
    show_table(
        "In folder \"NAME\" { ... }; all but path also in defaults { ... }:", folder_settings, 2);
    show_table("In retry { ... }, inside a folder or defaults:", retry_settings, 2);
    show_table("In program \"NAME\" { ... }, which `program { use = NAME }` in a profile runs:",
               program_settings, 2);
    show_table("In import \"NAME\" { ... }, which copies cards of cameras:", import_settings, 2);
    show_table("In camera \"NAME\" { ... }, for the names that imports give:", camera_settings, 2);
    show_table("In notify \"NAME\" { ... }, which says who gets notices:", notify_settings, 2);
    show_table("In http { ... }, which turns the page on:", http_settings, 2);
    puts("include(\"conf.d/*.conf\") reads more files, relative to the file that it is "
         "in.\n`hotfolder actions` lists what a profile \"NAME\" { ... } is made of.");
    return EXIT_SUCCESS;
}

/* ---- what a configuration that is right may do unexpectedly ---- */

/* `save` adds the extension of the format that it writes to one of another picture's. */
static void warn_of_names(const Settings *settings)
{
    for (guint i = 0; i < settings->names->len; i++) {
        const NamedOutput *output = settings->names->pdata[i];
        const char *extension = NULL;
        Format format = format_promised(output->name, &extension);
        if (format == FORMAT_NONE || (FORMATS_WRITTEN & FORMAT_BIT(format)))
            continue;
        g_autofree char *where = g_strdup_printf("%s: name", output->where);
        g_autofree char *what = g_strdup_printf(
            "warning: hotfolder does not write %s files: the extension of what it writes is added, "
            "as in x%s.jpg",
            format_name(format), extension);
        findings_add(where, NULL, what, "end the name in .jpg, .png, .webp, .tif or .avif");
    }
}

static void warn_of_advice(const Settings *settings)
{
    for (guint i = 0; i < settings->advice->len; i++) {
        const Error *advice = settings->advice->pdata[i];
        g_autofree char *what = g_strdup_printf("warning: %s", advice->what);
        findings_add(advice->where, NULL, what, advice->fix);
    }
}

static bool is_used(const Settings *settings, const char *profile)
{
    for (guint i = 0; i < settings->folders->len; i++)
        if (!strcmp(((const Folder *) settings->folders->pdata[i])->profile->name, profile))
            return true;
    return false;
}

/* What the formats of a folder's outputs do not keep is no mistake: who wants a JPEG gets one. */
static void note_losses(const Settings *settings, bool json)
{
    for (guint i = 0; i < settings->losses->len; i++) {
        const NamedOutput *output = settings->losses->pdata[i];
        g_autofree char *what = g_strdup_printf("note: %s", output->name);
        if (!is_used(settings, output->profile))
            continue;
        if (json)
            findings_add(output->where, NULL, what, NULL);
        else
            printf("%s: %s\n", output->where, what);
    }
}

/* ---- the command ---- */

static const char *plural(guint count)
{
    return count == 1 ? "" : "s";
}

/* The service's sandbox may still hide the folders of a correct configuration. */
static void note_sandbox(const Target *target, const char *config, const Settings *settings)
{
    g_autofree char *instance =
        target->instance ? g_strdup_printf(" --instance %s", target->instance) : g_strdup("");
    g_autofree char *fix = g_strdup_printf("run: hotfolder%s systemd-dropin --install", instance);

    if (unit_is_managed(UNIT_SYSTEM) && settings->folders->len &&
        !dropin_is_current(target, config, settings))
        findings_add(NULL, NULL, "warning: the service's sandbox is not open for these folders yet",
                     fix);
}

static Settings *load(const char *config)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    Settings *settings = settings_load(config, NULL, errors);

    findings_add_errors(errors);
    return settings;
}

/* What is wrong with a configuration that has no errors; false after a last line about it. */
static bool is_usable(unsigned folders, unsigned imports, unsigned files, const CheckUser *user)
{
    if (folders || imports)
        terminal_error("the configuration is correct, but not every %s can be used%s",
                       folders ? "folder" : "import", user->id ? " by the user " SERVICE_USER : "");
    else if (files)
        terminal_error("the configuration is correct, but the service could not read all of it");
    return !folders && !imports && !files;
}

static void show_correct(const char *config, const Settings *settings)
{
    guint imports = settings->imports->len, notices = settings->notices->len;
    g_autofree char *cards =
        imports ? g_strdup_printf(", %u import%s", imports, plural(imports)) : g_strdup("");
    g_autofree char *sent =
        notices ? g_strdup_printf(", %u notice%s", notices, plural(notices)) : g_strdup("");
    g_autofree char *also = g_strconcat(cards, sent, NULL);

    printf("%s is correct: %u folder%s%s, %u profile%s, %d worker%s%s\n", config,
           settings->folders->len, plural(settings->folders->len), also, settings->profiles->len,
           plural(settings->profiles->len), settings->workers, plural((guint) settings->workers),
           settings->folders->len || imports ? "" : "; add a folder: nothing is watched");
}

static void show_json(const char *config, const Settings *settings)
{
    FindingCounts counts = { 0 };

    if (settings)
        counts = (FindingCounts){ settings->folders->len, settings->imports->len,
                                  settings->profiles->len, (unsigned) settings->workers };
    findings_print(config, settings ? &counts : NULL);
}

/* settings: NULL where they have errors, which only JSON shows here. */
static void show(const char *config, const Settings *settings, bool json)
{
    if (!json)
        show_correct(config, settings);
    if (settings)
        note_losses(settings, json);
    if (json)
        show_json(config, settings);
}

/* service: root checks the configuration of the system's service. */
static int check(const Target *target, const char *config, bool service, bool json)
{
    CheckUser user = service ? check_service_user() : (CheckUser){ 0 };

    if (json)
        findings_collect();
    g_autoptr(Settings) settings = load(config);
    if (settings) {
        warn_of_names(settings);
        warn_of_advice(settings);
    }
    unsigned unread = settings ? check_files(settings, &user) : 0;
    unsigned unusable = settings ? check_folders(settings, &user) : 0;
    unsigned unfit = settings ? check_imports(settings, &user) : 0;
    bool right = settings && !unread && !unusable && !unfit;
    if (settings)
        services_warn(target, config, settings);
    if (right && service)
        note_sandbox(target, config, settings);
    if (json || (settings && is_usable(unusable, unfit, unread, &user)))
        show(config, settings, json);
    return right ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int run_check(int argc, char **argv, const Target *target)
{
    const char *given = NULL;
    int option = 0, status = 0;
    bool json = false;

    while ((option = usage_next(&usage_check, argc, argv, &status)) > 0) {
        if (option == OPTION_SETTINGS)
            return show_settings();
        if (option == OPTION_JSON)
            json = true;
        else
            given = optarg;
    }
    if (option == USAGE_DONE)
        return status;
    if (optind < argc)
        return usage_error(&usage_check, "unexpected argument '%s'; give the file with --config",
                           argv[optind]);
    return check(target, given ? given : target->config, !given && geteuid() == 0, json);
}

static const UsageOption options[] = {
    { 'c', COMPLETE_WITH_FILES, "config", "FILE", USAGE_CONFIG },
    { OPTION_JSON, COMPLETE_WITH_NOTHING, "json", NULL, "print what was found as JSON" },
    { OPTION_SETTINGS, COMPLETE_WITH_NOTHING, "settings", NULL,
      "explain all settings outside of profiles and exit" },
    { 0 },
};

static const UsageExit exits[] = {
    { 0, "no error was found" },
    { 1, "an error was found" },
    { USAGE_ERROR, "wrong usage" },
    { 0 },
};

const Usage usage_check = {
    .name = "hotfolder check",
    .arguments = "",
    .summary = "check the configuration and its directories",
    .text =
        "Reads the configuration as the daemon would, and reports every error in it as FILE:LINE: "
        "what; remedy. Without errors, it then checks whether the user may use the directories and "
        "read the files that the configuration names. That user is the service's when root checks "
        "the service's own configuration, and otherwise the user who runs the command. It notes "
        "what the formats that a folder's profile writes do not keep of a picture, such as "
        "transparency. It warns of steps that do nothing, of those that would better stand in "
        "another order, and of each other hotfolderd that runs now and watches one of the "
        "folders too, where the user who runs the command may ask it for its status.",
    .options = options,
    .exits = exits,
    .outer = &usage_hotfolder,
    .run = run_check,
};
