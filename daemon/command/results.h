/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* results.h - what a batch has done, as JSON for programs: the same as display.h shows to people.
 * Main thread only. */
#pragma once

#include <cjson/cJSON.h>

#include "command/batch.h"

typedef struct Results Results;

Results *results_new(void);
void results_free(Results *results);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Results, results_free)

BatchReporter results_reporter(Results *results);

/* The object that hotfolder(1) describes; the caller's. Once, after the batch. `error`: why it
 * could not continue, or NULL. */
cJSON *results_json(Results *results, const BatchCounts *counts, bool interrupted,
                    const Error *error);
