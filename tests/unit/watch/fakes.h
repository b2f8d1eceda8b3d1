/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fakes.h - the watcher's surroundings, as a test wants them: an intake that remembers what
 * it was offered, a journal and a health that remember their calls. */
#pragma once

#include "daemon/folders/health.h"
#include "daemon/journal/journal.h"
#include "daemon/ledger/intake.h"
#include "daemon/settings/snapshot.h"
#include "daemon/watch/watch.h"
#include "tests/unit/check.h"

typedef struct Completion {
    char *folder;
    char *source;
    FileId id;
    uint64_t hash; /* of the content, read through the descriptor that came with the offer */
} Completion;

Intake *fake_intake_new(void);
void fake_intake_free(Intake *intake);

/* How many offers there were; of this source when it isn't NULL. Any thread. */
int fake_offers(Intake *intake, const char *source);

/* The last offer of source; false when there was none. The texts stay the intake's. */
bool fake_offer(Intake *intake, const char *source, Completion *offer);

/* The offer at this position, from 0; false behind the last. The texts stay the intake's. */
bool fake_offer_at(Intake *intake, int index, Completion *offer);

/* From now on the same file again, or the same content touched, is no offer: as intake.h says. */
void fake_intake_remembers(Intake *intake);

/* The position of the first offer of source, from 0; -1. */
int fake_offer_index(Intake *intake, const char *source);

/* The next `count` offers are refused with this kind of error. */
void fake_intake_refuses(Intake *intake, int count, ErrorKind kind);

/* The next `count` flushes put something off, as for a file in progress. */
void fake_flush_puts_off(Intake *intake, int count);

/* While it is shut, an offer (and with it the watcher's thread) waits; fake_shut_waits() says
 * whether one does. */
void fake_intake_shut(Intake *intake, bool shut);
bool fake_shut_waits(Intake *intake);

/* The next offer of this folder waits, and with it the folder's thread; those after it do not.
 * NULL: it waits no more. fake_is_held() says whether one waits. */
void fake_intake_holds(Intake *intake, const char *folder);
bool fake_is_held(Intake *intake);

/* Each offer takes this long. */
void fake_intake_delay(Intake *intake, int us);

/* Whether `source` is a part of a picture, or is held for one. Any thread. */
bool fake_has_part(Intake *intake, const char *source);

/* From now on every picture that was flushed has ended, or is queued again. */
void fake_intake_finishes(Intake *intake, bool finishes);

/* How many offers were not flushed yet. */
int fake_unflushed(Intake *intake);

/* How often it was asked whether it knows a file. */
int fake_asked(Intake *intake);

/* How often the moves of originals below this directory were to be tried again. Any thread. */
int fake_retries(Intake *intake, const char *path);

/* Times an event was logged, with this source or reason where they aren't NULL. Any thread. */
int fake_logged(EventId id, const char *source, const char *reason);
void fake_journal_clear(void);

/* A snapshot with the folder `name` at `path`, and another one when `other` isn't NULL. */
Settings *fake_settings(const char *name, const char *path, const char *other,
                        const char *other_path);

uint64_t fake_hash(int fd);
