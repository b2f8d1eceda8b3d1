/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* exchange.h - one request and its answer: judged by its headers, read, then answered by a file, by
 * the daemon, or by a stream of events. While it waits for the daemon, an event or a time, it is
 * suspended: the library leaves it alone. The server's thread. */
#pragma once

#include "page/clients.h"
#include "page/guard.h"
#include "page/stream.h"

struct MHD_Connection;
struct MHD_Response;

/* What all exchanges have in common. */
typedef struct Site {
    const Guard *guard;
    Forward *forward;
    Hub *hub;
    GPtrArray *exchanges; /* of Exchange, borrowed: all of them */
    bool stops;
} Site;

/* Why it is suspended. */
typedef enum Wait { WAIT_NOT, WAIT_DAEMON, WAIT_EVENT, WAIT_WRONG } Wait;

typedef struct Exchange {
    Site *site;
    struct MHD_Connection *connection;
    char *target; /* as it was sent */
    bool begun;   /* the headers are there */
    GuardVerdict verdict;
    GString *body;
    size_t size; /* of the body, which is kept as far as it may be long */
    Wait wait;
    int64_t wrong_until_ms; /* a wrong token is answered then; 0: there is none */
    ForwardCall *call;      /* NULL: none */
    bool may_end; /* the call may: it changes nothing, so that a client who leaves does not need it
                   */
    struct MHD_Response *response; /* of the daemon; NULL: it is not there */
    unsigned status;
    Stream *stream; /* NULL: none */
} Exchange;

/* The first line of a request was read. */
Exchange *exchange_new(Site *site, struct MHD_Connection *connection, const char *target);
void exchange_free(Exchange *exchange);

/* The connection's, as clients_add() has made it; NULL: it was hung up on. */
Client *exchange_client(const Exchange *exchange);
int exchange_socket(struct MHD_Connection *connection);

/* Goes on with a request: its headers, a part of its body, its end (size is 0), and the end of a
 * wait. False: the connection ends. */
bool exchange_go_on(Exchange *exchange, const char *method, const char *bytes, size_t size);

/* What it waited for is there. */
void exchange_resume(Exchange *exchange);

/* Whether the other end has closed the connection, which the library does not see while it is
 * suspended. */
bool exchange_is_closed(const Exchange *exchange);
