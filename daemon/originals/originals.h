/* originals.h - what happens to an original when its picture is finished, or failed. */
#pragma once

#include "daemon/originals/original.h"

/* A directory done/, failed/ or trash/ of somebody who is neither the folder's owner nor trusted
 * anyhow is not used, nor one below it: ERROR_SETUP. Where the folder is sticky, what is made below
 * them is, too.
 *
 * Keeps it, moves it to done/ or to the trash, as folder->originals says. *gone: it is no longer at
 * its place (moved now or before, or replaced by another file, which is left alone). */
bool retire_finished(const Retiring *retiring, bool *gone, Error **err);

/* Moves it to failed/, with NAME.txt beside it that says what, where, and how to fix it. The text
 * is there, whole and on disk, when this succeeds. */
bool retire_failed(const Retiring *retiring, int attempts, const Error *why, bool *gone,
                   Error **err);
