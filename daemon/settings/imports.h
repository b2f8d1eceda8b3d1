/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* imports.h - what `import "NAME" { ... }` and `camera "NAME" { ... }` say: which cards are copied,
 * where to, under which names, and what has to be proved. A part of the immutable snapshot. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum ImportFrom {
    IMPORT_FROM_CARDS, /* removable media with pictures, as they appear */
    IMPORT_FROM_PTP,   /* cameras at a USB port */
    IMPORT_FROM_PATH,  /* the directory Import.path */
} ImportFrom;

/* What becomes of films, and of files that are of no known kind. */
typedef enum ImportOther { IMPORT_OTHER_COPY, IMPORT_OTHER_LEAVE } ImportOther;

typedef enum ImportVerify {
    IMPORT_VERIFY_SIZE,   /* a copy has the size of its file: nothing is ever proved */
    IMPORT_VERIFY_COPIES, /* each copy is read back from its disk */
    IMPORT_VERIFY_ALL,    /* and the card is read twice */
} ImportVerify;

typedef enum ImportManifest {
    IMPORT_MANIFEST_NONE,
    IMPORT_MANIFEST_ASCMHL,
    IMPORT_MANIFEST_SHA256,
} ImportManifest;

typedef enum ImportDuplicates { IMPORT_DUPLICATES_SKIP, IMPORT_DUPLICATES_COPY } ImportDuplicates;

/* By what files are sorted, the first one first. */
typedef enum ImportOrder {
    IMPORT_ORDER_PROTECTED, /* those that the camera protects before others */
    IMPORT_ORDER_RATED,     /* more stars first */
    IMPORT_ORDER_JPEG,      /* finished pictures before RAW, RAW before all else */
    IMPORT_ORDER_NEWEST,
    IMPORT_ORDERS
} ImportOrder;

/* The name of an import that the configuration does not describe. */
#define IMPORT_BY_HAND "by hand"

typedef struct Import {
    char *name; /* its title; unique among imports */
    ImportFrom from;
    char *path;     /* of IMPORT_FROM_PATH, absolute; else NULL */
    char *when;     /* a template's text with a formula, "{matches(label, 'EOS*')}"; NULL: any card
                       with DCIM, PRIVATE, MP_ROOT or M4ROOT on a removable medium */
    char **ignore;  /* patterns of UUIDs and labels of media that are no cards; NULL ends it */
    char **copy_to; /* directories, absolute, one or more; NULL ends it */
    char *pattern;  /* `name`: a template of a path that ends in {ext} */
    int day_starts; /* minutes after midnight, 0 to 1439 */
    ImportOrder order[IMPORT_ORDERS];
    unsigned orders; /* how many of these are said */
    ImportOther other;
    ImportVerify verify;
    unsigned safe_copies; /* 1 or more, on so many physical disks */
    ImportManifest manifest;
    ImportDuplicates duplicates;
    char *then; /* the name of a folder; NULL: none */
    bool eject;
    int64_t min_free; /* bytes that stay free in each of copy_to */
    char *file;       /* where it is written; NULL: on the command line */
    int line;
    int name_line, when_line, then_line; /* of these settings; `line` where one is not written */
} Import;

typedef struct Camera {
    char *name;   /* its title, which {camera} is for its pictures */
    char *serial; /* as the metadata of its pictures says it */
    char *clock;  /* what to add to its clock, as shift_time reads it; NULL: nothing */
    char *owner;  /* NULL: what its pictures say */
    char *file;
    int line;
} Camera;

void import_free(Import *import);
void camera_free(Camera *camera);
