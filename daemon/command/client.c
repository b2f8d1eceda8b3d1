/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Only this file knows libcurl. */
#include "command/client.h"

#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <errno.h>
#include <glib.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/control/answer.h"

enum {
    TIMEOUT_S = 60,       /* a reload has the profiles checked */
    ANSWER_MAX = 1 << 26, /* what has more bytes is no daemon of ours */
    HTTP_OK = 200,
    TRIES = 200, /* to get into the daemon's queue */
    PAUSE_US = 50000,
};

static size_t keep(char *data, size_t size, size_t count, void *user)
{
    GString *answer = user;

    if (answer->len + size * count > ANSWER_MAX)
        return 0;
    g_string_append_len(answer, data, (gssize) (size * count));
    return size * count;
}

/* The error in the daemon's answer and what helps, newly allocated; NULL: it has none. */
static char *error_of(const char *answer)
{
    cJSON *json = cJSON_Parse(answer);
    const char *error = cJSON_GetStringValue(cJSON_GetObjectItem(json, "error"));
    const char *fix = cJSON_GetStringValue(cJSON_GetObjectItem(json, "fix"));
    char *text = error ? g_strconcat(error, fix ? "; " : NULL, fix, NULL) : NULL;

    cJSON_Delete(json);
    return text;
}

/* Whether a daemon listens there, even if its queue is full at the moment. */
static bool is_served(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
    bool served =
        fd >= 0 &&
        (connect(fd, (const struct sockaddr *) &address, sizeof(address)) == 0 || errno == EAGAIN);
    if (fd >= 0)
        close(fd);
    return served;
}

/* With many clients at once libcurl gives up, and does not report that the queue is full. */
static CURLcode perform(CURL *curl, const char *socket)
{
    CURLcode result = curl_easy_perform(curl);

    for (int i = 1; i < TRIES && result == CURLE_COULDNT_CONNECT && is_served(socket); i++) {
        g_usleep(PAUSE_US);
        result = curl_easy_perform(curl);
    }
    return result;
}

/* Whether this user may not connect. */
static bool is_denied(const char *socket)
{
    return access(socket, R_OK | W_OK) < 0 && errno == EACCES;
}

static void report_denied(const char *socket)
{
    fprintf(stderr,
            "hotfolder: cannot ask the daemon on '%s': permission denied; join its group (sudo "
            "adduser NAME hotfolder, and log in again), or use sudo\n",
            socket);
}

/* `code` is the errno value of connect(2), where libcurl could not connect. */
static const char *cause_of(CURLcode result, long code)
{
    if (result != CURLE_COULDNT_CONNECT || code == 0)
        return curl_easy_strerror(result);
    if (code == ENOENT)
        return "the socket does not exist";
    return code == ECONNREFUSED ? "connection refused" : g_strerror((int) code);
}

static void report_silence(const Target *target, const char *socket, const char *cause)
{
    fprintf(stderr,
            "hotfolder: no daemon answers on '%s': %s; start it (systemctl start hotfolder%s%s), "
            "or name its directory with --runtime-dir\n",
            socket, cause, target->instance ? "@" : "", target->instance ? target->instance : "");
}

/* A request of `path`, whose answer goes into `body`. */
static CURL *request_new(const char *socket, const char *path, int timeout_s, GString *body)
{
    g_autofree char *url = g_strconcat("http://hotfolder", path, NULL);
    CURL *curl = curl_easy_init();

    curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, socket);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long) timeout_s);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);
    return curl;
}

char *client_get(const char *socket, const char *path, int timeout_s)
{
    GString *body = g_string_new(NULL);
    CURL *curl = request_new(socket, path, timeout_s, body);
    long code = 0;
    CURLcode result = curl_easy_perform(curl);

    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
    curl_easy_cleanup(curl);
    return g_string_free(body, result != CURLE_OK || code != HTTP_OK);
}

static void report_refusal(const char *socket, long code, const char *answer)
{
    g_autofree char *error = error_of(answer);

    if (error)
        fprintf(stderr, "hotfolder: %s\n", error);
    else
        fprintf(stderr,
                "hotfolder: '%s' answered with HTTP status %ld, which no daemon of ours does\n",
                socket, code);
}

char *client_ask(const Target *target, const char *path, const cJSON *body, int wrong)
{
    g_autofree char *socket = g_build_filename(target->runtime_dir, "control.sock", NULL);
    char *sent = body ? cJSON_PrintUnformatted(body) : NULL;
    GString *got = g_string_new(NULL);
    CURL *curl = request_new(socket, path, TIMEOUT_S, got);
    long code = 0, connect_errno = 0;

    if (sent)
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, sent);
    CURLcode result = perform(curl, socket);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
    curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &connect_errno);
    curl_easy_cleanup(curl);
    cJSON_free(sent);
    g_autofree char *answer = g_string_free(got, FALSE);
    if (result == CURLE_OK && (code == HTTP_OK || (wrong && code == wrong)))
        return g_steal_pointer(&answer);

    if (result != CURLE_OK && is_denied(socket))
        report_denied(socket);
    else if (result != CURLE_OK)
        report_silence(target, socket, cause_of(result, connect_errno));
    else
        report_refusal(socket, code, answer);
    return NULL;
}

bool client_is_denied(const Target *target)
{
    g_autofree char *socket = g_build_filename(target->runtime_dir, "control.sock", NULL);

    return is_denied(socket);
}

char *client_add(char *path, const char *name, const char *bytes)
{
    if (!bytes)
        return path;
    g_autofree char *value = g_uri_escape_string(bytes, NULL, FALSE);
    char *longer = g_strconcat(path, strchr(path, '?') ? "&" : "?", name, "=", value, NULL);
    g_free(path);
    return longer;
}

char *client_path(const char *typed)
{
    return g_canonicalize_filename(typed, NULL);
}

bool client_reload(const Target *target, Error **err)
{
    cJSON *nothing = cJSON_CreateObject();
    g_autofree char *answer = client_ask(target, "/v1/reload", nothing, ANSWER_WRONG);
    cJSON *json = answer ? cJSON_Parse(answer) : NULL;
    const cJSON *error = cJSON_GetArrayItem(cJSON_GetObjectItem(json, "errors"), 0);
    const char *text = cJSON_GetStringValue(error);
    bool ok = (answer && !cJSON_HasObjectItem(json, "errors")) ||
              error_set(err, ERROR_CONFIG, "`hotfolder reload` shows all that is wrong",
                        "the daemon did not take the new configuration%s%s", text ? ": " : "",
                        text ? text : "");

    cJSON_Delete(json);
    cJSON_Delete(nothing);
    return ok;
}
