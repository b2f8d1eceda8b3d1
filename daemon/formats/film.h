/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* film.h - when a film was taken, as its container says it: QuickTime and MP4, which is of it.
 *
 * The key com.apple.quicktime.creationdate has the time of the place and its offset from UTC. The
 * movie header (mvhd) counts seconds in UTC, by its specification; a camera that does not know its
 * zone writes what its clock shows there. 0, and what is before 1970, is no date. Any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { FILM_DATE_BYTES = 40 };

typedef struct FilmDate {
    char text[FILM_DATE_BYTES]; /* of the key: "2024-05-01T12:00:00+0200"; "": there is none */
    int64_t utc_s;              /* of the header, since 1970; 0: there is none */
} FilmDate;

/* Reads the film open as fd, whose offset stays, but for its pictures and sound. False: it is none,
 * or says no date. */
bool film_read_date(int fd, FilmDate *date);
