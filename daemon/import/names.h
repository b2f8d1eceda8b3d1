/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* names.h - what the metadata of a shot says, and the name that an import's template makes of it.
 *
 * Both are a worker's work, in its sandbox: it gets open files. It is started with the snapshot's
 * document, in which imports and cameras stand (worker/profile.h); it crashes for a picture's
 * sake without harm: that shot then has no metadata, and a note. One thread at a time. */
#pragma once

#include "daemon/import/card.h"
#include "daemon/process/process.h"
#include "daemon/settings/snapshot.h"

typedef struct Namer Namer;

/* What a name may say beside the metadata. Both are copied. */
typedef struct NameWords {
    const char *card;       /* {card}: label, else UUID, of the medium; "" for none */
    const char *assignment; /* {assignment}; NULL: none */
} NameWords;

/* Takes a reference of `settings`. `import` is one of its imports, and borrowed, as is `worker`,
 * which may run already, with these settings; NULL: it gets one of its own. */
Namer *namer_new(Settings *settings, const Import *import, const NameWords *words, Process *worker);
void namer_free(Namer *namer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Namer, namer_free)

/* Whether the import's `when` fits the medium. Without a `when`: whether it is removable; the
 * caller looks for DCIM. False with *err where it cannot be computed. */
bool namer_fits(Namer *namer, const Medium *medium, bool *fits, Error **err);

/* Whether a name of this import needs the metadata of all shots: {seq.card} is in it. */
bool namer_needs_numbers(const Namer *namer);

/* Reads the metadata of a shot into shot->facts. `main_fd` is its first file, open for reading, or,
 * where that is of no kind that has metadata, a THM of it, or -1; `xmp_fd` the XMP file of it, or
 * -1. Both stay the caller's. False with *err where no worker can be started (ENVIRONMENT); a
 * picture that cannot be read is no error, but a note in its facts. */
bool namer_read(Namer *namer, CardShot *shot, int main_fd, int xmp_fd, Error **err);

/* Sets shot->stem, by its facts and its number: what the template makes of it, without the tail
 * that each file has. Its last part has room for a tail of 16 bytes and a suffix of 9. A value that
 * is missing, and has no |, is "unknown" in it, {shot} the whole stem of the file: what cannot be
 * named would not be copied. False with *err of kind CONFIG where the import's `name` cannot be
 * used; ENVIRONMENT where no worker can be started. */
bool namer_name(Namer *namer, CardShot *shot, int main_fd, int xmp_fd, Error **err);
