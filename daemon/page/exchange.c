/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "page/exchange.h"

#include <microhttpd.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "page/assets.h"
#include "page/login.h"
#include "page/reply.h"

enum {
    ANSWER_MS = 2 * 60 * 1000, /* to read an answer */
    BODY_MAX = 64 * 1024,      /* bytes, as the daemon takes them */
    UNREAD_MAX = 1024 * 1024,  /* a larger one is not read to its end to be refused */
    SECOND = 1000,             /* in ms */
};

#define OPENMETRICS "application/openmetrics-text"
#define CHALLENGE   "Bearer realm=\"hotfolder\""
#define COOKIE      "HttpOnly; SameSite=Strict; Path=/; Max-Age="

/* ---- waiting ---- */

int exchange_socket(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

Client *exchange_client(const Exchange *exchange)
{
    return MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)
        ->socket_context;
}

bool exchange_is_closed(const Exchange *exchange)
{
    char byte = 0;

    return recv(exchange_socket(exchange->connection), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static bool is_gone(const Exchange *exchange)
{
    const Client *client = exchange_client(exchange);

    return !client || client->gone;
}

static void suspend(Exchange *exchange, Wait wait)
{
    exchange->wait = wait;
    client_waits(exchange_client(exchange), clock_ms(), CLOCK_NEVER);
    MHD_suspend_connection(exchange->connection);
}

void exchange_resume(Exchange *exchange)
{
    if (exchange->wait == WAIT_NOT)
        return;
    exchange->wait = WAIT_NOT;
    MHD_resume_connection(exchange->connection);
}

/* ---- answers ---- */

static bool send_reply(const Exchange *exchange, unsigned status, struct MHD_Response *response)
{
    int64_t now_ms = clock_ms();

    client_waits(exchange_client(exchange), now_ms,
                 exchange->stream ? CLOCK_NEVER : now_ms + ANSWER_MS);
    bool queued = MHD_queue_response(exchange->connection, status, response) == MHD_YES;
    MHD_destroy_response(response);
    return queued;
}

static bool send_refusal(const Exchange *exchange, unsigned status, const char *what,
                         const char *fix)
{
    const ReplyHeaders headers = {
        .allow = exchange->verdict.allow,
        .connection = exchange->verdict.must_close ? "close" : NULL,
        .authenticate = status == MHD_HTTP_UNAUTHORIZED ? CHALLENGE : NULL,
    };
    bool for_person = exchange->verdict.place == GUARD_INDEX ||
                      exchange->verdict.place == GUARD_LOGIN ||
                      exchange->verdict.place == GUARD_FILE;

    return send_reply(exchange, status,
                      for_person ? reply_refusal_text(what, fix, &headers)
                                 : reply_refusal(what, fix, &headers));
}

static bool redirect(const Exchange *exchange, const char *location, const char *cookie)
{
    const ReplyHeaders headers = { .location = location, .cookie = cookie };

    return send_reply(exchange, MHD_HTTP_SEE_OTHER, reply_new("", 0, &headers));
}

static const char *header_of(const Exchange *exchange, const char *name)
{
    return MHD_lookup_connection_value(exchange->connection, MHD_HEADER_KIND, name);
}

static bool send_asset(const Exchange *exchange, const char *path)
{
    const Asset *asset = assets_find(path);
    bool has_it = assets_has(asset, header_of(exchange, MHD_HTTP_HEADER_IF_NONE_MATCH));

    return send_reply(exchange, has_it ? MHD_HTTP_NOT_MODIFIED : MHD_HTTP_OK,
                      reply_asset(asset, has_it));
}

/* The login in place of the page. A browser that follows a link of another site does not send the
 * cookie, which is strict: it asks again from here, and then does. */
static bool send_login(const Exchange *exchange, bool wrong)
{
    const Asset *asset = assets_find("/login");
    const char *site = header_of(exchange, "Sec-Fetch-Site");
    bool by_link = exchange->verdict.place == GUARD_INDEX &&
                   (!g_strcmp0(site, "cross-site") || !g_strcmp0(site, "same-site"));
    const ReplyHeaders headers = { .type = assets_type(asset),
                                   .authenticate = CHALLENGE,
                                   .refresh = by_link ? "0; url=/" : NULL };
    g_autofree char *text = wrong ? login_again(asset->bytes, asset->size) : NULL;

    return send_reply(exchange, MHD_HTTP_UNAUTHORIZED,
                      text ? reply_new(text, strlen(text), &headers)
                           : reply_new(asset->bytes, asset->size, &headers));
}

/* ---- the daemon's answers ---- */

static void on_answer(void *user, const ForwardAnswer *answer)
{
    Exchange *exchange = user;
    static const ReplyHeaders none = { 0 };
    /* a preview takes long to make, and is always the same */
    bool is_preview = answer->status == MHD_HTTP_OK && g_str_has_prefix(answer->type, "image/");
    const ReplyHeaders headers = { .type = answer->type,
                                   .cache = is_preview ? "private, max-age=600" : NULL };

    exchange->call = NULL;
    exchange->status = (unsigned) answer->status;
    exchange->response = answer->what ? reply_refusal(answer->what, answer->fix, &none)
                                      : reply_new(g_bytes_get_data(answer->body, NULL),
                                                  g_bytes_get_size(answer->body), &headers);
    exchange_resume(exchange);
}

static bool forward(Exchange *exchange, const char *target, bool posts)
{
    const ForwardRequest request = { target, posts ? exchange->body->str : NULL,
                                     exchange->body->len };

    exchange->call =
        forward_begin(exchange->site->forward, forward_lane(target, strcspn(target, "?")), &request,
                      on_answer, exchange);
    exchange->may_end = !posts;
    suspend(exchange, WAIT_DAEMON);
    return true;
}

static bool send_metrics(Exchange *exchange)
{
    const char *accepts = header_of(exchange, MHD_HTTP_HEADER_ACCEPT);

    return forward(exchange,
                   accepts && strstr(accepts, OPENMETRICS) ? "/v1/metrics?format=openmetrics"
                                                           : "/v1/metrics?format=text",
                   false);
}

/* ---- events ---- */

static void on_event(void *user)
{
    exchange_resume(user);
}

/* The library asks for more of the stream. */
static ssize_t read_stream(void *user, uint64_t position, char *to, size_t most)
{
    Exchange *exchange = user;

    (void) position;
    if (exchange->site->stops || is_gone(exchange))
        return MHD_CONTENT_READER_END_OF_STREAM;
    size_t read = stream_read(exchange->site->hub, exchange->stream, to, most, clock_ms());
    if (!read)
        suspend(exchange, WAIT_EVENT);
    return (ssize_t) read;
}

static bool send_events(Exchange *exchange)
{
    exchange->stream = hub_add(exchange->site->hub, on_event, exchange, clock_ms());
    if (!exchange->stream)
        return send_refusal(exchange, MHD_HTTP_SERVICE_UNAVAILABLE,
                            "too many pages are open, and get events", "close some of them");
    return send_reply(exchange, MHD_HTTP_OK, reply_stream(read_stream, exchange));
}

/* ---- the token ---- */

static const struct sockaddr *address_of(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr;
}

static bool is_same_address(const struct sockaddr *a, const struct sockaddr *b)
{
    if (a->sa_family != b->sa_family)
        return false;
    if (a->sa_family == AF_INET)
        return ((const struct sockaddr_in *) (const void *) a)->sin_addr.s_addr ==
               ((const struct sockaddr_in *) (const void *) b)->sin_addr.s_addr;
    return IN6_ARE_ADDR_EQUAL(&((const struct sockaddr_in6 *) (const void *) a)->sin6_addr,
                              &((const struct sockaddr_in6 *) (const void *) b)->sin6_addr);
}

/* A wrong token of a bearer counts from its headers on: else requests whose bodies are late would
 * try as many tokens as there are connections. */
static bool is_wrong_try(const Exchange *exchange)
{
    return exchange->wait == WAIT_WRONG || exchange->verdict.answer == GUARD_WRONG;
}

/* Whether wrong tokens of this address, or of all, wait for their answers in such a number that no
 * other is looked at. */
static bool tries_too_often(const Exchange *exchange)
{
    const GPtrArray *all = exchange->site->exchanges;
    unsigned same = 0, every = 0;

    for (guint i = 0; i < all->len; i++) {
        const Exchange *other = all->pdata[i];
        if (!is_wrong_try(other))
            continue;
        every++;
        same += is_same_address(address_of(other->connection), address_of(exchange->connection));
    }
    return same >= LOGIN_EACH || every >= LOGIN_ALL;
}

static bool answer_wrong_later(Exchange *exchange)
{
    exchange->wrong_until_ms = clock_ms() + LOGIN_WAIT_MS;
    suspend(exchange, WAIT_WRONG);
    return true;
}

static bool answer_wrong(const Exchange *exchange)
{
    if (exchange->verdict.place == GUARD_LOGIN)
        return send_login(exchange, true);
    return send_refusal(exchange, (unsigned) exchange->verdict.status, exchange->verdict.what,
                        exchange->verdict.fix);
}

static bool log_in(Exchange *exchange)
{
    const Token *token = exchange->site->guard->token;
    g_autofree char *given = login_token(exchange->body->str, exchange->body->len);

    if (tries_too_often(exchange))
        return send_refusal(exchange, MHD_HTTP_TOO_MANY_REQUESTS, "too many wrong tokens were sent",
                            "try again later");
    if (!given || !token_matches(token, given))
        return answer_wrong_later(exchange);
    g_autofree char *value = token_cookie(token, clock_wall_ms() / SECOND);
    g_autofree char *cookie = g_strdup_printf("hotfolder=%s; " COOKIE "%d", value, TOKEN_COOKIE_S);
    return redirect(exchange, "/", cookie);
}

static bool answer_login(Exchange *exchange, bool posts)
{
    if (!exchange->site->guard->token)
        return redirect(exchange, "/", NULL);
    return posts ? log_in(exchange) : send_asset(exchange, "/login");
}

static bool log_out(const Exchange *exchange)
{
    const ReplyHeaders headers = { .cookie = "hotfolder=; " COOKIE "0" };

    return send_reply(exchange, MHD_HTTP_NO_CONTENT, reply_new("", 0, &headers));
}

/* ---- requests ---- */

static bool refuse(Exchange *exchange)
{
    const GuardVerdict *verdict = &exchange->verdict;

    if (verdict->answer == GUARD_WRONG)
        return answer_wrong_later(exchange);
    if (verdict->answer == GUARD_ASKS && verdict->place == GUARD_INDEX)
        return send_login(exchange, false);
    return send_refusal(exchange, (unsigned) verdict->status, verdict->what, verdict->fix);
}

static bool refuse_size(const Exchange *exchange)
{
    g_autofree char *what = g_strdup_printf("the body has more than %d bytes", BODY_MAX);

    return send_refusal(exchange, MHD_HTTP_CONTENT_TOO_LARGE, what, NULL);
}

static bool refuse_at_end(const Exchange *exchange)
{
    return send_refusal(exchange, MHD_HTTP_SERVICE_UNAVAILABLE, "the page ends", "try again");
}

/* The request is complete. */
static bool answer(Exchange *exchange, const char *method)
{
    bool posts = !strcmp(method, MHD_HTTP_METHOD_POST);
    g_autofree char *path = g_strndup(exchange->target, strcspn(exchange->target, "?"));

    if (exchange->site->stops)
        return refuse_at_end(exchange);
    if (exchange->verdict.answer != GUARD_ADMITS)
        return refuse(exchange);
    if (exchange->size > BODY_MAX)
        return refuse_size(exchange);
    switch (exchange->verdict.place) {
    case GUARD_LOGIN:
        return answer_login(exchange, posts);
    case GUARD_LOGOUT:
        return log_out(exchange);
    case GUARD_EVENTS:
        return send_events(exchange);
    case GUARD_METRICS:
        return send_metrics(exchange);
    case GUARD_INTERFACE:
        return forward(exchange, exchange->target, posts);
    case GUARD_NOTHING:
    case GUARD_INDEX:
    case GUARD_FILE:
        break;
    }
    return send_asset(exchange, path);
}

/* It was suspended, and what it waited for is there. */
static bool answer_waiting(Exchange *exchange)
{
    if (exchange->response)
        return send_reply(exchange, exchange->status, g_steal_pointer(&exchange->response));
    if (exchange->wrong_until_ms)
        return answer_wrong(exchange);
    return refuse_at_end(exchange);
}

static bool is_plain(const char *target)
{
    if (*target != '/')
        return false;
    for (; *target; target++)
        if (!g_ascii_isgraph(*target) || *target == '#')
            return false;
    return true;
}

static enum MHD_Result see_header(void *user, enum MHD_ValueKind kind, const char *name,
                                  const char *value)
{
    (void) kind;
    guard_see_header(user, name, value ? value : "");
    return MHD_YES;
}

static void judge(Exchange *exchange, const char *method)
{
    g_autofree char *path = g_strndup(exchange->target, strcspn(exchange->target, "?"));
    GuardRequest request = {
        .method = method,
        .path = is_plain(exchange->target) ? path : "",
        .host = header_of(exchange, MHD_HTTP_HEADER_HOST),
        .origin = header_of(exchange, MHD_HTTP_HEADER_ORIGIN),
        .fetch_site = header_of(exchange, "Sec-Fetch-Site"),
        .marker = header_of(exchange, "X-Hotfolder"),
        .authorization = header_of(exchange, MHD_HTTP_HEADER_AUTHORIZATION),
        .cookies = header_of(exchange, MHD_HTTP_HEADER_COOKIE),
        .too_often = tries_too_often(exchange),
    };

    MHD_get_connection_values(exchange->connection, MHD_HEADER_KIND, see_header, &request);
    guard_judge(exchange->site->guard, &request, clock_wall_ms() / SECOND, &exchange->verdict);
}

static bool announces_too_much(const Exchange *exchange)
{
    const char *length = header_of(exchange, MHD_HTTP_HEADER_CONTENT_LENGTH);

    return length && g_ascii_strtoull(length, NULL, 10) > UNREAD_MAX;
}

/* The headers are there. */
static bool begin(Exchange *exchange, const char *method)
{
    exchange->begun = true;
    if (exchange->site->stops) /* a browser asks again, on a connection of its own */
        return false;
    judge(exchange, method);
    if (exchange->verdict.must_close) /* before its body, if it has one */
        return refuse(exchange);
    if (!announces_too_much(exchange))
        return true;
    return exchange->verdict.answer == GUARD_REFUSES ? refuse(exchange) : refuse_size(exchange);
}

static bool take_body(Exchange *exchange, const char *bytes, size_t size)
{
    exchange->size += size;
    if (exchange->size <= BODY_MAX)
        g_string_append_len(exchange->body, bytes, (gssize) size);
    return exchange->size <= UNREAD_MAX;
}

bool exchange_go_on(Exchange *exchange, const char *method, const char *bytes, size_t size)
{
    if (!exchange->begun)
        return begin(exchange, method);
    if (exchange->call || exchange->response || exchange->wrong_until_ms)
        return answer_waiting(exchange);
    return size ? take_body(exchange, bytes, size) : answer(exchange, method);
}

/* ---- from its beginning to its end ---- */

Exchange *exchange_new(Site *site, struct MHD_Connection *connection, const char *target)
{
    Exchange *exchange = g_new0(Exchange, 1);

    exchange->site = site;
    exchange->connection = connection;
    exchange->target = g_strdup(target);
    exchange->body = g_string_new(NULL);
    g_ptr_array_add(site->exchanges, exchange);
    client_begins(exchange_client(exchange), clock_ms());
    return exchange;
}

void exchange_free(Exchange *exchange)
{
    if (!exchange)
        return;
    g_ptr_array_remove_fast(exchange->site->exchanges, exchange);
    if (exchange->call)
        forward_cancel(exchange->call);
    if (exchange->stream)
        hub_remove(exchange->site->hub, exchange->stream);
    if (exchange->response)
        MHD_destroy_response(exchange->response);
    client_rests(exchange_client(exchange), clock_ms());
    guard_verdict_clear(&exchange->verdict);
    g_string_free(exchange->body, TRUE);
    g_free(exchange->target);
    g_free(exchange);
}
