/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "page/reply.h"

#include <cjson/cJSON.h>
#include <microhttpd.h>
#include <string.h>

enum { BLOCK = 32 * 1024 /* bytes of a stream at once */ };

/* The page loads nothing but its own files, runs no script that is not one of them, and is shown in
 * no other page. */
#define POLICY                                                                                     \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "                    \
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

static const struct {
    const char *name, *value;
} always[] = {
    { "Content-Security-Policy", POLICY },
    { "X-Content-Type-Options", "nosniff" },
    { "X-Frame-Options", "DENY" },
    { "Referrer-Policy", "no-referrer" },
    { "Cross-Origin-Opener-Policy", "same-origin" },
    { "Cross-Origin-Resource-Policy", "same-origin" },
};

static void add(struct MHD_Response *response, const char *name, const char *value)
{
    if (value)
        MHD_add_response_header(response, name, value);
}

static struct MHD_Response *with_headers(struct MHD_Response *response, const ReplyHeaders *headers)
{
    for (size_t i = 0; i < G_N_ELEMENTS(always); i++)
        add(response, always[i].name, always[i].value);
    add(response, MHD_HTTP_HEADER_CONTENT_TYPE, headers->type);
    add(response, MHD_HTTP_HEADER_CACHE_CONTROL,
        headers->cache  ? headers->cache
        : headers->etag ? "no-cache"
                        : "no-store");
    add(response, MHD_HTTP_HEADER_ETAG, headers->etag);
    add(response, MHD_HTTP_HEADER_ALLOW, headers->allow);
    add(response, MHD_HTTP_HEADER_LOCATION, headers->location);
    add(response, MHD_HTTP_HEADER_SET_COOKIE, headers->cookie);
    add(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE, headers->authenticate);
    add(response, "Refresh", headers->refresh);
    add(response, MHD_HTTP_HEADER_CONNECTION, headers->connection);
    return response;
}

struct MHD_Response *reply_new(const void *bytes, size_t size, const ReplyHeaders *headers)
{
    void *kept = (void *) (uintptr_t) bytes;

    return with_headers(MHD_create_response_from_buffer(size, kept, MHD_RESPMEM_MUST_COPY),
                        headers);
}

struct MHD_Response *reply_refusal(const char *what, const char *fix, const ReplyHeaders *headers)
{
    ReplyHeaders typed = *headers;
    cJSON *json = cJSON_CreateObject();

    cJSON_AddStringToObject(json, "error", what);
    if (fix)
        cJSON_AddStringToObject(json, "fix", fix);
    char *text = cJSON_PrintUnformatted(json);
    typed.type = "application/json";
    struct MHD_Response *response = reply_new(text, strlen(text), &typed);
    cJSON_free(text);
    cJSON_Delete(json);
    return response;
}

struct MHD_Response *reply_refusal_text(const char *what, const char *fix,
                                        const ReplyHeaders *headers)
{
    ReplyHeaders typed = *headers;
    g_autofree char *text = g_strdup_printf("%s\n%s%s", what, fix ? fix : "", fix ? "\n" : "");

    typed.type = "text/plain; charset=utf-8";
    return reply_new(text, strlen(text), &typed);
}

struct MHD_Response *reply_asset(const Asset *asset, bool has_it)
{
    const ReplyHeaders headers = { .type = assets_type(asset), .etag = asset->etag };
    void *bytes = (void *) (uintptr_t) asset->bytes;

    return with_headers(
        MHD_create_response_from_buffer(has_it ? 0 : asset->size, bytes, MHD_RESPMEM_PERSISTENT),
        &headers);
}

struct MHD_Response *
reply_stream(ssize_t (*read)(void *user, uint64_t position, char *to, size_t most), void *user)
{
    const ReplyHeaders headers = { .type = "text/event-stream" };
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, read, user, NULL);

    add(response, "X-Accel-Buffering", "no"); /* a proxy must not collect events */
    return with_headers(response, &headers);
}
