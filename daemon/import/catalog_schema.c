/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tables of import.db, and the statements on them. */
#include "daemon/import/catalog_internal.h"

/* Paths and names are bytes; a content has one row, however many files and copies it has. */
const char catalog_tables[] =
    "CREATE TABLE card (id INTEGER PRIMARY KEY AUTOINCREMENT, import TEXT NOT NULL,"
    " name TEXT NOT NULL, label TEXT, uuid TEXT, source BLOB NOT NULL,"
    " medium_size INTEGER NOT NULL, state TEXT NOT NULL, files INTEGER NOT NULL,"
    " done INTEGER NOT NULL, bytes INTEGER NOT NULL, read INTEGER NOT NULL,"
    " began_ms INTEGER NOT NULL, ended_ms INTEGER NOT NULL, kept_ms INTEGER NOT NULL,"
    " pid INTEGER NOT NULL, pid_start INTEGER NOT NULL, boot TEXT NOT NULL, verdict TEXT,"
    " reason TEXT, listing INTEGER NOT NULL, verify INTEGER NOT NULL DEFAULT 0,"
    " manifest INTEGER NOT NULL DEFAULT 0, safe_copies INTEGER NOT NULL DEFAULT 0);"
    "CREATE INDEX card_uuid ON card(uuid);"
    "CREATE TABLE destination (card INTEGER NOT NULL, n INTEGER NOT NULL, path BLOB NOT NULL,"
    " PRIMARY KEY (card, n)) WITHOUT ROWID;"
    "CREATE TABLE content (id INTEGER PRIMARY KEY, size INTEGER NOT NULL, xxh128 TEXT NOT NULL,"
    " md5 TEXT NOT NULL, sha256 TEXT NOT NULL, head INTEGER, UNIQUE (xxh128, size));"
    "CREATE INDEX content_like ON content(size, head);"
    "CREATE TABLE file (card INTEGER NOT NULL, path BLOB NOT NULL, size INTEGER NOT NULL,"
    " mtime_ns INTEGER NOT NULL, content INTEGER NOT NULL, read_ms INTEGER NOT NULL,"
    " PRIMARY KEY (card, path)) WITHOUT ROWID;"
    "CREATE INDEX file_content ON file(content, card);"
    "CREATE TABLE copy (content INTEGER NOT NULL, destination BLOB NOT NULL, name BLOB NOT NULL,"
    " PRIMARY KEY (content, destination)) WITHOUT ROWID;"
    "CREATE TABLE number (card INTEGER NOT NULL, path BLOB NOT NULL, number INTEGER NOT NULL,"
    " PRIMARY KEY (card, path)) WITHOUT ROWID;"
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;";

#define RECORD                                                                                     \
    "id, import, name, label, uuid, source, medium_size, state, files, done, bytes, read,"         \
    " began_ms, ended_ms, kept_ms, pid, pid_start, boot, verdict, reason, listing, verify,"        \
    " manifest, safe_copies"

#define OF_CONTENT "(SELECT id FROM content WHERE xxh128 = ? AND size = ?)"

/* A digest that was not asked for this time, or a head that was not read, stays as it was. */
#define ADD_CONTENT                                                                                \
    " INTO content (xxh128, size, md5, sha256, head) VALUES (?1, ?2, ?3, ?4, nullif(?5, 0))"       \
    " ON CONFLICT (xxh128, size) DO UPDATE SET md5 = coalesce(nullif(?3, ''), md5),"               \
    " sha256 = coalesce(nullif(?4, ''), sha256), head = coalesce(nullif(?5, 0), head)"

const char *const catalog_sql[CATALOG_STATEMENTS] = {
    [CATALOG_CARDS] = "SELECT " RECORD " FROM card ORDER BY began_ms DESC, id DESC LIMIT ?",
    [CATALOG_CANDIDATES] =
        "SELECT " RECORD " FROM card WHERE uuid IS ?1 AND ((?4 AND label IS ?2"
        " AND medium_size = ?3 AND name <> CAST(source AS TEXT)) OR (NOT ?4 AND source = ?5))"
        " ORDER BY id DESC LIMIT 100",
    [CATALOG_ADD_CARD] = "INSERT INTO card (import, name, label, uuid, source, medium_size, state,"
                         " files, done, bytes, read, began_ms, ended_ms, kept_ms, pid, pid_start,"
                         " boot, listing) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
                         " ?, ?)",
    [CATALOG_KEEP_CARD] =
        "UPDATE card SET import = ?, name = ?, source = ?, state = ?, files = ?, done = ?,"
        " bytes = ?, read = ?, began_ms = ?, ended_ms = ?, kept_ms = ?, pid = ?, pid_start = ?,"
        " boot = ?, verdict = ?, reason = ?, verify = ?, manifest = ?, safe_copies = ? WHERE id = "
        "?",
    [CATALOG_NAMED] = "SELECT " RECORD " FROM card WHERE name = ?1 OR uuid = ?1 COLLATE NOCASE"
                      " OR id = ?2 ORDER BY id",
    [CATALOG_STOPPED] = "SELECT " RECORD " FROM card WHERE pid <> 0 AND state IN ('reading',"
                        " 'held')",
    [CATALOG_MIRROR] =
        "SELECT theirs.card, count(DISTINCT ours.path) AS common FROM file AS ours"
        " JOIN file AS theirs INDEXED BY file_content ON theirs.content = ours.content"
        " AND theirs.card < ?1 WHERE ours.card = ?1 GROUP BY theirs.card"
        " ORDER BY common DESC, theirs.card DESC LIMIT 1",
    [CATALOG_CARD] = "SELECT " RECORD " FROM card WHERE id = ?",
    [CATALOG_DESTINATIONS] = "SELECT path FROM destination WHERE card = ? ORDER BY n",
    [CATALOG_ADD_DESTINATION] = "INSERT INTO destination VALUES (?, ?, ?)",
    [CATALOG_DROP_DESTINATIONS] = "DELETE FROM destination WHERE card = ?",
    [CATALOG_FILES] = "SELECT path, size, mtime_ns FROM file WHERE card = ?",
    [CATALOG_FILE] = "SELECT content.size, xxh128, md5, sha256, read_ms FROM file JOIN content"
                     " ON content.id = file.content WHERE card = ? AND path = ? AND file.size = ?"
                     " AND mtime_ns = ?",
    [CATALOG_ADD_FILE] = "INSERT OR REPLACE INTO file (card, path, size, mtime_ns, read_ms,"
                         " content) VALUES (?, ?, ?, ?, ?, " OF_CONTENT ")",
    [CATALOG_SHIFT] = "UPDATE file SET mtime_ns = mtime_ns + ? WHERE card = ?",
    [CATALOG_LIKE] = "SELECT 1 FROM content WHERE size = ? AND head = ?",
    [CATALOG_ADD_CONTENT] = "INSERT" ADD_CONTENT,
    [CATALOG_ADD_OLD_CONTENT] = "INSERT OR IGNORE INTO content (xxh128, size, md5, sha256)"
                                " VALUES (?, ?, ?, ?)",
    [CATALOG_COPY] = "SELECT name FROM copy WHERE content = " OF_CONTENT " AND destination = ?",
    [CATALOG_ADD_COPY] = "INSERT OR REPLACE INTO copy (content, destination, name)"
                         " VALUES (" OF_CONTENT ", ?, ?)",
    [CATALOG_DROP_COPY] = "DELETE FROM copy WHERE content = " OF_CONTENT " AND destination = ?",
    [CATALOG_COPIES_IN] = "SELECT destination, name, content.size, xxh128, md5, sha256 FROM copy"
                          " JOIN content ON content.id = copy.content WHERE destination = ?"
                          " ORDER BY name",
    [CATALOG_COPIES_OF] = "SELECT destination, name, content.size, xxh128, md5, sha256 FROM copy"
                          " JOIN content ON content.id = copy.content WHERE xxh128 = ?1 OR"
                          " (?1 = '' AND sha256 <> '' AND sha256 = ?2) OR"
                          " (?1 = '' AND ?2 = '' AND md5 <> '' AND md5 = ?3) ORDER BY destination",
    [CATALOG_NUMBER] = "SELECT number FROM number WHERE card = ? AND path = ?",
    [CATALOG_ADD_NUMBER] = "INSERT OR REPLACE INTO number VALUES (?, ?, ?)",
    [CATALOG_LAST_NUMBER] = "SELECT max(number) FROM number WHERE card = ?",
    [CATALOG_DROP_FILES] = "DELETE FROM file WHERE card = ?",
    [CATALOG_DROP_NUMBERS] = "DELETE FROM number WHERE card = ?",
    [CATALOG_DROP_CARD] = "DELETE FROM card WHERE id = ?",
    [CATALOG_META] = "SELECT value FROM meta WHERE name = ?",
    [CATALOG_SET_META] = "INSERT OR REPLACE INTO meta VALUES (?, ?)",
    [CATALOG_DROP_META] = "DELETE FROM meta WHERE name = ?",
};
