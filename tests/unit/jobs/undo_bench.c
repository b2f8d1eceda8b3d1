/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/jobs/undo_bench.h"

#include <sys/mount.h>

#include "daemon/ledger/intake.h"
#include "daemon/originals/originals.h"
#include "daemon/outputs/publish.h"
#include "tests/unit/take.h"

UndoBench *undo_bench_new(void)
{
    UndoBench *bench = g_new0(UndoBench, 1);

    bench->dir = check_mkdir();
    bench->mounted = geteuid() == 0 && mount("tmpfs", bench->dir, "tmpfs", 0, NULL) == 0;
    bench->in = g_build_filename(bench->dir, "in", NULL);
    bench->out = g_build_filename(bench->dir, "out", NULL);
    bench->path = g_build_filename(bench->dir, "ledger.db", NULL);
    assert_int_equal(mkdir(bench->in, 0755) | mkdir(bench->out, 0755), 0);
    bench->profile.name = (char *) (uintptr_t) "web";
    bench->folder = (Folder){ .name = (char *) (uintptr_t) "inbox",
                              .path = bench->in,
                              .output = bench->out,
                              .profile = &bench->profile,
                              .limits = { .max_outputs = 100, .max_output_bytes = 1 << 20 },
                              .originals = ORIGINALS_DONE };
    open_ledger(bench);
    return bench;
}

void close_ledger(UndoBench *bench)
{
    undoer_stop(g_steal_pointer(&bench->undoer));
    ledger_close(g_steal_pointer(&bench->ledger));
}

void open_ledger(UndoBench *bench)
{
    g_autoptr(Error) error = NULL;

    assert_ok(ledger_open(bench->path, &bench->ledger, &error), error);
    bench->undoer = undoer_new(bench->ledger);
}

void undo_bench_free(UndoBench *bench)
{
    close_ledger(bench);
    if (bench->mounted)
        umount2(bench->dir, MNT_DETACH);
    check_rmdir(bench->dir);
    g_free(bench->in);
    g_free(bench->out);
    g_free(bench->path);
    g_free(bench);
}

int set_up_undo(void **state)
{
    *state = undo_bench_new();
    return 0;
}

int tear_down_undo(void **state)
{
    undo_bench_free(*state);
    return 0;
}

void have_no_trash(const UndoBench *bench)
{
    g_autofree char *name = g_strdup_printf(".Trash-%u", geteuid());

    check_write(bench->dir, name, "no directory");
}

/* ---- a picture ---- */

static FileId file_at(const UndoBench *bench, const char *source, bool hash)
{
    g_autofree char *path = g_build_filename(bench->in, source, NULL);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;

    assert_true(fd >= 0 && fstat(fd, &st) == 0);
    FileId file = fileid_of(&st);
    assert_true(!hash || ledger_hash(bench->ledger, fd, &file));
    close(fd);
    return file;
}

static void make_outputs(const UndoBench *bench, const LedgerRow *row, const char *text,
                         const Save *saves)
{
    const Provenance provenance = { .source = fileid_text_hash(row->source),
                                    .content = { row->file.hash[0], row->file.hash[1] } };
    g_autoptr(Staging) staging = staging_new(&bench->folder, row, &provenance, bench->ledger, NULL);
    g_autoptr(Error) error = NULL;

    for (; saves->name; saves++) {
        g_autofree char *bytes = g_strdup_printf("%s of %s", saves->name, text);
        int fd = -1;
        assert_ok(staging_open(staging, saves->name, saves->exists, PROTOCOL_NOW, &fd, &error),
                  error);
        if (fd < 0)
            continue;
        assert_int_equal(write(fd, bytes, strlen(bytes)), strlen(bytes));
        close(fd);
    }
    assert_ok(publish_outputs(staging, &error), error);
}

static void retire(const UndoBench *bench, const LedgerRow *row)
{
    bool gone = false, missing = false;
    g_autoptr(Error) error = NULL;
    const Original original = { .folder = &bench->folder,
                                .root = bench->in,
                                .source = row->source,
                                .file = &row->file,
                                .temp = ".hotfolder-t",
                                .missing = &missing };

    assert_ok(originals_move_finished(&original, &gone, &error), error);
    assert_ok(
        ledger_done(bench->ledger, row, gone ? ORIGINAL_MOVED : ORIGINAL_STAYS, false, &error),
        error);
}

int64_t do_picture(const UndoBench *bench, const char *source, const char *text, const Save *saves)
{
    g_autoptr(Error) error = NULL;
    int added = 0;

    check_write(bench->in, source, text);
    LedgerOffer offer = {
        bench->folder.name, (char *) (uintptr_t) source, file_at(bench, source, false), false, { 0 }
    };
    assert_ok(ledger_add(bench->ledger, &offer, 1, &added, &error), error);
    assert_int_equal(added, 1);
    g_auto(LedgerRow) row = take_source(bench->ledger, bench->folder.name, source);
    row.file = file_at(bench, source, true);
    assert_ok(ledger_begin(bench->ledger, &row, NULL, &error), error);
    make_outputs(bench, &row, text, saves);
    row.state = LEDGER_PUBLISHING;
    retire(bench, &row);
    return row.id;
}

/* ---- what becomes of it ---- */

LedgerRow row_of(const UndoBench *bench, const char *source)
{
    g_autoptr(GArray) entries = ledger_entries_new();
    g_autoptr(Error) error = NULL;

    assert_ok(ledger_history(bench->ledger, "inbox", source, 1, entries, &error), error);
    assert_int_equal(entries->len, 1);
    LedgerEntry *entry = &g_array_index(entries, LedgerEntry, 0);
    LedgerRow row = entry->row;
    memset(&entry->row, 0, sizeof(entry->row));
    return row;
}

LedgerState state_of(const UndoBench *bench, const char *source)
{
    g_auto(LedgerRow) row = row_of(bench, source);

    return row.state;
}

Error *undo_it(const UndoBench *bench, const char *source)
{
    g_auto(LedgerRow) row = row_of(bench, source);
    Error *error = NULL;
    int outputs = 0;

    bool ok = undoer_undo(bench->undoer, &bench->folder, &row, "ann", &outputs, &error);
    assert_true(ok == !error);
    return error;
}

static void count_one(void *user)
{
    ++*(int *) user;
}

bool is_new_work(const UndoBench *bench, const char *source)
{
    FileId file = file_at(bench, source, false);
    g_autofree char *path = g_build_filename(bench->in, source, NULL);
    g_autoptr(Error) error = NULL;
    int added = 0, fd = open(path, O_RDONLY | O_CLOEXEC);
    Intake *intake = intake_new(bench->ledger, count_one, &added);

    assert_ok(intake_offer(intake, &bench->folder, source, fd, &file, &error) &&
                  intake_flush(intake, &error),
              error);
    close(fd);
    intake_free(intake);
    return added > 0;
}
