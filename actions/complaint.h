/* complaint.h - what is said on GLib's log about the picture in work, where no error says it.
 *
 * Each is the first of its kind since complaint_forget(). Any thread may complain. */
#pragma once

#include <stdbool.h>

/* What `domain` ("Pango", "VIPS", "GLib-GObject") warns of; other domains are of no interest. */
void complaint_note(const char *domain, const char *message);
void complaint_forget(void);

/* Pango's: it goes on without a font that it cannot use, and returns no error. Newly allocated;
 * NULL: none. */
char *complaint_of_text(void);

/* libvips' own: now and then all that is told about a damaged picture. Likewise. */
char *complaint_of_decoder(void);

/* GLib's: a width that libvips cannot count (more than 10,000,000) is refused like this, and goes
 * on as 1. Likewise. */
char *complaint_of_size(void);
