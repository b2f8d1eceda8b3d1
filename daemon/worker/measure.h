/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* measure.h - what each step of a profile took on one picture, in words. One thread. */
#pragma once

#include "worker/plan.h"

typedef struct Measure Measure;

Measure *measure_new(void);
void measure_free(Measure *measure);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Measure, measure_free)

/* A PlanListener's `tell`: a step that will be done, or left out. */
void measure_planned(void *measure, const PlanStep *step);

/* A RenderListener's `memory` and `did`; the times of all pictures of a file are added up. */
void measure_memory(void *measure, double bytes);
void measure_did(void *measure, const Step *step, int64_t us, double bytes);

/* Each step as a line: what plan_text() says of it, its time, and how large the picture is in
 * memory after it. Then the memory that the profile takes where steps flow into each other. */
void measure_tell(const Measure *measure, void (*tell)(const char *line));
