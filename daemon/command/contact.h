/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* contact.h - lays pictures out on pages: those of a contact sheet, or one before and after a
 * profile.
 *
 * Workers draw each cell, by a batch of their own, and encode the pages; this process copies the
 * cells' plain pixels to the pages, and decodes nothing. Files lie in a directory of their own (see
 * scratch.h) until contact_free(). SIGINT and SIGTERM end a batch, and are looked for between two.
 * Main thread. */
#pragma once

#include "command/batch.h"
#include "command/sheet_layout.h"

typedef struct Contact Contact;

/* Pictures whose cells are made alike. */
typedef struct ContactPictures {
    char **paths; /* files and directories, as of a batch */
    const char *caption;
    const char *config;         /* whose limits and formats count; NULL: the defaults */
    const ProfileText *prepare; /* see sheet_profiles.h; NULL: none */
    bool rare;                  /* without `config`: every format is read */
} ContactPictures;

typedef struct ContactPages {
    const char *header; /* NULL: none */
    const char *output; /* absolute; sheet_name() says how each page is called */
    bool replace;       /* files of these names are replaced */
} ContactPages;

/* `workers`: how many work at the same time; 0: as many as the configuration says. NULL with *err
 * set. */
Contact *contact_new(const SheetLayout *layout, int workers, Error **err);
void contact_free(Contact *contact);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Contact, contact_free)

/* Draws a cell for each picture, in the order in which they are found, after those of earlier
 * calls. One that fails gets a cell that says so, and is reported. False with *err set where it
 * could not go on, which is of kind CONFIG where a caption is wrong. */
bool contact_draw(Contact *contact, const ContactPictures *pictures, const BatchReporter *reporter,
                  BatchCounts *counts, Error **err);

/* How many pictures have a cell. */
unsigned contact_count(const Contact *contact);

/* Whether a signal has ended it: then *err of the call that returned false says so. */
bool contact_is_interrupted(const Contact *contact);

/* Whether the header is right, before a picture is read. False with *err of kind CONFIG. */
bool contact_check(Contact *contact, const ContactPages *pages, Error **err);

/* Lays the cells out and writes all pages, or none. Their paths are added to `names` (of char *,
 * owned). */
bool contact_write(Contact *contact, const ContactPages *pages, GPtrArray *names, Error **err);
