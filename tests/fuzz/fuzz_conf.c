/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any text as a configuration file: it never crashes, tells every error with its place, and never
 * leaves libConfuse something to complain about that the scan before it has not seen. */
#include <stdlib.h>
#include <string.h>

#include "config/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct Sample {
    int workers, side;
    bool loud;
    double sigma;
    Length width;
    Colour colour;
    char *name, *path;
    int64_t wait, weight;
    char **ignore;
} Sample;

static const Choice sides[] = { { "left", 1, NULL }, { "right", 2, NULL }, { NULL, 0, NULL } };

static const Param top[] = {
    INT(Sample, workers, .def = "auto", .zero = "auto", .min = 1, .max = 64, .help = "h"),
    { 0 },
};

static const Param settings[] = {
    BOOL(Sample, loud, .def = "no", .help = "h"),
    CHOICE(Sample, side, .def = "left", .choices = sides, .help = "h"),
    REAL(Sample, sigma, .def = "0.8", .min = 0.1, .max = 10, .unit = "px", .help = "h"),
    LENGTH(Sample, width, .def = "5%", .min = 1, .max = 5000, .of = OF_WIDTH, .help = "h"),
    COLOUR(Sample, colour, .def = "#000000", .help = "h"),
    TEXT(Sample, name, .help = "h"),
    DIRPATH(Sample, path, .help = "h"),
    DURATION(Sample, wait, .def = "2s", .max = 60000, .help = "h"),
    BYTES(Sample, weight, .def = "1MB", .help = "h"),
    GLOBS(Sample, ignore, .def = "{ *.a, *.b }", .help = "h"),
    { 0 },
};

static const ConfSection in_folder[] = { { .name = "retry", .params = top }, { 0 } };
static const ConfSection in_file[] = {
    { .name = "folder", .titled = true, .many = true, .params = settings, .sections = in_folder },
    { .name = "defaults", .params = settings + 1, .sections = in_folder },
    { .name = "step", .many = true, .params = settings },
    { .name = "profile", .member = "action", .titled = true, .many = true, .verbatim = true },
    { 0 },
};
static const char *const calls[] = { "include", NULL };

static void check_errors(const GPtrArray *errors)
{
    for (guint i = 0; i < errors->len; i++) {
        const Error *error = errors->pdata[i];
        const char *colon = error->where ? strrchr(error->where, ':') : NULL;

        if (!colon || atoi(colon + 1) < 1 || !error->what)
            abort(); /* an error without its place */
        if (g_strcmp0(error->fix, "put values in quotes") == 0)
            abort(); /* libConfuse and the scan do not agree */
        if (!g_utf8_validate(error->what, -1, NULL) || strchr(error->what, '\n'))
            abort(); /* a message that breaks its line */
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *) data, size);
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_autoptr(GPtrArray) files = g_ptr_array_new();
    const ConfSection schema = {
        .params = top, .sections = in_file, .calls = calls, .line_directives = size % 2 != 0
    };
    g_autoptr(ConfNode) file = conf_read(&schema, "x.conf", text, NULL, errors);

    for (guint i = 0; i < file->nodes->len; i++) {
        const ConfNode *node = file->nodes->pdata[i];
        Sample sample = { 0 };

        if (!node->section || node->section->verbatim)
            continue;
        params_set_defaults(settings, &sample);
        conf_apply(node, &sample, errors);
        conf_require(node, NULL, errors);
        params_clear(settings, &sample);
    }
    check_errors(errors);
    conf_sort_errors(errors, files);
    return 0;
}
