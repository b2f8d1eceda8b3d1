/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* damage.h - what is known of a picture that cannot be read, or of which a part is missing.
 *
 * The loader reports it where it meets it, deep in libvips, and fails; libvips_error() takes it
 * into the error that reaches the user. Only the first report about a picture counts. Reported and
 * taken by whichever thread runs libvips at the time; two pictures never at once. */
#pragma once

#include <stdbool.h>

/* More bytes before a marker of a JPEG, which its data has not used, are damage: some cameras write
 * a few. */
enum { DAMAGE_SPARE_MAX = 8 };

typedef enum DamageKind {
    DAMAGE_NONE,
    DAMAGE_END,  /* the data ends early */
    DAMAGE_DATA, /* a part of it is no code of the format */
    DAMAGE_HOLE, /* a part of it is zeros, where no encoder writes them */
    DAMAGE_FIT,  /* some is left over, at the end: an unknown part of it is damaged */
} DamageKind;

/* Forgets what is known of the previous picture. */
void damage_forget(void);

/* Reports damage that shows behind `share` (0 to 1) of the rows, in scan number `scan` of a picture
 * with several; 0: it has one. `format` is a word for people. */
void damage_report(const char *format, DamageKind kind, int scan, double share);

/* Reports that the picture is of a kind that is not read: `what` (taken over) says which, `fix` (a
 * literal) what to export instead. */
void damage_refuse(char *what, const char *fix);

/* Reports that it was the source which could not be read, for what reason ever. */
void damage_note_source(void);

/* Whether that was reported. */
bool damage_is_of_source(void);

/* The sentence about it, newly allocated, and what to do; NULL: nothing was reported. It is
 * forgotten then. */
char *damage_take(const char **fix);
