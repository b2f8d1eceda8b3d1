/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker/plan_text.h"

#include "actions/pixels.h"
#include "base/units.h"

enum { NAME_WIDTH = 14, INDENT = 2 };

static void add(GString *line, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void add(GString *line, const char *format, ...)
{
    va_list values;

    if (line->len)
        g_string_append(line, ", ");
    va_start(values, format);
    g_string_append_vprintf(line, format, values);
    va_end(values);
}

static void add_size(GString *line, const PlanStep *step)
{
    const Shape *in = &step->in, *out = &step->out;

    if (in->width != out->width || in->height != out->height)
        add(line, "%dx%d -> %dx%d", in->width, in->height, out->width, out->height);
    else
        add(line, "%dx%d", in->width, in->height);
}

static void add_kind(GString *line, const Shape *in, const Shape *out)
{
    if (in->colours != out->colours)
        add(line, "becomes %s",
            out->colours == 1             ? "grey"
            : out->colours == PIXELS_INKS ? "CMYK"
                                          : "RGB");
    if (in->alpha != out->alpha)
        add(line, "%s", out->alpha ? "gets transparency" : "loses its transparency");
}

static void add_work(GString *line, const PlanStep *step)
{
    if (step->decoded_width)
        add(line, "decoded at %dx%d", step->decoded_width, step->decoded_height);
    if (step->kept)
        add(line, "the picture is kept in memory");
    if (step->planes)
        add(line, step_saves(step->step) ? "the planes of the JPEG are encoded"
                                         : "on the planes of the JPEG");
}

char *plan_text(const PlanStep *step)
{
    g_autoptr(GString) what = g_string_new(NULL);

    if (step->left_out) {
        add(what, "left out");
    } else if (step->copies) {
        add(what, "the picture as its file has it: nothing is decoded");
    } else {
        add_size(what, step);
        add_kind(what, &step->in, &step->out);
        add_work(what, step);
    }
    return g_strdup_printf("%*s%-*s %s", INDENT * (int) step->depth, "",
                           NAME_WIDTH - INDENT * (int) step->depth, step->step->action->name,
                           what->str);
}

char *plan_memory_text(double bytes)
{
    g_autofree char *size = units_bytes_rounded((int64_t) bytes);

    return g_strdup_printf("with at most %s of memory", size);
}
