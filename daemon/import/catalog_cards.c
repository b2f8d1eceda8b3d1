/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the catalog remembers of each card. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "daemon/import/catalog_internal.h"

void card_record_free(CardRecord *record)
{
    if (!record)
        return;
    g_free(record->import);
    g_free(record->name);
    g_free(record->label);
    g_free(record->uuid);
    g_free(record->source);
    g_free(record->verdict);
    g_free(record->reason);
    g_strfreev(record->destinations);
    g_free(record);
}

bool card_record_is_at_work(const CardRecord *record)
{
    return record->pid && (record->state == CARD_READING || record->state == CARD_HELD);
}

double card_record_speed(const CardRecord *record, int64_t now_ms)
{
    int64_t took_ms = now_ms - record->began_ms;

    return record->state == CARD_READING && took_ms > 0
               ? (double) record->read * 1000 / (double) took_ms
               : 0;
}

static void free_record(void *record)
{
    card_record_free(record);
}

/* ---- the process that reads it ---- */

/* Behind the name of the program, which may have any sign in it, the 20th value of proc(5). */
int64_t catalog_process_start(int64_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%" G_GINT64_FORMAT "/stat", pid), *text = NULL;

    if (!g_file_get_contents(path, &text, NULL, NULL) || !strrchr(text, ')'))
        return 0;
    g_auto(GStrv) values = g_strsplit(strrchr(text, ')') + 1, " ", 0);
    return g_strv_length(values) > 20 ? g_ascii_strtoll(values[20], NULL, 10) : 0;
}

/* Another process may have the id by now, or the machine was started since. */
static bool is_alive(int64_t pid, int64_t start, const char *boot)
{
    if (g_strcmp0(boot, clock_boot_id()) != 0)
        return false;
    int64_t now = catalog_process_start(pid);
    if (now && start)
        return now == start;
    return kill((pid_t) pid, 0) == 0 || errno == EPERM;
}

/* ---- a row ---- */

enum {
    ID,
    IMPORT,
    NAME,
    LABEL,
    UUID,
    SOURCE,
    SIZE,
    STATE,
    FILES,
    DONE,
    BYTES,
    READ,
    BEGAN,
    ENDED,
    KEPT,
    PID,
    START,
    BOOT,
    VERDICT,
    REASON,
    LISTING,
    VERIFY,
    MANIFEST,
    SAFE_COPIES
};

static void end_stopped(CardRecord *record, DatabaseRow *row)
{
    if (!card_record_is_at_work(record) ||
        is_alive(record->pid, database_int(row, START), database_text(row, BOOT)))
        return;
    record->state = CARD_INTERRUPTED;
    record->pid = 0;
    record->ended_ms = database_int(row, KEPT);
}

CardRecord *catalog_read_record(DatabaseRow *row, uint64_t *listing)
{
    CardRecord *record = g_new0(CardRecord, 1);

    record->id = database_int(row, ID);
    record->import = g_strdup(database_text(row, IMPORT));
    record->name = g_strdup(database_text(row, NAME));
    record->label = g_strdup(database_text(row, LABEL));
    record->uuid = g_strdup(database_text(row, UUID));
    record->source = database_bytes(row, SOURCE);
    record->medium_size = database_int(row, SIZE);
    record->state = card_state_from_word(database_text(row, STATE));
    record->files = database_int(row, FILES);
    record->done = database_int(row, DONE);
    record->bytes = database_int(row, BYTES);
    record->read = database_int(row, READ);
    record->began_ms = database_int(row, BEGAN);
    record->ended_ms = database_int(row, ENDED);
    record->pid = database_int(row, PID);
    record->verdict = g_strdup(database_text(row, VERDICT));
    record->reason = g_strdup(database_text(row, REASON));
    record->verify = (ImportVerify) database_int(row, VERIFY);
    record->manifest = (ImportManifest) database_int(row, MANIFEST);
    record->safe_copies = (unsigned) database_int(row, SAFE_COPIES);
    end_stopped(record, row);
    if (listing)
        *listing = (uint64_t) database_int(row, LISTING);
    return record;
}

bool catalog_read_destinations(Catalog *catalog, CardRecord *record, Error **err)
{
    g_autoptr(GPtrArray) paths = g_ptr_array_new();
    DatabaseRow *row = NULL;
    bool found = false;
    bool ok = database_first(catalog->db, err, &row, &found, CATALOG_DESTINATIONS, "i", record->id);

    if (!ok)
        return false;
    while (ok && found) {
        g_ptr_array_add(paths, database_bytes(row, 0));
        ok = database_next(catalog->db, row, &found, err);
    }
    database_finish(row);
    g_ptr_array_add(paths, NULL);
    record->destinations = (char **) g_ptr_array_steal(paths, NULL);
    return ok;
}

/* The rows of a statement that was begun; array of CardRecord. */
static bool read_all(Catalog *catalog, DatabaseRow *row, bool found, GPtrArray *records,
                     Error **err)
{
    bool ok = true;

    while (ok && found) {
        g_ptr_array_add(records, catalog_read_record(row, NULL));
        ok = database_next(catalog->db, row, &found, err);
    }
    database_finish(row);
    for (guint i = 0; ok && i < records->len; i++)
        ok = catalog_read_destinations(catalog, records->pdata[i], err);
    return ok;
}

bool catalog_stopped(Catalog *catalog, GPtrArray **records, Error **err)
{
    DatabaseRow *row = NULL;
    bool found = false;

    *records = g_ptr_array_new_with_free_func(free_record);
    if (!database_first(catalog->db, err, &row, &found, CATALOG_STOPPED, "") ||
        !read_all(catalog, row, found, *records, err))
        return false;
    for (guint i = (*records)->len; i > 0; i--) {
        const CardRecord *record = (*records)->pdata[i - 1];
        if (card_record_is_at_work(record))
            g_ptr_array_remove_index(*records, i - 1);
    }
    return true;
}

/* ---- writing ---- */

static bool write_destinations(Catalog *catalog, const CardRecord *record, Error **err)
{
    bool ok = database_run(catalog->db, err, CATALOG_DROP_DESTINATIONS, "i", record->id);

    for (int64_t n = 0; ok && record->destinations && record->destinations[n]; n++)
        ok = database_run(catalog->db, err, CATALOG_ADD_DESTINATION, "iib", record->id, n,
                          record->destinations[n]);
    return ok;
}

bool catalog_write_record(Catalog *catalog, const CardRecord *record, Error **err)
{
    int64_t start = record->pid ? catalog_process_start(record->pid) : 0;

    return database_run(catalog->db, err, CATALOG_KEEP_CARD, "ttbtiiiiiiiiitttiiii", record->import,
                        record->name, record->source, card_state_word(record->state), record->files,
                        record->done, record->bytes, record->read, record->began_ms,
                        record->ended_ms, clock_wall_ms(), record->pid, start, clock_boot_id(),
                        record->verdict, record->reason, (int64_t) record->verify,
                        (int64_t) record->manifest, (int64_t) record->safe_copies, record->id) &&
           write_destinations(catalog, record, err);
}

static CardRecord *record_copy(const CardRecord *record)
{
    CardRecord *copy = g_memdup2(record, sizeof(*record));

    copy->import = g_strdup(record->import);
    copy->name = g_strdup(record->name);
    copy->label = g_strdup(record->label);
    copy->uuid = g_strdup(record->uuid);
    copy->source = g_strdup(record->source);
    copy->verdict = g_strdup(record->verdict);
    copy->reason = g_strdup(record->reason);
    copy->destinations = g_strdupv(record->destinations);
    return copy;
}

bool catalog_keep(Catalog *catalog, const CardRecord *record, bool lazy, Error **err)
{
    if (catalog->read_only)
        return true;
    g_hash_table_insert(catalog->pending.records, GSIZE_TO_POINTER((gsize) record->id),
                        record_copy(record));
    return (lazy && clock_ms() - catalog->flushed_ms < 1000) || catalog_flush(catalog, err);
}

/* ---- all of them ---- */

bool catalog_cards(Catalog *catalog, unsigned most, GPtrArray **records, Error **err)
{
    DatabaseRow *row = NULL;
    bool found = false;

    *records = g_ptr_array_new_with_free_func(free_record);
    return catalog_flush(catalog, err) &&
           database_first(catalog->db, err, &row, &found, CATALOG_CARDS, "i", (int64_t) most) &&
           read_all(catalog, row, found, *records, err);
}

enum { NEWEST = 100 }; /* cards among which that of a running import is */

static CardRecord *take_own(GPtrArray *records)
{
    for (guint i = 0; i < records->len; i++) {
        const CardRecord *record = records->pdata[i];
        if (record->pid == getpid() && !record->ended_ms)
            return g_ptr_array_steal_index(records, i);
    }
    return NULL;
}

bool catalog_set_hanging(Catalog *catalog, CardState state, const char *reason, bool ends,
                         CardRecord **record, Error **err)
{
    g_autoptr(GPtrArray) records = NULL;

    *record = NULL;
    if (!catalog_cards(catalog, NEWEST, &records, err))
        return false;
    CardRecord *own = *record = take_own(records);
    if (!own)
        return true;
    g_free(own->reason);
    own->reason = g_strdup(reason);
    own->state = state;
    if (ends) {
        g_free(own->verdict);
        own->verdict = state == CARD_INTERRUPTED
                           ? g_strdup_printf("NOT SAFE: interrupted at %" G_GINT64_FORMAT
                                             " of %" G_GINT64_FORMAT ": %s",
                                             own->done, own->files, reason)
                           : g_strdup_printf("NOT SAFE: held: %s", reason);
        own->ended_ms = clock_wall_ms();
        own->pid = 0;
    }
    return catalog_keep(catalog, own, false, err);
}

static bool forget(Catalog *catalog, const CardRecord *record, Error **err)
{
    static const CatalogSql steps[] = { CATALOG_DROP_FILES, CATALOG_DROP_NUMBERS,
                                        CATALOG_DROP_DESTINATIONS, CATALOG_DROP_CARD };

    if (card_record_is_at_work(record))
        return error_set(err, ERROR_CONFIG, "wait until it has ended, or stop it",
                         "an import is working on the card '%s'", record->name);
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++)
        if (!database_run(catalog->db, err, steps[i], "i", record->id))
            return false;
    return true;
}

bool catalog_forget(Catalog *catalog, const char *card, unsigned *count, Error **err)
{
    g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func(free_record);
    char *end = NULL;
    gint64 id = g_ascii_strtoll(card, &end, 10);
    DatabaseRow *row = NULL;
    bool found = false;

    *count = 0;
    if (!catalog_flush(catalog, err) || !database_begin(catalog->db, err))
        return false;
    bool ok = database_first(catalog->db, err, &row, &found, CATALOG_NAMED, "ti", card,
                             end != card && !*end ? (int64_t) id : (int64_t) -1) &&
              read_all(catalog, row, found, records, err);
    for (guint i = 0; ok && i < records->len; i++)
        ok = forget(catalog, records->pdata[i], err);
    if (!database_end(catalog->db, ok, err))
        return false;
    *count = records->len;
    return true;
}

/* ---- two cards with the same pictures ---- */

static bool read_card(Catalog *catalog, int64_t id, CardRecord **record, Error **err)
{
    DatabaseRow *row = NULL;
    bool found = false;

    if (!database_first(catalog->db, err, &row, &found, CATALOG_CARD, "i", id))
        return false;
    if (found)
        *record = catalog_read_record(row, NULL);
    database_finish(row);
    return !found || catalog_read_destinations(catalog, *record, err);
}

bool catalog_mirror(Catalog *catalog, int64_t card, CardRecord **record, int64_t *common,
                    Error **err)
{
    DatabaseRow *row = NULL;
    bool found = false;

    *record = NULL;
    *common = 0;
    if (!catalog_flush(catalog, err) ||
        !database_first(catalog->db, err, &row, &found, CATALOG_MIRROR, "i", card))
        return false;
    int64_t id = found ? database_int(row, 0) : 0;
    *common = found ? database_int(row, 1) : 0;
    database_finish(row);
    return !found || read_card(catalog, id, record, err);
}
