/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <curl/curl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/clock.h"
#include "base/limits.h"
#include "notice/deliver.h"

enum {
    CONNECT_MS = 10 * 1000,
    BODY_MAX = 64 * 1024, /* bytes of an answer that are read at all */
    KEPT_MAX = 400,       /* of them, in the message */
};

/* ---- what is known of the answer ---- */

/* "https://example.org:8443": what else a URL has may be a secret. Newly allocated. */
static char *server_of(const char *url)
{
    g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_ENCODED, NULL);

    if (!uri || !g_uri_get_host(uri) || !*g_uri_get_host(uri))
        return uri ? g_strdup_printf("a URL of %s", g_uri_get_scheme(uri)) : g_strdup("the server");
    g_autofree char *port =
        g_uri_get_port(uri) < 0 ? g_strdup("") : g_strdup_printf(":%d", g_uri_get_port(uri));
    bool is_six = strchr(g_uri_get_host(uri), ':');
    return g_strdup_printf("%s://%s%s%s%s", g_uri_get_scheme(uri), is_six ? "[" : "",
                           g_uri_get_host(uri), is_six ? "]" : "", port);
}

/* The first line of an answer says more than its last: it may be a page. */
typedef struct Body {
    GString *kept;
    size_t bytes;
} Body;

static size_t take_body(char *bytes, size_t size, size_t count, void *data)
{
    size_t length = size * count; /* size is always 1 */
    Body *body = data;

    body->bytes += length;
    if (body->bytes > BODY_MAX)
        return 0; /* the status is known: that is all that counts */
    g_string_append_len(body->kept, bytes, (gssize) MIN(length, KEPT_MAX - body->kept->len));
    return length;
}

/* Which errors of libcurl are there until someone changes something. */
static bool is_lasting(CURLcode code)
{
    switch ((int) code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
        return true;
    default:
        return false;
    }
}

/* A request that the server will refuse again as it is. */
static bool is_refusal(long status)
{
    enum { MOVED = 300, ERROR = 500, TIMED_OUT = 408, TOO_EARLY = 425, TOO_MANY = 429 };

    return status >= MOVED && status < ERROR && status != TIMED_OUT && status != TOO_EARLY &&
           status != TOO_MANY;
}

/* ---- the request ---- */

static void set_up(CURL *curl, const Delivery *delivery, struct curl_slist *headers, Body *body,
                   char *message)
{
    long left = (long) CLAMP(delivery->until_ms - clock_ms(), 1, G_MAXINT);

    curl_easy_setopt(curl, CURLOPT_URL, delivery->to[0]);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, delivery->json);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "hotfolder/" HOTFOLDER_VERSION);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, MIN((long) CONNECT_MS, left));
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, left);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L); /* a resolver that hangs is not waited for */
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, message);
}

/* Whether it was done, *code says how; false: it is not wanted any more. */
static bool perform(CURLM *multi, int client, CURLcode *code)
{
    enum { WAIT_MS = 1000 };
    int running = 1, left = 0;

    *code = CURLE_FAILED_INIT;
    while (running) {
        struct curl_waitfd wanted = { .fd = client, .events = CURL_WAIT_POLLIN };
        if (curl_multi_perform(multi, &running) != CURLM_OK)
            return true;
        if (running && curl_multi_poll(multi, &wanted, 1, WAIT_MS, NULL) != CURLM_OK)
            return true;
        if (wanted.revents)
            return false;
    }
    const CURLMsg *done = curl_multi_info_read(multi, &left);
    if (done)
        *code = done->data.result;
    return true;
}

/* A redirection within the server repeats what the URL has, its password, too: neither is said. */
static void say_elsewhere(const char *server, const char *url, long status, DeliveryEnd *end)
{
    g_autofree char *other = server_of(url);
    bool is_same = !strcmp(other, server);

    end->what = g_strdup_printf("%s answered with status %ld, and names another %s", server, status,
                                is_same ? "path" : "place");
    end->last = is_same ? NULL : g_steal_pointer(&other);
}

/* Whether the server has it; else says why not. */
static bool judge(CURL *curl, const char *server, CURLcode code, const Body *body,
                  const char *message, DeliveryEnd *end)
{
    enum { OK = 200, MOVED = 300, ERROR = 400 };
    const char *elsewhere = NULL;
    long status = 0;

    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (code != CURLE_OK && !(code == CURLE_WRITE_ERROR && body->bytes > BODY_MAX)) {
        end->what = g_strdup_printf("cannot post to %s: %s", server,
                                    *message ? message : curl_easy_strerror(code));
        end->needs_person = is_lasting(code);
        return false;
    }
    if (status >= OK && status < MOVED)
        return true;
    if (status >= MOVED && status < ERROR)
        curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &elsewhere);
    if (elsewhere) {
        say_elsewhere(server, elsewhere, status, end);
    } else {
        end->what = g_strdup_printf("%s answered with status %ld", server, status);
        end->last = g_strndup(body->kept->str, strcspn(body->kept->str, "\r\n"));
    }
    end->needs_person = is_refusal(status);
    return false;
}

static bool post(CURLM *multi, CURL *curl, const Delivery *delivery, DeliveryEnd *end)
{
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    g_autofree char *server = server_of(delivery->to[0]);
    Body body = { .kept = g_string_new(NULL) };
    char message[CURL_ERROR_SIZE] = "";
    CURLcode code = CURLE_OK;
    bool sent = false;

    headers = curl_slist_append(headers, "Expect:");
    set_up(curl, delivery, headers, &body, message);
    curl_multi_add_handle(multi, curl);
    if (perform(multi, delivery->client, &code))
        sent = judge(curl, server, code, &body, message, end);
    else
        end->what = g_strdup("hotfolder stops");
    curl_multi_remove_handle(multi, curl);
    curl_slist_free_all(headers);
    g_string_free(body.kept, TRUE);
    return sent;
}

/* What comes from the network meets a process that can get no more rights. */
bool deliver_post(const Delivery *delivery, DeliveryEnd *end)
{
    signal(SIGPIPE, SIG_IGN); /* of a server that hangs up under TLS */
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    limits_drop_capabilities();
    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURLM *multi = curl_multi_init();
    CURL *curl = curl_easy_init();
    bool sent = post(multi, curl, delivery, end);

    curl_easy_cleanup(curl);
    curl_multi_cleanup(multi);
    curl_global_cleanup();
    return sent;
}
