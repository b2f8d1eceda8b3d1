/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "page/guard.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/text.h"
#include "page/assets.h"

enum {
    BAD_REQUEST = 400,
    UNAUTHORIZED = 401,
    FORBIDDEN = 403,
    NOT_FOUND = 404,
    BAD_METHOD = 405,
    MISDIRECTED = 421,
    TOO_OFTEN = 429,
    SHOWN_MAX = 100,
    PORT_DIGITS = 5,
};

void guard_verdict_clear(GuardVerdict *verdict)
{
    g_free(verdict->what);
    g_free(verdict->fix);
    *verdict = (GuardVerdict){ 0 };
}

static bool refuse(GuardVerdict *verdict, GuardAnswer answer, int status, const char *fix,
                   const char *what)
{
    verdict->answer = answer;
    verdict->status = status;
    verdict->what = g_strdup(what);
    verdict->fix = g_strdup(fix);
    return false;
}

/* ---- Host ---- */

/* The name or address of "NAME:PORT", newly allocated, of an IPv6 address without its brackets;
 * NULL: this is no host. */
static char *name_of(const char *host, bool *in_brackets)
{
    *in_brackets = *host == '[';
    const char *end = *in_brackets ? strchr(host, ']') : host + strcspn(host, ":");
    if (!end)
        return NULL;

    const char *port = *in_brackets ? end + 1 : end;
    size_t digits = *port == ':' ? strspn(port + 1, "0123456789") : 0;
    if (*port && (*port != ':' || !digits || digits > PORT_DIGITS || port[1 + digits]))
        return NULL;
    return g_strndup(host + *in_brackets, (gsize) (end - host) - *in_brackets);
}

/* An address cannot be another site's: to have a name lead here is what a site can do. */
static bool is_address(const char *name, bool in_brackets)
{
    unsigned char address[sizeof(struct in6_addr)];

    return inet_pton(in_brackets ? AF_INET6 : AF_INET, name, address) == 1;
}

static bool is_ours(const Guard *guard, const char *name, bool in_brackets)
{
    if (is_address(name, in_brackets))
        return true;
    if (in_brackets)
        return false;
    for (char *const *ours = guard->hosts; ours && *ours; ours++)
        if (!g_ascii_strcasecmp(*ours, name))
            return true;
    return !g_ascii_strcasecmp(name, "localhost");
}

static bool check_host(const Guard *guard, const GuardRequest *request, GuardVerdict *verdict)
{
    bool in_brackets = false;

    if (request->hosts_sent != 1 || !request->host)
        return refuse(verdict, GUARD_REFUSES, BAD_REQUEST, NULL,
                      "the request must have one header `Host`");
    g_autofree char *name = name_of(request->host, &in_brackets);
    if (name && is_ours(guard, name, in_brackets))
        return true;
    g_autofree char *shown = text_shorten(name ? name : request->host, SHOWN_MAX);
    g_autofree char *what = g_strdup_printf("this page has no name '%s'", shown);
    g_autofree char *fix =
        g_strdup_printf("open it by its address, or, if the name is right, write it into the "
                        "configuration: http { hosts = { \"%s\" } ... }",
                        shown);
    return refuse(verdict, GUARD_REFUSES, MISDIRECTED, name ? fix : NULL, what);
}

/* ---- where the request ends ---- */

static bool is_number(const char *text)
{
    return *text && !text[strspn(text, "0123456789")];
}

/* What a header must not have in its name: a proxy may read "Content-Length :" as one of ours. */
static bool is_name(const char *text)
{
    for (; *text; text++)
        if (!g_ascii_isgraph(*text))
            return false;
    return true;
}

void guard_see_header(GuardRequest *request, const char *name, const char *value)
{
    bool is_length = !g_ascii_strcasecmp(name, "Content-Length");
    bool is_encoding = !g_ascii_strcasecmp(name, "Transfer-Encoding");

    request->hosts_sent += !g_ascii_strcasecmp(name, "Host");
    request->lengths_sent += is_length || is_encoding;
    if (!is_name(name) || (is_length && !is_number(value)) ||
        (is_encoding && g_ascii_strcasecmp(value, "chunked") != 0))
        request->is_unclear = true;
}

static bool check_end(const GuardRequest *request, GuardVerdict *verdict)
{
    if (request->lengths_sent <= 1 && !request->is_unclear)
        return true;
    verdict->must_close = true;
    return refuse(verdict, GUARD_REFUSES, BAD_REQUEST,
                  "send one `Content-Length: NUMBER`, or one `Transfer-Encoding: chunked`",
                  "the request does not say clearly where it ends");
}

/* ---- paths ---- */

static const struct {
    const char *path;
    GuardPlace place;
    const char *methods;
} places[] = {
    { "/", GUARD_INDEX, "GET, HEAD" },
    { "/index.html", GUARD_INDEX, "GET, HEAD" },
    { "/login", GUARD_LOGIN, "GET, HEAD, POST" },
    { "/logout", GUARD_LOGOUT, "POST" },
    { "/events", GUARD_EVENTS, "GET" },
    { "/metrics", GUARD_METRICS, "GET" },
};

static bool has_word(const char *list, const char *word)
{
    g_auto(GStrv) words = g_strsplit(list, ", ", -1);

    return g_strv_contains((const char *const *) words, word);
}

static GuardPlace place_of(const char *path, const char **methods)
{
    for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
        if (strcmp(path, places[i].path) != 0)
            continue;
        *methods = places[i].methods;
        return places[i].place;
    }
    *methods = "GET, HEAD";
    if (assets_find(path))
        return GUARD_FILE;
    *methods = "GET, POST";
    return g_str_has_prefix(path, "/v1/") ? GUARD_INTERFACE : GUARD_NOTHING;
}

static bool check_place(const GuardRequest *request, GuardVerdict *verdict)
{
    const char *methods = NULL;

    place_of(request->path, &methods);
    if (verdict->place == GUARD_NOTHING)
        return refuse(verdict, GUARD_REFUSES, NOT_FOUND, "hotfolder-page(8) says what there is",
                      "there is no such path");
    if (has_word(methods, request->method))
        return true;
    verdict->allow = methods;
    return refuse(verdict, GUARD_REFUSES, BAD_METHOD, NULL,
                  "this path does not accept this method");
}

/* ---- other pages ---- */

/* "https://photos.example.org:8480", where Host is "photos.example.org:8480". */
static bool is_same_origin(const char *origin, const char *host)
{
    const char *authority = NULL;

    if (g_str_has_prefix(origin, "http://"))
        authority = origin + strlen("http://");
    else if (g_str_has_prefix(origin, "https://"))
        authority = origin + strlen("https://");
    return authority && !g_ascii_strcasecmp(authority, host);
}

/* What a person typed into the browser has the site "none", and never posts. */
static bool is_same_site(const GuardRequest *request, bool posts)
{
    const char *site = request->fetch_site;

    return !site || !strcmp(site, "same-origin") || (!posts && !strcmp(site, "none"));
}

static bool check_origin(const GuardRequest *request, GuardVerdict *verdict)
{
    bool posts = !strcmp(request->method, "POST");

    if (!posts && verdict->place <= GUARD_LOGIN) /* files, which any page may know */
        return true;
    if (request->origin && !is_same_origin(request->origin, request->host))
        return refuse(verdict, GUARD_REFUSES, FORBIDDEN,
                      "a reverse proxy must leave the header `Host` as it is",
                      "a page of another origin asked for this");
    if (!is_same_site(request, posts))
        return refuse(verdict, GUARD_REFUSES, FORBIDDEN, NULL,
                      "a page of another site asked for this");
    if (posts && verdict->place != GUARD_LOGIN && g_strcmp0(request->marker, "1") != 0)
        return refuse(verdict, GUARD_REFUSES, FORBIDDEN, NULL,
                      "the request must have the header `X-Hotfolder: 1`");
    return true;
}

/* ---- the token ---- */

static bool has_cookie(const Token *token, const char *cookies, int64_t now_s)
{
    g_auto(GStrv) parts = g_strsplit(cookies, ";", -1);

    for (char **part = parts; *part; part++) {
        const char *cookie = g_strstrip(*part);
        if (g_str_has_prefix(cookie, "hotfolder=") &&
            token_made_cookie(token, cookie + strlen("hotfolder="), now_s))
            return true;
    }
    return false;
}

/* The token of "Bearer TOKEN", borrowed; NULL: there is none. */
static const char *bearer_of(const char *authorization)
{
    enum { WORD = 7 };

    if (!authorization || g_ascii_strncasecmp(authorization, "Bearer ", WORD) != 0)
        return NULL;
    return authorization + WORD + strspn(authorization + WORD, " ");
}

static bool check_token(const Guard *guard, const GuardRequest *request, int64_t now_s,
                        GuardVerdict *verdict)
{
    const char *bearer = bearer_of(request->authorization);

    if (!guard->token || verdict->place == GUARD_FILE || verdict->place == GUARD_LOGIN)
        return true;
    if (bearer && request->too_often)
        return refuse(verdict, GUARD_REFUSES, TOO_OFTEN, "try again later",
                      "too many wrong tokens were sent");
    if (bearer)
        return token_matches(guard->token, bearer) ||
               refuse(verdict, GUARD_WRONG, UNAUTHORIZED, NULL, "the token is wrong");
    return (request->cookies && has_cookie(guard->token, request->cookies, now_s)) ||
           refuse(verdict, GUARD_ASKS, UNAUTHORIZED,
                  "log in at /login, or send `Authorization: Bearer TOKEN`",
                  "this needs the token");
}

static bool check_steering(const Guard *guard, const GuardRequest *request, GuardVerdict *verdict)
{
    if (guard->steer || verdict->place != GUARD_INTERFACE || strcmp(request->method, "POST") != 0)
        return true;
    return refuse(verdict, GUARD_REFUSES, FORBIDDEN,
                  "write steer = yes into http { } of the configuration, and restart the page",
                  "this page shows, and may change nothing");
}

void guard_judge(const Guard *guard, const GuardRequest *request, int64_t now_s,
                 GuardVerdict *verdict)
{
    const char *methods = NULL;

    verdict->place = place_of(request->path, &methods); /* of refusals, too */
    if (check_end(request, verdict) && check_host(guard, request, verdict) &&
        check_place(request, verdict) && check_origin(request, verdict) &&
        check_token(guard, request, now_s, verdict) && check_steering(guard, request, verdict))
        verdict->answer = GUARD_ADMITS;
}
