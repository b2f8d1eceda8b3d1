/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "notice/message.h"

#include <glib.h>
#include <string.h>

#include "base/text.h"

enum {
    PLAIN_MAX = 60,   /* characters of a subject that stays as it is: longer ones are folded */
    ENCODED_MAX = 75, /* of an encoded word: RFC 2047, 2 */
    LINE_MAX_BYTES = 990,
    DATE_BYTES = 64,
};

/* ---- the head ---- */

/* Without what ends a line, or is not seen; newly allocated. */
static char *one_line(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);

    for (char *c = valid; *c; c++)
        if (g_ascii_iscntrl(*c))
            *c = ' ';
    return g_steal_pointer(&valid);
}

static bool is_plain(const char *line)
{
    for (const char *c = line; *c; c++)
        if (!g_ascii_isprint(*c))
            return false;
    return strlen(line) <= PLAIN_MAX && !strstr(line, "=?");
}

/* One character of UTF-8, `size` bytes, as an encoded word of the kind Q has it: RFC 2047, 4.2. */
static void append_q(GString *to, const char *character, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        char c = character[i];
        if (c == ' ')
            g_string_append_c(to, '_');
        else if (g_ascii_isalnum(c) || (c && strchr("!*+-/", c)))
            g_string_append_c(to, c);
        else
            g_string_append_printf(to, "=%02X", (unsigned char) c);
    }
}

/* No character is divided between two words: RFC 2047, 5. */
static void append_encoded(GString *to, const char *line)
{
    static const char begin[] = "=?UTF-8?Q?", end[] = "?=";
    g_autoptr(GString) word = g_string_new(begin);

    while (*line) {
        const char *next = g_utf8_find_next_char(line, NULL);
        g_autoptr(GString) character = g_string_new(NULL);
        append_q(character, line, (size_t) (next - line));
        if (word->len + character->len + strlen(end) > ENCODED_MAX) {
            g_string_append_printf(to, "%s%s\n ", word->str, end);
            g_string_assign(word, begin);
        }
        g_string_append(word, character->str);
        line = next;
    }
    g_string_append_printf(to, "%s%s", word->str, end);
}

static void append_subject(GString *mail, const char *subject)
{
    g_autofree char *line = one_line(subject);

    g_string_append(mail, "Subject: ");
    if (is_plain(line))
        g_string_append(mail, line);
    else
        append_encoded(mail, line);
    g_string_append_c(mail, '\n');
}

/* Each address on a line of its own. */
static void append_to(GString *mail, const char *to)
{
    g_autofree char *line = one_line(to);
    g_auto(GStrv) addresses = g_strsplit(line, ",", -1);

    for (char **address = addresses; *address; address++)
        g_string_append_printf(mail, "%s%s%s\n", address == addresses ? "To: " : " ",
                               g_strstrip(*address), address[1] ? "," : "");
}

static void append_date(GString *mail, time_t now)
{
    char date[DATE_BYTES] = "";
    struct tm local = { 0 };

    localtime_r(&now, &local);
    strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S %z", &local); /* no locale was set */
    g_string_append_printf(mail, "Date: %s\n", date);
}

/* ---- the text ---- */

static void append_line(GString *mail, const char *line)
{
    while (strlen(line) > LINE_MAX_BYTES) {
        size_t part = text_cut(line, LINE_MAX_BYTES);
        g_string_append_len(mail, line, (gssize) part);
        g_string_append_c(mail, '\n');
        line += part;
    }
    g_string_append_printf(mail, "%s\n", line);
}

static void append_text(GString *mail, const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    g_autoptr(GString) whole = g_string_new(valid);

    g_string_replace(whole, "\r\n", "\n", 0);
    g_string_replace(whole, "\r", "\n", 0);
    if (whole->len && whole->str[whole->len - 1] == '\n')
        g_string_truncate(whole, whole->len - 1);
    g_auto(GStrv) lines = g_strsplit(whole->str, "\n", -1);
    for (char **line = lines; *line; line++)
        append_line(mail, *line);
}

char *message_write(const char *to, const char *subject, const char *text, time_t now)
{
    GString *mail = g_string_new(NULL);

    append_to(mail, to);
    append_subject(mail, subject);
    append_date(mail, now);
    g_string_append(mail, "Auto-Submitted: auto-generated\n" /* RFC 3834: no one is away */
                          "MIME-Version: 1.0\n"
                          "Content-Type: text/plain; charset=utf-8\n"
                          "Content-Transfer-Encoding: 8bit\n"
                          "\n");
    append_text(mail, text);
    return g_string_free(mail, FALSE);
}
