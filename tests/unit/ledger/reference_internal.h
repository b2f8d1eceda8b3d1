/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For the files of the reference only. */
#pragma once

#include "tests/unit/ledger/reference.h"

/* The index of a folder. */
int reference_folder(const char *name);

ReferenceRow *reference_at(const Reference *reference, guint index);

/* folder NULL: any. */
bool reference_is_in(const ReferenceRow *row, const char *folder);

/* A content that is queued, failing or failed is claimed by no row. */
void reference_set_state(ReferenceRow *row, LedgerState state);

void reference_set_why(ReferenceRow *row, const Error *why);

/* At once, as when it arrived. */
void reference_queue_first(ReferenceRow *row);

/* It is no longer taken. */
void reference_give_back(ReferenceRow *row);

void reference_make_history(ReferenceRow *row);
ReferenceRow *reference_add_row(Reference *reference, const char *folder, const char *source,
                                const FileId *file, Sequence sequence);

/* As a comparison for a sort says it. */
int reference_compare(int64_t a, int64_t b);
