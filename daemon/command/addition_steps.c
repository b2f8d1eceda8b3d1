/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/addition_steps.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hidden.h"
#include "base/text.h"
#include "command/client.h"
#include "command/dropin.h"
#include "command/folder_status.h"
#include "daemon/files/textfile.h"
#include "daemon/settings/load.h"

enum { WATCH_MS = 30000, PROBE_MS = 120000 };

void adding_clear(Adding *adding)
{
    if (adding->directories)
        directories_free(adding->directories);
    g_free(adding->dropin_before);
    g_free(adding->method);
    g_free(adding->no_probe);
    sent_probe_clear(&adding->probe);
}

/* ---- the directories ---- */

static const DirectoryOwner *owner_of(const Addition *plan)
{
    return plan->has_owner ? &plan->owner : NULL;
}

/* `shared`: with an ACL for what the group's members make in it. */
static char *directory_command(const Addition *plan, const char *path, DirectoryNeed need,
                               bool shared)
{
    g_autofree char *quoted = text_shell_word(path);

    if (need == DIRECTORY_STAYS)
        return NULL;
    if (!plan->has_owner)
        return g_strdup_printf("mkdir -p %s", quoted);
    return g_strdup_printf("install -d -o " SERVICE_USER " -g " SERVICE_USER " -m 2770 %s%s%s",
                           quoted, shared ? "\nsetfacl -d -m g::rwx " : "", shared ? quoted : "");
}

static char *directory_text(const Addition *plan, const char *path, DirectoryNeed need)
{
    g_autofree char *shown = text_escape(path);

    return g_strdup_printf("%s: %s%s", shown, need == DIRECTORY_GIVEN ? "it was empty" : "made",
                           plan->has_owner ? ", for the group " SERVICE_USER " (mode 2770)" : "");
}

static char *path_command(const Addition *plan)
{
    return directory_command(plan, plan->path, plan->path_need, true);
}

static char *output_command(const Addition *plan)
{
    return directory_command(plan, plan->output, plan->output_need, false);
}

static bool make_path(Adding *adding, Error **err)
{
    return directories_make(adding->directories, adding->plan->path, owner_of(adding->plan), true,
                            err);
}

static bool make_output(Adding *adding, Error **err)
{
    return directories_make(adding->directories, adding->plan->output, owner_of(adding->plan),
                            false, err);
}

static char *tell_path(const Adding *adding)
{
    return directory_text(adding->plan, adding->plan->path, adding->plan->path_need);
}

static char *tell_output(const Adding *adding)
{
    return directory_text(adding->plan, adding->plan->output, adding->plan->output_need);
}

/* ---- the configuration ---- */

static char *write_command(const char *file, const char *text)
{
    g_autofree char *directory = g_path_get_dirname(file), *quoted = text_shell_word(file);
    g_autofree char *parent = text_shell_word(directory);
    bool misses = access(directory, F_OK) != 0;

    return g_strdup_printf("%s%s%scat >%s <<'END'\n%sEND", misses ? "mkdir -p " : "",
                           misses ? parent : "", misses ? "\n" : "", quoted, text);
}

/* Gives the text its name when it is whole and on disk. */
static bool write_text(int dir_fd, const char *name, const char *text)
{
    g_autofree char *temporary = g_strconcat(HIDDEN_PREFIX, name, NULL);
    bool written = textfile_write(dir_fd, temporary, 0644, text) &&
                   fchmodat(dir_fd, temporary, 0644, 0) == 0 && /* the service reads it */
                   renameat(dir_fd, temporary, dir_fd, name) == 0;
    int code = errno;

    if (!written)
        unlinkat(dir_fd, temporary, 0);
    errno = code;
    return written;
}

/* The file belongs to root, or to the user who runs the command. */
static bool write_file(Adding *adding, const char *file, const char *text, Error **err)
{
    g_autofree char *directory = g_path_get_dirname(file), *name = g_path_get_basename(file);
    g_autofree char *shown = text_escape(file);

    if (!directories_make(adding->directories, directory, NULL, false, err))
        return false;
    int dir_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool written = dir_fd >= 0 && write_text(dir_fd, name, text);
    int code = errno;
    if (dir_fd >= 0)
        close(dir_fd);
    return written || error_errno(err, code, "cannot write '%s'", shown);
}

static char *config_command(const Addition *plan)
{
    g_autofree char *text = addition_config_text(plan);

    return plan->config_misses ? write_command(plan->config, text) : NULL;
}

static bool write_config(Adding *adding, Error **err)
{
    g_autofree char *text = addition_config_text(adding->plan);

    return adding->wrote_config = write_file(adding, adding->plan->config, text, err);
}

static char *tell_config(const Adding *adding)
{
    g_autofree char *shown = text_escape(adding->plan->config);

    return g_strdup_printf("%s written", shown);
}

static char *file_command(const Addition *plan)
{
    return plan->is_written ? NULL : write_command(plan->file, plan->text);
}

static bool write_folder(Adding *adding, Error **err)
{
    return adding->wrote_file = write_file(adding, adding->plan->file, adding->plan->text, err);
}

static char *tell_file(const Adding *adding)
{
    const Addition *plan = adding->plan;
    g_autofree char *file = text_escape(plan->file), *name = text_escape(plan->name);

    return g_strdup_printf("\"%s\" with the profile %s, in %s", name, plan->profile, file);
}

/* ---- whether it is right ---- */

static char *check_command(const Addition *plan)
{
    g_autofree char *options = addition_target_options(plan),
                    *config = text_shell_word(plan->config);

    return plan->manager == UNIT_BY_HAND ? g_strdup_printf("hotfolder check --config %s", config)
                                         : g_strdup_printf("hotfolder%s check", options);
}

static bool load_again(Addition *plan, Error **err)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    Settings *settings = settings_load(plan->config, NULL, errors);
    const Folder *folder = settings ? settings_find_folder(settings, plan->name) : NULL;

    if (errors->len)
        *err = error_copy(errors->pdata[0]);
    else if (!folder)
        error_set(err, ERROR_INTERNAL, "report it", "the configuration does not have the folder");
    if (!folder) {
        settings_unref(settings);
        return false;
    }
    settings_unref(plan->settings);
    plan->settings = settings;
    plan->folder = folder;
    return true;
}

/* Only of this folder: the trouble of another one is no reason to refuse it. */
static bool check(Adding *adding, Error **err)
{
    Addition *plan = adding->plan;

    return load_again(plan, err) &&
           (check_folder_as(plan->settings, plan->folder, &plan->user) ||
            error_set(err, ERROR_CONFIG, "correct what is said above, and run the command again",
                      "the folder cannot be used"));
}

static char *tell_check(const Adding *adding)
{
    return g_strdup(adding->plan->user.id ? "the user " SERVICE_USER " can use the folder"
                                          : "the folder can be used");
}

/* ---- the sandbox ---- */

static char *open_command(const Addition *plan)
{
    g_autofree char *options = addition_target_options(plan);

    return plan->opens ? g_strdup_printf("hotfolder%s systemd-dropin --install", options) : NULL;
}

static bool open_sandbox(Adding *adding, Error **err)
{
    const Addition *plan = adding->plan;
    g_autofree char *path = dropin_path(&plan->target);
    g_autofree char *text = dropin_text(plan->config, plan->settings, true);

    if (!text)
        return error_set(err, ERROR_CONFIG, NULL, "the service's sandbox cannot be opened for it");
    g_file_get_contents(path, &adding->dropin_before, NULL, NULL);
    adding->opened = true;
    return dropin_install(&plan->target, text, err);
}

static char *tell_opened(const Adding *adding)
{
    g_autofree char *path = dropin_path(&adding->plan->target);

    return g_strdup_printf("opened for it by %s", path);
}

static void close_sandbox(const Adding *adding)
{
    g_autoptr(Error) ignored = NULL;

    if (!adding->opened)
        return;
    if (adding->dropin_before)
        dropin_install(&adding->plan->target, adding->dropin_before, &ignored);
    else
        dropin_remove(&adding->plan->target, &ignored);
}

/* ---- the daemon ---- */

static const char *verb_of(const Addition *plan)
{
    return plan->start == START_RESTART ? "restart" : "enable --now";
}

static char *start_command(const Addition *plan)
{
    g_autofree char *options = addition_target_options(plan),
                    *config = text_shell_word(plan->config);

    if (plan->start == START_RELOAD)
        return g_strdup_printf("hotfolder%s reload", options);
    return plan->start == START_BY_HAND
               ? g_strdup_printf("# start the daemon: hotfolderd --config %s", config)
               : unit_command(plan->manager, verb_of(plan), plan->unit);
}

static bool start(Adding *adding, Error **err)
{
    const Addition *plan = adding->plan;
    g_autofree char *config = text_shell_word(plan->config);
    g_autofree char *fix =
        g_strdup_printf("start it (hotfolderd --config %s), and run this command again", config);

    adding->began = true;
    if (plan->start == START_RELOAD)
        return client_reload(&plan->target, err);
    adding->stays = plan->start == START_BY_HAND;
    if (adding->stays)
        return error_set(err, ERROR_ENVIRONMENT, fix,
                         "the folder is set up, and no daemon runs that could watch it");
    g_autofree char *why = g_strdup_printf("`journalctl -u %s` says why", plan->unit);
    if (unit_call(plan->manager, verb_of(plan), plan->unit, err))
        return true;
    g_free((*err)->fix);
    (*err)->fix = g_steal_pointer(&why);
    return false;
}

static char *tell_start(const Adding *adding)
{
    static const char *const words[] = {
        [START_RELOAD] = "has read its configuration again",
        [START_RESTART] = "restarted",
        [START_ENABLE] = "started, and starts at each boot",
    };
    const Addition *plan = adding->plan;

    return plan->manager == UNIT_BY_HAND ? g_strdup(words[plan->start])
                                         : g_strdup_printf("%s %s", plan->unit, words[plan->start]);
}

/* A service that ran goes on without the folder. */
static void start_as_before(const Adding *adding)
{
    const Addition *plan = adding->plan;
    g_autoptr(Error) ignored = NULL;

    if (!adding->began || plan->start == START_RELOAD || plan->start == START_BY_HAND)
        return;
    unit_call(plan->manager, plan->start == START_RESTART ? "restart" : "disable --now", plan->unit,
              &ignored);
}

/* ---- the proof ---- */

static char *watch_comment(const Addition *plan)
{
    g_autofree char *options = addition_target_options(plan);

    return g_strdup_printf("# wait until it is available: hotfolder%s status", options);
}

/* An earlier call may have written the drop-in and ended before the restart: then the sandbox still
 * hides the folder. */
static bool watches(const Addition *plan, FolderStatus *status)
{
    g_autoptr(Error) ignored = NULL;

    if (folder_status_await(&plan->target, plan->name, WATCH_MS, status))
        return true;
    if (folder_status_is_paused(status) || plan->start != START_RELOAD ||
        plan->manager != UNIT_SYSTEM || !unit_is_managed(UNIT_SYSTEM) ||
        !unit_call(UNIT_SYSTEM, "restart", plan->unit, &ignored))
        return false;
    folder_status_clear(status);
    return folder_status_await(&plan->target, plan->name, WATCH_MS, status);
}

static bool await_watch(Adding *adding, Error **err)
{
    g_auto(FolderStatus) status = { 0 };

    adding->stays = true;
    if (watches(adding->plan, &status)) {
        adding->method = g_strdup(status.method);
        return true;
    }
    if (!status.answered)
        return error_set(err, ERROR_ENVIRONMENT, "`hotfolder status` shows whether it runs",
                         "the daemon does not answer");
    g_autofree char *name = text_shell_word(adding->plan->name);
    g_autofree char *options = addition_target_options(adding->plan);
    g_autofree char *resume =
        g_strdup_printf("continue with: hotfolder%s resume %s", options, name);
    return error_set(
        err, ERROR_ENVIRONMENT,
        folder_status_is_paused(&status) ? resume
                                         : "correct that, and hotfolder continues by itself",
        "the folder is %s%s%s", status.state ? status.state : "not known to the daemon",
        status.reason ? ": " : "", status.reason ? status.reason : "");
}

static char *tell_watch(const Adding *adding)
{
    return g_strdup_printf("by %s", adding->method);
}

/* Why no probe is sent, newly allocated; NULL: it is. */
static char *probe_reason(const Addition *plan)
{
    if (plan->present)
        return g_strdup_printf("%u %s in the folder already; drop one yourself", plan->present,
                               plan->present == 1 ? "file lies" : "files lie");
    return g_strdup(sent_probe_refusal(plan->folder));
}

static char *probe_comment(const Addition *plan)
{
    g_autofree char *reason = probe_reason(plan), *path = text_escape(plan->path);

    return reason ? g_strdup_printf("# no test picture is sent: %s", reason)
                  : g_strdup_printf("# drop a probe picture into %s, wait for what becomes of it, "
                                    "and remove both",
                                    path);
}

static bool probe(Adding *adding, Error **err)
{
    const Addition *plan = adding->plan;

    sent_probe_remove_leftovers(&plan->target, plan->folder, PROBE_MS);
    adding->no_probe = probe_reason(plan);
    return adding->no_probe ||
           sent_probe_run(&plan->target, plan->folder, PROBE_MS, &adding->probe, err);
}

static char *tell_probe(const Adding *adding)
{
    if (adding->no_probe)
        return g_strdup_printf("no test picture was sent: %s", adding->no_probe);
    if (!adding->probe.outputs->len)
        return g_strdup("a picture went through, and its profile made no output of it");
    GString *text = g_string_new("a picture came out as");
    for (guint i = 0; i < adding->probe.outputs->len; i++) {
        g_autofree char *shown = text_escape(adding->probe.outputs->pdata[i]);
        g_string_append_printf(text, "%s %s", i ? "," : "", shown);
    }
    g_string_append_printf(text, " (%s) after %.1f s; every trace of it is removed",
                           adding->probe.sizes, adding->probe.seconds);
    return g_string_free(text, FALSE);
}

const Step addition_steps[] = {
    { "directory", path_command, make_path, tell_path },
    { "directory", output_command, make_output, tell_output },
    { "settings", config_command, write_config, tell_config },
    { "folder", file_command, write_folder, tell_file },
    { "check", check_command, check, tell_check },
    { "sandbox", open_command, open_sandbox, tell_opened },
    { "daemon", start_command, start, tell_start },
    { "watched", watch_comment, await_watch, tell_watch },
    { "probe", probe_comment, probe, tell_probe },
    { 0 },
};

/* A service that was restarted must not see the folder any more, before it starts once more. */
void adding_take_back(const Adding *adding)
{
    if (adding->wrote_file)
        unlink(adding->plan->file);
    if (adding->wrote_config)
        unlink(adding->plan->config);
    close_sandbox(adding);
    start_as_before(adding);
    directories_take_back(adding->directories);
}
