/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* imports.h - the imports and cameras of a profiles document: what a file that is imported is
 * called, and which media are. Read by profiles_read(); one set for the process. One thread. */
#pragma once

#include "actions/import_name.h"
#include "config/conf.h"

typedef struct KnownImport {
    char *title;
    char *name, *when; /* as they are written; when: "" for none */
    int day_starts;    /* minutes after midnight */
    Template *template;
    Formula *fits;  /* of `when`; NULL: none */
    Error *failure; /* why it cannot be used; NULL: it can */
} KnownImport;

typedef struct KnownCamera {
    char *title;
    char *serial, *clock, *owner; /* clock, owner: "" for none */
    CalendarShift shift;          /* of `clock` */
} KnownCamera;

/* The settings of their blocks. */
extern const Param import_params[], camera_params[];

/* Reads a block, and appends its errors. */
void imports_add(const ConfNode *node, GPtrArray *errors);
void cameras_add(const ConfNode *node, GPtrArray *errors);

/* Forgets all of them. */
void imports_forget(void);

/* NULL: none of this title, or that serial number; borrowed. */
const KnownImport *imports_find(const char *title);
const KnownCamera *cameras_find(const char *serial);
