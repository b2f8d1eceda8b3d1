/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* raw_sensor.h - what a camera's sensor has seen: its size, and how it becomes pixels. By LibRaw,
 * of which only this file knows. Its pixels are those of dcraw with the same settings. One thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "actions/raw_settings.h"

typedef enum RawState {
    RAW_KNOWN,   /* it can be developed */
    RAW_UNKNOWN, /* LibRaw does not know the camera, or how it stores its pixels */
    RAW_DAMAGED, /* a part of the file is missing */
} RawState;

typedef struct RawSize {
    int width, height; /* of pixels that are not turned yet */
    double memory;     /* bytes that developing them takes, with them */
} RawSize;

typedef struct RawSensor {
    RawState state;
    char *camera; /* "Acme X1"; NULL: not said */
    RawSize full, half;
    int colours;     /* 1 or 3 */
    int orientation; /* as EXIF has it, 1 to 8; 0: LibRaw could not read the file */
} RawSensor;

/* Reads the header of the file open as fd (borrowed; its offset stays), for such settings. */
void raw_sensor_read(int fd, const RawSettings *settings, RawSensor *sensor);
void raw_sensor_clear(RawSensor *sensor);

/* Pixels in memory: colours of `depth` bits each, row by row. */
typedef struct RawPixels {
    int width, height, colours;
    const void *values;
    void *owner;
} RawPixels;

/* Develops it. False with libvips' error set; a part that is missing is reported as damage. */
bool raw_sensor_develop(int fd, const RawSettings *settings, bool half, RawPixels *pixels);
void raw_pixels_clear(RawPixels *pixels);

/* "LibRaw 0.20.2", static. */
const char *raw_sensor_library(void);
