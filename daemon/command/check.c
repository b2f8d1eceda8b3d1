/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hotfolder check - the configuration as the daemon would read it, and its directories as the
 * daemon, or the person who asks, may use them. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/text.h"
#include "command/command.h"
#include "command/findings.h"
#include "command/services.h"
#include "command/terminal.h"
#include "config/manual.h"
#include "daemon/files/rights.h"
#include "daemon/files/signs.h"
#include "daemon/files/trust.h"
#include "daemon/folders/healthcheck.h"
#include "daemon/process/sandbox_report.h"
#include "daemon/settings/load.h"
#include "daemon/settings/tables.h"

enum { OPTION_SETTINGS = 256, OPTION_JSON, ENTRY_BYTES = 1 << 14 };

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
    puts("include(\"conf.d/*.conf\") reads more files, relative to the file that it is "
         "in.\n`hotfolder actions` lists what a profile \"NAME\" { ... } is made of.");
    return EXIT_SUCCESS;
}

/* ---- directories ---- */

static void report(const Folder *folder, const char *what, const char *fix)
{
    g_autofree char *file = text_escape(folder->file);
    g_autofree char *where = g_strdup_printf("%s:%d", file, folder->line);

    findings_add(where, folder->name, what, fix);
}

/* Why stat(2) failed with the errno value `code`, newly allocated; *fix is set. */
static char *stat_problem(int code, const char **fix)
{
    if (code == ENOENT || code == ENOTDIR) {
        *fix = "create it, or mount it; the folder then becomes available";
        return g_strdup("does not exist");
    }
    *fix = code == EACCES ? "give this user the right to enter its parent directories"
                          : "check the file system that it is on";
    return g_strdup_printf("cannot be reached: %s", g_strerror(code));
}

/* NULL, or what is wrong with the directory where pictures arrive, newly allocated; *fix is set
 * with it. */
static char *path_problem(const char *path, const char **fix)
{
    struct stat st;

    if (stat(path, &st) != 0)
        return stat_problem(errno, fix);
    *fix = "name a directory";
    if (!S_ISDIR(st.st_mode))
        return g_strdup("is not a directory");
    *fix = "give this user the right to read it";
    return access(path, R_OK | X_OK) == 0 ? NULL : g_strdup("cannot be read");
}

/* done/ and failed/ are created when they are needed; an existing one has to accept files. */
static bool check_own(const Folder *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder->path, name, NULL);
    g_autofree char *shown = text_escape(path);
    g_autofree char *what = g_strdup_printf("originals cannot move into '%s'", shown);

    if (access(path, F_OK) != 0)
        return true;
    if (g_file_test(path, G_FILE_TEST_IS_DIR) && access(path, W_OK | X_OK) == 0)
        return true;
    report(folder, what, "make it a directory that this user may write to");
    return false;
}

static bool check_path(const Folder *folder)
{
    g_autofree char *shown = text_escape(folder->path);
    const char *fix = NULL;
    g_autofree char *problem = path_problem(folder->path, &fix);
    g_autofree char *what = g_strdup_printf("path '%s' %s", shown, problem ? problem : "");

    if (problem) {
        report(folder, what, fix);
        return false;
    }
    bool right = folder->originals != ORIGINALS_DONE || check_own(folder, "done");
    return check_own(folder, "failed") && right;
}

/* Each part of what the daemon checks is reported, not only the first that is wrong. */
static bool check_health(const Folder *folder)
{
    static bool (*const parts[])(const Folder *folder, Error **err) = { healthcheck_originals,
                                                                        healthcheck_space,
                                                                        healthcheck_output };
    bool right = true;

    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        g_autoptr(Error) error = NULL;
        if (parts[i](folder, &error))
            continue;
        g_autofree char *what = error->where ? g_strdup_printf("%s: %s", error->where, error->what)
                                             : g_strdup(error->what);
        report(folder, what, error->fix);
        right = false;
    }
    return right;
}

/* Some file systems take fewer signs in names than Linux does; the profile says some of them. */
static bool check_name(const Folder *folder, const NamedOutput *output, int dir_fd)
{
    g_autofree char *sign = signs_refused(dir_fd, output->name);
    g_autofree char *shown = text_escape(folder->output);
    g_autofree char *where = g_strdup_printf("%s: name", output->where);
    g_autofree char *what =
        g_strdup_printf("the file system of '%s' takes no name with %s", shown, sign ? sign : "");

    if (sign)
        findings_add(where, folder->name, what,
                     "set names = portable, use other signs in name, or another output directory");
    return !sign;
}

static bool check_names(const Settings *settings, const Folder *folder)
{
    int dir_fd = open(folder->output, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    g_autofree char *profile = text_escape(folder->profile->name);
    bool right = true;

    if (dir_fd < 0) /* check_health() reports it */
        return true;
    for (guint i = 0; i < settings->names->len; i++) {
        const NamedOutput *output = settings->names->pdata[i];
        if (!strcmp(output->profile, profile) && folder->names == NAMES_AS_GIVEN)
            right = check_name(folder, output, dir_fd) && right;
    }
    close(dir_fd);
    return right;
}

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

/* The words of the accepted formats that the sandbox is too weak for, newly allocated, and why;
 * NULL where there is none. */
static char *unconfined_formats(const Folder *folder, const char *lacks, Error **why)
{
    unsigned formats = 0;

    for (unsigned i = 0; i < FORMAT_COUNT; i++) {
        g_autoptr(Error) error = NULL;
        if (!(folder->limits.accept & FORMAT_BIT(i)) ||
            sandbox_allows(folder, (Format) i, lacks, &error))
            continue;
        formats |= FORMAT_BIT(i);
        if (!*why)
            *why = g_steal_pointer(&error);
    }
    return formats ? format_words(formats) : NULL;
}

/* Where no picture would be processed, that is an error; where some wait, a warning. */
static bool check_sandbox(const Folder *folder, const char *lacks)
{
    g_autoptr(Error) why = NULL;
    g_autofree char *formats = unconfined_formats(folder, lacks, &why);
    g_autofree char *warning =
        g_strdup_printf("warning: pictures of these formats would wait: %s: %s",
                        formats ? formats : "", why ? why->what : "");
    bool held = why && why->kind == ERROR_ENVIRONMENT;

    if (why)
        report(folder, held ? why->what : warning, why->fix);
    return !held;
}

/* A warning is not an error: the folder is used. Takes over the text; NULL: there is none. */
static void warn_of(const Folder *folder, char *warning)
{
    g_autofree char *owned = warning;
    g_autofree char *what = g_strdup_printf("warning: %s", owned ? owned : "");

    if (owned)
        report(folder, what, NULL);
}

static void warn(const Folder *folder)
{
    warn_of(folder, trust_warning(folder->path));
    if (folder->recursive)
        warn_of(folder, rights_warning(folder->path));
}

static bool check_folder(const Settings *settings, const Folder *folder)
{
    bool right = check_path(folder);

    right = check_health(folder) && right;
    right = check_names(settings, folder) && right;
    right = check_sandbox(folder, settings->sandbox_lacks) && right;
    warn(folder);
    return right;
}

/* ---- the user: root may do everything, and the service is not root ---- */

#define SERVICE_USER "hotfolder" /* as units/ say */

typedef struct User {
    uid_t id; /* 0: the checks run as the current user */
    gid_t group;
} User;

/* Takes over its groups; id is 0 where there is no such user. */
static User service_user(void)
{
    g_autofree char *buffer = g_malloc(ENTRY_BYTES);
    struct passwd entry, *found = NULL;

    if (getpwnam_r(SERVICE_USER, &entry, buffer, ENTRY_BYTES, &found) != 0 || !found ||
        initgroups(SERVICE_USER, found->pw_gid) < 0)
        return (User){ 0 };
    return (User){ found->pw_uid, found->pw_gid };
}

/* Acts as this user, or as root again. It changes the real uid too, which access(2) checks, and
 * only in this thread: glibc's setresuid(3) would wait for others, which may hang in a share. */
static bool act_as(const User *user)
{
    if (syscall(SYS_setresgid, user->group, user->group, 0) == 0 &&
        syscall(SYS_setresuid, user->id, user->id, 0) == 0)
        return true;
    terminal_error("cannot act as the user %u: %s", user->id, g_strerror(errno));
    return false;
}

/* Only root reaches from here what the drop-in brings into the sandbox, such as a closed home. */
static bool is_within_reach(const Folder *folder)
{
    return !dropin_brings_in(folder->path) && !dropin_brings_in(folder->output);
}

static bool check_folder_as(const Settings *settings, const Folder *folder, const User *user)
{
    static const User root = { 0 };

    if (!healthcheck_responds(folder)) {
        g_autofree char *hang = healthcheck_hang_text(folder);
        report(folder, hang, "check the share that it is on");
        return false;
    }
    if (!user->id || !is_within_reach(folder))
        return check_folder(settings, folder);
    bool right = act_as(user) && check_folder(settings, folder);
    return act_as(&root) && right;
}

/* How many folders cannot be used. */
static unsigned check_folders(const Settings *settings, const User *user)
{
    unsigned wrong = 0;

    for (guint i = 0; i < settings->folders->len; i++)
        wrong += !check_folder_as(settings, settings->folders->pdata[i], user);
    return wrong;
}

/* ---- files that the configuration names ---- */

/* The sandbox opens the way to what the drop-in brings in; outside, only root may have it. */
static bool may_read(const NamedFile *file, const User *user)
{
    static const User root = { 0 };
    int fd = open(file->path, O_PATH | O_CLOEXEC);
    bool may =
        act_as(user) && (dropin_brings_in(file->path) ? faccessat(fd, "", R_OK, AT_EMPTY_PATH) == 0
                                                      : access(file->path, R_OK) == 0);

    if (fd >= 0)
        close(fd);
    return act_as(&root) && may;
}

/* How many of them the user may not read. Without one, reading them was the check. */
static unsigned check_files(const Settings *settings, const User *user)
{
    unsigned wrong = 0;

    for (guint i = 0; user->id && i < settings->files->len; i++) {
        const NamedFile *file = settings->files->pdata[i];
        g_autofree char *shown = text_escape(file->path);
        g_autofree char *what =
            g_strdup_printf("'%s' cannot be read by the user " SERVICE_USER, shown);

        if (may_read(file, user))
            continue;
        findings_add(file->where, NULL, what,
                     "give the user the right to read it, or move it elsewhere");
        wrong++;
    }
    return wrong;
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
    bool booted = access("/run/systemd/system", F_OK) == 0; /* sd_booted(3) */

    if (booted && settings->folders->len && !dropin_is_current(target, config, settings))
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
static bool is_usable(unsigned folders, unsigned files, const User *user)
{
    if (folders)
        terminal_error("the configuration is correct, but not every folder can be used%s",
                       user->id ? " by the user " SERVICE_USER : "");
    else if (files)
        terminal_error("the configuration is correct, but the service could not read all of it");
    return !folders && !files;
}

static void show_correct(const char *config, const Settings *settings)
{
    printf("%s is correct: %u folder%s, %u profile%s, %d worker%s%s\n", config,
           settings->folders->len, plural(settings->folders->len), settings->profiles->len,
           plural(settings->profiles->len), settings->workers, plural((guint) settings->workers),
           settings->folders->len ? "" : "; add a folder: nothing is watched");
}

static void show_json(const char *config, const Settings *settings)
{
    FindingCounts counts = { 0 };

    if (settings)
        counts = (FindingCounts){ settings->folders->len, settings->profiles->len,
                                  (unsigned) settings->workers };
    findings_print(config, settings ? &counts : NULL);
}

/* service: root checks the configuration of the system's service. */
static int check(const Target *target, const char *config, bool service, bool json)
{
    User user = service ? service_user() : (User){ 0 };

    if (json)
        findings_collect();
    g_autoptr(Settings) settings = load(config);
    if (settings) {
        warn_of_names(settings);
        warn_of_advice(settings);
    }
    unsigned unread = settings ? check_files(settings, &user) : 0;
    unsigned unusable = settings ? check_folders(settings, &user) : 0;
    bool right = settings && !unread && !unusable;
    if (settings)
        services_warn(target, config, settings);
    if (right && service)
        note_sandbox(target, config, settings);
    if (json)
        show_json(config, settings);
    else if (settings && is_usable(unusable, unread, &user))
        show_correct(config, settings);
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
        "the service's own configuration, and otherwise the user who runs the command. It also "
        "warns of each other hotfolderd that runs now and watches one of the folders too, where "
        "the user who runs the command may ask it for its status.",
    .options = options,
    .exits = exits,
    .outer = &usage_hotfolder,
    .run = run_check,
};
