/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/control/answers.h"
#include "daemon/control/json.h"
#include "daemon/control/places.h"
#include "daemon/journal/journal.h"

void answer_scan(const ControlView *view, const Request *request, Answer *answer)
{
    g_autofree char *reason = NULL;
    const Folder *folder = places_folder(view->settings, request_text(request, "folder"), answer);

    if (!folder)
        return;
    if (health_get(view->health, folder->name, &reason) == HEALTH_UNAVAILABLE) {
        answer_refuse(answer, ANSWER_REFUSED, "it is scanned when it is available again",
                      "folder '%s' is unavailable: %s", folder->name, reason);
        return;
    }
    watch_scan(view->watch, folder->name);
    journal_event(EVENT_FOLDER_SCANNED, .folder = folder->name, .who = request->user);
    json_add_text(answer->json, "folder", folder->name);
}
