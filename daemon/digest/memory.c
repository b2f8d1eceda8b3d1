/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/digest/memory.h"

#include <inttypes.h>
#include <string.h>

/* Kinds of marks. */
#define FAILED "failed"
#define DONE   "done"
#define IDLE   "idle"
#define HELD   "held"
#define CARD   "card"
#define SENT   "sent"

static const char is_held[] = "held", is_available[] = "available";

/* ---- a folder, a card ---- */

static void folder_clear(FolderMemory *folder)
{
    g_clear_pointer(&folder->folder, g_free);
}

static void card_clear(CardMemory *card)
{
    g_clear_pointer(&card->state, g_free);
}

void memory_init(Memory *memory)
{
    *memory = (Memory){ .folders = g_array_new(FALSE, FALSE, sizeof(FolderMemory)),
                        .cards = g_array_new(FALSE, FALSE, sizeof(CardMemory)) };
    g_array_set_clear_func(memory->folders, (GDestroyNotify) folder_clear);
    g_array_set_clear_func(memory->cards, (GDestroyNotify) card_clear);
}

void memory_clear(Memory *memory)
{
    g_clear_pointer(&memory->folders, g_array_unref);
    g_clear_pointer(&memory->cards, g_array_unref);
}

FolderMemory *memory_find(const Memory *memory, const char *folder)
{
    for (guint i = 0; i < memory->folders->len; i++) {
        FolderMemory *known = &g_array_index(memory->folders, FolderMemory, i);
        if (!strcmp(known->folder, folder))
            return known;
    }
    return NULL;
}

static FolderMemory *find_or_add(Memory *memory, const char *name)
{
    FolderMemory *known = memory_find(memory, name);

    if (known)
        return known;
    FolderMemory folder = { .folder = g_strdup(name),
                            .failed = MEMORY_NONE,
                            .done = MEMORY_NONE,
                            .idle = MEMORY_NONE,
                            .held = MEMORY_NONE };
    g_array_append_val(memory->folders, folder);
    return &g_array_index(memory->folders, FolderMemory, memory->folders->len - 1);
}

CardMemory *memory_find_card(const Memory *memory, int64_t id)
{
    for (guint i = 0; i < memory->cards->len; i++)
        if (g_array_index(memory->cards, CardMemory, i).id == id)
            return &g_array_index(memory->cards, CardMemory, i);
    return NULL;
}

void memory_keep_card(Memory *memory, int64_t id, int64_t ended_ms, const char *state)
{
    CardMemory *known = memory_find_card(memory, id), card = { id, ended_ms, g_strdup(state) };

    if (known) {
        card_clear(known);
        *known = card;
    } else {
        g_array_append_val(memory->cards, card);
    }
    memory->changed = true;
}

static bool has_id(const GArray *ids, int64_t id)
{
    for (guint i = 0; i < ids->len; i++)
        if (g_array_index(ids, int64_t, i) == id)
            return true;
    return false;
}

void memory_retain_cards(Memory *memory, const GArray *ids)
{
    for (guint i = memory->cards->len; i-- > 0;)
        if (!has_id(ids, g_array_index(memory->cards, CardMemory, i).id)) {
            g_array_remove_index_fast(memory->cards, i);
            memory->changed = true;
        }
}

/* ---- from marks, and to them ---- */

static void read_card(Memory *memory, const LedgerMark *mark)
{
    if (!*mark->subject)
        memory->knows_cards = true;
    else
        memory_keep_card(memory, g_ascii_strtoll(mark->subject, NULL, 10), mark->number,
                         mark->state);
}

static void read_mark(Memory *memory, const LedgerMark *mark)
{
    if (!strcmp(mark->kind, SENT))
        memory->sent_wall_ms = mark->number;
    else if (!strcmp(mark->kind, CARD))
        read_card(memory, mark);
    else if (!strcmp(mark->kind, FAILED))
        find_or_add(memory, mark->subject)->failed = mark->number;
    else if (!strcmp(mark->kind, DONE))
        find_or_add(memory, mark->subject)->done = mark->number;
    else if (!strcmp(mark->kind, HELD))
        find_or_add(memory, mark->subject)->held = !g_strcmp0(mark->state, is_held);
    else if (!strcmp(mark->kind, IDLE)) {
        FolderMemory *folder = find_or_add(memory, mark->subject);
        folder->idle = mark->number;
        folder->batch = mark->state ? g_ascii_strtoll(mark->state, NULL, 10) : 0;
    }
}

void memory_read(Memory *memory, const GArray *marks)
{
    for (guint i = 0; i < marks->len; i++)
        read_mark(memory, &g_array_index(marks, LedgerMark, i));
    memory->changed = false;
}

static void add(GArray *marks, const char *kind, const char *subject, int64_t number,
                const char *state)
{
    LedgerMark mark = { g_strdup(kind), g_strdup(subject), number, g_strdup(state) };

    g_array_append_val(marks, mark);
}

static void add_folder(GArray *marks, const FolderMemory *folder)
{
    g_autofree char *batch = folder->batch ? g_strdup_printf("%" PRId64, folder->batch) : NULL;

    if (folder->failed != MEMORY_NONE)
        add(marks, FAILED, folder->folder, folder->failed, NULL);
    if (folder->done != MEMORY_NONE)
        add(marks, DONE, folder->folder, folder->done, NULL);
    if (folder->held != MEMORY_NONE)
        add(marks, HELD, folder->folder, 0, folder->held ? is_held : is_available);
    if (folder->idle != MEMORY_NONE)
        add(marks, IDLE, folder->folder, folder->idle, batch);
}

GArray *memory_marks(const Memory *memory)
{
    GArray *marks = ledger_marks_new();

    add(marks, SENT, "", memory->sent_wall_ms, NULL);
    for (guint i = 0; i < memory->folders->len; i++)
        add_folder(marks, &g_array_index(memory->folders, FolderMemory, i));
    if (memory->knows_cards)
        add(marks, CARD, "", 0, NULL);
    for (guint i = 0; i < memory->cards->len; i++) {
        const CardMemory *card = &g_array_index(memory->cards, CardMemory, i);
        g_autofree char *id = g_strdup_printf("%" PRId64, card->id);
        add(marks, CARD, id, card->ended_ms, card->state);
    }
    return marks;
}

/* ---- settings ---- */

/* A mark is there where the notice is about its kind; a new one begins at `begin`. */
static int64_t followed(int64_t mark, bool is_on, int64_t begin)
{
    if (!is_on)
        return MEMORY_NONE;
    return mark == MEMORY_NONE ? begin : mark;
}

static void follow_folder(Memory *memory, const char *name, unsigned on, int64_t last_end)
{
    FolderMemory *folder = find_or_add(memory, name);
    const FolderMemory old = *folder;
    bool is_ledger = !*name;

    folder->here = true;
    folder->failed = followed(old.failed, !is_ledger && on & 1U << NOTICE_FAILED, last_end);
    folder->done = followed(old.done, !is_ledger && on & 1U << NOTICE_DONE, last_end);
    folder->idle = followed(old.idle, !is_ledger && on & 1U << NOTICE_IDLE, last_end);
    folder->held = (int) followed(old.held, on & (1U << NOTICE_HELD | 1U << NOTICE_RESUMED), false);
    if (folder->idle == MEMORY_NONE)
        folder->batch = 0;
    memory->changed |= old.failed != folder->failed || old.done != folder->done ||
                       old.idle != folder->idle || old.held != folder->held;
}

static bool is_about(const Notice *notice, const char *folder)
{
    return !*folder || !notice->folders ||
           g_strv_contains((const char *const *) notice->folders, folder);
}

static void forget_others(Memory *memory, const Notice *notice)
{
    for (guint i = memory->folders->len; i-- > 0;) {
        FolderMemory *folder = &g_array_index(memory->folders, FolderMemory, i);
        folder->here = false;
        if (is_about(notice, folder->folder))
            continue;
        g_array_remove_index(memory->folders, i);
        memory->changed = true;
    }
    if (!(notice->on & 1U << NOTICE_CARD)) {
        memory->changed |= memory->knows_cards;
        memory->knows_cards = false;
        g_array_set_size(memory->cards, 0);
    }
}

void memory_follow(Memory *memory, const Notice *notice, const Settings *settings, int64_t last_end)
{
    forget_others(memory, notice);
    follow_folder(memory, "", notice->on, last_end);
    for (guint i = 0; i < settings->folders->len; i++) {
        const Folder *folder = settings->folders->pdata[i];
        if (is_about(notice, folder->name))
            follow_folder(memory, folder->name, notice->on, last_end);
    }
}
