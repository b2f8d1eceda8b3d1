/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* guard.h - which requests are answered: pure questions about their headers.
 *
 * A browser sends what any page in it asks for. What keeps other pages out:
 * - Host: a name that leads to this machine without being ours (DNS rebinding) is refused;
 * - Origin and Sec-Fetch-Site: what a page of another origin asks for is refused;
 * - X-Hotfolder: a form or a link of another page cannot send such a header;
 * - a request that a proxy may end at another place than we do is refused, and its connection ends;
 * - the token, in a cookie that no other site makes the browser send, or as a bearer's.
 * Any thread. */
#pragma once

#include <stdint.h>

#include "page/token.h"

typedef struct Guard {
    char *const *hosts; /* names beside addresses and localhost; NULL ends it */
    const Token *token; /* NULL: none is asked for */
    bool steer;         /* the page may change what the daemon does */
} Guard;

/* What lies at a path. */
typedef enum GuardPlace {
    GUARD_NOTHING,
    GUARD_INDEX,
    GUARD_FILE, /* a file without a secret, as the page of the login needs them */
    GUARD_LOGIN,
    GUARD_LOGOUT,
    GUARD_EVENTS,
    GUARD_METRICS,
    GUARD_INTERFACE, /* what the daemon answers */
} GuardPlace;

/* Headers are NULL where they were not sent. */
typedef struct GuardRequest {
    const char *method, *path; /* the path without its query, as it was sent */
    const char *host, *origin, *fetch_site, *marker, *authorization, *cookies;
    /* by guard_see_header(): */
    int hosts_sent;   /* how many headers called Host */
    int lengths_sent; /* how many that say where the body ends */
    bool is_unclear;  /* one that other programs may read in another way */
    bool too_often;   /* wrong tokens of this client wait for their answers */
} GuardRequest;

typedef enum GuardAnswer {
    GUARD_ADMITS,
    GUARD_REFUSES,
    GUARD_ASKS,  /* for the token: none was given, or a cookie that is too old */
    GUARD_WRONG, /* the token of the bearer is wrong: the answer should be slow */
} GuardAnswer;

typedef struct GuardVerdict {
    GuardAnswer answer;
    GuardPlace place;
    int status;        /* of HTTP, unless it admits */
    char *what;        /* why; lower case, no full stop; owned */
    char *fix;         /* may be NULL; owned */
    bool must_close;   /* where the request ends is not sure, and what comes then is no other one */
    const char *allow; /* methods that the path accepts, where the method is wrong; else NULL */
} GuardVerdict;

void guard_verdict_clear(GuardVerdict *verdict);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(GuardVerdict, guard_verdict_clear)

/* Takes note of a header, each as often as it was sent. */
void guard_see_header(GuardRequest *request, const char *name, const char *value);

/* now_s: seconds since 1970. */
void guard_judge(const Guard *guard, const GuardRequest *request, int64_t now_s,
                 GuardVerdict *verdict);
