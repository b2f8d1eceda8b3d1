/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Each fault of the card, and of a file, has a row with its words: what is no fault is proved. */
#include "daemon/import/verdict.h"

#include "base/text.h"

typedef struct Judge {
    const Outcome *outcome;
    unsigned count;       /* of destinations */
    unsigned char *disks; /* by a bit for each destination: physical disks, and 1; 0: not counted */
    unsigned fewest;      /* disks that a safe file is on */
    unsigned everywhere;  /* destinations, a bit each, in which every safe file is proved */
    guint more;           /* reasons that the list has no room for */
    Verdict *verdict;
} Judge;

static void add_reason(Judge *judge, char *reason)
{
    if (judge->verdict->reasons->len < VERDICT_REASONS) {
        g_ptr_array_add(judge->verdict->reasons, reason);
    } else {
        judge->more++;
        g_free(reason);
    }
}

static void add_error(Judge *judge, const Error *error)
{
    add_reason(judge, error_text(error));
}

static const char *plural(int64_t count, const char *one, const char *many)
{
    return count == 1 ? one : many;
}

/* ---- disks ---- */

static unsigned count_disks(Judge *judge, unsigned destinations)
{
    const Medium *media[COPIER_DESTINATIONS];
    unsigned count = 0;

    if (judge->disks[destinations])
        return judge->disks[destinations] - 1U;
    for (unsigned i = 0; i < judge->count; i++)
        if (destinations & 1U << i)
            media[count++] = judge->outcome->media[i];
    unsigned disks = count ? medium_count_disks(media, count) : 0;
    judge->disks[destinations] = (unsigned char) (disks + 1);
    return disks;
}

static unsigned all_destinations(const Judge *judge)
{
    return (1U << judge->count) - 1;
}

/* Whether no proof at all could make the card safe. */
static bool has_few_disks(Judge *judge)
{
    return count_disks(judge, all_destinations(judge)) < judge->outcome->import->safe_copies;
}

/* ---- a file ---- */

static const char *const proof_words[] = {
    [PROOF_NONE] = "was not read back",
    [PROOF_WRONG] = "is not what the card gave: move it away, look at its disk, import again",
    [PROOF_MISSING] = "is not there any more: import the card again",
    [PROOF_FAILED] = "cannot be read back",
    [PROOF_CACHED] = "is not provable here: what is read may come from a cache",
};

static char *copy_fault(const FileCopy *copy, const char *destination)
{
    g_autofree char *cause = copy->error ? error_text(copy->error) : NULL;
    g_autofree char *name = copy->name ? text_escape(copy->name) : NULL;
    const char *colon = cause ? ": " : "";

    if (!name)
        return g_strdup_printf("no copy in '%s'%s%s", destination, colon, cause ? cause : "");
    return g_strdup_printf("the copy '%s/%s' %s%s%s", destination, name, proof_words[copy->proof],
                           colon, cause ? cause : "");
}

/* A bit for each destination that has a copy which was proved. */
static unsigned proved(const Judge *judge, const FileEnd *file)
{
    unsigned found = 0;

    for (unsigned i = 0; i < judge->count; i++)
        if (file->copies[i].name && file->copies[i].proof == PROOF_RIGHT)
            found |= 1U << i;
    return found;
}

static unsigned named(const Judge *judge, const FileEnd *file)
{
    unsigned found = 0;

    for (unsigned i = 0; i < judge->count; i++)
        if (file->copies[i].name)
            found |= 1U << i;
    return found;
}

/* The faults of its copies; NULL where a fault of the card says it all. */
static char *copies_fault(Judge *judge, const FileEnd *file, unsigned right)
{
    const Import *import = judge->outcome->import;
    GString *faults = g_string_new(NULL);

    for (unsigned i = 0; i < judge->count; i++) {
        const FileCopy *copy = &file->copies[i];
        if (right & 1U << i ||
            (copy->name && copy->proof == PROOF_NONE && import->verify == IMPORT_VERIFY_SIZE))
            continue;
        g_autofree char *fault = copy_fault(copy, import->copy_to[i]);
        g_string_append_printf(faults, "%s%s", faults->len ? "; " : "", fault);
    }
    return g_string_free(faults, faults->len == 0);
}

/* Of a camera, which is never proved: whether each copy was made, and none is known to be wrong. */
static bool are_made(const Judge *judge, const FileEnd *file)
{
    for (unsigned i = 0; i < judge->count; i++) {
        ProofEnd proof = file->copies[i].proof;
        if (!file->copies[i].name || proof == PROOF_WRONG || proof == PROOF_MISSING ||
            proof == PROOF_FAILED)
            return false;
    }
    return true;
}

static bool are_enough(Judge *judge, const FileEnd *file)
{
    if (judge->outcome->is_of_camera)
        return are_made(judge, file);
    unsigned where = proved(judge, file), disks = count_disks(judge, where);
    if (disks < judge->outcome->import->safe_copies)
        return false;
    judge->fewest = MIN(judge->fewest, disks);
    judge->everywhere &= where;
    return true;
}

typedef enum FileFault {
    FAULT_NONE,
    FAULT_LEFT,
    FAULT_ERROR,
    FAULT_NOT_READ,
    FAULT_CHANGED,
    FAULT_READ_ONCE,
    FAULT_CARD_CACHED,
    FAULT_COPIES,
} FileFault;

/* Of FAULT_ERROR and FAULT_COPIES the cause stands here. */
static const char *const file_words[] = {
    [FAULT_LEFT] = "is not copied, by other = leave; formatting would lose it",
    [FAULT_NOT_READ] = "was not read in this insertion",
    [FAULT_CHANGED] = "changed while it was read: import the card again",
    [FAULT_READ_ONCE] = "a second reading of the card did not give the same",
    [FAULT_CARD_CACHED] = "a second reading may come from a cache: give verify = copies",
};

static FileFault fault_of(Judge *judge, const FileEnd *end)
{
    const Import *import = judge->outcome->import;

    if (end->file->is_left)
        return FAULT_LEFT;
    if (end->error)
        return FAULT_ERROR;
    if (!end->is_read && !end->is_trusted)
        return FAULT_NOT_READ;
    if (end->content.size != end->file->size)
        return FAULT_CHANGED;
    if (import->verify == IMPORT_VERIFY_ALL && end->second != PROOF_RIGHT &&
        !judge->outcome->is_of_camera)
        return end->second == PROOF_CACHED ? FAULT_CARD_CACHED : FAULT_READ_ONCE;
    return are_enough(judge, end) ? FAULT_NONE : FAULT_COPIES;
}

/* NULL: a fault of the card says it. */
static char *fault_text(Judge *judge, const FileEnd *end, FileFault fault)
{
    g_autofree char *cause = NULL;

    if (fault == FAULT_ERROR)
        cause = error_text(end->error);
    else if (fault == FAULT_COPIES)
        cause = copies_fault(judge, end, proved(judge, end));
    else
        cause = g_strdup(file_words[fault]);
    g_autofree char *path = text_escape(end->file->path);
    return cause ? g_strdup_printf("'%s': %s", path, cause) : NULL;
}

static void judge_file(Judge *judge, const FileEnd *end)
{
    FileFault fault = fault_of(judge, end);

    if (!end->file->is_left && named(judge, end) == all_destinations(judge))
        judge->verdict->done++;
    if (fault == FAULT_NONE)
        return;
    judge->verdict->unsafe++;
    char *text = fault_text(judge, end, fault);
    if (text)
        add_reason(judge, text);
}

/* ---- the card ---- */

static void judge_disks(Judge *judge)
{
    const Outcome *outcome = judge->outcome;
    GString *where = g_string_new(NULL);
    unsigned disks = count_disks(judge, all_destinations(judge));

    for (unsigned i = 0; i < judge->count; i++)
        g_string_append_printf(where, "%s'%s' %s%s", i ? ", " : "", outcome->import->copy_to[i],
                               outcome->media[i]->server ? "" : "on ", outcome->media[i]->words);
    add_reason(judge, g_strdup_printf("the copies are on %u physical %s, and safe_copies is %u: %s",
                                      disks, plural(disks, "disk", "disks"),
                                      outcome->import->safe_copies, where->str));
    g_string_free(where, TRUE);
}

/* What was listed is all that is on it, and was so to the end. */
static void judge_listing(Judge *judge)
{
    const Outcome *outcome = judge->outcome;

    for (guint i = 0; i < outcome->card->unreadable->len; i++)
        add_error(judge, outcome->card->unreadable->pdata[i]);
    if (!outcome->files->len && !outcome->card->unreadable->len)
        add_reason(judge, g_strdup("no file was found on it"));
    if (outcome->first_new) {
        g_autofree char *path = text_escape(outcome->first_new);
        add_reason(judge,
                   g_strdup_printf("'%s' changed on the card meanwhile: import it again", path));
    } else if (!outcome->is_listed_again && !outcome->interrupted && !outcome->held) {
        add_reason(judge, g_strdup("the card could not be listed again at the end"));
    }
}

static void judge_card(Judge *judge)
{
    const Outcome *outcome = judge->outcome;

    judge_listing(judge);
    if (outcome->is_of_camera)
        return;
    if (outcome->import->verify == IMPORT_VERIFY_SIZE)
        add_reason(judge, g_strdup("verify = size reads no copy back: give verify = copies"));
    if (has_few_disks(judge))
        judge_disks(judge);
}

static void judge_manifests(Judge *judge)
{
    for (unsigned i = 0; judge->outcome->manifests && i < judge->count; i++)
        if (judge->outcome->manifests[i])
            add_error(judge, judge->outcome->manifests[i]);
}

/* ---- the line ---- */

/* What else is to be known of the card. */
static void append_notes(GString *line, const Outcome *outcome)
{
    GHashTableIter each;
    gpointer what = NULL, count = NULL;
    bool first = true;

    if (outcome->mirrors && outcome->mirrored * 2 >= (int64_t) outcome->files->len) {
        g_autofree char *name = text_escape(outcome->name);
        g_autofree char *other = text_escape(outcome->mirrors->name);
        g_string_append_printf(line, "; card %s mirrors card %s: %lld of %u", name, other,
                               (long long) outcome->mirrored, outcome->files->len);
    }
    g_hash_table_iter_init(&each, outcome->card->ignored);
    while (g_hash_table_iter_next(&each, &what, &count)) {
        g_string_append_printf(line, "%s%u %s", first ? "; left out: " : ", ",
                               GPOINTER_TO_UINT(count), (const char *) what);
        first = false;
    }
}

static void append_reasons(GString *line, const Judge *judge)
{
    const GPtrArray *reasons = judge->verdict->reasons;
    guint more = judge->more + (reasons->len ? reasons->len - 1 : 0);

    if (reasons->len)
        g_string_append(line, reasons->pdata[0]);
    if (more)
        g_string_append_printf(line, "; and %u more", more);
}

static void append_not_safe(GString *line, const Judge *judge)
{
    guint files = judge->outcome->files->len;

    g_string_append(line, "NOT SAFE: ");
    if (judge->verdict->unsafe)
        g_string_append_printf(
            line, "%lld of %u %s %s not safe: ", (long long) judge->verdict->unsafe, files,
            plural(files, "file", "files"), plural(judge->verdict->unsafe, "is", "are"));
    append_reasons(line, judge);
}

/* " (/dev/sda (WD Red), on server NAS)": each disk that has every file, once. */
static void append_disks(GString *line, const Judge *judge)
{
    g_autoptr(GHashTable) said = g_hash_table_new(g_str_hash, g_str_equal);
    const char *before = " (";

    for (unsigned i = 0; i < judge->count; i++) {
        char *words = judge->outcome->media[i]->words;
        if (!(judge->everywhere & 1U << i) || !words || !g_hash_table_add(said, words))
            continue;
        g_string_append_printf(line, "%s%s", before, words);
        before = ", ";
    }
    if (g_hash_table_size(said))
        g_string_append_c(line, ')');
}

static void append_safe(GString *line, const Judge *judge)
{
    guint files = judge->outcome->files->len;

    g_string_append_printf(line, "SAFE TO FORMAT: %u of %u %s on %u %s", files, files,
                           plural(files, "file", "files"), judge->fewest,
                           plural(judge->fewest, "disk", "disks"));
    append_disks(line, judge);
}

static char *line_of(const Judge *judge)
{
    const Outcome *outcome = judge->outcome;
    const Verdict *verdict = judge->verdict;
    GString *line = g_string_new(NULL);
    guint files = outcome->files->len;

    if (verdict->state == CARD_SAFE)
        append_safe(line, judge);
    else if (verdict->state == CARD_COPIED)
        g_string_append_printf(line, "COPIED, not proved: put the card into a reader (%u of %u %s)",
                               files, files, plural(files, "file", "files"));
    else if (verdict->state == CARD_INTERRUPTED)
        g_string_append_printf(line, "NOT SAFE: interrupted at %lld of %u: %s",
                               (long long) verdict->done, files, outcome->interrupted);
    else if (verdict->state == CARD_HELD)
        g_string_append_printf(line, "NOT SAFE: held: %s", outcome->held);
    else
        append_not_safe(line, judge);
    append_notes(line, outcome);
    return g_string_free(line, FALSE);
}

static CardState state_of(const Outcome *outcome, const Verdict *verdict)
{
    if (outcome->interrupted)
        return CARD_INTERRUPTED;
    if (outcome->held)
        return CARD_HELD;
    if (verdict->reasons->len || verdict->unsafe)
        return CARD_NOT_SAFE;
    return outcome->is_of_camera ? CARD_COPIED : CARD_SAFE;
}

Verdict *verdict_of(const Outcome *outcome)
{
    Judge judge = {
        .outcome = outcome,
        .count = g_strv_length(outcome->import->copy_to),
        .fewest = COPIER_DESTINATIONS,
        .everywhere = ~0U,
        .verdict = g_new0(Verdict, 1),
    };

    g_assert(judge.count <= COPIER_DESTINATIONS);
    g_autofree unsigned char *disks = g_new0(unsigned char, 1UL << judge.count);
    judge.disks = disks;
    judge.verdict->reasons = g_ptr_array_new_with_free_func(g_free);
    judge_card(&judge);
    for (guint i = 0; i < outcome->files->len; i++)
        judge_file(&judge, &g_array_index(outcome->files, FileEnd, i));
    judge_manifests(&judge);
    judge.verdict->state = state_of(outcome, judge.verdict);
    judge.verdict->line = line_of(&judge);
    return judge.verdict;
}

void verdict_free(Verdict *verdict)
{
    if (!verdict)
        return;
    g_free(verdict->line);
    g_ptr_array_unref(verdict->reasons);
    g_free(verdict);
}
