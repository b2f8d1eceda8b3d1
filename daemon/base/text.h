/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* text.h - text for people: shows bytes safely, guesses the word that was meant, wraps lines. Any
 * thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* `bytes` as UTF-8 that is safe to show and to keep on one line, newly allocated: control
 * characters, broken UTF-8 and characters that turn the direction of writing become \xNN, and so
 * does the backslash of what looks like that already. */
char *text_escape(const char *bytes);

/* The same of a sentence that may quote what is escaped already, which stays as it is. */
char *text_escape_sentence(const char *bytes);

/* The bytes that text_escape() has made `text` of, newly allocated; NULL where it names byte 0. */
char *text_unescape(const char *text);

/* `bytes` as one word of a command that a person can give a shell, newly allocated: in quotes where
 * it needs them, and as $'...' where it cannot be shown. */
char *text_shell_word(const char *bytes);

/* The same as text_escape(), cut to at most `most` characters with "..." where it is longer. */
char *text_shorten(const char *bytes, size_t most);

/* The same for the value of a setting: an empty one is shown as "". */
char *text_value(const char *bytes, size_t most);

/* Latin-1 as UTF-8, newly allocated; with the quotes and dashes that Windows has there (1252). By
 * hand: iconv() opens a file for each character set, which a confined process cannot. */
char *text_from_latin1(const char *bytes, size_t length);

/* The first `most` bytes of a text that has more, or a few less: how many there are without cutting
 * a character. Bytes that are no UTF-8 are cut anywhere. */
size_t text_cut(const char *bytes, size_t most);

/* The word of `words` (NULL ends it) that `word` was most likely meant to be: at most two typing
 * errors away, and with less than half of its letters wrong. Borrowed; NULL if none is near. */
const char *text_closest(const char *word, const char *const *words);

/* Whether `word` is `ours`, one of our words, also in American spelling: color, center, gray. */
bool text_is_word(const char *ours, const char *word);

/* Whether `words`, with spaces between them, has `word`, in any case and also in American spelling;
 * spaces, hyphens, underscores and colons in a word are one. `words` may be NULL. */
bool text_has_word(const char *words, const char *word);

/* Typing errors between two words: letters added, left out, changed, or two swapped. SIZE_MAX for
 * words of more than 64 bytes. */
size_t text_distance(const char *a, const char *b);

/* `text` broken at spaces into lines of at most `width` columns, each after `indent` spaces, with a
 * final newline; newly allocated. A word that is longer has a line of its own. */
char *text_wrap(const char *text, size_t indent, size_t width);
