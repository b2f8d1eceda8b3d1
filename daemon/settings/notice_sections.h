/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* notice_sections.h - the sections `notify "NAME" { ... }` and `http { ... }` of a draft. Main
 * thread. */
#pragma once

#include "daemon/settings/draft.h"

/* Reads the notices into the snapshot, after the folders, and appends errors and advice. A program
 * that others could change is an error. */
void draft_add_notices(Draft *draft);

/* The same of the page. Of a token that protects nothing there is advice. */
void draft_add_http(Draft *draft);
