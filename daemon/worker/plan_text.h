/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* plan_text.h - how a picture will be made, in words. */
#pragma once

#include "worker/plan.h"

/* What a step comes to, as a line without its end: "scale      4000x3000 -> 1024x768, decoded at
 * 2000x1500"; newly allocated. */
char *plan_text(const PlanStep *step);

/* The same of the memory that all of them take together. */
char *plan_memory_text(double bytes);
