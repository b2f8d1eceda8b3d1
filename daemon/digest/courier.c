/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/digest/courier.h"

#include <poll.h>

#include "base/clock.h"
#include "daemon/digest/cards.h"
#include "daemon/digest/look.h"
#include "daemon/digest/message.h"
#include "daemon/digest/pace.h"
#include "daemon/journal/journal.h"
#include "daemon/metrics/metrics.h"

enum {
    LOOK_MS = 1000,             /* between two looks */
    TEST_MS = 15 * 1000,        /* of one that a person waits for */
    DELIVER_MS = 60 * 1000,     /* that one delivery may take */
    STORE_AGAIN_MS = 10 * 1000, /* after the ledger has refused the marks */
};

struct Courier {
    CourierParts parts;
    Settings *settings;
    const Notice *notice; /* of settings */
    NoticeWay way;
    char *name;
    Memory memory;
    bool has_marks; /* they were read */
    int64_t asked_end;
    int64_t store_ms; /* the marks are not stored before then */
    Pace pace;
    Cards *cards; /* NULL: the notice is about none */
    Error *why;   /* the last delivery failed */
    int64_t failing_wall_ms;
};

char *courier_name(const Notice *notice, NoticeWay way)
{
    return g_strdup_printf("%s:%s", notice_way_word(way), notice->name);
}

Courier *courier_new(const CourierParts *parts, Settings *settings, const Notice *notice,
                     NoticeWay way)
{
    Courier *courier = g_new0(Courier, 1);

    courier->parts = *parts;
    courier->settings = settings_ref(settings);
    courier->notice = notice;
    courier->way = way;
    courier->name = courier_name(notice, way);
    courier->asked_end = -1;
    courier->pace = pace_new();
    memory_init(&courier->memory);
    return courier;
}

void courier_free(Courier *courier)
{
    if (!courier)
        return;
    cards_free(courier->cards);
    memory_clear(&courier->memory);
    error_free(courier->why);
    settings_unref(courier->settings);
    g_free(courier->name);
    g_free(courier);
}

/* ---- marks ---- */

static void store(Courier *courier)
{
    int64_t now_ms = clock_ms();
    g_autoptr(GArray) marks = NULL;
    g_autoptr(Error) later = NULL;

    if (!courier->memory.changed || now_ms < courier->store_ms)
        return;
    marks = memory_marks(&courier->memory);
    courier->memory.changed =
        !ledger_keep_marks(courier->parts.ledger, courier->name, marks, &later);
    courier->store_ms = courier->memory.changed ? now_ms + STORE_AGAIN_MS : 0;
}

/* What ends behind `last_end` is news of what is new in the settings. */
static void follow(Courier *courier, int64_t last_end)
{
    bool wants_cards = courier->notice->on & 1U << NOTICE_CARD;

    memory_follow(&courier->memory, courier->notice, courier->settings, last_end);
    if (wants_cards && !courier->cards)
        courier->cards = cards_new(courier->parts.state_dir);
    else if (!wants_cards)
        g_clear_pointer(&courier->cards, cards_free);
    courier->asked_end = -1;
}

bool courier_begin(Courier *courier)
{
    g_autoptr(GArray) marks = ledger_marks_new();
    g_autoptr(Error) later = NULL;

    if (courier->has_marks)
        return true;
    if (!ledger_read_marks(courier->parts.ledger, courier->name, marks, &later))
        return false;
    courier->has_marks = true;
    memory_read(&courier->memory, marks);
    follow(courier, ledger_last_end(courier->parts.ledger));
    store(courier);
    if (courier->memory.sent_wall_ms)
        pace_begin(&courier->pace, clock_wall_ms() - courier->memory.sent_wall_ms,
                   courier->notice->every_ms, clock_ms());
    return true;
}

void courier_try_now(Courier *courier)
{
    courier->pace.retry_ms = 0;
}

void courier_reload(Courier *courier, Settings *settings, const Notice *notice, int64_t last_end)
{
    Settings *old = courier->settings;

    courier->settings = settings_ref(settings);
    courier->notice = notice;
    settings_unref(old);
    if (courier->has_marks)
        follow(courier, last_end);
    courier_try_now(courier);
}

/* ---- delivering ---- */

static NoticeCall call_of(const Notice *notice, NoticeWay way, const Message *message,
                          int64_t deadline_ms, const char **one)
{
    const char *const *to = one;

    one[0] = way == NOTICE_MAIL ? notice->mail : notice->post;
    if (way == NOTICE_RUN)
        to = (const char *const *) notice->run;
    return (NoticeCall){ .way = notice_way_word(way),
                         .to = to,
                         .subject = message->subject,
                         .text = message->text,
                         .json = message->json,
                         .environment = (const char *const *) message->environment,
                         .deadline_ms = deadline_ms };
}

static bool deliver(const CourierParts *parts, const Notice *notice, NoticeWay way,
                    const News *news, Error **err)
{
    g_autoptr(Message) message = message_new(news, notice->name, g_get_host_name());
    const char *one[2] = { NULL };
    const NoticeCall call =
        call_of(notice, way, message, news->is_test ? TEST_MS : DELIVER_MS, one);

    bool sent = parts->send(&call, parts->stop, err);
    metrics_add(METRIC_NOTICES, 1, notice->name, notice_way_word(way), sent ? "sent" : "failed");
    return sent;
}

static bool is_stopped(const CourierParts *parts)
{
    struct pollfd stop = { .fd = parts->stop, .events = POLLIN };

    return parts->stop >= 0 && poll(&stop, 1, 0) > 0;
}

static void report_sent(Courier *courier, const News *news)
{
    news_sent(&courier->memory, news, clock_wall_ms());
    pace_sent(&courier->pace, clock_ms());
    if (courier->why)
        journal_event(EVENT_NOTICE_SENT_AGAIN, .notice = courier->notice->name,
                      .way = notice_way_word(courier->way));
    g_clear_pointer(&courier->why, error_free);
}

/* Only the first of several failures is logged; the status has each one. */
static void report_failed(Courier *courier, Error *why)
{
    int64_t now_ms = clock_ms();

    pace_failed(&courier->pace, now_ms);
    if (!courier->why) {
        courier->failing_wall_ms = clock_wall_ms();
        journal_event(EVENT_NOTICE_FAILED, .notice = courier->notice->name,
                      .way = notice_way_word(courier->way), .error = why,
                      .delay_ms = courier->pace.retry_ms - now_ms);
    }
    error_free(courier->why);
    courier->why = why;
}

static Look look_of(const Courier *courier, const char *ledger_reason)
{
    return (Look){ .settings = courier->settings,
                   .notice = courier->notice,
                   .ledger = courier->parts.ledger,
                   .health = courier->parts.health,
                   .ledger_reason = ledger_reason,
                   .now_ms = clock_ms(),
                   .wall_ms = clock_wall_ms() };
}

static void collect_cards(const Courier *courier, News *news)
{
    const GPtrArray *records = courier->cards ? cards_records(courier->cards) : NULL;

    for (guint i = 0; records && i < records->len; i++)
        if (news_is_card(&courier->memory, records->pdata[i]))
            news_add_card(news, records->pdata[i]);
}

static void send_news(Courier *courier, const Look *look)
{
    g_auto(News) news = { 0 };
    Error *why = NULL;

    news_init(&news);
    if (!look_collect(look, &courier->memory, &news))
        courier->asked_end = -1;
    collect_cards(courier, &news);
    if (news_is_empty(&news)) {
        pace_news(&courier->pace, false, clock_ms());
        return;
    }
    if (deliver(&courier->parts, courier->notice, courier->way, &news, &why))
        report_sent(courier, &news);
    else if (is_stopped(&courier->parts))
        error_free(why);
    else
        report_failed(courier, why);
}

bool courier_test(const CourierParts *parts, const Notice *notice, NoticeWay way, Error **err)
{
    g_auto(News) news = { 0 };

    news_init(&news);
    news.is_test = true;
    return deliver(parts, notice, way, &news, err);
}

/* ---- a turn ---- */

static bool look_at_cards(Courier *courier)
{
    bool any = false;

    if (!courier->cards)
        return false;
    if (cards_turn(courier->cards, clock_ms()))
        news_see_cards(&courier->memory, cards_records(courier->cards));
    const GPtrArray *records = cards_records(courier->cards);
    for (guint i = 0; records && i < records->len; i++)
        any |= news_is_card(&courier->memory, records->pdata[i]);
    return any;
}

int64_t courier_turn(Courier *courier, const char *ledger_reason)
{
    if (!courier_begin(courier))
        return clock_ms() + STORE_AGAIN_MS;
    const Look look = look_of(courier, ledger_reason);
    bool any = look_around(&look, &courier->memory, &courier->asked_end);
    any |= look_at_cards(courier);
    store(courier);
    pace_news(&courier->pace, any, clock_ms());
    if (pace_due(&courier->pace, courier->notice->every_ms) <= clock_ms()) {
        send_news(courier, &look);
        store(courier);
    }
    return clock_ms() + LOOK_MS;
}

CourierState courier_state(const Courier *courier)
{
    const Error *why = courier->why;

    return (CourierState){ .reason = why ? why->what : NULL,
                           .fix = why ? why->fix : NULL,
                           .failing_wall_ms = why ? courier->failing_wall_ms : 0,
                           .retry_ms = why ? courier->pace.retry_ms : 0,
                           .sent_wall_ms = courier->memory.sent_wall_ms };
}
