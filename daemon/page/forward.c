/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Only this file of the page knows libcurl. */
#include "page/forward.h"

#include <curl/curl.h>
#include <errno.h>
#include <string.h>

#include "base/clock.h"

enum {
    FORWARD_MS = 60 * 1000, /* the daemon answers slow requests within 50 s */
    POLL_MS = 5 * 1000,     /* for a question of the page's own */
    QUEUE_MS = 20 * 1000,   /* until a connection is free */
    ANSWER_MAX = 16 << 20,  /* bytes */
    SHARED_MS = 250,        /* between two times that a shared question is asked */
    FDS_MAX = 4,            /* of forward_wait() */
    BAD_GATEWAY = 502,
    BUSY = 503,
    LATE = 504,
};

/* Together less than the daemon has for one user (OTHERS_EACH in control/). */
static const struct {
    unsigned at_once, waiting;
    int64_t queue_ms, patience_ms; /* until a connection is free, and for the answer */
} lanes[FORWARD_LANES] = {
    [FORWARD_QUICK] = { 2, 64, QUEUE_MS, FORWARD_MS },
    [FORWARD_SLOW] = { 3, 32, QUEUE_MS, FORWARD_MS },
    [FORWARD_PREVIEW] = { 1, 64, FORWARD_MS, FORWARD_MS },
    [FORWARD_POLL] = { 1, 4, QUEUE_MS, POLL_MS },
};

struct ForwardCall {
    Forward *forward;
    ForwardLane lane;
    char *url, *sent;
    gsize sent_size;
    ForwardDone done;
    void *user;
    int64_t until_ms;        /* that it waits for a connection */
    CURL *curl;              /* NULL: it waits */
    const ForwardCall *same; /* which asks the same, and whose answer it gets; NULL: none */
    GByteArray *got;
    bool too_large, refused;
};

struct Forward {
    CURLM *multi;
    struct curl_slist *headers;
    char *socket;
    GPtrArray *calls;  /* of ForwardCall, the oldest first */
    GHashTable *asked; /* of shared questions: when each may be asked again, by its URL */
};

Forward *forward_new(const char *socket)
{
    Forward *forward = g_new0(Forward, 1);

    curl_global_init(CURL_GLOBAL_DEFAULT); /* opens what it needs now */
    forward->multi = curl_multi_init();
    forward->headers = curl_slist_append(NULL, "Content-Type: application/json");
    forward->headers = curl_slist_append(forward->headers, "Expect:");
    forward->socket = g_strdup(socket);
    forward->calls = g_ptr_array_new();
    forward->asked = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return forward;
}

static void call_free(ForwardCall *call)
{
    if (call->curl) {
        curl_multi_remove_handle(call->forward->multi, call->curl);
        curl_easy_cleanup(call->curl);
    }
    g_byte_array_unref(call->got);
    g_free(call->url);
    g_free(call->sent);
    g_free(call);
}

void forward_cancel(ForwardCall *call)
{
    const GPtrArray *calls = call->forward->calls;

    g_ptr_array_remove(call->forward->calls, call);
    for (guint i = 0; i < calls->len; i++) {
        ForwardCall *other = calls->pdata[i];
        if (other->same == call)
            other->same = NULL; /* and is asked itself */
    }
    call_free(call);
}

void forward_free(Forward *forward)
{
    if (!forward)
        return;
    g_assert(!forward->calls->len);
    g_ptr_array_unref(forward->calls);
    g_hash_table_unref(forward->asked);
    curl_multi_cleanup(forward->multi);
    curl_global_cleanup();
    curl_slist_free_all(forward->headers);
    g_free(forward->socket);
    g_free(forward);
}

ForwardLane forward_lane(const char *path, gsize length)
{
    static const struct {
        const char *path;
        ForwardLane lane;
    } rows[] = {
        { "/v1/status", FORWARD_QUICK },    { "/v1/list", FORWARD_QUICK },
        { "/v1/metrics", FORWARD_QUICK },   { "/v1/cards", FORWARD_QUICK },
        { "/v1/preview", FORWARD_PREVIEW },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        if (strlen(rows[i].path) == length && !memcmp(rows[i].path, path, length))
            return rows[i].lane;
    return FORWARD_SLOW;
}

/* ---- one call ---- */

ForwardCall *forward_begin(Forward *forward, ForwardLane lane, const ForwardRequest *request,
                           ForwardDone done, void *user)
{
    ForwardCall *call = g_new0(ForwardCall, 1);
    unsigned waiting = 0;

    call->forward = forward;
    call->lane = lane;
    call->url = g_strconcat("http://hotfolder", request->target, NULL);
    call->sent = request->body ? g_memdup2(request->body, request->size + 1) : NULL;
    call->sent_size = request->size;
    call->done = done;
    call->user = user;
    call->until_ms = clock_ms() + lanes[lane].queue_ms;
    call->got = g_byte_array_new();
    for (guint i = 0; i < forward->calls->len; i++) {
        const ForwardCall *other = forward->calls->pdata[i];
        waiting += other->lane == lane && !other->curl;
    }
    call->refused = waiting >= lanes[lane].waiting;
    g_ptr_array_add(forward->calls, call);
    return call;
}

static size_t keep(char *data, size_t size, size_t count, void *user)
{
    ForwardCall *call = user;

    call->too_large = call->got->len + size * count > ANSWER_MAX;
    if (call->too_large)
        return 0;
    g_byte_array_append(call->got, (const guint8 *) data, (guint) (size * count));
    return size * count;
}

static void start(ForwardCall *call)
{
    CURL *curl = call->curl = curl_easy_init();

    curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, call->forward->socket);
    curl_easy_setopt(curl, CURLOPT_URL, call->url);
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long) lanes[call->lane].patience_ms);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, call);
    curl_easy_setopt(curl, CURLOPT_PRIVATE, call);
    if (call->sent) {
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, call->forward->headers);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long) call->sent_size);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, call->sent);
    }
    curl_multi_add_handle(call->forward->multi, curl);
}

/* ---- answers ---- */

static ForwardCall *find_same(const GPtrArray *calls, const ForwardCall *call)
{
    for (guint i = 0; i < calls->len; i++) {
        ForwardCall *other = calls->pdata[i];
        if (other->same == call)
            return other;
    }
    return NULL;
}

static void end(ForwardCall *call, const ForwardAnswer *answer)
{
    GPtrArray *calls = call->forward->calls;
    ForwardCall *other = NULL;

    g_ptr_array_remove(calls, call);
    while ((other = find_same(calls, call))) {
        g_ptr_array_remove(calls, other);
        other->done(other->user, answer);
        call_free(other);
    }
    call->done(call->user, answer);
    call_free(call);
}

/* Takes over `what`. */
static void fail(ForwardCall *call, int status, const char *fix, char *text)
{
    g_autofree char *what = text;
    g_autoptr(GBytes) nothing = g_bytes_new_static("", 0);
    ForwardAnswer answer = { status, "", nothing, what, fix };

    end(call, &answer);
}

static const char *cause_of(CURLcode result, long code)
{
    if (result != CURLE_COULDNT_CONNECT || code == 0)
        return curl_easy_strerror(result);
    if (code == ENOENT)
        return "the socket does not exist";
    return code == ECONNREFUSED ? "connection refused" : g_strerror((int) code);
}

static void fail_by(ForwardCall *call, CURLcode result)
{
    const char *socket = call->forward->socket;
    long code = 0;

    curl_easy_getinfo(call->curl, CURLINFO_OS_ERRNO, &code);
    if (call->too_large)
        fail(call, BAD_GATEWAY, "ask for less: give a smaller limit",
             g_strdup_printf("the answer of hotfolder has more than %d MiB", ANSWER_MAX >> 20));
    else if (result == CURLE_OPERATION_TIMEDOUT)
        fail(call, LATE, "`systemctl status hotfolder` shows whether it works",
             g_strdup_printf("hotfolder does not answer on '%s' in time", socket));
    else if (result == CURLE_COULDNT_CONNECT && code == EACCES)
        fail(call, BAD_GATEWAY, "put that user into the group hotfolder, and restart the page",
             g_strdup_printf("the user %s may not connect to hotfolder on '%s'", g_get_user_name(),
                             socket));
    else
        fail(call, BAD_GATEWAY, "start it: systemctl start hotfolder",
             g_strdup_printf("hotfolder does not answer on '%s': %s", socket,
                             cause_of(result, code)));
}

static void succeed(ForwardCall *call)
{
    g_autoptr(GBytes) body = g_bytes_new(call->got->data, call->got->len);
    ForwardAnswer answer = { .body = body };
    const char *type = NULL;
    long status = 0;

    curl_easy_getinfo(call->curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(call->curl, CURLINFO_CONTENT_TYPE, &type);
    g_autofree char *kept = g_strdup(type ? type : "application/octet-stream");
    answer.status = (int) status;
    answer.type = kept;
    end(call, &answer);
}

/* ---- turns ---- */

static bool is_shared(const ForwardCall *call)
{
    return call->lane == FORWARD_QUICK && !call->sent;
}

/* When the question may be asked; CLOCK_NEVER: after the answer to the same one, which others
 * wait for. An answer is never older than a request for it. */
static int64_t due_of(const ForwardCall *call)
{
    const GPtrArray *calls = call->forward->calls;

    if (!is_shared(call))
        return 0;
    for (guint i = 0; i < calls->len; i++) {
        const ForwardCall *other = calls->pdata[i];
        if (other->curl && is_shared(other) && !strcmp(other->url, call->url))
            return CLOCK_NEVER;
    }
    const int64_t *due_ms = g_hash_table_lookup(call->forward->asked, call->url);
    return due_ms ? *due_ms : 0;
}

static gboolean is_past(void *url, void *due_ms, void *now_ms)
{
    (void) url;
    return *(const int64_t *) due_ms <= *(const int64_t *) now_ms;
}

/* All that wait with the same question get the answer to this one. */
static void share(const ForwardCall *call, int64_t now_ms)
{
    const GPtrArray *calls = call->forward->calls;
    int64_t due_ms = now_ms + SHARED_MS;

    g_hash_table_foreach_remove(call->forward->asked, is_past, &now_ms);
    g_hash_table_insert(call->forward->asked, g_strdup(call->url),
                        g_memdup2(&due_ms, sizeof(due_ms)));
    for (guint i = 0; i < calls->len; i++) {
        ForwardCall *other = calls->pdata[i];
        if (!other->curl && !other->refused && is_shared(other) && !strcmp(other->url, call->url))
            other->same = call;
    }
}

/* The oldest calls that wait get the connections that are free. */
static void start_waiting(Forward *forward)
{
    unsigned in_use[FORWARD_LANES] = { 0 };
    int64_t now_ms = clock_ms();

    for (guint i = 0; i < forward->calls->len; i++) {
        const ForwardCall *call = forward->calls->pdata[i];
        in_use[call->lane] += call->curl != NULL;
    }
    for (guint i = 0; i < forward->calls->len; i++) {
        ForwardCall *call = forward->calls->pdata[i];
        if (call->curl || call->same || call->refused ||
            in_use[call->lane] >= lanes[call->lane].at_once || due_of(call) > now_ms)
            continue;
        in_use[call->lane]++;
        start(call);
        if (is_shared(call))
            share(call, now_ms);
    }
}

/* When something has to be done for it, whatever happens. */
static int64_t until_of(const ForwardCall *call, int64_t now_ms)
{
    if (call->refused)
        return now_ms;
    if (call->curl || call->same)
        return now_ms + FORWARD_MS;
    int64_t due_ms = due_of(call);
    return due_ms > now_ms ? MIN(due_ms, call->until_ms) : call->until_ms;
}

void forward_wait(Forward *forward, const int *fds, unsigned count, int64_t timeout_ms)
{
    struct curl_waitfd extra[FDS_MAX] = { 0 };
    int64_t now_ms = clock_ms();

    g_assert(count <= FDS_MAX);
    start_waiting(forward); /* libcurl then does not wait before it was called */
    for (unsigned i = 0; i < count; i++)
        extra[i] = (struct curl_waitfd){ .fd = fds[i], .events = CURL_WAIT_POLLIN };
    for (guint i = 0; i < forward->calls->len; i++) {
        const ForwardCall *call = forward->calls->pdata[i];
        int64_t left_ms = MAX(until_of(call, now_ms) - now_ms, 0);
        timeout_ms = timeout_ms < 0 ? left_ms : MIN(timeout_ms, left_ms);
    }
    curl_multi_poll(forward->multi, extra, count,
                    timeout_ms < 0 || timeout_ms > FORWARD_MS ? FORWARD_MS : (int) timeout_ms,
                    NULL);
}

static void take_ended(Forward *forward)
{
    const CURLMsg *message = NULL;
    int left = 0;

    while ((message = curl_multi_info_read(forward->multi, &left))) {
        CURLcode result = message->data.result;
        ForwardCall *call = NULL;

        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **) &call);
        if (result == CURLE_OK)
            succeed(call);
        else
            fail_by(call, result);
    }
}

static ForwardCall *find_overdue(const Forward *forward)
{
    int64_t now_ms = clock_ms();

    for (guint i = 0; i < forward->calls->len; i++) {
        ForwardCall *call = forward->calls->pdata[i];
        if (!call->curl && !call->same && (call->refused || now_ms >= call->until_ms))
            return call;
    }
    return NULL;
}

void forward_turn(Forward *forward)
{
    ForwardCall *call = NULL;
    int running = 0;

    curl_multi_perform(forward->multi, &running);
    take_ended(forward);
    while ((call = find_overdue(forward)))
        fail(call, BUSY, "try again later", g_strdup("too many requests wait for hotfolder"));
}
