/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* scd.h - texts of tables as scdoc(5) wants them. */
#pragma once

/* `text` with what scdoc gives a meaning escaped, and `code` in bold; newly allocated. */
char *scd_text(const char *text);

/* The same as a sentence: with a capital letter and a full stop. */
char *scd_sentence(const char *text);

/* Prints `text` as a literal block, each line behind `indent`. */
void scd_literal(const char *text, const char *indent);
