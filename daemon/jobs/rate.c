/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/jobs/rate.h"

#include <glib.h>
#include <pthread.h>

enum { SECONDS = 60, STEADY = 5 };

/* A circle of seconds, of which `newest` is the last that was counted in. */
typedef struct Rate {
    int64_t newest;
    unsigned ended[SECONDS];
} Rate;

struct Rates {
    pthread_mutex_t lock;
    Rate all;
    GHashTable *folders; /* name -> Rate */
};

Rates *rates_new(void)
{
    Rates *rates = g_new0(Rates, 1);

    pthread_mutex_init(&rates->lock, NULL);
    rates->folders = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return rates;
}

void rates_free(Rates *rates)
{
    g_hash_table_unref(rates->folders);
    pthread_mutex_destroy(&rates->lock);
    g_free(rates);
}

/* Empties the seconds since the last count. */
static void advance(Rate *rate, int64_t second)
{
    int64_t first = MAX(rate->newest + 1, second - SECONDS + 1);

    for (int64_t i = first; i <= second; i++)
        rate->ended[i % SECONDS] = 0;
    rate->newest = MAX(rate->newest, second);
}

void rates_count(Rates *rates, const char *folder, int64_t now_ms)
{
    int64_t second = now_ms / 1000;

    pthread_mutex_lock(&rates->lock);
    Rate *rate = g_hash_table_lookup(rates->folders, folder);
    if (!rate) {
        rate = g_new0(Rate, 1);
        g_hash_table_insert(rates->folders, g_strdup(folder), rate);
    }
    Rate *const both[] = { &rates->all, rate };
    for (gsize i = 0; i < G_N_ELEMENTS(both); i++) {
        advance(both[i], second);
        both[i]->ended[second % SECONDS]++;
    }
    pthread_mutex_unlock(&rates->lock);
}

/* The pictures that the circle has, and the first of its seconds with one. */
static unsigned count(const Rate *rate, int64_t *first)
{
    unsigned ended = 0;

    for (int64_t i = rate->newest; i > rate->newest - SECONDS && i >= 0; i--)
        if (rate->ended[i % SECONDS]) {
            ended += rate->ended[i % SECONDS];
            *first = i;
        }
    return ended;
}

double rates_read(Rates *rates, const char *folder, int64_t now_ms, bool *steady)
{
    int64_t first = now_ms / 1000;
    unsigned ended = 0;

    pthread_mutex_lock(&rates->lock);
    Rate *rate = folder ? g_hash_table_lookup(rates->folders, folder) : &rates->all;
    if (rate) {
        advance(rate, now_ms / 1000);
        ended = count(rate, &first);
    }
    pthread_mutex_unlock(&rates->lock);
    *steady = ended >= STEADY;
    return ended / ((double) MAX(now_ms - 1000 * first, 1000) / 1000);
}
