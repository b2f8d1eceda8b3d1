/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/digest/cards.h"

#include <sys/stat.h>

#include "daemon/files/async.h"

enum {
    CARDS_MAX = 100,
    READ_MS = 5000, /* between two readings, at the least */
};

/* What one reading does. */
typedef struct Reading {
    char *state_dir;
    GPtrArray *records; /* NULL: it could not be read */
} Reading;

struct Cards {
    char *state_dir, *file;
    struct timespec changed; /* of the file, when it was read last */
    bool works;              /* a card was being imported then */
    bool forced;             /* it could not be read, or never was */
    int64_t next_ms;
    AsyncCall *call; /* NULL: none runs */
    Reading *reading;
    GPtrArray *records;
};

static void reading_free(void *data)
{
    Reading *reading = data;

    g_free(reading->state_dir);
    g_clear_pointer(&reading->records, g_ptr_array_unref);
    g_free(reading);
}

/* Without a file there are no cards. */
static void read_cards(void *data)
{
    Reading *reading = data;
    g_autoptr(Catalog) catalog = NULL;
    g_autoptr(Error) later = NULL;

    if (!catalog_open(reading->state_dir, true, &catalog, &later))
        return;
    if (!catalog)
        reading->records = g_ptr_array_new();
    else if (!catalog_cards(catalog, CARDS_MAX, &reading->records, &later))
        g_clear_pointer(&reading->records, g_ptr_array_unref);
}

Cards *cards_new(const char *state_dir)
{
    Cards *cards = g_new0(Cards, 1);

    cards->state_dir = g_strdup(state_dir);
    cards->file = g_build_filename(state_dir, "import.db", NULL);
    cards->forced = true;
    return cards;
}

void cards_free(Cards *cards)
{
    if (!cards)
        return;
    async_abandon(cards->call);
    g_clear_pointer(&cards->records, g_ptr_array_unref);
    g_free(cards->state_dir);
    g_free(cards->file);
    g_free(cards);
}

static bool is_worked_on(const GPtrArray *records)
{
    for (guint i = 0; i < records->len; i++)
        if (((const CardRecord *) records->pdata[i])->pid)
            return true;
    return false;
}

/* Whether it was read. */
static bool take(Cards *cards)
{
    g_autoptr(GPtrArray) records = g_steal_pointer(&cards->reading->records);

    async_abandon(g_steal_pointer(&cards->call));
    cards->reading = NULL;
    cards->forced = !records;
    if (!records)
        return false;
    g_clear_pointer(&cards->records, g_ptr_array_unref);
    cards->records = g_steal_pointer(&records);
    cards->works = is_worked_on(cards->records);
    return true;
}

/* Of a file that is not there: 0. */
static struct timespec time_of(const char *file)
{
    struct stat st = { 0 };

    return stat(file, &st) == 0 ? st.st_mtim : (struct timespec){ 0 };
}

static void begin(Cards *cards, int64_t now_ms)
{
    struct timespec changed = time_of(cards->file);
    bool same =
        changed.tv_sec == cards->changed.tv_sec && changed.tv_nsec == cards->changed.tv_nsec;

    cards->next_ms = now_ms + READ_MS;
    if (same && !cards->works && !cards->forced)
        return;
    cards->changed = changed;
    cards->reading = g_new0(Reading, 1);
    cards->reading->state_dir = g_strdup(cards->state_dir);
    cards->call = async_start(read_cards, cards->reading, reading_free);
}

bool cards_turn(Cards *cards, int64_t now_ms)
{
    if (cards->call)
        return async_wait(cards->call, 0) && take(cards);
    if (now_ms >= cards->next_ms)
        begin(cards, now_ms);
    return false;
}

const GPtrArray *cards_records(const Cards *cards)
{
    return cards->records;
}
