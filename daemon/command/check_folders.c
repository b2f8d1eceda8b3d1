/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/check_folders.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/text.h"
#include "command/dropin.h"
#include "command/findings.h"
#include "command/terminal.h"
#include "daemon/files/rights.h"
#include "daemon/files/signs.h"
#include "daemon/files/trust.h"
#include "daemon/folders/healthcheck.h"
#include "daemon/process/sandbox_report.h"

enum { ENTRY_BYTES = 1 << 14 };

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

CheckUser check_service_user(void)
{
    g_autofree char *buffer = g_malloc(ENTRY_BYTES);
    struct passwd entry, *found = NULL;

    if (getpwnam_r(SERVICE_USER, &entry, buffer, ENTRY_BYTES, &found) != 0 || !found ||
        initgroups(SERVICE_USER, found->pw_gid) < 0)
        return (CheckUser){ 0 };
    return (CheckUser){ found->pw_uid, found->pw_gid };
}

/* Acts as this user, or as root again. It changes the real uid too, which access(2) checks, and
 * only in this thread: glibc's setresuid(3) would wait for others, which may hang in a share. */
static bool act_as(const CheckUser *user)
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

bool check_folder_as(const Settings *settings, const Folder *folder, const CheckUser *user)
{
    static const CheckUser root = { 0 };

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

unsigned check_folders(const Settings *settings, const CheckUser *user)
{
    unsigned wrong = 0;

    for (guint i = 0; i < settings->folders->len; i++)
        wrong += !check_folder_as(settings, settings->folders->pdata[i], user);
    return wrong;
}

/* ---- files that the configuration names ---- */

/* The sandbox opens the way to what the drop-in brings in; outside, only root may have it. */
static bool may_read(const NamedFile *file, const CheckUser *user)
{
    static const CheckUser root = { 0 };
    int fd = open(file->path, O_PATH | O_CLOEXEC);
    bool may =
        act_as(user) && (dropin_brings_in(file->path) ? faccessat(fd, "", R_OK, AT_EMPTY_PATH) == 0
                                                      : access(file->path, R_OK) == 0);

    if (fd >= 0)
        close(fd);
    return act_as(&root) && may;
}

unsigned check_files(const Settings *settings, const CheckUser *user)
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
