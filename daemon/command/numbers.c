/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/numbers.h"

#include <glib.h>

#include "daemon/files/fileid.h"

/* One kind of number: 1, 2, 3, ... */
typedef struct Counter {
    GHashTable *used; /* of int64_t */
    int64_t most;     /* of them */
    int64_t last;     /* of the picture before this one */
} Counter;

/* The counters of a folder. */
typedef struct FolderCounters {
    Counter all, day;
} FolderCounters;

struct Numbers {
    int today;
    GHashTable *made;    /* Provenance.source -> Provenance, of pictures that have outputs */
    GHashTable *folders; /* Provenance.folder -> FolderCounters */
    Counter run;
};

/* ---- a counter ---- */

static void counter_init(Counter *counter)
{
    counter->used = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
}

static void counter_clear(Counter *counter)
{
    g_hash_table_destroy(counter->used);
}

static void counter_use(Counter *counter, int64_t number)
{
    g_hash_table_add(counter->used, g_memdup2(&number, sizeof(number)));
    counter->most = MAX(counter->most, number);
}

static int64_t counter_draw(Counter *counter)
{
    int64_t number = counter->last + 1;

    if (g_hash_table_contains(counter->used, &number))
        number = counter->most + 1;
    counter_use(counter, number);
    counter->last = number;
    return number;
}

static void counters_free(void *data)
{
    FolderCounters *counters = data;

    counter_clear(&counters->all);
    counter_clear(&counters->day);
    g_free(counters);
}

static FolderCounters *counters_of(Numbers *numbers, uint64_t folder)
{
    FolderCounters *counters = g_hash_table_lookup(numbers->folders, &folder);

    if (counters)
        return counters;
    counters = g_new0(FolderCounters, 1);
    counter_init(&counters->all);
    counter_init(&counters->day);
    g_hash_table_insert(numbers->folders, g_memdup2(&folder, sizeof(folder)), counters);
    return counters;
}

/* ---- what is there ---- */

Numbers *numbers_new(int today)
{
    Numbers *numbers = g_new0(Numbers, 1);

    numbers->today = today;
    numbers->made = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
    numbers->folders = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, counters_free);
    counter_init(&numbers->run);
    return numbers;
}

static bool is_numbered(const Sequence *sequence)
{
    return sequence->folder > 0 && sequence->day > 0 && sequence->run > 0;
}

static void remember(Numbers *numbers, const Provenance *made)
{
    Provenance *kept = g_memdup2(made, sizeof(*made));

    g_hash_table_replace(numbers->made, &kept->source, kept);
}

void numbers_add(Numbers *numbers, const Provenance *made)
{
    if (!is_numbered(&made->sequence))
        return;
    FolderCounters *counters = counters_of(numbers, made->folder);
    counter_use(&counters->all, made->sequence.folder);
    if (made->sequence.date == numbers->today)
        counter_use(&counters->day, made->sequence.day);
    counter_use(&numbers->run, made->sequence.run);
    remember(numbers, made);
}

void numbers_free(Numbers *numbers)
{
    if (!numbers)
        return;
    g_hash_table_destroy(numbers->made);
    g_hash_table_destroy(numbers->folders);
    counter_clear(&numbers->run);
    g_free(numbers);
}

/* ---- the picture's ---- */

/* The next one follows it. One that another folder has numbered is not in the order of this one. */
static Sequence keep(Numbers *numbers, FolderCounters *counters, uint64_t folder,
                     const Provenance *made)
{
    if (made->folder == folder)
        counters->all.last = made->sequence.folder;
    if (made->folder == folder && made->sequence.date == numbers->today)
        counters->day.last = made->sequence.day;
    numbers->run.last = made->sequence.run;
    return made->sequence;
}

Sequence numbers_draw(Numbers *numbers, const char *folder, const char *path)
{
    uint64_t of_folder = fileid_text_hash(folder), source = fileid_text_hash(path);
    FolderCounters *counters = counters_of(numbers, of_folder);
    const Provenance *made = g_hash_table_lookup(numbers->made, &source);

    if (made)
        return keep(numbers, counters, of_folder, made);
    const Provenance first = {
        .source = source,
        .folder = of_folder,
        .sequence = { counter_draw(&counters->all), counter_draw(&counters->day),
                      counter_draw(&numbers->run), numbers->today },
    };
    remember(numbers, &first);
    return first.sequence;
}
