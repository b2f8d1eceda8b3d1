/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/services.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "command/findings.h"
#include "daemon/folders/claim.h"
#include "daemon/settings/feedback.h"

static bool is_same_file(const char *a, const char *b)
{
    struct stat x, y;

    return !strcmp(a, b) ||
           (stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino);
}

/* Whether the claim is of the service that runs this configuration: of the target, if that runs. */
static bool is_of_own(const Claim *claim, const Target *target, const char *file)
{
    g_autofree char *socket = g_build_filename(target->runtime_dir, "control.sock", NULL);

    return is_same_file(claim->config, file) &&
           (is_same_file(claim->runtime_dir, target->runtime_dir) || access(socket, F_OK) < 0);
}

static FeedbackFolder theirs(const Claim *claim)
{
    return (FeedbackFolder){ .name = claim->folder,
                             .path = claim->path,
                             .recursive = claim->recursive,
                             .path_file = claim->config };
}

static void add_ours(GArray *folders, const Settings *settings)
{
    for (guint i = 0; i < settings->folders->len; i++) {
        const Folder *folder = settings->folders->pdata[i];
        FeedbackFolder ours = { .name = folder->name,
                                .path = folder->path,
                                .recursive = folder->recursive,
                                .path_file = folder->file,
                                .path_line = folder->line };
        g_array_append_val(folders, ours);
    }
}

/* An error without a line is one of their configuration. */
static void compare(const Claim *claim, const Settings *settings)
{
    g_autoptr(GArray) folders = g_array_new(FALSE, FALSE, sizeof(FeedbackFolder));
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    FeedbackFolder first = theirs(claim);

    g_array_append_val(folders, first);
    add_ours(folders, settings);
    feedback_check((const FeedbackFolder *) (const void *) folders->data, folders->len, errors);
    for (guint i = 0; i < errors->len; i++) {
        const Error *error = errors->pdata[i];
        if (error->where && !strcmp(error->where, claim->config))
            continue;
        g_autofree char *shown = text_escape(error->what);
        g_autofree char *what = g_strdup_printf("warning: another hotfolder runs (process %d): %s",
                                                (int) claim->pid, shown);
        findings_add(error->where, NULL, what,
                     "give each a directory of its own, or stop one of the two");
    }
}

void services_warn(const Target *target, const char *config, const Settings *settings)
{
    g_autofree char *file = g_canonicalize_filename(config, NULL);
    g_autoptr(GPtrArray) claims = claims_read();

    for (guint i = 0; i < claims->len; i++)
        if (!is_of_own(claims->pdata[i], target, file))
            compare(claims->pdata[i], settings);
}
