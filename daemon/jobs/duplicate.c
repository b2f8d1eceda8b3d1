/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/jobs/duplicate.h"

#include <string.h>
#include <unistd.h>

/* Reads the earlier original for it where that is there (fd >= 0); else its content is taken to be
 * that of the source. Without it, the next one is compared with it again. */
static void give_key(const Job *job, LedgerRow *earlier, int fd)
{
    g_autoptr(Error) ignored = NULL;

    if (earlier->file.keyed[0] || earlier->file.keyed[1])
        return;
    if (fd < 0)
        memcpy(earlier->file.keyed, job->row.file.keyed, sizeof(earlier->file.keyed));
    else if (!ledger_hash(job->context->ledger, fd, &earlier->file))
        return;
    ledger_update_file(job->context->ledger, earlier, &earlier->file, &ignored);
}

bool duplicate_is_certain(const Job *job, LedgerRow *earlier)
{
    int fd =
        originals_open_finished(job->folder, earlier->source, earlier->new_name, &earlier->file);
    bool same = true;

    if (fd >= 0 && !fileid_compare(fd, job->source.fd, &same))
        same = false; /* to make it once more loses nothing */
    give_key(job, earlier, fd);
    if (fd >= 0)
        close(fd);
    return same;
}
