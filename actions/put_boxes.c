/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/put_boxes.h"

#include <string.h>

void put_number(GByteArray *to, uint64_t value, unsigned size)
{
    for (unsigned i = size; i-- > 0;) {
        unsigned char byte = (unsigned char) (value >> 8 * i);
        g_byte_array_append(to, &byte, 1);
    }
}

void put_bytes(GByteArray *to, GBytes *bytes)
{
    g_byte_array_append(to, g_bytes_get_data(bytes, NULL), (unsigned) g_bytes_get_size(bytes));
}

unsigned put_box_begin(GByteArray *to, const char *type)
{
    unsigned at = to->len;

    put_number(to, 0, 4);
    g_byte_array_append(to, (const unsigned char *) type, 4);
    return at;
}

void put_box_end(GByteArray *to, unsigned at)
{
    uint32_t size = GUINT32_TO_BE(to->len - at);

    memcpy(to->data + at, &size, sizeof(size));
}
