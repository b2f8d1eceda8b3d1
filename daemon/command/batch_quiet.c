/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The reporter of a batch that is only a means. */
#include "command/batch.h"

static void hear_progress(void *user G_GNUC_UNUSED, const BatchCounts *counts G_GNUC_UNUSED)
{
}

static void hear_done(void *user G_GNUC_UNUSED, const char *source G_GNUC_UNUSED,
                      char **outputs G_GNUC_UNUSED, const char *note G_GNUC_UNUSED,
                      char **plan G_GNUC_UNUSED)
{
}

static void hear_failed(void *user, const char *source G_GNUC_UNUSED, const Error *error)
{
    Error **first = user;

    if (!*first)
        *first = error_copy(error);
}

static void hear_path(void *user G_GNUC_UNUSED, const char *path G_GNUC_UNUSED,
                      const char *reason G_GNUC_UNUSED)
{
}

static void hear_without(void *user G_GNUC_UNUSED, const char *typed G_GNUC_UNUSED)
{
}

BatchReporter batch_quiet_reporter(void)
{
    return (BatchReporter){ .progress = hear_progress,
                            .done = hear_done,
                            .failed = hear_failed,
                            .ignored = hear_path,
                            .without = hear_without };
}
