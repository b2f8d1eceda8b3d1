/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The orders of a card's shots: that of their numbers, and that in which they are copied. Both are
 * total: the same card gives the same order, in whichever order its files were listed. */
#include <string.h>

#include "daemon/import/card.h"

static int compare(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static const char *path_of(const CardShot *shot)
{
    const CardFile *first = shot->files->pdata[0];

    return first->path;
}

/* ---- by time ---- */

int32_t card_usual_offset(const Card *card)
{
    g_autoptr(GHashTable) counts = g_hash_table_new(g_direct_hash, g_direct_equal);
    int32_t usual = 0;
    guint most = 0;

    for (guint i = 0; i < card->shots->len; i++) {
        const CardShot *shot = card->shots->pdata[i];
        if (!shot->facts.is_dated || !shot->facts.is_zoned)
            continue;
        int32_t offset = shot->facts.offset_s;
        gpointer key = GINT_TO_POINTER(offset);
        guint count = GPOINTER_TO_UINT(g_hash_table_lookup(counts, key)) + 1;
        g_hash_table_insert(counts, key, GUINT_TO_POINTER(count));
        if (count > most || (count == most && offset < usual)) {
            usual = offset;
            most = count;
        }
    }
    return usual;
}

/* Seconds in UTC. */
static int64_t instant_of(const ShotFacts *facts, int32_t usual)
{
    return facts->taken_s - (facts->is_zoned ? facts->offset_s : usual);
}

/* Of two dated ones. */
static int compare_instants(const ShotFacts *a, const ShotFacts *b, int32_t usual)
{
    int order = compare(instant_of(a, usual), instant_of(b, usual));

    return order ? order : compare(a->subsec_ns, b->subsec_ns);
}

int card_compare_taken(const CardShot *a, const CardShot *b, int32_t usual)
{
    int order = (int) b->facts.is_dated - (int) a->facts.is_dated;

    if (!order && a->facts.is_dated)
        order = compare_instants(&a->facts, &b->facts, usual);
    return order ? order : strcmp(path_of(a), path_of(b));
}

static gint by_taken(gconstpointer a, gconstpointer b, gpointer usual)
{
    const CardShot *const *x = a, *const *y = b;

    return card_compare_taken(*x, *y, *(int32_t *) usual);
}

void card_number(Card *card, int64_t first)
{
    g_autoptr(GPtrArray) shots = g_ptr_array_copy(card->shots, NULL, NULL);
    int32_t usual = card_usual_offset(card);

    g_ptr_array_set_free_func(shots, NULL);
    g_ptr_array_sort_with_data(shots, by_taken, &usual);
    for (guint i = 0; i < shots->len; i++) {
        CardShot *shot = shots->pdata[i];
        if (!shot->number)
            shot->number = first++;
    }
}

/* ---- as they are copied ---- */

typedef struct Wish {
    const Import *import;
    int32_t usual;
} Wish;

static int kind_rank(const CardShot *shot)
{
    const CardFile *first = shot->files->pdata[0];

    return first->kind == SHOT_PICTURE ? 0 : first->kind == SHOT_RAW ? 1 : 2;
}

static int64_t mtime_of(const CardShot *shot)
{
    const CardFile *first = shot->files->pdata[0];

    return first->mtime_ns;
}

/* Of two that were taken at one time, the later name is the newer one. */
static int compare_newest(const CardShot *a, const CardShot *b, int32_t usual)
{
    int order = (int) b->facts.is_dated - (int) a->facts.is_dated;

    if (order)
        return order;
    if (a->facts.is_dated)
        return card_compare_taken(b, a, usual);
    order = compare(mtime_of(b), mtime_of(a));
    return order ? order : strcmp(path_of(b), path_of(a));
}

static int compare_by(ImportOrder order, const CardShot *a, const CardShot *b, int32_t usual)
{
    switch (order) {
    case IMPORT_ORDER_PROTECTED:
        return (int) b->is_protected - (int) a->is_protected;
    case IMPORT_ORDER_RATED:
        return compare(b->facts.rating, a->facts.rating);
    case IMPORT_ORDER_JPEG:
        return compare(kind_rank(a), kind_rank(b));
    case IMPORT_ORDER_NEWEST:
        return compare_newest(a, b, usual);
    case IMPORT_ORDERS:
        break;
    }
    return 0;
}

static gint by_wish(gconstpointer a, gconstpointer b, gpointer data)
{
    const CardShot *const *x = a, *const *y = b;
    const Wish *wish = data;
    int order = 0;

    for (unsigned i = 0; !order && i < wish->import->orders; i++)
        order = compare_by(wish->import->order[i], *x, *y, wish->usual);
    return order ? order : strcmp(path_of(*x), path_of(*y));
}

GPtrArray *card_in_order(const Card *card, const Import *import)
{
    g_autoptr(GPtrArray) shots = g_ptr_array_copy(card->shots, NULL, NULL);
    GPtrArray *files = g_ptr_array_new();
    Wish wish = { .import = import, .usual = card_usual_offset(card) };

    g_ptr_array_set_free_func(shots, NULL);
    g_ptr_array_sort_with_data(shots, by_wish, &wish);
    for (guint i = 0; i < shots->len; i++) {
        const CardShot *shot = shots->pdata[i];
        for (guint k = 0; k < shot->files->len; k++)
            g_ptr_array_add(files, shot->files->pdata[k]);
    }
    return files;
}
