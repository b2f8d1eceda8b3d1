/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* clients.h - the connections of a server, and how long each may take.
 *
 * Who sends nothing, or slowly, must not keep others out: where there are too many, the one that
 * has been without a request for the longest time makes room. One thread. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum { CLIENTS_MAX = 256 };

typedef struct Client {
    int fd;           /* borrowed */
    bool busy;        /* it has sent a request, which is being answered */
    bool gone;        /* it was hung up on */
    int64_t since_ms; /* that it is busy, or not */
    int64_t until_ms; /* that it has time for what it does */
} Client;

/* Owned by the caller's array (of Client). NULL: it was hung up on, as all others are busy. */
Client *clients_add(GPtrArray *clients, int fd, int64_t now_ms);

/* What is hung up on ends as if the other end had closed it. */
void client_hang_up(Client *client);

/* It has begun to send a request. */
void client_begins(Client *client, int64_t now_ms);

/* Its request is complete, and it has to wait for the answer until then; CLOCK_NEVER: as long as it
 * takes. */
void client_waits(Client *client, int64_t now_ms, int64_t until_ms);

/* It has its answer. */
void client_rests(Client *client, int64_t now_ms);

/* Hangs up on those that have had their time. */
void clients_end_overdue(const GPtrArray *clients, int64_t now_ms);

/* When that has to be done; CLOCK_NEVER. */
int64_t clients_until(const GPtrArray *clients);
