/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/raw_settings.h"

#include "actions/spaces.h"

enum { BYTE = 8, WORD = 16 };

static const Choice uses[] = {
    { "auto", RAW_AUTO,
      "what costs least and is large enough for the profile: a preview, half, or full" },
    { "preview", RAW_PREVIEW,
      "the largest JPEG in the file, as the camera made it; where it is smaller than the profile "
      "needs, the RAW is developed" },
    { "half", RAW_HALF, "developed at half of its width and height, in a quarter of the time" },
    { "full", RAW_FULL, "developed at its full size" },
    { NULL, 0, NULL },
};

static const Choice whites[] = {
    { "camera", RAW_WHITE_CAMERA, "as the camera was set, or has measured it" },
    { "auto", RAW_WHITE_AUTO, "the average of the picture becomes grey" },
    { "daylight", RAW_WHITE_DAYLIGHT, "as in the sun, the same for all pictures" },
    { NULL, 0, NULL },
};

static const Choice highlights[] = {
    { "clip", RAW_CLIP, "white" },
    { "blend", RAW_BLEND, "a mixture of that and what other colours still have: softer edges" },
    { "rebuild", RAW_REBUILD, "guessed from the colours around" },
    { NULL, 0, NULL },
};

static const Choice space_words[] = { SPACE_COLOUR_CHOICES, { NULL, 0, NULL } };

static const Choice depths[] = {
    { "8", BYTE, "for pictures that are done" },
    { "16", WORD, "for steps that change light and colours much" },
    { NULL, 0, NULL },
};

const Param raw_params[] = {
    CHOICE(RawSettings, use, .def = "auto", .choices = uses,
           .help = "what of a camera's RAW becomes the picture; auto takes a preview only where "
                   "all else here is as it was"),
    CHOICE(RawSettings, white, .def = "camera", .choices = whites,
           .help = "which colour of light becomes white"),
    CHOICE(RawSettings, highlight, .def = "clip", .choices = highlights,
           .help = "what becomes of places that were too bright for the sensor"),
    REAL(RawSettings, bright, .def = "1", .min = 0.1, .max = 10,
         .help = "how many times brighter it becomes; 1: one in a hundred pixels may be white"),
    CHOICE(RawSettings, space, .def = "srgb", .choices = space_words,
           .help = "the space of the colours, whose profile the picture gets"),
    CHOICE(RawSettings, depth, .def = "8", .choices = depths, .help = "how many bits a value has"),
    { 0 },
};

const RawSettings raw_plain = { RAW_AUTO, RAW_WHITE_CAMERA, RAW_CLIP, 1, SPACE_SRGB, BYTE };

bool raw_settings_suit_preview(const RawSettings *settings)
{
    return settings->white == raw_plain.white && settings->highlight == raw_plain.highlight &&
           settings->bright == raw_plain.bright && settings->space == raw_plain.space &&
           settings->depth == raw_plain.depth;
}
