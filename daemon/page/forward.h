/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* forward.h - asks the daemon over its control socket, for clients of the page.
 *
 * All calls are of one thread, which waits in forward_wait() and lets forward_turn() go on; an
 * answer comes in a callback of the latter. There are few connections at a time, of each lane its
 * own: what waits for a disk holds up nothing else. What many clients want in the same quarter of
 * a second is asked once, after the last of them wanted it, if the lane is FORWARD_QUICK. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum ForwardLane {
    FORWARD_QUICK,   /* the daemon answers at once */
    FORWARD_SLOW,    /* it may wait for a disk */
    FORWARD_PREVIEW, /* a picture is decoded, one at a time */
    FORWARD_POLL,    /* the page's own questions */
    FORWARD_LANES
} ForwardLane;

typedef struct ForwardRequest {
    const char *target; /* "/v1/status", with its query as it was sent; printable ASCII */
    const char *body;   /* JSON of a POST; NULL: a GET */
    gsize size;
} ForwardRequest;

typedef struct ForwardAnswer {
    int status;       /* of HTTP: the daemon's, or 502, 503 or 504 of ours */
    const char *type; /* of `body` */
    GBytes *body;     /* borrowed */
    const char *what; /* why there is no answer of the daemon; NULL: it is the daemon's */
    const char *fix;  /* may be NULL */
} ForwardAnswer;

typedef struct Forward Forward;
typedef struct ForwardCall ForwardCall;

/* Takes over `user` until then, and lends the answer. */
typedef void (*ForwardDone)(void *user, const ForwardAnswer *answer);

/* socket: the path of control.sock. */
Forward *forward_new(const char *socket);

/* Without calls. */
void forward_free(Forward *forward);

/* Asks now, or when the lane has room. The call is forgotten with its callback, which never comes
 * from within this function. */
ForwardCall *forward_begin(Forward *forward, ForwardLane lane, const ForwardRequest *request,
                           ForwardDone done, void *user);

/* Forgets the call without its callback. */
void forward_cancel(ForwardCall *call);

/* The lane of a request for this path of the daemon; by its first `length` bytes. */
ForwardLane forward_lane(const char *path, gsize length);

/* Waits for the daemon, for `fds`, or for timeout_ms (-1: as long as it takes). */
void forward_wait(Forward *forward, const int *fds, unsigned count, int64_t timeout_ms);
void forward_turn(Forward *forward);
