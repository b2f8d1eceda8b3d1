/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Notices: what the status says of each way, and a test of one. */
#include "base/clock.h"
#include "base/text.h"
#include "daemon/control/answers.h"
#include "daemon/control/json.h"

/* ---- the status ---- */

static void add_failing(cJSON *row, const CourierState *courier)
{
    int64_t left_s = (MAX(courier->retry_ms - clock_ms(), 0) + 999) / 1000;

    json_add_sentence(row, "reason", courier->reason);
    if (courier->fix)
        json_add_sentence(row, "fix", courier->fix);
    json_add_time(row, "failing_since", courier->failing_wall_ms);
    cJSON_AddNumberToObject(row, "next_try_s", (double) left_s);
}

static void add_sender(void *user, const DigestState *state)
{
    cJSON *list = user, *row = cJSON_CreateObject();

    json_add_text(row, "notice", state->notice);
    cJSON_AddStringToObject(row, "way", state->way);
    if (state->courier.sent_wall_ms)
        json_add_time(row, "sent", state->courier.sent_wall_ms);
    if (state->courier.reason)
        add_failing(row, &state->courier);
    cJSON_AddItemToArray(list, row);
}

void notify_add_status(const ControlView *view, cJSON *status)
{
    digest_for_each(view->digest, add_sender, cJSON_AddArrayToObject(status, "notices"));
}

/* ---- a test ---- */

static const Notice *find_notice(const Settings *settings, const char *name)
{
    for (guint i = 0; i < settings->notices->len; i++) {
        const Notice *notice = settings->notices->pdata[i];
        if (!g_strcmp0(notice->name, name))
            return notice;
    }
    return NULL;
}

/* What came of it. */
static cJSON *test(Digest *digest, const Notice *notice, NoticeWay way)
{
    cJSON *row = cJSON_CreateObject();
    g_autoptr(Error) error = NULL;

    cJSON_AddStringToObject(row, "way", notice_way_word(way));
    cJSON_AddBoolToObject(row, "sent", digest_test(digest, notice, way, &error));
    if (error)
        json_add_sentence(row, "error", error->what);
    if (error && error->fix)
        json_add_sentence(row, "fix", error->fix);
    return row;
}

void answer_notify(const ControlView *view, const Request *request, Answer *answer)
{
    const char *name = request_text(request, "notice");
    const Notice *notice = find_notice(view->settings, name);
    g_autofree char *shown = text_escape(name);

    if (!notice) {
        answer_refuse(answer, ANSWER_UNKNOWN,
                      "`hotfolder status --json` lists those that there are",
                      "there is no notice '%s'", shown);
        return;
    }
    json_add_text(answer->json, "notice", name);
    cJSON *ways = cJSON_AddArrayToObject(answer->json, "ways");
    for (NoticeWay way = NOTICE_RUN; way < NOTICE_WAYS; way++)
        if (digest_has_way(notice, way))
            cJSON_AddItemToArray(ways, test(view->digest, notice, way));
}
