/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/heif_range.h"

#include <dav1d/dav1d.h>
#include <string.h>

#include "actions/heif_data.h"
#include "actions/nclx.h"

typedef struct Coded {
    bool monochrome;
    bool limited; /* AV1 says that it is */
} Coded;

static bool is_monochrome(const HeifData *data)
{
    enum { AV1_FLAGS = 2, AV1_MONOCHROME = 0x10, HEVC_CHROMA = 16, HEVC_CHROMA_MASK = 3 };
    const GByteArray *config = data->config;

    if (strcmp(data->type, "av01") == 0)
        return config->len > AV1_FLAGS && config->data[AV1_FLAGS] & AV1_MONOCHROME;
    if (strcmp(data->type, "hvc1") == 0)
        return config->len > HEVC_CHROMA && !(config->data[HEVC_CHROMA] & HEVC_CHROMA_MASK);
    return false;
}

static bool is_limited(const HeifData *data)
{
    Dav1dSequenceHeader header;

    return strcmp(data->type, "av01") == 0 && data->data->len &&
           dav1d_parse_sequence_header(&header, data->data->data, data->data->len) == 0 &&
           !header.color_range;
}

/* All tiles are coded like the first one. */
static bool look(void *user, const HeifData *data, double share G_GNUC_UNUSED)
{
    Coded *coded = user;

    coded->monochrome = is_monochrome(data);
    coded->limited = is_limited(data);
    return false;
}

bool heif_range_is_limited(int fd)
{
    Nclx nclx;
    Coded coded = { .monochrome = false };
    bool stated = nclx_read(fd, &nclx);

    if (stated && nclx.full_range)
        return false;
    heif_data_each(fd, look, &coded);
    return coded.monochrome && (stated || coded.limited);
}

bool heif_range_is_limited_alpha(int fd)
{
    Coded coded = { .limited = false };

    heif_data_each_of_alpha(fd, look, &coded);
    return coded.limited;
}
