/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "formats/tiff.h"

#include <glib.h>

TiffLayout tiff_layout(const unsigned char *header)
{
    bool big_endian = header[0] == 'M';
    bool big_tiff = header[big_endian ? 3 : 2] == '+';

    return (TiffLayout){ .big_endian = big_endian,
                         .word = big_tiff ? 8 : 4,
                         .count = big_tiff ? 8 : 2,
                         .entry = big_tiff ? 20 : 12 };
}

uint64_t tiff_number(const TiffLayout *layout, const unsigned char *p, unsigned length)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < length; i++)
        value = value << 8 | p[layout->big_endian ? i : length - 1 - i];
    return value;
}

uint64_t tiff_first_directory(const TiffLayout *layout, const unsigned char *header)
{
    return tiff_number(layout, header + layout->word, layout->word);
}

unsigned tiff_type_size(uint64_t type)
{
    static const unsigned char sizes[] = {
        0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8
    };

    return type < G_N_ELEMENTS(sizes) ? sizes[type] : 0;
}
