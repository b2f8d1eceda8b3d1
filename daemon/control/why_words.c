/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/control/why_words.h"

#include <glib.h>
#include <string.h>

#include "base/reasons.h"
#include "daemon/settings/ignore.h"

typedef struct Words {
    const char *reason;
    const char *says; /* NULL: the reason itself */
    const char *note;
} Words;

static const Words words[] = {
    /* pending */
    { REASON_NEW, "just seen", NULL },
    { REASON_EMPTY, NULL,
      "it has no content yet: some programs make a file first, and write it later; it is taken "
      "when it has content" },
    { REASON_WRITTEN, "still open for writing",
      "it is taken when the program that writes it has closed it" },
    { REASON_CHANGES, NULL, "it is taken when it stays as it is" },
    { REASON_DOWNLOADED, NULL,
      "the control file of its download (.aria2) lies beside it; it is taken when that is gone" },
    { REASON_CUT, NULL, NULL },
    { REASON_MAYBE_CUT, NULL, NULL },
    { REASON_REPLACED, NULL, NULL },
    { REASON_LOCKED, NULL, "it is taken when that program ends its lock" },
    { REASON_PICTURE, NULL,
      "it is a companion of the picture that has the same name but for its end (shots = "
      "together)" },
    { REASON_RAW, NULL, "a RAW of the same name is processed instead of it (prefer = raw)" },
    { REASON_SIDECAR, NULL, "what an XMP of the same name says of it counts" },
    { REASON_LEDGER, NULL, "see to the disk of the state directory; hotfolder then continues" },
    /* ignored by its name */
    { "AppleDouble", NULL,
      "macOS puts such a file beside another one on a share; it holds no picture" },
    { "folder settings", "the settings of a file manager", NULL },
    { "archive leftover", NULL, "macOS adds this directory to archives; it holds no pictures" },
    { "system folder", NULL, "a system keeps its own files there" },
    { "recycle bin", NULL, "what is in it was deleted" },
    { "snapshot", NULL, "it holds copies of what is elsewhere" },
    { "old versions", NULL, "it holds what was replaced" },
    { "in the trash", NULL, "it was deleted on the device that made it; rename it to have it" },
    { "deleted, but still open", NULL, "it vanishes when the program that has it open ends" },
    { "unfinished transfer", NULL,
      "it is taken when the program that transfers it gives it its final name; if that program has "
      "ended, transfer it again" },
    { "temporary file", NULL, "it is taken when a program gives it its final name" },
    { ignore_status_file,
      "hotfolder writes it: it says what becomes of the pictures in this folder",
      "with `status_file = no` in the configuration of the folder, hotfolder removes it" },
    { "temporary file of hotfolder", NULL, "hotfolder removes it by itself" },
    { "unnamed file", NULL, "it is taken when a program gives it a name" },
    { "shortcut", NULL, "put the file itself here" },
    { "lock file", NULL, "an office program removes it by itself" },
    { "backup copy", NULL, "if it is meant to be taken, rename it" },
    { "editor's file", NULL, "if it is meant to be taken, rename it" },
    { ignore_sidecar, NULL, "it has data that belong to a picture, and no picture" },
    { "dot file", NULL, "a name that begins with a dot is not taken; rename it" },
    { "dot folder", NULL, "a directory whose name begins with a dot is not entered; rename it" },
    { "directory (recursive = no)", "the folder has recursive = no",
      "write `recursive = yes` into the folder's configuration, then `hotfolder reload`" },
    { REASON_OWN_NAME, NULL, "done/, failed/ and trash/ are for originals; rename it" },
    /* ignored for what it is */
    { REASON_LINK, NULL, "links are not followed; put the file itself here" },
    { REASON_HARD_LINK, NULL, "put a copy of the file here" },
    { REASON_DIRECTORY, NULL, NULL },
    { REASON_FIFO, NULL, "it is no file" },
    { REASON_SOCKET, NULL, "it is no file" },
    { REASON_DEVICE, NULL, "it is no file" },
    { REASON_ALONE, NULL,
      "it goes with the picture that has the same name but for its end, when that comes" },
    { REASON_UNKNOWN, "its content is no picture that hotfolder knows",
      "its content decides, not its name; check it, and copy it again" },
};

/* Reasons that say all themselves have no row; neither have kinds of content, as "text". */
const char *why_words(const char *reason, const char **note)
{
    *note = NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (!strcmp(words[i].reason, reason)) {
            *note = words[i].note;
            return words[i].says ? words[i].says : reason;
        }
    if (!strpbrk(reason, ";:("))
        *note = "that is its content, whatever its name says; only pictures are taken";
    return reason;
}
