/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* story.h - the history, line by line, and its digest. */
#pragma once

#include <stdint.h>
#include <stdio.h>

extern FILE *story;           /* where lines go; NULL: nowhere */
extern uint64_t story_digest; /* of all lines, points and picks so far */

void story_reset(void);
void story_mix(uint64_t value); /* into the digest alone */

/* "  12.345 s  sender: drops p001.jpg": a line for people, no newline at its end. It is also what
 * the digest is made of, so it must have no address and no real time. */
void tell(const char *format, ...) __attribute__((format(printf, 1, 2)));
