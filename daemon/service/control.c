/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* GET /v1/status answers
 *     { "version", "pid", "uptime_s", "configuration", "workers", "in_progress",
 *       "initial_scan_done",
 *       "sandbox": { "complete", "lacks", "groups" },
 *       "memory_bytes", "memory_used_bytes", "memory_requests",
 *       "folders": [ { "name", "path", "recursive", "output", "profile", "order", "priority",
 *                      "state", "reason", "watch", "directories", "queued", "in_progress",
 *                      "done", "failed", "duplicates", "unmoved",
 *                      "unmoved_directories": [ { "directory", "originals", "fix" } ],
 *                      "pending": { reason: files }, "ignored": { reason: files } } ] }
 * where "groups" is what the workers' own control groups limit ("": they have none);
 * "memory_requests" are pictures in progress that need memory before they continue;
 * "state" is "available", "unavailable" or "held"; "watch" is "events" or "polling every 10 s";
 * "queued" to "failed" count pictures in the ledger, "duplicates" those of "done" with nothing to
 * make; "unmoved" are originals of "done" and "failed" that could not be moved, and
 * "unmoved_directories" the five directories with the most of them ("": the folder itself), each
 * with what helps, if that is known; "pending" are files that are not ready, "ignored" files that
 * are no pictures for us.
 *
 * POST /v1/reload, for root and the daemon's own user, answers when that is done:
 *     { "folders", "problems": [] } how many there are now, and which cannot be used, and why
 *     { "error", "errors": [] }     with status 422: the old configuration stays
 *
 * Any other request gets { "error" }. A connection gets one answer, and ends some seconds
 * after it was made: a client that sends slowly must not keep others out. Only this file knows
 * libmicrohttpd. */
#include "daemon/service/control.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <math.h>
#include <microhttpd.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "daemon/ledger/unmoved.h"
#include "daemon/process/cgroup.h"
#include "daemon/process/sandbox_report.h"
#include "daemon/settings/tables.h"

enum {
    CLIENTS_MAX = 64,        /* connections */
    OTHERS_MAX = 32,         /* connections of users other than root and the daemon's own */
    OTHERS_EACH = 8,         /* connections of one of these users */
    REQUEST_MS = 5000,       /* for a request, and the same again for its answer */
    UNMOVED_DIRECTORIES = 5, /* of originals that could not be moved: shown, of each folder */
};

struct Control {
    const ControlView *view;
    struct MHD_Daemon *http;
    int listener;
    char *path;
    GPtrArray *clients; /* of Client */
};

/* A connection. */
typedef struct Client {
    int fd;
    uid_t uid;
    int64_t until_ms;
} Client;

/* ---- connections ---- */

static bool is_privileged(uid_t uid)
{
    return uid == 0 || uid == geteuid();
}

/* The user at the other end of the socket; (uid_t) -1, no user, where that is unknown. */
static uid_t peer_of(int fd)
{
    struct ucred peer = { 0 };
    socklen_t size = sizeof(peer);

    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 ? peer.uid : (uid_t) -1;
}

static int socket_of(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

static bool has_room(const Control *control, uid_t uid)
{
    int others = 0, same = 0;

    for (guint i = 0; i < control->clients->len; i++) {
        const Client *client = control->clients->pdata[i];
        others += !is_privileged(client->uid);
        same += client->uid == uid;
    }
    return is_privileged(uid) || (others < OTHERS_MAX && same < OTHERS_EACH);
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
    Client client = { fd, peer_of(fd), clock_ms() + REQUEST_MS };
    if (!has_room(control, client.uid)) {
        shutdown(fd, SHUT_RDWR); /* the library closes it, as if the other end had */
        return;
    }
    *context = g_memdup2(&client, sizeof(client));
    g_ptr_array_add(control->clients, *context);
}

/* Gives the client time to read the answer, however long it took to make it. */
static void extend(struct MHD_Connection *connection)
{
    Client *client =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;

    if (client)
        client->until_ms = clock_ms() + REQUEST_MS;
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

/* ---- the status ---- */

static void add_text(cJSON *object, const char *name, const char *bytes)
{
    g_autofree char *text = text_escape(bytes);

    cJSON_AddStringToObject(object, name, text);
}

static void add_counts(cJSON *object, const char *name, const GArray *counts)
{
    cJSON *reasons = cJSON_AddObjectToObject(object, name);

    for (unsigned i = 0; i < counts->len; i++) {
        const ReasonCount *count = &g_array_index(counts, ReasonCount, i);
        cJSON_AddNumberToObject(reasons, count->reason, count->files);
    }
}

static void add_unmoved(cJSON *object, const ControlView *view, const char *folder)
{
    g_autoptr(GArray) groups = NULL;
    g_autoptr(Error) error = NULL;
    int64_t originals = 0;

    unmoved_count(view->ledger, folder, UNMOVED_DIRECTORIES, &originals, &groups, &error);
    cJSON_AddNumberToObject(object, "unmoved", (double) originals);
    cJSON *list = cJSON_AddArrayToObject(object, "unmoved_directories");
    for (guint i = 0; groups && i < groups->len; i++) {
        const UnmovedGroup *group = &g_array_index(groups, UnmovedGroup, i);
        cJSON *row = cJSON_CreateObject();
        add_text(row, "directory", group->dir);
        cJSON_AddNumberToObject(row, "originals", (double) group->originals);
        if (group->fix)
            add_text(row, "fix", group->fix);
        cJSON_AddItemToArray(list, row);
    }
}

static cJSON *folder_status(const ControlView *view, const Folder *folder)
{
    g_autofree char *reason = NULL;
    g_autoptr(Error) error = NULL;
    LedgerCounts counts = { 0 };
    HealthState state = health_get(view->health, folder->name, &reason);
    WatchReport report = watch_report(view->watch, folder->name);
    cJSON *object = cJSON_CreateObject();

    ledger_count(view->ledger, folder->name, &counts, &error);
    add_text(object, "name", folder->name);
    add_text(object, "path", folder->path);
    cJSON_AddBoolToObject(object, "recursive", folder->recursive);
    add_text(object, "output", folder->output);
    add_text(object, "profile", folder->profile->name);
    cJSON_AddStringToObject(object, "order", order_word(folder->order));
    cJSON_AddNumberToObject(object, "priority", folder->priority);
    add_text(object, "state", health_word(state));
    if (reason)
        add_text(object, "reason", reason);
    if (report.method)
        cJSON_AddStringToObject(object, "watch", report.method);
    cJSON_AddNumberToObject(object, "directories", report.directories);
    cJSON_AddNumberToObject(object, "queued", (double) counts.queued);
    cJSON_AddNumberToObject(object, "in_progress", (double) ledger_in_progress(&counts));
    cJSON_AddNumberToObject(object, "done", (double) counts.done);
    cJSON_AddNumberToObject(object, "failed", (double) counts.failed);
    cJSON_AddNumberToObject(object, "duplicates", (double) counts.duplicates);
    add_unmoved(object, view, folder->name);
    add_counts(object, "pending", report.pending_by_reason);
    add_counts(object, "ignored", report.ignored_by_reason);
    watch_report_clear(&report);
    return object;
}

/* Adds nothing while no worker was ready yet. */
static void add_sandbox(cJSON *status)
{
    g_autofree char *lacks = sandbox_report_missing();

    if (!lacks)
        return;
    cJSON *sandbox = cJSON_AddObjectToObject(status, "sandbox");
    cJSON_AddBoolToObject(sandbox, "complete", !*lacks);
    add_text(sandbox, "lacks", lacks);
    const char *groups = cgroup_limits();
    add_text(sandbox, "groups", groups ? groups : "");
}

static char *status_text(const ControlView *view)
{
    cJSON *status = cJSON_CreateObject();
    double seconds = floor((double) (clock_ms() - view->started_ms) / 1000);

    cJSON_AddStringToObject(status, "version", HOTFOLDER_VERSION);
    cJSON_AddNumberToObject(status, "pid", getpid());
    cJSON_AddNumberToObject(status, "uptime_s", seconds);
    add_text(status, "configuration", view->settings->file);
    cJSON_AddNumberToObject(status, "workers", view->settings->workers);
    BudgetUse memory = dispatch_memory(view->dispatch);
    cJSON_AddNumberToObject(status, "memory_bytes", (double) memory.bytes);
    cJSON_AddNumberToObject(status, "memory_used_bytes", (double) memory.used);
    cJSON_AddNumberToObject(status, "memory_requests", memory.waiting);
    cJSON_AddNumberToObject(status, "in_progress", dispatch_in_flight(view->dispatch));
    add_sandbox(status);
    cJSON_AddBoolToObject(status, "initial_scan_done", watch_initial_scan_done(view->watch));
    cJSON *folders = cJSON_AddArrayToObject(status, "folders");
    for (unsigned i = 0; i < view->settings->folders->len; i++)
        cJSON_AddItemToArray(folders,
                             folder_status(view, g_ptr_array_index(view->settings->folders, i)));
    char *text = cJSON_Print(status);
    cJSON_Delete(status);
    return text;
}

/* ---- a reload ---- */

static void add_errors(cJSON *object, const char *name, const GPtrArray *errors)
{
    cJSON *list = cJSON_AddArrayToObject(object, name);

    for (guint i = 0; i < errors->len; i++) {
        g_autofree char *error = error_text(g_ptr_array_index(errors, i));
        g_autofree char *text = text_escape(error);
        cJSON_AddItemToArray(list, cJSON_CreateString(text));
    }
}

static char *reload_text(const ControlView *view, unsigned *code)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    cJSON *answer = cJSON_CreateObject();

    if (view->reload(view->user, errors)) {
        *code = MHD_HTTP_OK;
        cJSON_AddNumberToObject(answer, "folders", view->settings->folders->len);
        add_errors(answer, "problems", errors);
    } else {
        *code = CONTROL_CONFIG_ERRORS;
        add_text(answer, "error", "the configuration has errors; the old one stays in use");
        add_errors(answer, "errors", errors);
    }
    char *text = cJSON_Print(answer);
    cJSON_Delete(answer);
    return text;
}

/* ---- HTTP ---- */

/* allow: the method that this URL accepts, for a header; NULL: none. */
static enum MHD_Result reply(struct MHD_Connection *connection, unsigned code, const char *text,
                             const char *allow)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(
        strlen(text), (void *) (uintptr_t) text, MHD_RESPMEM_MUST_COPY);

    extend(connection);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "application/json");
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
    if (allow)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, allow);
    enum MHD_Result queued = MHD_queue_response(connection, code, response);
    MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result refuse(struct MHD_Connection *connection, unsigned code, const char *why,
                              const char *allow)
{
    g_autofree char *text = g_strdup_printf("{ \"error\": \"%s\" }\n", why);

    return reply(connection, code, text, allow);
}

/* Sends `text` and frees it. */
static enum MHD_Result reply_and_free(struct MHD_Connection *connection, unsigned code, char *text)
{
    enum MHD_Result replied = reply(connection, code, text ? text : "{}", NULL);

    cJSON_free(text);
    return replied;
}

/* Members of the group may read the status only. */
static bool may_change(struct MHD_Connection *connection)
{
    return is_privileged(peer_of(socket_of(connection)));
}

static enum MHD_Result answer_status(const ControlView *view, struct MHD_Connection *connection)
{
    return reply_and_free(connection, MHD_HTTP_OK, status_text(view));
}

static enum MHD_Result answer_reload(const ControlView *view, struct MHD_Connection *connection)
{
    unsigned code = 0;

    if (!may_change(connection))
        return refuse(connection, MHD_HTTP_FORBIDDEN,
                      "only root and the user that hotfolder runs as may request that", NULL);
    char *text = reload_text(view, &code);
    return reply_and_free(connection, code, text);
}

static const struct {
    const char *method, *url;
    enum MHD_Result (*answer)(const ControlView *view, struct MHD_Connection *connection);
} requests[] = {
    { MHD_HTTP_METHOD_GET, "/v1/status", answer_status },
    { MHD_HTTP_METHOD_POST, "/v1/reload", answer_reload },
};

static enum MHD_Result answer(void *user, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **state)
{
    const Control *control = user;
    const char *allowed = NULL;
    static int headers_read;

    (void) version;
    (void) upload;
    if (!*state) { /* the headers are read; a body is read and dropped */
        *state = &headers_read;
        return MHD_YES;
    }
    if (*upload_size) {
        *upload_size = 0;
        return MHD_YES;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(requests); i++) {
        if (strcmp(url, requests[i].url) != 0)
            continue;
        if (!strcmp(method, requests[i].method))
            return requests[i].answer(control->view, connection);
        allowed = requests[i].method;
    }
    return allowed ? refuse(connection, MHD_HTTP_METHOD_NOT_ALLOWED,
                            "wrong method; use GET /v1/status or POST /v1/reload", allowed)
                   : refuse(connection, MHD_HTTP_NOT_FOUND,
                            "unknown path; use GET /v1/status or POST /v1/reload", NULL);
}

/* Removes a socket file that no process listens on, as a crash leaves it. Any other belongs to
 * another hotfolderd, even if that is too busy to answer. */
static bool clear_path(const struct sockaddr_un *address, Error **err)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int code =
        fd < 0 || connect(fd, (const struct sockaddr *) address, sizeof(*address)) < 0 ? errno : 0;

    if (fd >= 0)
        close(fd);
    if (code == ENOENT || code == ECONNREFUSED) {
        unlink(address->sun_path);
        return true;
    }
    if (code == 0 || code == EAGAIN)
        return error_set(err, ERROR_CONFIG, "stop the other one, or give another --runtime-dir",
                         "another hotfolderd listens on '%s'", address->sun_path);
    return error_errno(err, code, "cannot connect to '%s'", address->sun_path);
}

static int listen_on(const char *path, Error **err)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    if (strlen(path) >= sizeof(address.sun_path)) {
        error_set(err, ERROR_CONFIG, "give a shorter --runtime-dir",
                  "the path '%s' is too long for a socket", path);
        return -1;
    }
    g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
    if (!clear_path(&address, err))
        return -1;

    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && bind(fd, (const struct sockaddr *) &address, sizeof(address)) == 0 &&
        chmod(path, 0660) == 0 && listen(fd, SOMAXCONN) == 0)
        return fd;
    error_errno(err, errno, "cannot listen on '%s'", path);
    if (fd >= 0)
        close(fd);
    return -1;
}

Control *control_start(const char *path, const ControlView *view, Error **err)
{
    int listener = listen_on(path, err);

    if (listener < 0)
        return NULL;

    Control *control = g_new0(Control, 1);
    control->view = view;
    control->path = g_strdup(path);
    control->listener = listener;
    control->clients = g_ptr_array_new_with_free_func(g_free);
    control->http =
        MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, answer, control, MHD_OPTION_LISTEN_SOCKET,
                         listener, MHD_OPTION_CONNECTION_LIMIT, (unsigned) CLIENTS_MAX,
                         MHD_OPTION_NOTIFY_CONNECTION, on_connection, control, MHD_OPTION_END);
    if (control->http)
        return control;
    error_set(err, ERROR_CONFIG, NULL, "cannot start the HTTP server on '%s'", path);
    close(listener);
    control_stop(control);
    return NULL;
}

int control_fd(const Control *control)
{
    return MHD_get_daemon_info(control->http, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
}

void control_turn(Control *control)
{
    MHD_run(control->http); /* requests that came while the loop was busy are in time */
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
    return until_ms == INT64_MAX ? -1 : MAX(until_ms - now_ms, 0);
}

void control_stop(Control *control)
{
    if (!control)
        return;
    if (control->http)
        MHD_stop_daemon(control->http);
    g_ptr_array_unref(control->clients);
    unlink(control->path);
    g_free(control->path);
    g_free(control);
}
