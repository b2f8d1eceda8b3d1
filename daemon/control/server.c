/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Only this file knows libmicrohttpd. */
#include "daemon/control/server.h"

#include <microhttpd.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/control/listener.h"
#include "daemon/control/peer.h"
#include "daemon/control/places.h"
#include "daemon/control/slow.h"

enum {
    CLIENTS_MAX = 64,     /* connections */
    OTHERS_MAX = 32,      /* connections of users other than root and the daemon's own */
    OTHERS_EACH = 8,      /* connections of one of these users; */
    OTHERS_PAGE = 24,     /* of the page, which asks for many people */
    REQUEST_MS = 5000,    /* for a request, and the same again for its answer */
    PATIENCE_MS = 50000,  /* for the work of a slow route */
    SLOW_MAX = 64,        /* calls of slow routes, with those that no client waits for; */
    OTHERS_SLOW_MAX = 32, /* above this number, only for root and the daemon's own user */
    BODY_MAX = 1 << 16,   /* bytes */
    UNREAD_MAX = 1 << 20, /* a larger one is not read to its end before it is refused */
};

struct Control {
    const Route *routes;
    const ControlView *view;
    struct MHD_Daemon *http;
    int epoll, wake; /* of all below; an eventfd that slow calls make readable */
    char *path;
    GPtrArray *clients;   /* of Client */
    GPtrArray *suspended; /* of Exchange, borrowed: those that wait for a slow call */
    GPtrArray *abandoned; /* of SlowCall: those that go on without a client */
    bool stops;           /* no slow call is begun */
};

/* A connection. */
typedef struct Client {
    int fd;
    uid_t uid;
    int64_t until_ms;
} Client;

/* A request and its answer. */
typedef struct Exchange {
    struct MHD_Connection *connection;
    GString *body;
    size_t size;      /* of the body, which is kept up to BODY_MAX */
    SlowCall *call;   /* NULL: not begun */
    int64_t until_ms; /* that the client waits for it */
} Exchange;

/* ---- connections ---- */

static int socket_of(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

static bool is_page(const ControlView *view, uid_t uid)
{
    return view->settings && view->settings->http && uid == view->page && uid != PEER_NO_USER;
}

static bool has_room(const Control *control, uid_t uid)
{
    int others = 0, same = 0;

    for (guint i = 0; i < control->clients->len; i++) {
        const Client *client = control->clients->pdata[i];
        others += !peer_is_privileged(client->uid);
        same += client->uid == uid;
    }
    int each = is_page(control->view, uid) ? OTHERS_PAGE : OTHERS_EACH;
    return peer_is_privileged(uid) || (others < OTHERS_MAX && same < each);
}

/* A connection was made, or has ended; *context is its Client. */
static void on_connection(void *user, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
    Control *control = user;

    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        g_ptr_array_remove_fast(control->clients, *context);
        return;
    }
    int fd = socket_of(connection);
    Client client = { fd, peer_uid(fd), clock_ms() + REQUEST_MS };
    if (!has_room(control, client.uid)) {
        shutdown(fd, SHUT_RDWR); /* the library closes it, as if the other end had */
        return;
    }
    *context = g_memdup2(&client, sizeof(client));
    g_ptr_array_add(control->clients, *context);
}

static void allow_until(struct MHD_Connection *connection, int64_t until_ms)
{
    Client *client =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;

    if (client)
        client->until_ms = until_ms;
}

static void end_overdue(const Control *control, int64_t now_ms)
{
    for (guint i = 0; i < control->clients->len; i++) {
        Client *client = control->clients->pdata[i];

        if (now_ms < client->until_ms)
            continue;
        shutdown(client->fd, SHUT_RDWR);
        client->until_ms = INT64_MAX;
    }
}

/* ---- requests ---- */

/* allow: the method that this path accepts, for a header; NULL: none. */
static enum MHD_Result reply(struct MHD_Connection *connection, const Answer *answer,
                             const char *allow)
{
    const char *type = NULL;
    size_t size = 0;
    char *body = answer_body(answer, &size, &type);
    struct MHD_Response *response =
        MHD_create_response_from_buffer_with_free_callback(size, body, g_free);

    /* time to read the answer, however long it took to make it */
    allow_until(connection, clock_ms() + REQUEST_MS);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
    if (answer->tag) {
        g_autofree char *tag = g_strdup_printf("\"%s\"", answer->tag);
        MHD_add_response_header(response, MHD_HTTP_HEADER_ETAG, tag);
        MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL,
                                "private, max-age=31536000, immutable");
    }
    if (allow)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, allow);
    enum MHD_Result queued = MHD_queue_response(connection, answer->status, response);
    MHD_destroy_response(response);
    return queued;
}

/* Where a query's parameters go; `error` is the first one. */
typedef struct Query {
    Request *request;
    const Parameter *parameters;
    Error *error;
} Query;

static enum MHD_Result add_argument(void *user, enum MHD_ValueKind kind, const char *name,
                                    size_t name_size, const char *value, size_t size)
{
    Query *query = user;

    (void) kind;
    if (strlen(name) != name_size)
        name = "";
    return request_add(query->request, query->parameters, name, value ? value : "",
                       value ? size : 0, &query->error)
               ? MHD_YES
               : MHD_NO;
}

/* The parameters of GET stand in the query, those of POST in the body. */
static bool read_parameters(const Exchange *exchange, const Route *route, Request *request,
                            Error **err)
{
    bool posted = !strcmp(route->method, MHD_HTTP_METHOD_POST);
    Query query = { request, posted ? NULL : route->parameters, NULL };

    MHD_get_connection_values_n(exchange->connection, MHD_GET_ARGUMENT_KIND, add_argument, &query);
    if (query.error) {
        *err = query.error;
        return false;
    }
    return request_add_body(request, posted ? route->parameters : NULL, exchange->body->str,
                            exchange->body->len, err) &&
           request_is_complete(request, route->parameters, err);
}

static bool may_steer(const ControlView *view, int fd)
{
    gid_t operators = view->settings ? view->settings->operators : SETTINGS_NO_GROUP;
    uid_t uid = peer_uid(fd);

    return peer_is_privileged(uid) || (is_page(view, uid) && view->settings->http->steer) ||
           (operators != SETTINGS_NO_GROUP && peer_is_member(fd, operators));
}

static void refuse_steering(const ControlView *view, uid_t uid, Answer *answer)
{
    if (is_page(view, uid))
        answer_refuse(answer, ANSWER_FORBIDDEN, "write `steer = yes` into the section `http`",
                      "the page may only show what is there");
    else if (uid == view->page && uid != PEER_NO_USER)
        answer_refuse(
            answer, ANSWER_FORBIDDEN, "run: sudo hotfolder reload",
            "the page may only show what is there: hotfolder has not yet read the section "
            "`http`");
    else
        answer_refuse(answer, ANSWER_FORBIDDEN,
                      "use sudo, or name a group of yours in the setting `operators`",
                      "only root, the user that hotfolder runs as and the members of the group "
                      "`operators` may request that");
}

/* Whether the answer is being made, in a thread of its own; else it refuses. */
static bool begin_slow(Control *control, Exchange *exchange, const Route *route, Request **request,
                       Answer *refusal)
{
    guint most = peer_is_privileged((*request)->uid) ? SLOW_MAX : OTHERS_SLOW_MAX;
    int64_t patience_ms = control->view->patience_ms ? control->view->patience_ms : PATIENCE_MS;

    if (control->stops) {
        answer_refuse(refusal, ANSWER_BUSY, "try again when it runs", "hotfolder stops");
        return false;
    }
    if (control->suspended->len + control->abandoned->len >= most) {
        answer_refuse(refusal, ANSWER_BUSY, "try again later",
                      "too many requests wait for disks that do not respond");
        return false;
    }
    exchange->call = slow_start(route, control->view, g_steal_pointer(request), control->wake);
    exchange->until_ms = clock_ms() + patience_ms;
    g_ptr_array_add(control->suspended, exchange);
    allow_until(exchange->connection, INT64_MAX);
    MHD_suspend_connection(exchange->connection);
    return true;
}

static void refuse_size(Answer *answer)
{
    answer_refuse(answer, ANSWER_TOO_LARGE, NULL, "the body has more than %d bytes", BODY_MAX);
}

static enum MHD_Result begin(Control *control, Exchange *exchange, const char *method,
                             const char *path)
{
    int fd = socket_of(exchange->connection);
    g_autoptr(Request) request = request_new(peer_uid(fd));
    g_autoptr(Answer) answer = answer_new();
    g_autoptr(Error) error = NULL;
    const char *allow = NULL;
    const Route *route = routes_find(control->routes, method, path, answer, &allow);

    if (!route)
        return reply(exchange->connection, answer, allow);
    if (route->permission == ROUTE_STEER && !may_steer(control->view, fd))
        refuse_steering(control->view, request->uid, answer);
    else if (exchange->size > BODY_MAX)
        refuse_size(answer);
    else if (!read_parameters(exchange, route, request, &error))
        answer_error(answer, ANSWER_BAD_REQUEST, error);
    else if (!route->slow)
        route->answer(control->view, request, answer);
    else if (begin_slow(control, exchange, route, &request, answer))
        return MHD_YES;
    return reply(exchange->connection, answer, NULL);
}

/* ---- slow answers ---- */

static const Folder *folder_of(const Control *control, const Request *request)
{
    const char *name = request_text(request, "folder"), *path = request_text(request, "path");
    const char *inside = NULL;
    const Folder *folder = NULL;

    if (!control->view->settings)
        return NULL;
    if (name)
        folder = settings_find_folder(control->view->settings, name);
    if (!folder && path)
        folder = places_of_input(control->view->settings, path, &inside);
    if (!folder && path)
        folder = places_of_output(control->view->settings, path, &inside);
    return folder;
}

/* The answer is there, or the client has waited long enough. */
static enum MHD_Result reply_slow(const Control *control, const Exchange *exchange)
{
    g_autoptr(Answer) late = answer_new();

    if (slow_has_ended(exchange->call))
        return reply(exchange->connection, slow_answer(exchange->call), NULL);
    const Folder *folder = folder_of(control, slow_request(exchange->call));
    g_autofree char *name = folder ? g_strdup_printf(" of folder '%s'", folder->name) : NULL;
    answer_refuse(late, ANSWER_TIMEOUT, "it goes on; `hotfolder why PATH` tells how it ended",
                  "the answer takes long: the disk%s does not respond, or there is much to do",
                  name ? name : "");
    return reply(exchange->connection, late, NULL);
}

static void resume_slow(const Control *control, int64_t now_ms)
{
    eventfd_t count = 0;

    eventfd_read(control->wake, &count);
    for (guint i = control->suspended->len; i > 0; i--) {
        const Exchange *exchange = control->suspended->pdata[i - 1];
        if (!slow_has_ended(exchange->call) && now_ms < exchange->until_ms)
            continue;
        MHD_resume_connection(exchange->connection);
        g_ptr_array_remove_index_fast(control->suspended, i - 1);
    }
    for (guint i = control->abandoned->len; i > 0; i--)
        if (slow_has_ended(control->abandoned->pdata[i - 1]))
            g_ptr_array_remove_index_fast(control->abandoned, i - 1);
}

/* ---- HTTP ---- */

static bool announces_too_much(struct MHD_Connection *connection)
{
    const char *length =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);

    return length && g_ascii_strtoull(length, NULL, 10) > UNREAD_MAX;
}

static enum MHD_Result begin_exchange(struct MHD_Connection *connection, void **state)
{
    Exchange *exchange = g_new0(Exchange, 1);

    exchange->connection = connection;
    exchange->body = g_string_new(NULL);
    *state = exchange;
    if (!announces_too_much(connection))
        return MHD_YES;
    g_autoptr(Answer) answer = answer_new();
    refuse_size(answer);
    return reply(connection, answer, NULL);
}

/* MHD_NO hangs up. */
static enum MHD_Result take_body(Exchange *exchange, const char *bytes, size_t size)
{
    exchange->size += size;
    if (exchange->size <= BODY_MAX)
        g_string_append_len(exchange->body, bytes, (gssize) size);
    return exchange->size <= UNREAD_MAX ? MHD_YES : MHD_NO;
}

static enum MHD_Result on_request(void *user, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **state)
{
    Control *control = user;
    Exchange *exchange = *state;

    (void) version;
    if (!exchange)
        return begin_exchange(connection, state);
    if (exchange->call)
        return reply_slow(control, exchange);
    if (!*upload_size)
        return begin(control, exchange, method, url);
    size_t size = *upload_size;
    *upload_size = 0;
    return take_body(exchange, upload, size);
}

static void on_end(void *user, struct MHD_Connection *connection, void **state,
                   enum MHD_RequestTerminationCode code)
{
    const Control *control = user;
    Exchange *exchange = *state;

    (void) connection, (void) code;
    if (!exchange)
        return;
    g_ptr_array_remove_fast(control->suspended, exchange);
    if (exchange->call)
        g_ptr_array_add(control->abandoned, exchange->call);
    g_string_free(exchange->body, TRUE);
    g_free(exchange);
    *state = NULL;
}

/* ---- the server ---- */

static bool add_to_epoll(const Control *control, int fd)
{
    struct epoll_event event = { .events = EPOLLIN };

    return epoll_ctl(control->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

/* Takes the listener. */
static bool start_http(Control *control, int listener)
{
    control->http =
        MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request,
                         control, MHD_OPTION_LISTEN_SOCKET, listener, MHD_OPTION_CONNECTION_LIMIT,
                         (unsigned) CLIENTS_MAX, MHD_OPTION_NOTIFY_CONNECTION, on_connection,
                         control, MHD_OPTION_NOTIFY_COMPLETED, on_end, control, MHD_OPTION_END);
    if (!control->http) {
        close(listener);
        return false;
    }
    control->epoll = epoll_create1(EPOLL_CLOEXEC);
    control->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return add_to_epoll(control, control->wake) &&
           add_to_epoll(control,
                        MHD_get_daemon_info(control->http, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd);
}

Control *control_start(const char *path, const Route *routes, const ControlView *view, Error **err)
{
    int listener = listener_open(path, err);

    if (listener < 0)
        return NULL;

    Control *control = g_new0(Control, 1);
    control->routes = routes;
    control->view = view;
    control->path = g_strdup(path);
    control->epoll = control->wake = -1;
    control->clients = g_ptr_array_new_with_free_func(g_free);
    control->suspended = g_ptr_array_new();
    control->abandoned = g_ptr_array_new_with_free_func((GDestroyNotify) slow_free);
    if (start_http(control, listener))
        return control;
    error_set(err, ERROR_CONFIG, NULL, "cannot start the HTTP server on '%s'", path);
    control_stop(control);
    return NULL;
}

int control_fd(const Control *control)
{
    return control->epoll;
}

static unsigned count_connections(const Control *control)
{
    return MHD_get_daemon_info(control->http, MHD_DAEMON_INFO_CURRENT_CONNECTIONS)->num_connections;
}

/* With CLIENTS_MAX connections, the library stops listening. It listens again at the beginning of
 * the first run after one has ended, for which no event may ever ask. */
static void run_http(const Control *control)
{
    unsigned before = 0;

    do {
        before = count_connections(control);
        MHD_run(control->http);
    } while (count_connections(control) < before);
}

void control_turn(Control *control)
{
    int64_t now_ms = clock_ms();

    resume_slow(control, now_ms);
    run_http(control); /* requests that came while the loop was busy are in time */
    end_overdue(control, clock_ms());
}

int64_t control_timeout(const Control *control)
{
    MHD_UNSIGNED_LONG_LONG timeout = 0;
    int64_t until_ms = INT64_MAX, now_ms = clock_ms();

    if (MHD_get_timeout(control->http, &timeout) == MHD_YES)
        until_ms = now_ms + (int64_t) timeout;
    for (guint i = 0; i < control->clients->len; i++)
        until_ms = MIN(until_ms, ((const Client *) control->clients->pdata[i])->until_ms);
    for (guint i = 0; i < control->suspended->len; i++)
        until_ms = MIN(until_ms, ((const Exchange *) control->suspended->pdata[i])->until_ms);
    return until_ms == INT64_MAX ? -1 : MAX(until_ms - now_ms, 0);
}

/* The answers are there after that. */
static void wait_for_slow(const Control *control)
{
    for (guint i = 0; i < control->suspended->len; i++)
        slow_wait(((const Exchange *) control->suspended->pdata[i])->call);
    for (guint i = 0; i < control->abandoned->len; i++)
        slow_wait(control->abandoned->pdata[i]);
}

/* The library aborts when it stops with a suspended connection. */
static void stop_http(Control *control)
{
    control->stops = true;
    int listener = MHD_quiesce_daemon(control->http);
    wait_for_slow(control);
    resume_slow(control, INT64_MAX);
    MHD_run(control->http); /* sends the answers */
    MHD_stop_daemon(control->http);
    if (listener >= 0)
        close(listener);
}

void control_stop(Control *control)
{
    if (!control)
        return;
    unlink(control->path);
    if (control->http)
        stop_http(control);
    if (control->epoll >= 0)
        close(control->epoll);
    if (control->wake >= 0)
        close(control->wake);
    g_ptr_array_unref(control->clients);
    g_ptr_array_unref(control->suspended);
    g_ptr_array_unref(control->abandoned);
    g_free(control->path);
    g_free(control);
}
