/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A companion of a picture: its answer is the picture's. */
#include <string.h>

#include "base/text.h"
#include "daemon/control/subject.h"
#include "daemon/control/why_internal.h"
#include "daemon/files/shot.h"
#include "daemon/ledger/parts.h"

enum { HISTORY = 20 }; /* pictures of one name that may have it */

/* The part that has, or had, the path that is asked about; NULL. */
static const LedgerPart *find_part(const Question *question, const GArray *parts)
{
    for (guint i = 0; i < parts->len; i++) {
        const LedgerPart *part = &g_array_index(parts, LedgerPart, i);

        if (!strcmp(part->source, question->inside) || !g_strcmp0(part->to, question->inside))
            return part;
    }
    return NULL;
}

static void tell_part(Question *question, const LedgerPart *part, const LedgerEntry *entry)
{
    g_autofree char *path = subject_path(question->folder, &entry->row);
    g_autofree char *picture = text_escape(path);

    why_note(question, "this is the %s of %s, and goes where that goes",
             shot_kind_name((ShotKind) part->kind), picture);
    if (part->moved && part->to && strcmp(part->to, question->inside) != 0) {
        g_autofree char *to = g_build_filename(question->folder->path, part->to, NULL);
        g_autofree char *there = text_escape(to);

        why_note(question, "it was moved to %s", there);
    }
    why_entry(question, entry);
    why_set_kind(question, "companion");
}

/* Of the pictures that had this name, the newest first. */
static bool tell_part_of(Question *question, const char *picture, const GArray *waiting)
{
    g_autoptr(GArray) entries = ledger_entries_new();
    g_autoptr(Error) unknown = NULL;
    const LedgerPart *part = find_part(question, waiting);

    if (!ledger_history(question->view->ledger, question->folder->name, picture, HISTORY, entries,
                        &unknown))
        return false;
    for (guint i = 0; i < entries->len; i++) {
        const LedgerEntry *entry = &g_array_index(entries, LedgerEntry, i);
        g_autoptr(GArray) parts = ledger_parts_new();

        if (!part && parts_of(question->view->ledger, entry->row.id, parts, &unknown))
            part = find_part(question, parts);
        if (part) {
            tell_part(question, part, entry);
            return true;
        }
    }
    return false;
}

bool why_part(Question *question, const char *source)
{
    g_autofree char *key = shot_key(source);
    g_auto(ShotPictures) shot = { 0 };
    g_autoptr(Error) unknown = NULL;

    return key &&
           parts_find_shot(question->view->ledger, question->folder->name, key, &shot, &unknown) &&
           shot.known && tell_part_of(question, shot.source, shot.parts);
}
