/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which card this is: one that is remembered, or a new one. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/import/catalog_internal.h"

#define MINUTE_NS (INT64_C(60) * 1000000000)

/* A zone is a multiple of 15 minutes from UTC, and two are at most 26 hours apart. */
static const int64_t zone_step_ns = 15 * MINUTE_NS, zone_most_ns = 26 * (60 * MINUTE_NS);

static void free_record(void *record)
{
    card_record_free(record);
}

/* ---- its files ---- */

static int by_path(const void *path, const void *file)
{
    const CardFile *const *one = file;

    return strcmp(path, (*one)->path);
}

static const CardFile *find_file(const Card *card, const char *path)
{
    CardFile **found = card->files->len ? bsearch(path, card->files->pdata, card->files->len,
                                                  sizeof(gpointer), by_path)
                                        : NULL;

    return found ? *found : NULL;
}

/* What the known files of a card say, compared with those that are there. */
typedef struct Comparison {
    guint known, there; /* of the known ones, with the same path and size */
    guint exact;        /* of these, with the same time */
    bool alike;         /* the times of all of these have moved by the same */
    int64_t shift_ns;
} Comparison;

static void compare(Comparison *seen, const Card *card, const char *path, int64_t size,
                    int64_t mtime_ns)
{
    const CardFile *file = find_file(card, path);

    seen->known++;
    if (!file || file->size != size)
        return;
    int64_t shift = file->mtime_ns - mtime_ns;
    seen->exact += shift == 0;
    seen->alike = seen->there == 0 || (seen->alike && shift == seen->shift_ns);
    seen->shift_ns = shift;
    seen->there++;
}

static bool compare_files(Catalog *catalog, int64_t id, const Card *card, Comparison *seen,
                          Error **err)
{
    DatabaseRow *row = NULL;
    bool found = false;
    bool ok = database_first(catalog->db, err, &row, &found, CATALOG_FILES, "i", id);

    if (!ok)
        return false;
    while (ok && found) {
        g_autofree char *path = database_bytes(row, 0);
        compare(seen, card, path ? path : "", database_int(row, 1), database_int(row, 2));
        ok = database_next(catalog->db, row, &found, err);
    }
    database_finish(row);
    return ok;
}

static bool keeps_local_time(const Medium *medium)
{
    static const char *const types[] = { "vfat", "exfat", "fuse" };

    if (!medium || !medium->type)
        return true;
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
        if (g_str_has_prefix(medium->type, types[i]))
            return true;
    return false;
}

/* Of a card that was formatted, few files can look as if they had moved: more than half have to. */
static bool has_moved(const Comparison *seen, const Medium *medium)
{
    return keeps_local_time(medium) && seen->alike && seen->there * 2 > seen->known &&
           seen->shift_ns % zone_step_ns == 0 && llabs(seen->shift_ns) <= zone_most_ns;
}

/* ---- cards that it may be ---- */

typedef struct Candidates {
    GPtrArray *records; /* of CardRecord, the newest first */
    GArray *listings;   /* of uint64_t */
} Candidates;

/* What names it names the card: its file system holds nothing else, or it is a camera, whose root
 * is no directory. */
static bool is_whole_medium(const char *root, const Medium *medium)
{
    g_autofree char *above = g_build_filename(root, "..", NULL);
    struct stat st, up;

    if (!medium || !medium->uuid)
        return false;
    return stat(root, &st) < 0 || stat(above, &up) < 0 || st.st_dev != up.st_dev ||
           st.st_ino == up.st_ino;
}

/* A directory is called by its path: it is no whole medium, whose UUID it has all the same. */
static bool first_candidate(Catalog *catalog, const char *root, const Medium *medium,
                            DatabaseRow **row, bool *found, Error **err)
{
    return database_first(catalog->db, err, row, found, CATALOG_CANDIDATES, "ttiib",
                          medium ? medium->uuid : NULL, medium ? medium->label : NULL,
                          medium ? medium->size : (int64_t) 0,
                          (int64_t) is_whole_medium(root, medium), root);
}

bool catalog_may_know(Catalog *catalog, const char *root, const Medium *medium, bool *may,
                      Error **err)
{
    DatabaseRow *row = NULL;

    if (!first_candidate(catalog, root, medium, &row, may, err))
        return false;
    database_finish(row);
    return true;
}

static bool read_candidates(Catalog *catalog, const Card *card, Candidates *candidates, Error **err)
{
    DatabaseRow *row = NULL;
    bool found = false;
    bool ok = first_candidate(catalog, card->root, card->medium, &row, &found, err);

    if (!ok)
        return false;
    while (ok && found) {
        uint64_t listing = 0;
        g_ptr_array_add(candidates->records, catalog_read_record(row, &listing));
        g_array_append_val(candidates->listings, listing);
        ok = database_next(catalog->db, row, &found, err);
    }
    database_finish(row);
    return ok;
}

/* The times that are known of it are from now on those that it has. */
static bool shift(Catalog *catalog, int64_t id, int64_t shift_ns, Error **err)
{
    if (!catalog->read_only)
        return database_run(catalog->db, err, CATALOG_SHIFT, "ii", shift_ns, id);
    catalog->shifted = id;
    catalog->shift_ns = shift_ns;
    return true;
}

/* A camera without a clock gives the names, times and sizes of before: one file says little. */
static bool is_as_it_was(const Comparison *seen)
{
    return seen->exact && seen->exact * 2 >= seen->known;
}

static bool is_card(Catalog *catalog, int64_t id, uint64_t listing, const Card *card, bool *is,
                    Error **err)
{
    Comparison seen = { 0 };

    *is = true;
    if (listing == card->listing)
        return true;
    if (!compare_files(catalog, id, card, &seen, err))
        return false;
    if (is_as_it_was(&seen))
        return true;
    *is = has_moved(&seen, card->medium);
    return !*is || shift(catalog, id, seen.shift_ns, err);
}

static bool choose(Catalog *catalog, const Card *card, Candidates *candidates, CardRecord **record,
                   Error **err)
{
    for (guint i = 0; i < candidates->records->len; i++) {
        const CardRecord *one = candidates->records->pdata[i];
        bool is = false;
        if (!is_card(catalog, one->id, g_array_index(candidates->listings, uint64_t, i), card, &is,
                     err))
            return false;
        if (is) {
            *record = g_ptr_array_steal_index(candidates->records, i);
            return catalog_read_destinations(catalog, *record, err);
        }
    }
    return true;
}

/* ---- a new one ---- */

static char *name_of(const Card *card)
{
    const Medium *medium = card->medium;

    if (!is_whole_medium(card->root, medium))
        return g_strdup(card->root);
    return g_strdup(medium->label && *medium->label ? medium->label : medium->uuid);
}

static int64_t count_files(const Card *card)
{
    int64_t count = 0;

    for (guint i = 0; i < card->shots->len; i++) {
        const CardShot *shot = card->shots->pdata[i];
        count += shot->files->len;
    }
    return count;
}

static CardRecord *record_of(const Card *card, const char *import, const char *const *to)
{
    CardRecord *record = g_new0(CardRecord, 1);

    record->import = g_strdup(import);
    record->name = name_of(card);
    if (card->medium) {
        record->label = g_strdup(card->medium->label);
        record->uuid = g_strdup(card->medium->uuid);
        record->medium_size = card->medium->size;
    }
    record->source = g_strdup(card->root);
    record->state = CARD_READING;
    record->files = count_files(card);
    record->bytes = card->bytes;
    record->began_ms = clock_wall_ms();
    record->pid = getpid();
    g_autoptr(GStrvBuilder) destinations = g_strv_builder_new();
    for (const char *const *one = to; one && *one; one++)
        g_strv_builder_add(destinations, *one);
    record->destinations = g_strv_builder_end(destinations);
    return record;
}

static bool add_row(Catalog *catalog, const CardRecord *record, uint64_t listing, Error **err)
{
    return database_run(catalog->db, err, CATALOG_ADD_CARD, "ttttbitiiiiiiiiiti", record->import,
                        record->name, record->label, record->uuid, record->source,
                        record->medium_size, card_state_word(record->state), record->files,
                        record->done, record->bytes, record->read, record->began_ms,
                        record->ended_ms, clock_wall_ms(), record->pid,
                        catalog_process_start(record->pid), clock_boot_id(), (int64_t) listing);
}

static bool add(Catalog *catalog, CardRecord *record, uint64_t listing, Error **err)
{
    g_autofree char *id = NULL;

    if (catalog->read_only)
        return true;
    if (!database_begin(catalog->db, err))
        return false;
    bool ok = add_row(catalog, record, listing, err) &&
              database_value(catalog->db, "SELECT last_insert_rowid()", &id, err);
    record->id = id ? g_ascii_strtoll(id, NULL, 10) : 0;
    return database_end(catalog->db, ok && catalog_write_record(catalog, record, err), err);
}

bool catalog_find(Catalog *catalog, const Card *card, const char *import, const char *const *to,
                  CardRecord **record, bool *known, Error **err)
{
    g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func(free_record);
    g_autoptr(GArray) listings = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    Candidates candidates = { .records = records, .listings = listings };

    *record = NULL;
    *known = false;
    bool ok = catalog_flush(catalog, err) && read_candidates(catalog, card, &candidates, err) &&
              choose(catalog, card, &candidates, record, err);
    *known = ok && *record;
    if (ok && !*record) {
        *record = record_of(card, import, to);
        ok = add(catalog, *record, card->listing, err);
    }
    if (!ok)
        g_clear_pointer(record, card_record_free);
    return ok;
}
