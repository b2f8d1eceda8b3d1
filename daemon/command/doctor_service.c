/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/doctor_service.h"

#include <string.h>
#include <unistd.h>

#include "base/paths.h"
#include "base/text.h"
#include "base/user.h"
#include "command/cards.h"
#include "command/dropin.h"
#include "command/dropin_page.h"
#include "command/droppers.h"

UnitManager doctor_manager(const Target *target)
{
    g_autofree char *own = paths_own_config(), *dir = paths_runtime_dir();
    g_autofree char *service = paths_instance_dir(target->instance ? target->instance : "");
    bool is_service = target->instance ? !strcmp(target->runtime_dir, service)
                                       : !strcmp(target->runtime_dir, "/run/hotfolder");

    if (is_service)
        return UNIT_SYSTEM;
    return geteuid() != 0 && !strcmp(target->config, own) && !strcmp(target->runtime_dir, dir)
               ? UNIT_USER
               : UNIT_BY_HAND;
}

char *doctor_start_command(const Target *target, UnitManager manager)
{
    g_autofree char *unit = unit_name(target), *config = text_shell_word(target->config);

    if (unit_is_managed(manager))
        return unit_command(manager, "enable --now", unit);
    return g_strdup_printf("hotfolderd --config %s", config);
}

static void report_dropin(GPtrArray *list, const Target *target, const char *config,
                          const Settings *settings)
{
    g_autofree char *unit = unit_name(target), *path = dropin_path(target);
    g_autofree char *instance =
        target->instance ? g_strdup_printf(" --instance %s", target->instance) : g_strdup("");
    g_autofree char *fix = g_strdup_printf(
        "run: hotfolder%s systemd-dropin --install && systemctl restart %s", instance, unit);

    if (!settings->folders->len)
        return;
    if (dropin_is_current(target, config, settings))
        finding_add(list, FINDING_OK, NULL, NULL,
                    "'%s' opens the service's sandbox for its folders", path);
    else
        finding_add(list, FINDING_PROBLEM, NULL, fix,
                    "the service's sandbox is not open for these folders: '%s' is missing or old",
                    path);
}

/* A socket that the configuration needs: what it does, and what does not happen without it. */
static void report_socket(GPtrArray *list, const char *unit, const char *does, const char *lacks)
{
    g_autofree char *fix = unit_command(UNIT_SYSTEM, "enable --now", unit);

    if (unit_asks(UNIT_SYSTEM, "is-active", unit))
        finding_add(list, FINDING_OK, NULL, NULL, "%s %s", unit, does);
    else
        finding_add(list, FINDING_PROBLEM, NULL, fix, "%s is not active: %s", unit, lacks);
}

static void report_sockets(GPtrArray *list, const Settings *settings)
{
    if (settings->programs->len)
        report_socket(list, "hotfolder-program.socket", "runs the programs of the configuration",
                      "no program of the configuration can run");
    if (settings->notices->len)
        report_socket(list, "hotfolder-notice.socket", "delivers the notices of the configuration",
                      "no notice of the configuration is delivered");
}

/* Each connection starts a page that ends with an error. */
static void report_no_page(GPtrArray *list)
{
    g_autofree char *fix = unit_command(UNIT_SYSTEM, "disable --now", DROPIN_PAGE_SOCKET);

    if (unit_asks(UNIT_SYSTEM, "is-active", DROPIN_PAGE_SOCKET))
        finding_add(list, FINDING_PROBLEM, NULL, fix,
                    "%s is active, and the configuration has no http { }", DROPIN_PAGE_SOCKET);
}

static void report_page(GPtrArray *list, const Http *http)
{
    g_autofree char *does = g_strdup_printf("shows the page at http://%s/", http->listen);

    if (!dropin_page_is_here(http))
        finding_add(list, FINDING_PROBLEM, NULL,
                    "correct it; `ip address` shows the addresses of this machine",
                    "http { } has the page at %s, an address that this machine does not have now",
                    http->listen);
    else if (dropin_page_is_current(http))
        report_socket(list, DROPIN_PAGE_SOCKET, does, "no browser finds the page");
    else
        finding_add(list, FINDING_PROBLEM, NULL,
                    "run: hotfolder systemd-dropin --install && systemctl restart "
                    "hotfolder-page.socket",
                    "hotfolder-page.socket does not listen on %s, where http { } has the page",
                    http->listen);
}

/* logind keeps a file for each user whose services start with the machine. */
static void report_linger(GPtrArray *list)
{
    g_autofree char *user = user_name(geteuid());
    g_autofree char *file = g_build_filename("/var/lib/systemd/linger", user, NULL);
    g_autofree char *fix = g_strdup_printf("loginctl enable-linger %s", user);

    if (access(file, F_OK) == 0)
        finding_add(list, FINDING_OK, NULL, NULL, "the daemon runs without a login of %s too",
                    user);
    else
        finding_add(list, FINDING_NOTE, NULL, fix, "the daemon ends when %s logs out", user);
}

void doctor_unit(GPtrArray *list, const Target *target, UnitManager manager, const char *config,
                 const Settings *settings)
{
    g_autofree char *unit = unit_name(target);
    g_autofree char *enable = unit_command(manager, "enable", unit);

    if (manager == UNIT_BY_HAND || !unit_is_managed(manager)) {
        finding_add(list, FINDING_OK, NULL, NULL, "no systemd unit starts this daemon");
        return;
    }
    if (unit_asks(manager, "is-enabled", unit))
        finding_add(list, FINDING_OK, NULL, NULL, "%s starts by itself", unit);
    else
        finding_add(list, FINDING_NOTE, NULL, enable, "%s does not start with the %s", unit,
                    manager == UNIT_USER ? "login" : "machine");
    if (manager == UNIT_USER)
        report_linger(list);
    else if (settings) {
        report_dropin(list, target, config, settings);
        report_sockets(list, settings);
        if (settings->http && !target->instance)
            report_page(list, settings->http);
        else if (!target->instance)
            report_no_page(list);
    }
}

void doctor_people(GPtrArray *list, UnitManager manager, const Settings *settings)
{
    for (guint i = 0; i < settings->folders->len; i++) {
        const Folder *folder = settings->folders->pdata[i];
        g_autofree char *fix = NULL;
        g_autofree char *text = droppers_text(folder->path, manager, &fix);

        if (*text)
            finding_add(list, fix ? FINDING_NOTE : FINDING_OK, folder, fix, "%s", text);
    }
}

void doctor_cards(GPtrArray *list)
{
    g_autoptr(GPtrArray) mounts = mounts_read();
    g_autoptr(GPtrArray) cards = cards_find(mounts, "/sys");

    for (guint i = 0; i < cards->len; i++)
        finding_add(list, FINDING_NOTE, NULL, "copy its pictures into a hot folder",
                    "a card or a camera is mounted at '%s'; hotfolder takes nothing from it by "
                    "itself",
                    (const char *) cards->pdata[i]);
}
