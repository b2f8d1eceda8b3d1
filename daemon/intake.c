/* What is offered is gathered and handed to the ledger in one transaction a burst. */
#include "daemon/intake.h"

#include <string.h>

#include "daemon/ledger.h"

struct Intake {
    Ledger *ledger;
    void (*added)(void *user);
    void *user;
    GArray *offers; /* of LedgerOffer */
};

static void offer_clear(void *data)
{
    LedgerOffer *offer = data;

    g_free(offer->folder);
    g_free(offer->source);
}

Intake *intake_new(Ledger *ledger, void (*added)(void *user), void *user)
{
    Intake *intake = g_new0(Intake, 1);

    intake->ledger = ledger;
    intake->added = added;
    intake->user = user;
    intake->offers = g_array_new(FALSE, FALSE, sizeof(LedgerOffer));
    g_array_set_clear_func(intake->offers, offer_clear);
    return intake;
}

void intake_free(Intake *intake)
{
    if (!intake)
        return;
    g_array_unref(intake->offers);
    g_free(intake);
}

/* Whether a file whose stat(2) data changed has the content that the ledger knows. */
static bool only_touched(int fd, const FileId *id, const LedgerRow *row)
{
    FileId now = *id;

    return row->file.size == id->size && (row->file.hash[0] || row->file.hash[1]) &&
           fileid_hash(fd, &now) && !memcmp(now.hash, row->file.hash, sizeof(now.hash));
}

bool intake_offer(Intake *intake, const Folder *folder, const char *source, int fd,
                  const FileId *id, Error **err)
{
    g_auto(LedgerRow) row = { 0 };
    bool found = false;

    if (!ledger_find(intake->ledger, folder->name, source, &row, &found, err))
        return false;
    if (found && fileid_same(&row.file, id))
        return true;
    if (found && (row.state == LEDGER_WORKING || row.state == LEDGER_PUBLISHING))
        return error_set(err, ERROR_LATER, NULL, "it was replaced while it was worked on");
    if (found && only_touched(fd, id, &row))
        return ledger_renew(intake->ledger, row.id, id, err);

    LedgerOffer offer = { g_strdup(folder->name), g_strdup(source), *id };
    g_array_append_val(intake->offers, offer);
    return true;
}

bool intake_knows(Intake *intake, const Folder *folder, const char *source, const FileId *id,
                  bool *over)
{
    g_auto(LedgerRow) row = { 0 };
    g_autoptr(Error) ignored = NULL;
    bool found = false;

    if (!ledger_find(intake->ledger, folder->name, source, &row, &found, &ignored))
        return false;
    *over = found && (row.state == LEDGER_DONE || row.state == LEDGER_FAILED);
    return found && fileid_same(&row.file, id);
}

bool intake_flush(Intake *intake, Error **err)
{
    int added = 0;

    if (!intake->offers->len)
        return true;
    if (!ledger_add(intake->ledger, (const LedgerOffer *) (const void *) intake->offers->data,
                    intake->offers->len, &added, err))
        return false;
    g_array_set_size(intake->offers, 0);
    if (added)
        intake->added(intake->user);
    return true;
}
