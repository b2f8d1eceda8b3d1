/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* raw_settings.h - how a camera's RAW becomes a picture, as a profile says it. */
#pragma once

#include <stdbool.h>

#include "config/param.h"

typedef enum RawUse { RAW_AUTO, RAW_PREVIEW, RAW_HALF, RAW_FULL } RawUse;
enum { RAW_WHITE_CAMERA, RAW_WHITE_AUTO, RAW_WHITE_DAYLIGHT };
enum { RAW_CLIP, RAW_BLEND, RAW_REBUILD };

typedef struct RawSettings {
    int use;              /* RawUse */
    int white, highlight; /* RAW_WHITE_CAMERA, ...; RAW_CLIP, ... */
    double bright;        /* a factor */
    int space;            /* SPACE_SRGB, ...: see spaces.h */
    int depth;            /* bits of a value: 8 or 16 */
} RawSettings;

extern const Param raw_params[];

/* All defaults. */
extern const RawSettings raw_plain;

/* Whether they ask for nothing that only developing does. */
bool raw_settings_suit_preview(const RawSettings *settings);
