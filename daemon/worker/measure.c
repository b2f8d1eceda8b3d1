/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker/measure.h"

#include "base/units.h"
#include "worker/plan_text.h"

typedef struct Measured {
    const Step *step;
    char *text;   /* as plan_text() */
    double bytes; /* of the picture after it; 0: it is none, or is still in its file */
    int64_t us;   /* -1: it was not done by itself */
} Measured;

struct Measure {
    GArray *steps; /* of Measured, in the order of the profile */
    double bytes;  /* of memory */
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

void measure_planned(void *measure, const PlanStep *step)
{
    Measured measured = { step->step, plan_text(step), 0, -1 };

    g_array_append_val(((Measure *) measure)->steps, measured);
}

void measure_memory(void *measure, double bytes)
{
    ((Measure *) measure)->bytes = bytes;
}

void measure_did(void *measure, const Step *step, int64_t us, double bytes)
{
    const GArray *steps = ((Measure *) measure)->steps;

    for (guint i = 0; i < steps->len; i++) {
        Measured *measured = &g_array_index(steps, Measured, i);
        if (measured->step != step)
            continue;
        measured->us = MAX(measured->us, 0) + us;
        measured->bytes = step_saves(step) ? 0 : bytes;
    }
}

/* ---- words ---- */

static double milliseconds(int64_t us)
{
    const double us_in_ms = 1000;

    return (double) us / us_in_ms;
}

static char *words_of(const Measured *measured)
{
    g_autofree char *size = units_bytes_rounded((int64_t) measured->bytes);

    if (measured->us < 0)
        return g_strdup(measured->text);
    return g_strdup_printf("%s, %.0f ms%s%s", measured->text, milliseconds(measured->us),
                           measured->bytes > 0 ? ", " : "", measured->bytes > 0 ? size : "");
}

void measure_tell(const Measure *measure, void (*tell)(const char *line))
{
    g_autofree char *memory = plan_memory_text(measure->bytes);

    for (guint i = 0; i < measure->steps->len; i++) {
        g_autofree char *words = words_of(&g_array_index(measure->steps, Measured, i));
        tell(words);
    }
    tell(memory);
}
