/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The settings of imports and cameras. */
#include "daemon/settings/tables.h"

static const Choice sources[] = {
    { "cards", IMPORT_FROM_CARDS, "cards and other removable media, as they are put in" },
    { "ptp", IMPORT_FROM_PTP, "cameras at a USB port; what comes from them is never proved" },
    { NULL, 0, NULL },
};

static const Choice orders[] = {
    { "protected", IMPORT_ORDER_PROTECTED, "what is protected in the camera comes first" },
    { "rated", IMPORT_ORDER_RATED, "more stars before fewer" },
    { "jpeg", IMPORT_ORDER_JPEG, "finished pictures before RAW, and both before all else" },
    { "newest", IMPORT_ORDER_NEWEST, "what was taken last comes first" },
    { NULL, 0, NULL },
};

static const Choice others[] = {
    { "copy", IMPORT_OTHER_COPY, "they are copied, and a card is safe only with them" },
    { "leave", IMPORT_OTHER_LEAVE,
      "they stay on the card, which is not safe then: the verdict names them" },
    { NULL, 0, NULL },
};

static const Choice verifications[] = {
    { "size", IMPORT_VERIFY_SIZE, "each copy has the size of its file; no card is ever safe" },
    { "copies", IMPORT_VERIFY_COPIES, "each copy is read back from its disk, past all caches" },
    { "all", IMPORT_VERIFY_ALL, "and the card is read a second time" },
    { NULL, 0, NULL },
};

static const Choice manifests[] = {
    { "none", IMPORT_MANIFEST_NONE, "no list" },
    { "ascmhl", IMPORT_MANIFEST_ASCMHL, "an ASC MHL, in ascmhl/" },
    { "sha256", IMPORT_MANIFEST_SHA256, "a file for `sha256sum -c`, in _cards/" },
    { NULL, 0, NULL },
};

static const Choice duplicates[] = {
    { "skip", IMPORT_DUPLICATES_SKIP, "the copy that is there is read back, and counts" },
    { "copy", IMPORT_DUPLICATES_COPY, "it is copied once more" },
    { NULL, 0, NULL },
};

const Param import_settings[] = {
    DIRPATH(ImportSettings, from, .def = "cards", .choices = sources,
            .help = "where pictures come from"),
    TEXT(ImportSettings, when, .def = "",
         .help = "a formula of label, uuid, maker and size that says which cards it takes, as "
                 "\"{matches(label, 'EOS*')}\"; without it, removable media with DCIM, PRIVATE, "
                 "MP_ROOT or M4ROOT; the first import that fits a card takes it"),
    GLOBS(ImportSettings, ignore, .def = "",
          .help = "labels and UUIDs of file systems that are no cards, and are not touched"),
    DIRPATHS(ImportSettings, copy_to,
             .help = "the directories that each get a copy of every file, at most 16"),
    TEXT(ImportSettings, name, .def = "{day:%Y/%Y-%m-%d|undated}/{camera}-{shot}.{ext}",
         .help = "the template of a file's name in these directories; it ends in {ext}, for which "
                 "each file of a shot has what its own name ends in"),
    CLOCK(ImportSettings, day_starts, .def = "00:00",
          .help = "when a new {day} begins: with 04:00, what was taken before four belongs to the "
                  "day before; {taken} is never moved"),
    RANKING(ImportSettings, order, .def = "{ protected, rated, jpeg, newest }", .choices = orders,
            .help = "what is copied first; the first word decides before the second"),
    CHOICE(ImportSettings, other, .def = "copy", .choices = others,
           .help = "what becomes of films, and of files of no known kind"),
    CHOICE(ImportSettings, verify, .def = "copies", .choices = verifications,
           .help = "how copies are proved"),
    INT(ImportSettings, safe_copies, .def = "2", .min = 1, .max = 16,
        .help = "on how many different physical disks a proved copy of each file must be before "
                "the card is safe to format"),
    CHOICE(ImportSettings, manifest, .def = "ascmhl", .choices = manifests,
           .help = "which list of the files and their digests each directory gets"),
    CHOICE(ImportSettings, duplicates, .def = "skip", .choices = duplicates,
           .help = "what becomes of a file whose content was copied before, from any card and "
                   "under any name"),
    TEXT(ImportSettings, then, .def = "",
         .help =
             "the name of a folder that gets each shot with a picture or RAW, once, as a hard link "
             "in its path: that must be on the file system of the first directory of copy_to; the "
             "copy there stays, "
             "whatever `originals` says"),
    BOOL(ImportSettings, eject, .def = "yes",
         .help = "whether the card is ejected at the end, so that it may be pulled"),
    BYTES(ImportSettings, min_free, .def = "16MB", .min = 0,
          .help = "space that stays free in each of these directories; a card that does not fit "
                  "waits before its first file is copied"),
    { 0 },
};

const Param camera_settings[] = {
    TEXT(CameraSettings, serial,
         .help = "its serial number, as the metadata of its pictures says it"),
    TEXT(CameraSettings, clock, .def = "",
         .help = "what has to be added to its clock, as \"+1min 12s\" or \"-1h\"; the file is not "
                 "changed, only {taken} and {day} are"),
    TEXT(CameraSettings, owner, .def = "",
         .help = "what {owner} is for its pictures; without it, what they say themselves"),
    { 0 },
};
