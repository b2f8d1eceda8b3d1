/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker/measure.h"

#include "base/units.h"
#include "worker/plan_text.h"

typedef struct Measured {
    const Step *step;
    char *text;   /* as plan_text() */
    double bytes; /* of the picture after it; 0: it makes none */
    int64_t us;   /* -1: it was not done by itself */
} Measured;

struct Measure {
    GArray *steps; /* of Measured, in the order of the profile */
};

static void measured_clear(void *data)
{
    g_free(((Measured *) data)->text);
}

Measure *measure_new(void)
{
    Measure *measure = g_new0(Measure, 1);

    measure->steps = g_array_new(FALSE, FALSE, sizeof(Measured));
    g_array_set_clear_func(measure->steps, measured_clear);
    return measure;
}

void measure_free(Measure *measure)
{
    if (!measure)
        return;
    g_array_unref(measure->steps);
    g_free(measure);
}

void measure_planned(void *user, const PlanStep *step)
{
    Measure *measure = user;
    bool makes = !step->left_out && !step_saves(step->step) && !step_branches(step->step);
    Measured measured = { step->step, plan_text(step), makes ? shape_bytes(&step->out) : 0, -1 };

    g_array_append_val(measure->steps, measured);
}

void measure_did(void *user, const Step *step, int64_t us)
{
    const Measure *measure = user;

    for (guint i = 0; i < measure->steps->len; i++) {
        Measured *measured = &g_array_index(measure->steps, Measured, i);
        if (measured->step == step)
            measured->us = MAX(measured->us, 0) + us;
    }
}

/* ---- words ---- */

static double milliseconds(int64_t us)
{
    const double us_in_ms = 1000;

    return (double) us / us_in_ms;
}

void measure_tell(const Measure *measure, void (*tell)(const char *line))
{
    for (guint i = 0; i < measure->steps->len; i++) {
        const Measured *measured = &g_array_index(measure->steps, Measured, i);
        g_autoptr(GString) line = g_string_new(measured->text);
        g_autofree char *size = units_bytes_rounded((int64_t) measured->bytes);

        if (measured->us >= 0)
            g_string_append_printf(line, ", %.0f ms", milliseconds(measured->us));
        if (measured->us >= 0 && measured->bytes > 0)
            g_string_append_printf(line, ", %s", size);
        tell(line->str);
    }
}
