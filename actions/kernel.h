/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* kernel.h - the filters that pixels are resampled with: their words, and what each weighs a sample
 * at a distance. What makes a picture smaller stretches them over the samples of a pixel; what
 * warps it reads between samples. Pure functions. */
#pragma once

#include "actions/libvips.h"
#include "config/param.h"

typedef enum Kernel {
    KERNEL_AUTO, /* Lanczos of three lobes for what becomes smaller, else cubic */
    KERNEL_NEAREST,
    KERNEL_LINEAR,
    KERNEL_CUBIC,    /* Catmull-Rom */
    KERNEL_MITCHELL, /* Mitchell and Netravali, B = C = 1/3 */
    KERNEL_LANCZOS2,
    KERNEL_LANCZOS3,
} Kernel;

extern const Choice kernel_choices[];

/* The row `kernel` of an action that resamples, an int. */
#define KERNEL_ROW(T)                                                                              \
    CHOICE(T, kernel, .def = "auto", .choices = kernel_choices,                                    \
           .help = "how a pixel is made of those that lie around its place")

/* The filter that `auto` is; any other is itself. */
Kernel kernel_of(Kernel kernel, bool smaller);

/* How far it reaches from a pixel's middle, in samples. */
double kernel_reach(Kernel kernel);

/* What a sample `x` samples from there weighs; weights of all samples are to be divided by their
 * sum. Not of KERNEL_AUTO. */
double kernel_weight(Kernel kernel, double x);

/* The weights of a filter between samples: `auto` is cubic. g_free() it. */
typedef struct KernelTable KernelTable;
KernelTable *kernel_table(Kernel kernel);

/* Up to four bands; what is in others is of no use. */
typedef float KernelPixel __attribute__((vector_size(4 * sizeof(float))));

/* The pixel at x, y, both at least 0, of floats: all samples around it are in the region. */
KernelPixel kernel_between(const KernelTable *table, const VipsRegion *in, double x, double y);
