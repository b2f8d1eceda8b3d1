/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "page/clients.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "base/clock.h"

enum {
    REQUEST_MS = 10 * 1000, /* for a request */
    IDLE_MS = 30 * 1000,    /* until the next one */
    SILENCE_MS = 60 * 1000, /* of the network, before the other end counts as gone */
};

void client_hang_up(Client *client)
{
    shutdown(client->fd, SHUT_RDWR);
    client->gone = true;
}

static bool end_laziest(const GPtrArray *clients)
{
    Client *laziest = NULL;

    for (guint i = 0; i < clients->len; i++) {
        Client *client = clients->pdata[i];
        if (!client->busy && !client->gone && (!laziest || client->since_ms < laziest->since_ms))
            laziest = client;
    }
    if (laziest)
        client_hang_up(laziest);
    return laziest;
}

static unsigned count_present(const GPtrArray *clients)
{
    unsigned present = 0;

    for (guint i = 0; i < clients->len; i++)
        present += !((const Client *) clients->pdata[i])->gone;
    return present;
}

Client *clients_add(GPtrArray *clients, int fd, int64_t now_ms)
{
    static const unsigned silence_ms = SILENCE_MS;

    if (count_present(clients) >= CLIENTS_MAX && !end_laziest(clients)) {
        shutdown(fd, SHUT_RDWR);
        return NULL;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &silence_ms, sizeof(silence_ms));
    Client *client = g_new0(Client, 1);
    client->fd = fd;
    client->since_ms = now_ms;
    client->until_ms = now_ms + REQUEST_MS;
    g_ptr_array_add(clients, client);
    return client;
}

static void change(Client *client, bool busy, int64_t now_ms, int64_t until_ms)
{
    if (!client)
        return;
    client->busy = busy;
    client->since_ms = now_ms;
    client->until_ms = until_ms;
}

void client_begins(Client *client, int64_t now_ms)
{
    change(client, false, now_ms, now_ms + REQUEST_MS);
}

void client_waits(Client *client, int64_t now_ms, int64_t until_ms)
{
    change(client, true, now_ms, until_ms);
}

void client_rests(Client *client, int64_t now_ms)
{
    change(client, false, now_ms, now_ms + IDLE_MS);
}

void clients_end_overdue(const GPtrArray *clients, int64_t now_ms)
{
    for (guint i = 0; i < clients->len; i++) {
        Client *client = clients->pdata[i];
        if (!client->gone && now_ms >= client->until_ms)
            client_hang_up(client);
    }
}

int64_t clients_until(const GPtrArray *clients)
{
    int64_t until_ms = CLOCK_NEVER;

    for (guint i = 0; i < clients->len; i++) {
        const Client *client = clients->pdata[i];
        if (!client->gone)
            until_ms = MIN(until_ms, client->until_ms);
    }
    return until_ms;
}
