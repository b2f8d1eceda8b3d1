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

/* A RenderListener's `did`: the step took so many microseconds, beside those of earlier pictures of
 * the file. */
void measure_did(void *measure, const Step *step, int64_t us);

/* Each step as a line: what plan_text() says of it, its time, and how large the picture is in
 * memory after it. */
void measure_tell(const Measure *measure, void (*tell)(const char *line));
