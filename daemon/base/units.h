/* units.h - times and sizes as people write them: "250ms", "2s", "10min", "1h", "30d"; "100KB",
 * "2GB". */
#pragma once

#include <stdint.h>

/* Milliseconds of `text`. Returns NULL, or what is wrong with it: static, as it goes on after
 * "quiet = 2: ". A bare number is wrong, but 0. Never negative. */
const char *units_duration(const char *text, int64_t *ms);

/* Bytes of `text`: B, KB, MB, GB, TB, powers of 1024. Likewise. */
const char *units_bytes(const char *text, int64_t *bytes);

/* In the largest unit that shows it exactly: "90s", "10min", "1500ms"; "20MB". Newly allocated. */
char *units_duration_text(int64_t ms);
char *units_bytes_text(int64_t bytes);

/* Near enough for people: "66.8MB". Newly allocated. */
char *units_bytes_about(int64_t bytes);
