/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* import_text.h - a card and its import in words, for people. Pure functions; every text is newly
 * allocated. */
#pragma once

#include "daemon/import/catalog.h"

/* "213 of 512". */
char *import_text_count(const CardRecord *record);

/* "213 of 512, 41 MB/s, /srv/cards, /mnt/backup", without what is not known: bytes_per_s 0. When
 * all is copied: "512 of 512, copies are read back, ...". */
char *import_text_progress(const CardRecord *record, double bytes_per_s);

/* A time as a day of the last week and the time: "today 14:02", "Saturday 14:02"; or
 * "2024-05-01 14:02". */
char *import_text_when(int64_t wall_ms, int64_t now_ms);

/* "imported on Saturday 14:02: 512 of 512, SAFE; nothing new". */
char *import_text_known(const CardRecord *record, int64_t now_ms);

/* "may be pulled", or "do not pull: it is being read". */
char *import_text_pull(const CardRecord *record);

/* What is known of it now: the progress, why it is held, or the verdict. */
char *import_text_state(const CardRecord *record, int64_t now_ms);
