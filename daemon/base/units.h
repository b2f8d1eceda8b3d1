/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* units.h - durations and sizes as people write them: "250ms", "2s", "10min", "1h", "30d"; "100KB",
 * "2GB". Any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Reads `text` as milliseconds, never negative. Returns NULL, or what is wrong with it: static, to
 * follow "quiet = 2: ". A number without a unit is wrong, except 0. */
const char *units_read_duration(const char *text, int64_t *ms);

/* Reads `text` as bytes in the same way: B, KB, MB, GB, TB, powers of 1024. */
const char *units_read_bytes(const char *text, int64_t *bytes);

/* In the largest unit that shows it exactly: "90s", "10min", "1500ms"; "20MB". Newly allocated. */
char *units_duration_text(int64_t ms);
char *units_bytes_text(int64_t bytes);

/* Rounded, for people: "66.8MB". Newly allocated. */
char *units_bytes_rounded(int64_t bytes);

/* Reads a plain decimal number; *rest is what follows it and blanks. No hex, nan or inf, which
 * strtod would accept. */
bool units_read_number(const char *text, double *number, const char **rest);
