/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/heif_range.h"

#include <string.h>

#include "actions/heif_data.h"
#include "actions/nclx.h"

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

/* All tiles are coded like the first one. */
static bool look(void *user, const HeifData *data, double share G_GNUC_UNUSED)
{
    *(bool *) user = is_monochrome(data);
    return false;
}

bool heif_range_is_limited(int fd)
{
    Nclx nclx = { .full_range = true };
    bool monochrome = false;

    if (!nclx_read(fd, &nclx) || nclx.full_range)
        return false;
    heif_data_each(fd, look, &monochrome);
    return monochrome;
}
