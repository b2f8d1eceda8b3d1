/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "notice/serve.h"

#include <string.h>

#include "base/clock.h"
#include "notice/command.h"
#include "wire/notice.h"
#include "wire/wire.h"

enum { REQUEST_MS = 10 * 1000 }; /* until the request must be there */

static const char *const formats[NOTICE_COUNT] = NOTICE_FORMATS;

static const struct {
    const char *word;
    bool (*deliver)(const Delivery *delivery, DeliveryEnd *end);
    bool leaves; /* it may leave processes that go on */
} ways[] = {
    { "run", deliver_run, false },
    { "mail", deliver_mail, true },
    { "post", deliver_post, false },
};

void delivery_end_clear(DeliveryEnd *end)
{
    g_clear_pointer(&end->what, g_free);
    g_clear_pointer(&end->last, g_free);
}

static bool answer(int socket, bool sent, const DeliveryEnd *end, Error **err)
{
    g_autofree char *what = g_utf8_make_valid(end->what ? end->what : "", -1);
    g_autofree char *last = g_utf8_make_valid(end->last ? end->last : "", -1);

    if (sent)
        return wire_send(socket, NOTICE_SENT, g_variant_new("()"), -1, err);
    return wire_send(socket, NOTICE_FAILED_TO_SEND,
                     g_variant_new("(ssb)", what, last, (gboolean) end->needs_person), -1, err);
}

/* Delivers it, and says how that went. */
static bool serve_way(int socket, const char *way, const Delivery *delivery, Error **err)
{
    g_auto(DeliveryEnd) end = { 0 };

    for (size_t i = 0; i < G_N_ELEMENTS(ways); i++) {
        if (strcmp(ways[i].word, way) != 0)
            continue;
        bool sent = ways[i].deliver(delivery, &end);
        bool answered = answer(socket, sent, &end, err);
        if (ways[i].leaves && !g_getenv("HOTFOLDER_PARENT"))
            command_linger(delivery->until_ms);
        return answered;
    }
    end.what = g_strdup("the request is not valid");
    return answer(socket, false, &end, err);
}

static bool serve_body(int socket, GVariant *body, Error **err)
{
    g_autofree char *ours = wire_version(formats, NOTICE_COUNT);
    g_autofree const char **to = NULL, **environment = NULL;
    const char *its = NULL, *way = NULL;
    Delivery delivery = { .client = socket };
    gint64 deadline_ms = 0;

    g_variant_get(body, "(&s&s^a&s&s&s&s^a&sx)", &its, &way, &to, &delivery.subject, &delivery.text,
                  &delivery.json, &environment, &deadline_ms);
    delivery.to = to;
    delivery.environment = environment;
    delivery.until_ms = clock_ms() + deadline_ms;
    if (!strcmp(its, ours) && *to && deadline_ms > 0)
        return serve_way(socket, way, &delivery, err);
    g_auto(DeliveryEnd) end = { .what = g_strdup("hotfolder was replaced while it was running") };
    return answer(socket, false, &end, err);
}

bool notice_serve(int socket, Error **err)
{
    g_autoptr(GVariant) body = NULL;
    unsigned type = 0;
    int fd = -1;

    if (!wire_receive(socket, formats, NOTICE_COUNT, clock_ms() + REQUEST_MS, &type, &body, &fd,
                      err))
        return false;
    if (type != NOTICE_SEND)
        return error_set(err, ERROR_INTERNAL, NULL, "unexpected message %u", type);
    return serve_body(socket, body, err);
}
