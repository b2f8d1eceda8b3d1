/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/heif_check.h"

#include <aom/aom_decoder.h>
#include <aom/aomdx.h>
#include <libde265/de265.h>
#include <string.h>

#include "actions/damage.h"
#include "actions/heif_data.h"

/* ---- HEVC ---- */

typedef struct Units {
    const unsigned char *at;
    size_t left;
} Units;

/* The next number of `size` bytes; false where they are not there. */
static bool number(Units *units, unsigned size, size_t *value)
{
    if (units->left < size)
        return false;
    *value = 0;
    for (unsigned i = 0; i < size; i++)
        *value = *value << 8 | units->at[i];
    units->at += size;
    units->left -= size;
    return true;
}

/* Hands the next NAL unit, after its length of `size` bytes, to the decoder. */
static bool push_unit(de265_decoder_context *decoder, Units *units, unsigned size)
{
    size_t length = 0;

    if (!number(units, size, &length) || length > units->left)
        return false;
    if (de265_push_NAL(decoder, units->at, (int) length, 0, NULL) != DE265_OK)
        return false;
    units->at += length;
    units->left -= length;
    return true;
}

/* The parameter sets in hvcC (ISO/IEC 14496-15). */
static bool push_config(de265_decoder_context *decoder, const GByteArray *config, unsigned *size)
{
    enum { AT_LENGTH_SIZE = 21, AT_ARRAYS = 22 };
    Units units = { config->data + AT_ARRAYS, config->len - AT_ARRAYS };
    size_t arrays = 0, type = 0, count = 0;

    *size = (config->data[AT_LENGTH_SIZE] & 3U) + 1;
    for (number(&units, 1, &arrays); arrays; arrays--) {
        if (!number(&units, 1, &type) || !number(&units, 2, &count))
            return false;
        for (; count; count--)
            if (!push_unit(decoder, &units, 2))
                return false;
    }
    return true;
}

/* Warnings that the data is damaged; others are about what the decoder cannot do. */
static bool is_about_damage(de265_error warning)
{
    return warning == DE265_WARNING_PREMATURE_END_OF_SLICE_SEGMENT ||
           warning == DE265_WARNING_EOSS_BIT_NOT_SET ||
           warning == DE265_WARNING_CTB_OUTSIDE_IMAGE_AREA ||
           warning == DE265_WARNING_INCORRECT_ENTRY_POINT_OFFSET ||
           warning == DE265_WARNING_SLICEHEADER_INVALID;
}

static bool decodes_cleanly(de265_decoder_context *decoder)
{
    bool clean = true;
    int more = 1;

    de265_flush_data(decoder);
    while (more) {
        if (de265_decode(decoder, &more) != DE265_OK)
            break;
        while (de265_get_next_picture(decoder))
            ;
    }
    for (de265_error warning = de265_get_warning(decoder); warning != DE265_OK;
         warning = de265_get_warning(decoder))
        clean = clean && !is_about_damage(warning);
    return clean;
}

/* What the filters do to the pixels says nothing about the data. */
static bool is_whole_hevc(const HeifData *data)
{
    enum { CONFIG_MIN = 23 };
    de265_decoder_context *decoder = de265_new_decoder();
    Units units = { data->data->data, data->data->len };
    unsigned size = 0;
    bool whole = true;

    if (!decoder)
        return true;
    de265_set_parameter_bool(decoder, DE265_DECODER_PARAM_DISABLE_DEBLOCKING, 1);
    de265_set_parameter_bool(decoder, DE265_DECODER_PARAM_DISABLE_SAO, 1);
    if (data->config->len >= CONFIG_MIN && push_config(decoder, data->config, &size)) {
        while (whole && units.left)
            whole = push_unit(decoder, &units, size);
        whole = whole && decodes_cleanly(decoder);
    }
    de265_free_decoder(decoder);
    return whole;
}

/* ---- AV1 ---- */

static bool is_whole_av1(const HeifData *data)
{
    const aom_codec_dec_cfg_t config = { .threads = 1, .allow_lowbitdepth = 1 };
    aom_codec_ctx_t decoder;

    if (aom_codec_dec_init(&decoder, aom_codec_av1_dx(), &config, 0) != AOM_CODEC_OK)
        return true;
    aom_codec_err_t error = aom_codec_decode(&decoder, data->data->data, data->data->len, NULL);
    const char *detail = aom_codec_error_detail(&decoder);
    bool whole = error != AOM_CODEC_CORRUPT_FRAME &&
                 !(error != AOM_CODEC_OK && detail && strstr(detail, "decode tile data"));
    aom_codec_destroy(&decoder);
    return whole;
}

/* ---- both ---- */

typedef struct Check {
    const char *format;
    bool whole;
} Check;

static bool check(void *user, const HeifData *data, double share)
{
    Check *so_far = user;

    if (strcmp(data->type, "hvc1") == 0)
        so_far->whole = is_whole_hevc(data);
    else if (strcmp(data->type, "av01") == 0)
        so_far->whole = is_whole_av1(data);
    if (!so_far->whole)
        damage_report(so_far->format, share > 0 ? DAMAGE_DATA : DAMAGE_FIT, 0, share);
    return so_far->whole;
}

bool heif_check(int fd, const char *format)
{
    Check so_far = { format, true };

    heif_data_each(fd, check, &so_far);
    return so_far.whole;
}
