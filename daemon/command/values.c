/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hotfolder values - what names may use of a picture. It asks the worker, which reads pictures. */
#include <getopt.h>
#include <glib.h>

#include "command/command.h"

enum { OPTION_JSON = 256 };

static int run_values(int argc, char **argv, const Target *target)
{
    int option = 0, status = 0;
    bool json = false;

    (void) target;
    while ((option = usage_next(&usage_values, argc, argv, &status)) > 0)
        json = true;
    if (option == USAGE_DONE)
        return status;
    return command_become_worker(json ? "--values-json" : "--values", argv + optind);
}

static const UsageOption options[] = {
    { OPTION_JSON, COMPLETE_WITH_NOTHING, "json", NULL, "print them as JSON" },
    { 0 },
};

static const UsageExit exits[] = {
    { 0, "the values are shown" },
    { 1,
      "the picture cannot be read, a VALUE has a mistake, or, without --json, the picture does not "
      "say it" },
    { USAGE_ERROR, "wrong usage" },
    { 0 },
};

const Usage usage_values = {
    .name = "hotfolder values",
    .arguments = "[PHOTO [VALUE]]",
    .summary = "show what the name of an output may use of a picture",
    .text =
        "Lists all {values} that names, texts and formulas may use; with a PHOTO, what each is of "
        "it. What the picture does not say needs a bar in the name, as in {title|untitled}. With "
        "VALUEs, shows what these are of the photo instead, one on each line: a value, a tag as "
        "ExifTool calls it (exif.LensModel), a formula (width / 2) or a whole name "
        "('{taken:%Y}/{title:slug|{stem}}'), before slashes in it are replaced. In JSON, what the "
        "picture "
        "does not say is null.",
    .first = COMPLETE_WITH_FILES,
    .options = options,
    .exits = exits,
    .outer = &usage_hotfolder,
    .run = run_values,
};
