/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/value.h"

void value_clear(Value *value)
{
    g_free(value->text);
    g_strfreev(value->list);
    if (value->date)
        g_date_time_unref(value->date);
    *value = (Value){ .missing = true };
}

void value_copy(Value *to, const Value *from)
{
    *to = *from;
    to->text = g_strdup(from->text);
    to->list = g_strdupv(from->list);
    to->date = from->date ? g_date_time_ref(from->date) : NULL;
}

unsigned value_column(const char *text, unsigned column, const char *at)
{
    for (; text < at; text++)
        column += ((unsigned char) *text & 0xC0) != 0x80; /* the first byte of a character */
    return column;
}

const char *value_type_text(ValueType type)
{
    static const char *const texts[] = {
        [VALUE_NUMBER] = "a number",      [VALUE_TEXT] = "a text", [VALUE_TRUTH] = "yes or no",
        [VALUE_LIST] = "a list of texts", [VALUE_DATE] = "a date",
    };

    return texts[type];
}
