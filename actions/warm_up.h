/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* warm_up.h - what a worker does once, before its sandbox closes and the first picture comes. */
#pragma once

/* libvips has ORC write machine code for each resampling of its own, as where fit looks for what is
 * interesting in a picture. ORC aborts where it gets no executable memory. This reserves what
 * profiles of up to `steps` steps need, while the process still can. It computes no pixel and
 * starts no thread. */
void warm_reserve_code(unsigned steps);

/* Decodes and encodes a tiny picture, so that the first real one does not pay for first times. */
void warm_up(void);
