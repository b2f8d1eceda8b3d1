/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sidecar.h - the XMP file beside a job's picture. */
#pragma once

#include "daemon/jobs/job.h"

/* Opens it for the worker; `path` is relative to the folder. One that is gone is none; one that
 * cannot be opened costs no picture, and a note says so. */
void sidecar_open(Job *job, const char *path);

/* Reads the parts of its shot, and opens the sidecar that is nearest to the name of the picture,
 * also where another picture of the shot has it, and may have moved it. */
bool sidecar_open_part(Job *job, Error **err);

/* The same of a batch, which knows what lies beside its pictures. */
void sidecar_find(Job *job);
