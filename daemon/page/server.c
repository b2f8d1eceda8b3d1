/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "page/server.h"

#include <microhttpd.h>
#include <unistd.h>

#include "base/clock.h"
#include "page/exchange.h"

enum {
    CONNECTIONS_MAX = CLIENTS_MAX + 64, /* with those that are ending */
    LOOK_MS = 1000,                     /* between two looks at exchanges that wait */
    HEADERS_MAX = 32 * 1024,            /* bytes */
};

struct Server {
    Site site;
    struct MHD_Daemon *http;
    GPtrArray *clients; /* of Client */
    int64_t idle_since_ms, look_ms;
    int listener; /* that no connection is taken from any more; -1: it is taken */
};

/* ---- what the library calls ---- */

/* A connection was made, or has ended; *context is its Client. */
static void on_connection(void *user, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
    Server *server = user;
    int64_t now_ms = clock_ms();

    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        *context = clients_add(server->clients, exchange_socket(connection), now_ms);
    else
        g_ptr_array_remove_fast(server->clients, *context);
    server->idle_since_ms = server->clients->len ? CLOCK_NEVER : now_ms;
}

/* The first line of a request was read; what this returns is *state of the others. */
static void *on_target(void *user, const char *target, struct MHD_Connection *connection)
{
    Server *server = user;

    return exchange_new(&server->site, connection, target);
}

static enum MHD_Result on_request(void *user, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **state)
{
    size_t size = *upload_size;

    (void) user, (void) connection, (void) url, (void) version;
    if (((const Exchange *) *state)->begun)
        *upload_size = 0;
    return exchange_go_on(*state, method, upload, size) ? MHD_YES : MHD_NO;
}

static void on_end(void *user, struct MHD_Connection *connection, void **state,
                   enum MHD_RequestTerminationCode code)
{
    (void) user, (void) connection, (void) code;
    exchange_free(*state);
    *state = NULL;
}

/* ---- the server ---- */

Server *server_start(int listener, const Guard *guard, Forward *forward, Hub *hub, Error **err)
{
    Server *server = g_new0(Server, 1);

    server->site = (Site){ guard, forward, hub, g_ptr_array_new(), false };
    server->clients = g_ptr_array_new_with_free_func(g_free);
    server->idle_since_ms = clock_ms();
    server->listener = -1;
    server->http = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request, server,
        MHD_OPTION_LISTEN_SOCKET, listener, MHD_OPTION_CONNECTION_LIMIT, (unsigned) CONNECTIONS_MAX,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t) HEADERS_MAX, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_URI_LOG_CALLBACK, on_target, server, MHD_OPTION_NOTIFY_CONNECTION, on_connection,
        server, MHD_OPTION_NOTIFY_COMPLETED, on_end, server, MHD_OPTION_END);
    if (server->http)
        return server;
    close(listener);
    error_set(err, ERROR_CONFIG, NULL, "cannot start the web server");
    server_stop(server);
    return NULL;
}

int server_fd(const Server *server)
{
    return MHD_get_daemon_info(server->http, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
}

/* Resumes what waits for a time, and lets go of clients that have left or do not read. */
static void look_at_waiting(const Server *server, int64_t now_ms)
{
    for (guint i = 0; i < server->site.exchanges->len; i++) {
        Exchange *exchange = server->site.exchanges->pdata[i];
        Client *client = exchange_client(exchange);

        if (exchange->wait == WAIT_WRONG && now_ms >= exchange->wrong_until_ms)
            exchange_resume(exchange);
        if (!client)
            continue;
        if (exchange->stream && stream_is_stuck(exchange->stream, now_ms))
            client_hang_up(client);
        if ((exchange->wait == WAIT_EVENT ||
             (exchange->wait == WAIT_DAEMON && exchange->may_end)) &&
            exchange_is_closed(exchange)) {
            client_hang_up(client);
            exchange_resume(exchange);
        }
    }
}

static unsigned count_connections(const Server *server)
{
    return MHD_get_daemon_info(server->http, MHD_DAEMON_INFO_CURRENT_CONNECTIONS)->num_connections;
}

/* With CONNECTIONS_MAX, the library stops listening. It listens again at the beginning of the first
 * run after one has ended, for which no event may ever ask. */
static void run_http(const Server *server)
{
    unsigned before = 0;

    do {
        before = count_connections(server);
        MHD_run(server->http);
    } while (count_connections(server) < before);
}

void server_turn(Server *server)
{
    int64_t now_ms = clock_ms();

    if (now_ms >= server->look_ms) {
        server->look_ms = now_ms + LOOK_MS;
        look_at_waiting(server, now_ms);
    }
    run_http(server);
    clients_end_overdue(server->clients, clock_ms());
}

int64_t server_until(const Server *server)
{
    MHD_UNSIGNED_LONG_LONG timeout = 0;
    int64_t until_ms = clients_until(server->clients);

    if (MHD_get_timeout(server->http, &timeout) == MHD_YES)
        until_ms = MIN(until_ms, clock_ms() + (int64_t) timeout);
    return server->site.exchanges->len ? MIN(until_ms, server->look_ms) : until_ms;
}

int64_t server_idle_since(const Server *server)
{
    return server->idle_since_ms;
}

void server_end(Server *server)
{
    if (server->site.stops)
        return;
    server->listener = MHD_quiesce_daemon(server->http);
    server->site.stops = true;
    for (guint i = 0; i < server->site.exchanges->len; i++) {
        Exchange *exchange = server->site.exchanges->pdata[i];
        if (exchange->wait == WAIT_EVENT) /* a stream has no other end */
            exchange_resume(exchange);
    }
}

bool server_has_ended(const Server *server)
{
    return server->site.stops && !server->site.exchanges->len;
}

/* The library aborts when it stops with a suspended connection. */
static void stop_http(Server *server)
{
    server_end(server);
    for (guint i = 0; i < server->site.exchanges->len; i++)
        exchange_resume(server->site.exchanges->pdata[i]);
    MHD_run(server->http);
    MHD_stop_daemon(server->http);
    if (server->listener >= 0)
        close(server->listener);
}

void server_stop(Server *server)
{
    if (!server)
        return;
    if (server->http)
        stop_http(server);
    g_ptr_array_unref(server->clients);
    g_ptr_array_unref(server->site.exchanges);
    g_free(server);
}
