/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/jobs/parts_back.h"

#include <string.h>
#include <sys/stat.h>

#include "daemon/files/beneath.h"
#include "daemon/files/shot.h"

void part_back_clear(PartBack *back)
{
    ledger_part_clear(&back->part);
    spot_clear(&back->spot);
}

static PartBack *back_at(const GArray *found, guint i)
{
    return &g_array_index(found, PartBack, i);
}

static Belonging belonging_of(const Folder *folder, const LedgerPart *part)
{
    return (Belonging){ folder->path, part->source, &part->file, NULL };
}

/* ---- find ---- */

/* Where it was moved, by the name of the directory there. */
static bool spot_of(const LedgerPart *part, unsigned kinds, Spot *spot)
{
    static const struct {
        const char *below;
        SpotKind kind;
    } places[] = { { "done/", SPOT_DONE }, { "failed/", SPOT_FAILED } };

    for (size_t i = 0; part->to && i < G_N_ELEMENTS(places); i++)
        if ((kinds & SPOT_BIT(places[i].kind)) && g_str_has_prefix(part->to, places[i].below)) {
            *spot = (Spot){ places[i].kind, g_strdup(part->to) };
            return true;
        }
    return false;
}

/* A sidecar that was changed where it lies is still that of the picture. */
static bool find_changed(const Folder *folder, unsigned kinds, LedgerPart *part, Spot *spot)
{
    struct stat st;

    if ((part->kind != SHOT_XMP && part->kind != SHOT_AAE) || !spot_of(part, kinds, spot) ||
        !beneath_stat(folder->path, spot->path, &st) || !S_ISREG(st.st_mode))
        return false;
    part->file = fileid_of(&st);
    return true;
}

static bool find_part(const Folder *folder, unsigned kinds, LedgerPart *part, Spot *spot)
{
    const Belonging it = belonging_of(folder, part);
    g_autoptr(Error) missing = NULL;

    if (put_back_find(&it, kinds, spot, &missing))
        return true;
    spot_clear(spot);
    return find_changed(folder, kinds, part, spot);
}

static bool add_part(const Folder *folder, unsigned kinds, const LedgerPart *part, GArray *found,
                     Error **err)
{
    PartBack back = { .part = *part };

    back.part.source = g_strdup(part->source);
    back.part.to = g_strdup(part->to);
    if (!part->moved || !find_part(folder, kinds, &back.part, &back.spot)) {
        part_back_clear(&back);
        return true;
    }
    g_array_append_val(found, back);
    const Belonging it = belonging_of(folder, &back.part);
    return put_back_check(&it, &back.spot, err);
}

/* A sidecar that was written once more came after an earlier one, which stays where it is. */
static bool has_come_later(const GArray *found, const LedgerPart *part)
{
    return found->len && !strcmp(back_at(found, found->len - 1)->part.source, part->source);
}

bool parts_back_find(Ledger *ledger, const Folder *folder, int64_t id, unsigned kinds,
                     GArray **found, Error **err)
{
    g_autoptr(GArray) parts = ledger_parts_new();
    bool ok = parts_of(ledger, id, parts, err);

    *found = g_array_new(FALSE, FALSE, sizeof(PartBack));
    g_array_set_clear_func(*found, (GDestroyNotify) part_back_clear);
    for (guint i = parts->len; ok && i > 0; i--) {
        const LedgerPart *part = &g_array_index(parts, LedgerPart, i - 1);
        ok = has_come_later(*found, part) || add_part(folder, kinds, part, *found, err);
    }
    return ok;
}

/* ---- move ---- */

/* The first `count` of them. */
static void revert(const Folder *folder, const GArray *found, guint count)
{
    for (guint i = count; i > 0; i--) {
        const PartBack *back = back_at(found, i - 1);
        const Belonging it = belonging_of(folder, &back->part);
        g_autoptr(Error) ignored = NULL;

        put_back_revert(&it, &back->spot, &ignored);
    }
}

bool parts_back_move(const Folder *folder, const GArray *found, Error **err)
{
    for (guint i = 0; i < found->len; i++) {
        PartBack *back = back_at(found, i);
        const Belonging it = belonging_of(folder, &back->part);
        FileId there = { 0 };

        if (!put_back_move(&it, &back->spot, &there, err)) {
            revert(folder, found, i);
            return false;
        }
        back->part.file = there;
    }
    return true;
}

void parts_back_revert(const Folder *folder, const GArray *found)
{
    revert(folder, found, found->len);
}

void parts_back_clean(const Folder *folder, const GArray *found)
{
    for (guint i = 0; i < found->len; i++) {
        const PartBack *back = back_at(found, i);
        const Belonging it = belonging_of(folder, &back->part);

        if (back->spot.kind != SPOT_FAILED) /* there it has no report of its own */
            put_back_clean(&it, &back->spot);
    }
}

bool parts_back_record(Ledger *ledger, const LedgerRow *row, const GArray *found, Error **err)
{
    g_autoptr(GArray) parts = g_array_new(FALSE, FALSE, sizeof(LedgerPart)); /* borrowed texts */

    for (guint i = 0; i < found->len; i++)
        g_array_append_val(parts, back_at(found, i)->part);
    return !parts->len || parts_give(ledger, row, parts, err);
}
