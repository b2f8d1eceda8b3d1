/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/letters.h"

bool letters_are_blank(const char *words)
{
    while (*words && !g_unichar_isgraph(g_utf8_get_char(words)))
        words = g_utf8_find_next_char(words, NULL);
    return !*words;
}

bool letters_are_few(const char *words, Error **err)
{
    glong count = g_utf8_strlen(words, -1);

    return count <= LETTERS_MAX ||
           error_set(err, ERROR_PICTURE, "shorten it, or leave that value out of the text",
                     "%ld letters are more than the %d that a text may have", count, LETTERS_MAX);
}

VipsImage *letters_cover(const char *words, const char *font, double size,
                         const LettersLines *lines)
{
    char digits[G_ASCII_DTOSTR_BUF_SIZE];
    g_autofree char *escaped = lines->markup ? g_strdup(words) : g_markup_escape_text(words, -1);
    g_autofree char *sized = g_strdup_printf(
        "%s %spx", font, g_ascii_formatd(digits, sizeof(digits), "%.2f", MAX(1, size)));
    VipsImage *out = NULL;

    return vips_text(&out, escaped, "font", sized, "width", lines->width, "align", lines->align,
                     "wrap", VIPS_TEXT_WRAP_WORD_CHAR, NULL)
               ? NULL
               : out;
}
