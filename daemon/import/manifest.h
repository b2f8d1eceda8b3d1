/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* manifest.h - writes down beside the copies what they are, for programs that are not ours: ASC MHL
 * (a generation for each card in ascmhl/), or a file for `sha256sum -c` (in _cards/). What was
 * written is read back. Imports into the same destination take turns. Any thread, but it may wait
 * as long as the destination does not respond. */
#pragma once

#include "daemon/files/content.h"
#include "daemon/import/medium.h"
#include "daemon/settings/imports.h"

typedef struct ManifestFile {
    const char *name; /* relative to the destination; bytes */
    const Content *content;
    int64_t mtime_ns;
    const char *taken;     /* by the camera's clock: as in ShotFacts; NULL: not known */
    const char *corrected; /* the same after the correction; NULL: none */
} ManifestFile;

typedef struct Manifest {
    ImportManifest kind;
    const char *card; /* as in the names of files: "2024-05-01_EOS_DIGITAL_1234-ABCD" */
    int64_t wall_ms;  /* when the import began */
    const ManifestFile *files;
    guint count;
    const char *report;       /* the text of report.txt */
    const volatile int *stop; /* not 0: waits for no other import any more; NULL: waits */
} Manifest;

/* How long an import waits for its turn: another one may hang there. */
enum { MANIFEST_TURN_MS = 120000 };

/* The digests that a kind of manifest needs: of ContentDigests. */
unsigned manifest_digests(ImportManifest kind);

/* Writes the manifest and _cards/CARD/report.txt below `destination`, on disk, and reads them back.
 * `path`, newly allocated, is the manifest's, relative to the destination; NULL for none. */
bool manifest_write(const char *destination, const Medium *medium, const Manifest *manifest,
                    char **path, Error **err);

/* Whether a directory has a manifest. */
bool manifest_is_there(const char *destination);

/* Every file that the manifests of a destination name: `found` is called with what the newest one
 * that names it says (xxh128 or sha256, the others ""). For `hotfolder import verify DIR`, without
 * any ledger, years later. False with *err where there is no manifest, or one is damaged. */
bool manifest_read(const char *destination, void (*found)(void *user, const ManifestFile *file),
                   void *user, Error **err);
