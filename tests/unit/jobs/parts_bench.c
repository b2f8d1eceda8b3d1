/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/jobs/parts_bench.h"

#include <sys/stat.h>

#include "daemon/files/shot.h"
#include "daemon/ledger/unmoved.h"

FileId id_of(const Bench *bench, const char *name)
{
    g_autofree char *path = g_build_filename(bench->in, name, NULL);
    struct stat st;

    assert_int_equal(stat(path, &st), 0);
    return fileid_of(&st);
}

PartState offer_part(const Bench *bench, const char *name)
{
    g_autofree char *shot = shot_key(name);
    FileId file = id_of(bench, name);
    PartOffer offer = { "inbox", shot, name, (int) shot_kind(name), &file, 0 };
    g_autoptr(Error) error = NULL;
    PartState state = PART_ALONE;

    assert_ok(parts_offer(bench->ledger, &offer, &state, &error), error);
    return state;
}

void drop_part(const Bench *bench, const char *name)
{
    check_write(bench->in, name, name);
    offer_part(bench, name);
}

bool lies(const Bench *bench, const char *path, const char *name)
{
    g_autofree char *whole = g_build_filename(bench->in, path, NULL), *text = NULL;

    return g_file_get_contents(whole, &text, NULL, NULL) && !strcmp(text, name);
}

int set_up_shots(void **state)
{
    set_up(state);
    ((Bench *) *state)->folder.shots = SHOTS_TOGETHER;
    return 0;
}

bool nothing_is_due(const Bench *bench)
{
    g_autoptr(GArray) groups = NULL;
    g_autoptr(Error) error = NULL;
    int64_t originals = 0;

    assert_ok(unmoved_count(bench->ledger, "inbox", 1, &originals, &groups, &error), error);
    return !originals && !dispatch_in_flight(bench->dispatch);
}
