/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* card.h - what is on a card: every file of it, and the shots that these are.
 *
 * A listing opens no file, and follows no link. It leaves out what no camera makes: what systems
 * leave (the bins .Trash*, $RECYCLE.BIN and RECYCLER, .Spotlight-V100, .fseventsd, System Volume
 * Information, __MACOSX, .TemporaryItems; the files ._*, .DS_Store, Thumbs.db, desktop.ini), what a
 * phone has deleted (.trashed-*), thumbnails that the pictures have in themselves (.thumbnails,
 * THMBNL of an M4ROOT), and our own temporary files. A directory with .nomedia is left out with all
 * below it, but for the root, DCIM and its direct children, and PRIVATE, MP_ROOT and M4ROOT with
 * what is in them: there lies what cameras and phones take, and a person who hides an album of it
 * wants it out of a gallery, not lost. All else is taken, also what is of no known kind: to copy a
 * thumbnail costs less than to lose a photo. What is left out is counted, so that a verdict names
 * it. One thread at a time. */
#pragma once

#include "daemon/files/content.h"
#include "daemon/files/shot.h"
#include "daemon/import/medium.h"
#include "daemon/settings/imports.h"

typedef struct CardShot CardShot;

typedef struct CardFile {
    char *path; /* below the card's root; bytes */
    int64_t size;
    int64_t mtime_ns;   /* since 1970, as the file system says */
    int64_t changed_ms; /* of its content, name or rights, as wall ms; 0: such a file system, as
                           FAT, does not know it */
    bool is_protected;  /* its owner may not write it: the camera's protection */
    bool is_left;       /* by `other = leave`: it is named in the verdict, and not copied */
    ShotKind kind;      /* SHOT_NONE: of no known kind */
    CardShot *shot;     /* borrowed; NULL: it is left */
    const char *tail;   /* the end of path behind the shot's stem, which its name in a destination
                           gets, too: ".JPG", ".NEF.xmp", "M01.XML", ".LRV"; "" for none; borrowed */
    char *handle; /* of a camera's file: what the program that reads the camera calls it; NULL */
} CardFile;

/* The metadata of a shot, as far as an import needs it: names.h reads it. */
typedef struct ShotFacts {
    bool is_read;      /* the metadata was looked at; of unknown files that is never */
    bool is_dated;     /* the next five are known */
    int64_t taken_s;   /* what the camera's clock showed, corrected, as seconds since 1970 in UTC */
    int32_t subsec_ns; /* 0 to 999999999 */
    bool is_zoned;     /* offset_s is known */
    int32_t offset_s;  /* of the camera's clock from UTC */
    char *taken;       /* "2024-05-01 12:00:00.05+02:00", as the camera wrote it; NULL */
    char *corrected;   /* the same after the correction; NULL where its camera has none */
    int rating;        /* 0 to 5; -1: rejected */
    char *camera;      /* NULL: not known */
    char *serial;      /* the same */
    char *note;        /* why the metadata could not be read; NULL: it could */
} ShotFacts;

struct CardShot {
    GPtrArray *files; /* of CardFile, borrowed, those that are copied; the first one names the shot:
                         a finished picture before a RAW before a film before all else */
    bool is_protected; /* a file of it is */
    ShotFacts facts;
    int64_t number; /* {seq.card}, from 1; 0: not drawn */
    char *stem;     /* its name in a destination, without the tail that each file has: "2024/
                       2024-05-01/NIKON Z9-0123"; NULL: not named yet */
};

typedef struct Card {
    char *root; /* a directory */
    Medium *medium;
    GPtrArray *files; /* of CardFile, by path */
    GPtrArray *shots; /* of CardShot, by the path of their first file */
    GPtrArray
        *unreadable; /* of Error: directories that cannot be listed; such a card is never safe */
    GHashTable *ignored; /* char * what they are -> guint count of files: "AppleDouble", "in the
                            recycle bin 'RECYCLER'", "symbolic link" */
    int64_t bytes;       /* of the files that are copied */
    uint64_t listing;    /* a fingerprint of all paths, sizes and times */
} Card;

/* Lists what is below `root`. `import` says what becomes of other files. Takes over `medium`.
 * Errors: ENVIRONMENT where the root itself cannot be listed; CONFIG where it is no card, as it has
 * more than a million files and directories, or more than 50 directories in each other. */
bool card_list(const char *root, Medium *medium, const Import *import, Card **card, Error **err);

/* A card without files, and a file for it, of a source that is no directory (a camera); then, once,
 * card_group() makes its shots, with its sums. */
Card *card_new(const char *root, Medium *medium);
CardFile *card_add(Card *card, const Import *import, const char *path, int64_t size,
                   int64_t mtime_ns, bool is_protected);

/* Files of one directory and one stem are a shot, whatever their kinds; of these that differ in
 * case only, each has a shot of its own. So are a film of Sony and its C0001M01.XML, a film of
 * GoPro and its small copy GL010001.LRV. With `other = leave` a shot without a finished picture or
 * a RAW is left, and is none of card->shots; films and notes that belong to a picture are not. */
void card_group(Card *card);

void card_free(Card *card);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Card, card_free)

/* Whether the card at `root` looks like one of a camera: it has DCIM, PRIVATE, MP_ROOT or M4ROOT.
 */
bool card_is_of_camera(const char *root);

/* What changed since: the first path of `now` that `before` lacks or has with another size or time;
 * borrowed, NULL: nothing new. */
const char *card_first_new(const Card *before, const Card *now);

/* The offset from UTC that most shots with one have, in seconds; 0 where none has one. */
int32_t card_usual_offset(const Card *card);

/* Orders shots by the instant at which they were taken, then by path; undated ones last. A clock
 * that does not say its offset from UTC has `usual`: to compare some of them as instants and others
 * by what their clocks showed would be no order. For {seq.card}. */
int card_compare_taken(const CardShot *a, const CardShot *b, int32_t usual);

/* Draws {seq.card} of each shot that has none yet in that order, from `first`. */
void card_number(Card *card, int64_t first);

/* The files that are copied, borrowed, in the order in which they are, shot by shot: as
 * import->order says of a shot (its first file is the finished picture, where it has one), then by
 * path. Undated shots are ordered by the times of their files, after the dated ones. Newly
 * allocated. */
GPtrArray *card_in_order(const Card *card, const Import *import);
