/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "page/stream.h"

#include <string.h>

#include "base/clock.h"

enum {
    POLL_MS = 1000,
    CARDS_EVERY = 5,          /* polls; no count of the status changes with a card */
    HEARTBEAT_MS = 15 * 1000, /* proxies end connections that say nothing */
    STUCK_MS = 60 * 1000,
    OK = 200,
};

/* Said at once, so that a browser knows that it is open, and what may be done. 2000 ms. */
#define OPENING(steers) "retry: 2000\n\nevent: page\ndata: {\"steer\": " steers "}\n\n"

#define UPTIME "\"uptime_s\":"

/* What is asked. */
typedef enum Question { ASK_STATUS, ASK_LIST, ASK_CARDS, QUESTIONS } Question;

static const char *const targets[QUESTIONS] = { "/v1/status", "/v1/list?limit=20", "/v1/cards" };

struct Hub {
    Forward *forward;
    const char *opening; /* of each stream; static */
    GPtrArray *streams;  /* of Stream */
    int64_t poll_ms;     /* the time of the next one */
    unsigned polls;      /* how many there were */
    ForwardCall *call;   /* NULL: none is asked */
    Question question;   /* which one that is */
    GBytes *answers[QUESTIONS];
    bool alive;
    unsigned of_daemon, of_status, of_changed; /* counts of news, from 1; 0: unknown */
};

struct Stream {
    StreamWake wake;
    void *user;
    bool waits;                                /* for wake() */
    unsigned of_daemon, of_status, of_changed; /* that it had */
    GBytes *chunk;                             /* is being read; NULL: none */
    size_t read;
    int64_t read_ms; /* when a chunk began, or ended */
};

Hub *hub_new(Forward *forward, bool steers)
{
    Hub *hub = g_new0(Hub, 1);

    hub->forward = forward;
    hub->opening = steers ? OPENING("true") : OPENING("false");
    hub->streams = g_ptr_array_new();
    return hub;
}

void hub_free(Hub *hub)
{
    if (!hub)
        return;
    g_assert(!hub->streams->len);
    g_ptr_array_unref(hub->streams);
    for (Question i = ASK_STATUS; i < QUESTIONS; i++)
        g_bytes_unref(hub->answers[i]);
    g_free(hub);
}

/* ---- streams ---- */

Stream *hub_add(Hub *hub, StreamWake wake, void *user, int64_t now_ms)
{
    if (hub->streams->len >= STREAMS_MAX)
        return NULL;
    Stream *stream = g_new0(Stream, 1);
    stream->wake = wake;
    stream->user = user;
    stream->of_changed = hub->of_changed;
    stream->read_ms = now_ms;
    stream->chunk = g_bytes_new_static(hub->opening, strlen(hub->opening));
    if (!hub->streams->len) { /* what was known may be old */
        hub->of_daemon = hub->of_status = 0;
        hub->poll_ms = now_ms;
    }
    g_ptr_array_add(hub->streams, stream);
    return stream;
}

void hub_remove(Hub *hub, Stream *stream)
{
    g_ptr_array_remove_fast(hub->streams, stream);
    g_bytes_unref(stream->chunk);
    g_free(stream);
    if (hub->streams->len || !hub->call)
        return;
    forward_cancel(hub->call);
    hub->call = NULL;
}

/* An event; JSON on one line is one line of it. */
static GBytes *event(const char *name, const char *data, size_t size)
{
    GString *text = g_string_new(NULL);

    g_string_append_printf(text, "event: %s\ndata: ", name);
    for (size_t i = 0; i < size; i++)
        if (data[i] != '\n' && data[i] != '\r') /* between values; inside of a text they are \n */
            g_string_append_c(text, data[i]);
    g_string_append(text, "\n\n");
    return g_string_free_to_bytes(text);
}

static GBytes *event_text(const char *name, const char *data)
{
    return event(name, data, strlen(data));
}

static GBytes *next_chunk(const Hub *hub, Stream *stream, int64_t now_ms)
{
    if (stream->of_daemon != hub->of_daemon) {
        stream->of_daemon = hub->of_daemon;
        return event_text("daemon", hub->alive ? "{\"alive\": true}" : "{\"alive\": false}");
    }
    if (hub->alive && stream->of_status != hub->of_status) {
        gsize size = 0;
        const char *status = g_bytes_get_data(hub->answers[ASK_STATUS], &size);
        stream->of_status = hub->of_status;
        return event("status", status, size);
    }
    if (stream->of_changed != hub->of_changed) {
        stream->of_changed = hub->of_changed;
        return event_text("changed", "{}");
    }
    if (now_ms - stream->read_ms < HEARTBEAT_MS)
        return NULL;
    return g_bytes_new_static(":\n\n", strlen(":\n\n"));
}

size_t stream_read(Hub *hub, Stream *stream, char *to, size_t most, int64_t now_ms)
{
    gsize size = 0;

    if (!stream->chunk) {
        stream->chunk = next_chunk(hub, stream, now_ms);
        stream->waits = !stream->chunk;
        if (!stream->chunk)
            return 0;
        stream->read_ms = now_ms;
    }
    const char *data = g_bytes_get_data(stream->chunk, &size);
    size_t part = MIN(most, size - stream->read);
    memcpy(to, data + stream->read, part);
    stream->read += part;
    if (stream->read == size) {
        g_clear_pointer(&stream->chunk, g_bytes_unref);
        stream->read = 0;
        stream->read_ms = now_ms;
    }
    return part;
}

bool stream_is_stuck(const Stream *stream, int64_t now_ms)
{
    return stream->chunk && now_ms - stream->read_ms >= STUCK_MS;
}

static void wake_all(const Hub *hub, int64_t now_ms)
{
    for (guint i = 0; i < hub->streams->len; i++) {
        Stream *stream = hub->streams->pdata[i];
        bool has_news = stream->of_daemon != hub->of_daemon ||
                        (hub->alive && stream->of_status != hub->of_status) ||
                        stream->of_changed != hub->of_changed ||
                        now_ms - stream->read_ms >= HEARTBEAT_MS;
        if (!stream->waits || !has_news)
            continue;
        stream->waits = false;
        stream->wake(stream->user);
    }
}

/* ---- questions ---- */

static void ask(Hub *hub, Question question);

static void end_poll(Hub *hub)
{
    wake_all(hub, clock_ms());
}

static void next_question(Hub *hub, bool status_changed)
{
    bool cards = hub->polls % CARDS_EVERY == 1;

    if (hub->question == ASK_STATUS && status_changed)
        ask(hub, ASK_LIST);
    else if (hub->question != ASK_CARDS && cards)
        ask(hub, ASK_CARDS);
    else
        end_poll(hub);
}

/* A status without its only number that always changes. */
static char *without_uptime(GBytes *status)
{
    gsize size = 0;
    const char *data = g_bytes_get_data(status, &size);
    char *text = g_strndup(data, size), *at = strstr(text, UPTIME);

    if (at) {
        const char *rest = at + strlen(UPTIME);
        rest += strspn(rest, "\t 0123456789");
        memmove(at, rest, strlen(rest) + 1);
    }
    return text;
}

static bool is_same_answer(Question question, GBytes *a, GBytes *b)
{
    if (question != ASK_STATUS)
        return g_bytes_equal(a, b);
    g_autofree char *one = without_uptime(a), *other = without_uptime(b);
    return !strcmp(one, other);
}

static bool keep_answer(Hub *hub, GBytes *body)
{
    GBytes **kept = &hub->answers[hub->question];
    bool changed = !*kept || !is_same_answer(hub->question, *kept, body);

    if (changed) {
        g_bytes_unref(*kept);
        *kept = g_bytes_ref(body);
    }
    return changed;
}

static void set_alive(Hub *hub, bool alive)
{
    if (hub->of_daemon && hub->alive == alive)
        return;
    hub->alive = alive;
    hub->of_daemon++;
    hub->of_status += alive; /* after it has come back, its state is sent again */
}

static void on_answer(void *user, const ForwardAnswer *answer)
{
    Hub *hub = user;
    bool known = false, changed = false;

    hub->call = NULL;
    if (hub->question == ASK_STATUS)
        set_alive(hub, answer->status == OK);
    if (answer->status == OK) {
        known = hub->answers[hub->question];
        changed = keep_answer(hub, answer->body);
    }
    if (changed && hub->question == ASK_STATUS)
        hub->of_status++;
    else if (changed && known)
        hub->of_changed++;
    if (answer->status == OK || hub->question != ASK_STATUS)
        next_question(hub, changed);
    else
        end_poll(hub);
}

static void ask(Hub *hub, Question question)
{
    const ForwardRequest request = { .target = targets[question] };

    hub->question = question;
    hub->call = forward_begin(hub->forward, FORWARD_POLL, &request, on_answer, hub);
}

void hub_turn(Hub *hub, int64_t now_ms)
{
    if (!hub->streams->len || now_ms < hub->poll_ms)
        return;
    hub->poll_ms = now_ms + POLL_MS;
    if (hub->call) { /* the daemon takes its time */
        wake_all(hub, now_ms);
        return;
    }
    hub->polls++;
    ask(hub, ASK_STATUS);
}

int64_t hub_until(const Hub *hub)
{
    return hub->streams->len ? hub->poll_ms : CLOCK_NEVER;
}
