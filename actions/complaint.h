/* complaint.h - what is said on GLib's log about the picture in work, where no error says it.
 *
 * Each is the first of its kind since complaint_forget(). Any thread may complain. */
#pragma once

#include <stdbool.h>

/* What `domain` ("Pango", "VIPS") warns of; other domains are of no interest. */
void complaint_note(const char *domain, const char *message);
void complaint_forget(void);

/* Pango's: it goes on without a font that it cannot use, and returns no error. Newly allocated;
 * NULL: none. */
char *complaint_of_text(void);

/* libvips' own: now and then all that is told about a damaged picture. Likewise. */
char *complaint_of_decoder(void);
