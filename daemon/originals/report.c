/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/originals/report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "daemon/files/dirs.h"
#include "daemon/files/filename.h"
#include "daemon/files/rename.h"
#include "daemon/files/rights.h"
#include "daemon/files/textfile.h"

/* Reports of every version begin with this: a later failure of the same picture replaces them. */
#define HEADLINE "This picture could not be finished."
#define UNMOVED  HEADLINE " It is not here yet."

/* How a report on this picture begins, newly allocated. */
static char *report_head(const char *headline, const char *shown)
{
    return g_strdup_printf("%s\n\npicture:  %s\n", headline, shown);
}

/* What a person can do with the original, newly allocated. */
static char *advice(const Error *stays)
{
    if (!stays)
        return g_strdup("To try again, move the picture back into the folder, or use "
                        "`hotfolder retry`.");
    g_autofree char *cause = error_text(stays);
    return g_strdup_printf("The picture is still in its place: %s.\n"
                           "hotfolder tries again to move it here. To try the picture again after "
                           "that, move it back\ninto the folder.",
                           cause);
}

static char *report_text(const Folder *folder, const char *source, const Failure *failure)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autofree char *date = g_date_time_format(now, "%Y-%m-%d %H:%M:%S %z");
    g_autofree char *shown = text_escape(source), *last = advice(failure->stays);
    g_autofree char *head = report_head(failure->stays ? UNMOVED : HEADLINE, shown);
    const Error *why = failure->why;

    return g_strdup_printf(
        "%sfolder:   %s (%s)\nprofile:  %s\nwhen:     %s\n"
        "attempts: %d\n\nerror:    %s\n%s%s%sfix:      %s\n\n%s\n",
        head, folder->name, folder->path, folder->profile->name, date, failure->attempts, why->what,
        why->where ? "where:    " : "", why->where ? why->where : "", why->where ? "\n" : "",
        why->fix ? why->fix : "look at the picture in a viewer, and send it again", last);
}

/* Gives the text its name, *written: NAME.txt, or NAME-1.txt where that is another file. */
static bool name_report(int dir_fd, const char *temp, const char *wanted, char **written)
{
    for (unsigned number = 0; number < FILENAME_NUMBERS; number++) {
        g_free(*written);
        *written = filename_numbered(wanted, number);
        if (textfile_begins_with(dir_fd, *written, HEADLINE)) /* the report of an earlier failure */
            return renameat(dir_fd, temp, dir_fd, *written) == 0;
        if (rename_to_free_name(dir_fd, temp, dir_fd, *written) == 0)
            return true;
        if (errno != EEXIST)
            return false;
    }
    return false;
}

/* Under the hidden name first: a report is whole, or does not exist. */
bool report_write(int dir_fd, const char *name, const Original *original, const Failure *failure,
                  char **written, Error **err)
{
    g_autofree char *text = report_text(original->folder, original->source, failure);
    g_autofree char *wanted = filename_with_tail(name, strlen(name), ".txt"), *used = NULL;

    bool ok = textfile_write(dir_fd, original->temp, 0666, text) &&
              name_report(dir_fd, original->temp, wanted, &used);
    if (!ok) {
        g_autofree char *shown = text_escape(wanted);
        rights_error(err, errno, dir_fd, "cannot write the report '%s' into failed/", shown);
        unlinkat(dir_fd, original->temp, 0);
    }
    ok = ok && dirs_sync(dir_fd, "failed", err);
    if (ok && written)
        *written = g_steal_pointer(&used);
    return ok;
}

void report_remove_unmoved(int dir_fd, const char *text)
{
    g_autoptr(Error) ignored = NULL;

    if (textfile_begins_with(dir_fd, text, UNMOVED) && unlinkat(dir_fd, text, 0) == 0)
        dirs_sync(dir_fd, "failed", &ignored);
}

/* The report is the first of these names that is one (name_report()). */
void report_remove(int dir_fd, const char *name, const char *source)
{
    g_autofree char *wanted = filename_with_tail(name, strlen(name), ".txt");
    g_autofree char *shown = text_escape(source), *head = report_head(HEADLINE, shown);
    g_autoptr(Error) ignored = NULL;
    struct stat st;

    for (unsigned number = 0; number < FILENAME_NUMBERS; number++) {
        g_autofree char *candidate = filename_numbered(wanted, number);

        if (fstatat(dir_fd, candidate, &st, AT_SYMLINK_NOFOLLOW) < 0)
            return;
        if (!textfile_begins_with(dir_fd, candidate, head))
            continue;
        if (unlinkat(dir_fd, candidate, 0) == 0)
            dirs_sync(dir_fd, "failed", &ignored);
        return;
    }
}
