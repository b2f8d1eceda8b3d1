/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* server.h - the web server: reads requests, lets guard.h judge them, answers.
 *
 * All of it is one thread, which waits in forward_wait() for server_fd(). Everything is bounded:
 * connections, the size of a request, the time for it and for its answer. Where there are too many
 * connections, the one that has been without a request for the longest time ends. */
#pragma once

#include "page/forward.h"
#include "page/guard.h"
#include "page/stream.h"

typedef struct Server Server;

/* Takes the listener; borrows the rest. */
Server *server_start(int listener, const Guard *guard, Forward *forward, Hub *hub, Error **err);

/* Takes no further request, and lets those that wait for their answers have them. New connections
 * stay with the listener, for another process that has it, too. */
void server_end(Server *server);

/* After server_end(): whether all have their answers. */
bool server_has_ended(const Server *server);

/* May be NULL. Every connection ends. */
void server_stop(Server *server);

/* Becomes readable when server_turn() has something to do. */
int server_fd(const Server *server);
void server_turn(Server *server);

/* When server_turn() has to be called; CLOCK_NEVER: not by time. */
int64_t server_until(const Server *server);

/* Since when there is no connection; CLOCK_NEVER: there is one. */
int64_t server_idle_since(const Server *server);
