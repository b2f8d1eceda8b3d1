/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/service/reload.h"

#include <inttypes.h>

#include "base/text.h"
#include "daemon/control/peer.h"
#include "daemon/files/trust.h"
#include "daemon/folders/claim.h"
#include "daemon/folders/healthcheck.h"
#include "daemon/journal/journal.h"
#include "daemon/service/notify.h"
#include "daemon/settings/load.h"

void reload_report_no_folders(const Settings *settings)
{
    g_autofree char *file = text_escape(settings->file);

    if (!settings->folders->len)
        journal_event(EVENT_NO_FOLDERS, .reason = file);
}

void reload_report_unconfigured(const Service *service)
{
    g_autoptr(GArray) folders = g_array_new(FALSE, FALSE, sizeof(LedgerFolder));
    g_autoptr(Error) error = NULL;

    g_array_set_clear_func(folders, (GDestroyNotify) ledger_folder_clear);
    if (!ledger_list_unfinished(service->ledger, folders, &error))
        journal_event(EVENT_ERROR, .error = error);
    for (unsigned i = 0; i < folders->len; i++) {
        const LedgerFolder *folder = &g_array_index(folders, LedgerFolder, i);
        if (!settings_find_folder(service->settings, folder->name))
            journal_event(EVENT_FOLDER_UNCONFIGURED, .folder = folder->name,
                          .count = folder->unfinished);
    }
}

void reload_report_warnings(const Service *service)
{
    const GPtrArray *folders = service->settings->folders;

    for (unsigned i = 0; i < folders->len; i++) {
        const Folder *folder = g_ptr_array_index(folders, i);
        HealthState state = health_get(service->health, folder->name, NULL);
        bool works = state == HEALTH_AVAILABLE || state == HEALTH_PAUSED;
        g_autofree char *warning = works ? trust_warning(folder->path) : NULL;
        if (warning)
            journal_event(EVENT_FOLDER_WORLD_WRITABLE, .folder = folder->name, .reason = warning);
    }
}

void reload_report_errors(const GPtrArray *errors)
{
    for (unsigned i = 0; i < errors->len; i++)
        journal_event(EVENT_CONFIG_ERROR, .error = g_ptr_array_index(errors, i));
}

/* The folders of the old configuration that the new one does not have. */
static void report_removed(const Settings *old, const Settings *new)
{
    for (unsigned i = 0; i < old->folders->len; i++) {
        const Folder *folder = g_ptr_array_index(old->folders, i);
        if (!settings_find_folder(new, folder->name))
            journal_event(EVENT_FOLDER_REMOVED, .folder = folder->name);
    }
}

static void report_reloaded(const GPtrArray *problems)
{
    g_autoptr(GString) reason = g_string_new(NULL);

    for (unsigned i = 0; i < problems->len; i++) {
        g_autofree char *text = error_text(g_ptr_array_index(problems, i));
        g_string_append_printf(reason, "%s%s", i ? "; " : "", text);
    }
    journal_event(EVENT_RELOADED, .reason = reason->len ? reason->str : NULL);
}

bool reload_settings(Service *service, GPtrArray *errors)
{
    g_autofree char *reloading =
        g_strdup_printf("RELOADING=1\nMONOTONIC_USEC=%" PRIi64, g_get_monotonic_time());

    notify_try(reloading);
    /* A share that does not respond makes reading slow, which blocks the loop. */
    notify_try("WATCHDOG=1");
    Settings *settings = settings_load_again(service->settings, errors);
    notify_try("WATCHDOG=1");
    if (settings) {
        report_removed(service->settings, settings);
        settings_unref(service->settings);
        service->settings = service->view.settings = settings;
        service->view.page = peer_page();
        health_retain(service->health, settings);
        claims_retain(settings);
        healthcheck_all(service->settings, service->health, errors);
        digest_reload(service->digest, settings);
        watch_reload(service->watch, settings);
        dispatch_reload(service->dispatch, settings);
        report_reloaded(errors);
        reload_report_no_folders(settings);
        reload_report_warnings(service);
    } else {
        reload_report_errors(errors);
        journal_event(EVENT_RELOAD_FAILED, .folder = NULL);
    }
    service->ready_owed = !notify_try("READY=1");
    return settings;
}
