/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/outputs/bench.h"

#include "daemon/outputs/publish.h"

LedgerRow add_job(const Bench *bench, const char *source)
{
    LedgerOffer offer = {
        bench->folder.name, (char *) (uintptr_t) source, { .size = 5 }, false, { 0 }
    };
    g_autoptr(Error) error = NULL;

    assert_ok(ledger_add(bench->ledger, &offer, 1, NULL, &error), error);
    return begin_source(bench->ledger, bench->folder.name, source);
}

int set_up(void **state)
{
    Bench *bench = g_new0(Bench, 1);
    g_autoptr(Error) error = NULL;

    bench->dir = check_mkdir();
    bench->folder = (Folder){ .name = g_strdup("inbox"),
                              .path = g_strdup("/srv/in"),
                              .output = g_strdup(bench->dir),
                              .profile = &bench->profile };
    bench->profile.name = g_strdup("web");
    bench->provenance = (Provenance){ .source = 1, .content = { 2, 3 }, .profile = 4 };
    assert_ok(ledger_open(NULL, &bench->ledger, &error), error);
    bench->row = add_job(bench, "a.jpg");
    *state = bench;
    return 0;
}

int tear_down(void **state)
{
    Bench *bench = *state;

    ledger_row_clear(&bench->row);
    ledger_close(bench->ledger);
    g_free(bench->folder.name);
    g_free(bench->folder.path);
    g_free(bench->folder.output);
    g_free(bench->profile.name);
    check_rmdir(bench->dir);
    g_free(bench);
    return 0;
}

Staging *staging_of(const Bench *bench)
{
    return staging_new(&bench->folder, &bench->row, &bench->provenance, bench->ledger, NULL);
}

bool put(Staging *staging, const char *name, Exists exists, const char *text)
{
    g_autoptr(Error) error = NULL;
    int fd = -1;

    assert_ok(staging_open(staging, name, exists, PROTOCOL_NOW, &fd, &error), error);
    if (fd < 0)
        return false;
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_false(staging_is_closed(staging));
    assert_int_equal(close(fd), 0);
    assert_true(staging_is_closed(staging));
    return true;
}

void publish(Staging *staging)
{
    g_autoptr(Error) error = NULL;

    assert_ok(publish_outputs(staging, &error), error);
}

void make(const Bench *bench, const char *name, Exists exists, const char *text)
{
    g_autoptr(Staging) staging = staging_of(bench);

    put(staging, name, exists, text);
    publish(staging);
}

void assert_text(const Bench *bench, const char *name, const char *text)
{
    g_autofree char *there = check_read(bench->dir, name);

    assert_non_null(there);
    assert_string_equal(there, text);
}

GArray *recorded(const Bench *bench)
{
    g_autoptr(Error) error = NULL;
    GArray *outputs = NULL;

    assert_ok(ledger_read_outputs(bench->ledger, &bench->row, &outputs, &error), error);
    return outputs;
}
