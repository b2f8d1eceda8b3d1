/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/check_folders.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/text.h"
#include "command/dropin.h"
#include "command/findings.h"
#include "command/terminal.h"
#include "daemon/control/folder_check.h"
#include "daemon/folders/healthcheck.h"

enum { ENTRY_BYTES = 1 << 14 };

/* ---- directories ---- */

/* A line or a member for each of them; a note is a warning. */
static bool report(const GPtrArray *list)
{
    for (guint i = 0; i < list->len; i++) {
        const Finding *finding = list->pdata[i];
        g_autofree char *what = g_strdup_printf(
            "%s%s", finding->level == FINDING_NOTE ? "warning: " : "", finding->what);
        findings_add(finding->where, finding->folder, what, finding->fix);
    }
    return finding_problems(list, 0) == 0;
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
    return !dropin_brings_in(folder->path) && !dropin_brings_in(folder->output) &&
           (!folder->copy_to || !dropin_brings_in(folder->copy_to));
}

bool check_act_as(const CheckUser *user, void (*work)(void *data), void *data)
{
    static const CheckUser root = { 0 };

    if (!user->id) {
        work(data);
        return true;
    }
    bool acts = act_as(user);
    if (acts)
        work(data);
    return act_as(&root) && acts;
}

bool check_act(const Folder *folder, const CheckUser *user, void (*work)(void *data), void *data)
{
    static const CheckUser root = { 0 };

    return check_act_as(is_within_reach(folder) ? user : &root, work, data);
}

typedef struct Examined {
    GPtrArray *list;
    const Settings *settings;
    const Folder *folder;
} Examined;

static void examine(void *data)
{
    const Examined *examined = data;

    folder_check(examined->list, examined->settings, examined->folder,
                 examined->settings->sandbox_lacks);
}

bool check_folder_as(const Settings *settings, const Folder *folder, const CheckUser *user)
{
    g_autoptr(GPtrArray) list = finding_list_new();
    Examined examined = { list, settings, folder };

    if (!healthcheck_responds(folder)) {
        g_autofree char *hang = healthcheck_hang_text(folder);
        finding_add(list, FINDING_PROBLEM, folder, "check the share that it is on", "%s", hang);
        return report(list);
    }
    bool acted = check_act(folder, user, examine, &examined);
    return report(list) && acted;
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
