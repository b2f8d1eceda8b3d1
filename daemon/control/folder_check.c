/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/control/folder_check.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "daemon/files/rights.h"
#include "daemon/files/signs.h"
#include "daemon/files/trust.h"
#include "daemon/folders/healthcheck.h"
#include "daemon/process/sandbox_report.h"

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
static void check_own(GPtrArray *list, const Folder *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder->path, name, NULL);

    if (access(path, F_OK) == 0 &&
        !(g_file_test(path, G_FILE_TEST_IS_DIR) && access(path, W_OK | X_OK) == 0))
        finding_add(list, FINDING_PROBLEM, folder,
                    "make it a directory that this user may write to",
                    "originals cannot move into '%s'", path);
}

static void check_path(GPtrArray *list, const Folder *folder)
{
    const char *fix = NULL;
    g_autofree char *problem = path_problem(folder->path, &fix);

    if (problem) {
        finding_add(list, FINDING_PROBLEM, folder, fix, "path '%s' %s", folder->path, problem);
        return;
    }
    if (folder->originals == ORIGINALS_DONE)
        check_own(list, folder, "done");
    check_own(list, folder, "failed");
}

/* Each part of what the daemon checks is reported, not only the first that is wrong. */
static void check_health(GPtrArray *list, const Folder *folder)
{
    static bool (*const parts[])(const Folder *folder, Error **err) = { healthcheck_originals,
                                                                        healthcheck_space,
                                                                        healthcheck_output };

    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        g_autoptr(Error) error = NULL;
        if (!parts[i](folder, &error))
            finding_add_error(list, FINDING_PROBLEM, folder, error);
    }
}

/* Some file systems take fewer signs in names than Linux does; the profile says some of them. */
static void check_name(GPtrArray *list, const Folder *folder, const NamedOutput *output, int dir_fd)
{
    g_autofree char *sign = signs_refused(dir_fd, output->name);
    g_autofree char *where = g_strdup_printf("%s: name", output->where);
    g_autofree char *what = g_strdup_printf("the file system of '%s' takes no name with %s",
                                            folder->output, sign ? sign : "");

    if (sign)
        finding_add_at(list, FINDING_PROBLEM, folder, where,
                       "set names = portable, use other signs in name, or another output directory",
                       what);
}

static void check_names(GPtrArray *list, const Settings *settings, const Folder *folder)
{
    int dir_fd = open(folder->output, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    g_autofree char *profile = text_escape(folder->profile->name);

    if (dir_fd < 0) /* check_health() reports it */
        return;
    for (guint i = 0; i < settings->names->len; i++) {
        const NamedOutput *output = settings->names->pdata[i];
        if (!strcmp(output->profile, profile) && folder->names == NAMES_AS_GIVEN)
            check_name(list, folder, output, dir_fd);
    }
    close(dir_fd);
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

/* Where no picture would be processed, that is a problem; where some wait, a note. */
static void check_sandbox(GPtrArray *list, const Folder *folder, const char *lacks)
{
    g_autoptr(Error) why = NULL;
    g_autofree char *formats = unconfined_formats(folder, lacks, &why);

    if (why && why->kind == ERROR_ENVIRONMENT)
        finding_add(list, FINDING_PROBLEM, folder, why->fix, "%s", why->what);
    else if (why)
        finding_add(list, FINDING_NOTE, folder, why->fix,
                    "pictures of these formats would wait: %s: %s", formats, why->what);
}

/* Takes over the text; NULL: there is none. */
static void note(GPtrArray *list, const Folder *folder, char *text)
{
    g_autofree char *owned = text;

    if (owned)
        finding_add(list, FINDING_NOTE, folder, NULL, "%s", owned);
}

void folder_check(GPtrArray *list, const Settings *settings, const Folder *folder,
                  const char *lacks)
{
    check_path(list, folder);
    check_health(list, folder);
    check_names(list, settings, folder);
    check_sandbox(list, folder, lacks);
    note(list, folder, trust_warning(folder->path));
    if (folder->recursive)
        note(list, folder, rights_warning(folder->path));
}
