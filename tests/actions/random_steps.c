/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/actions/random_steps.h"

#include <math.h>
#include <string.h>

#include "actions/every_step.h"
#include "base/units.h"

static bool chance(GRand *random, int of)
{
    return g_rand_int_range(random, 0, of) == 0;
}

/* Ends of the range and small numbers are as likely as those in the middle. */
static double number_between(GRand *random, double least, double most)
{
    double share = g_rand_double(random);

    if (chance(random, 8))
        return least;
    if (chance(random, 8))
        return most;
    return least + (most - least) * (chance(random, 2) ? share : share * share * share);
}

/* A row whose max is 0 has no upper end, unless its min is below 0. */
static double most_of(const Param *row, double limit)
{
    bool open = row->max == 0 && row->min >= 0;

    return open ? row->min + limit : MIN(row->max, MAX(row->min, limit));
}

static char *with_unit(double number, const char *unit)
{
    char digits[G_ASCII_DTOSTR_BUF_SIZE];

    return g_strconcat(g_ascii_formatd(digits, sizeof(digits), "%.6f", number), unit, NULL);
}

/* The range is one of pixels and of %. Without a unit, less than one pixel is not always right. */
static char *length_text(GRand *random, const Param *row, const StepSizes *sizes)
{
    static const double mm_in_cm = 10, mm_in_inch = 25.4;
    double least = MAX(row->min, 0);
    double most = MAX(MIN(sizes->px, row->max * sizes->share), least);
    double mm = MAX(number_between(random, least, most) / sizes->px_mm, 0.01);

    switch (g_rand_int_range(random, 0, 6)) {
    case 0:
        return with_unit(
            MAX(number_between(random, least, MAX(least, most / sizes->px_percent)), 0.01), "%");
    case 1:
        return with_unit(mm, "mm");
    case 2:
        return with_unit(mm / mm_in_cm, "cm");
    case 3:
        return with_unit(mm / mm_in_inch, "in");
    case 4:
        return g_strdup_printf("%.0f", ceil(number_between(random, least, floor(most))));
    default:
        return with_unit(number_between(random, least, most), "px");
    }
}

static char *choice_text(GRand *random, const Param *row)
{
    gint32 count = 0;

    while (row->choices[count].word)
        count++;
    return g_strdup(row->choices[g_rand_int_range(random, 0, count)].word);
}

static char *colour_text(GRand *random, const Param *row)
{
    static const char *const alphas[] = { "", "00", "80", "ff" };
    guint grey = g_rand_int(random) & 0xff;
    guint colour = chance(random, 2) ? g_rand_int(random) & 0xffffff : grey * 0x10101;

    if (row->choices && chance(random, 2))
        return choice_text(random, row);
    const char *alpha = alphas[g_rand_int_range(random, 0, G_N_ELEMENTS(alphas))];
    return g_strdup_printf("#%06x%s", colour, row->only_opaque ? "" : alpha);
}

static char *place_text(GRand *random, const Param *row)
{
    guint count = 0;

    while (param_choice(row, count))
        count++;
    guint which = (guint) g_rand_int_range(random, 0, (gint32) count + 1);
    if (which < count)
        return g_strdup(param_choice(row, which)->word);
    return g_strdup_printf("%d%% %dpx", g_rand_int_range(random, -20, 120),
                           g_rand_int_range(random, -20, 120));
}

static char *area_text(GRand *random)
{
    return g_strdup_printf("%d%% %dpx %d%% %dpx", g_rand_int_range(random, -20, 120),
                           g_rand_int_range(random, -20, 120), g_rand_int_range(random, 1, 120),
                           g_rand_int_range(random, 1, 120));
}

static char *whole_text(GRand *random, const Param *row)
{
    enum { OPEN = 100 };

    return g_strdup_printf("%.0f", rint(number_between(random, row->min, most_of(row, OPEN))));
}

/* A text is a template for one action and words for another: the default suits both. */
static char *words_text(const Param *row)
{
    static const char *const right[][2] = { { "use", "pngquant" },  { "by", "+1 month 90min" },
                                            { "zone", "-03:30" },   { "offset", "-35s" },
                                            { "from", "headline" }, { "to", "title" },
                                            { "what", "gps" } };

    for (size_t i = 0; i < G_N_ELEMENTS(right); i++)
        if (!strcmp(row->name, right[i][0]))
            return g_strdup(right[i][1]);
    if (row->fixed && !strcmp(row->name, "name"))
        return g_strdup("title");
    return g_strdup(row->def && *row->def ? row->def : "{stem} {width}");
}

char *random_value(GRand *random, const Param *row, const StepSizes *sizes, const char *file)
{
    enum { MOST = 1000 };

    if (row->zero && chance(random, 3))
        return g_strdup(row->zero);
    switch (row->type) {
    case PARAM_BOOL:
        return g_strdup(chance(random, 2) ? "yes" : "no");
    case PARAM_INT:
        return whole_text(random, row);
    case PARAM_REAL:
        if (row->unit && !strcmp(row->unit, "MP")) /* as large as lengths let pictures become */
            return with_unit(number_between(random, row->min, sizes->px * sizes->px / 1e6), "MP");
        return with_unit(number_between(random, row->min, most_of(row, MOST)),
                         row->unit ? row->unit : "");
    case PARAM_LENGTH:
        return length_text(random, row, sizes);
    case PARAM_CHOICE:
    case PARAM_WORDS:
    case PARAM_RANKING:
        return choice_text(random, row);
    case PARAM_PLACE:
        return place_text(random, row);
    case PARAM_AREA:
        return area_text(random);
    case PARAM_COLOUR:
        return colour_text(random, row);
    case PARAM_ICC:
        return choice_text(random, row);
    case PARAM_FILE:
    case PARAM_PICTURE:
    case PARAM_MASK:
    case PARAM_TILES:
    case PARAM_XMP:
        return row->choices && chance(random, 2) ? choice_text(random, row) : g_strdup(file);
    case PARAM_TRACK:
        return g_strdup(TRACK_FILE);
    case PARAM_PATH:
    case PARAM_PATHS:
        return g_strdup("/tmp");
    case PARAM_CLOCK:
        return g_strdup("04:00");
    case PARAM_TEXT:
    case PARAM_TEXTS:
        return words_text(row);
    case PARAM_DURATION:
        return g_strdup_printf("%.0fms", number_between(random, row->min, most_of(row, MOST)));
    case PARAM_BYTES:
        return g_strdup_printf("%.0fKB", number_between(random, 1, MOST));
    case PARAM_GLOBS:
    case PARAM_COMMAND:
        return g_strdup("*.jpg");
    case PARAM_END:
        break;
    }
    g_assert_not_reached();
}

static bool is_left_out(const Param *row, const StepSizes *sizes)
{
    return !strcmp(row->name, "enabled") || !strcmp(row->name, "amount") ||
           (!sizes->dpi && !strcmp(row->name, "dpi"));
}

static char *random_step_in(GRand *random, const Action *action, const StepSizes *sizes,
                            const char *file, int depth);

static const Action *some_action(GRand *random, int depth)
{
    const Action *action = NULL;
    gint32 count = 0;

    while (actions[count])
        count++;
    do
        action = actions[g_rand_int_range(random, 0, count)];
    while (action->flags & (ACTION_SAVES | ACTION_JPEG) ||
           (depth >= BRANCH_DEPTH_MAX && action->flags & ACTION_BRANCHES));
    return action;
}

static void add_branch(GRand *random, GString *text, const StepSizes *sizes, const char *file,
                       int depth)
{
    enum { STEPS = 3, ONE_IN = 4 };
    int steps = g_rand_int_range(random, 0, STEPS);

    for (int i = 0; i < steps; i++) {
        g_autofree char *step =
            random_step_in(random, some_action(random, depth), sizes, file, depth);
        g_string_append_printf(text, " %s", step);
    }
    g_string_append_printf(text, " save { name = \"%08x\" format = %s }", g_rand_int(random),
                           chance(random, ONE_IN) ? "jpeg" : "tiff");
}

static bool is_needed(const Param *row)
{
    return !row->def && !row->zero;
}

/* Most rows; but of those that save only few are for the same format. */
static bool is_chosen(GRand *random, const Action *action)
{
    return action->flags & ACTION_SAVES ? chance(random, 4) : !chance(random, 4);
}

static char *random_step_in(GRand *random, const Action *action, const StepSizes *sizes,
                            const char *file, int depth)
{
    g_autoptr(GString) text = g_string_new(action->name);

    g_string_append(text, " {");
    for (const Param *row = action_params(action); row->type != PARAM_END; row++) {
        if (is_left_out(row, sizes) || (!is_needed(row) && !is_chosen(random, action)))
            continue;
        g_autofree char *value = random_value(random, row, sizes, file);
        g_string_append_printf(text, " %s = \"%s\"", row->name, value);
    }
    if (action->flags & ACTION_BRANCHES)
        add_branch(random, text, sizes, file, depth + 1);
    g_string_append(text, " }");
    return g_string_free(g_steal_pointer(&text), FALSE);
}

char *random_step(GRand *random, const Action *action, const StepSizes *sizes, const char *file)
{
    return random_step_in(random, action, sizes, file, 0);
}

/* ---- formulas ---- */

/* What comes to `value` on every picture, though it asks for its width; newly allocated. */
static char *formula_of(const char *value)
{
    return g_strdup_printf("{if(width > 0, %s, %s)}", value, value);
}

static char *number_formula(const char *value, guint which)
{
    const char *unit = NULL;
    double number = 0;

    if (!units_read_number(value, &number, &unit))
        g_error("%s: not a number", value);
    g_autofree char *digits = g_strchomp(g_strndup(value, (gsize) (unit - value)));
    g_autofree char *formula =
        which % 2 ? formula_of(digits) : g_strdup_printf("{%s + 0 * height}", digits);
    return g_strconcat(formula, unit, NULL);
}

static char *text_formula(const char *value)
{
    g_autofree char *quoted = g_strdup_printf("'%s'", value);

    return formula_of(quoted);
}

static char *place_formula(const Param *row, const char *value, guint which)
{
    g_auto(GStrv) parts = g_strsplit(value, " ", 2);

    for (guint i = 0; param_choice(row, i); i++)
        if (!strcmp(param_choice(row, i)->word, value))
            return text_formula(value);
    g_autofree char *y = number_formula(parts[1], which);
    g_autofree char *x = which % 3 ? number_formula(parts[0], which) : g_strdup(parts[0]);
    return g_strdup_printf("%s %s", x, y);
}

static char *area_formula(const char *value, guint which)
{
    g_auto(GStrv) parts = g_strsplit(value, " ", -1);
    g_autofree char *third = number_formula(parts[2], which);
    g_autofree char *last = number_formula(parts[3], which);

    return g_strdup_printf("%s %s %s %s", parts[0], parts[1], third, last);
}

static char *as_formula(const Param *row, const char *value, guint which)
{
    if (!param_takes_formula(row) || (row->zero && !strcmp(value, row->zero)))
        return g_strdup(value);
    switch ((int) row->type) {
    case PARAM_BOOL:
        return g_strdup(strcmp(value, "yes") ? "{width < 0}" : "{width > 0}");
    case PARAM_CHOICE:
    case PARAM_COLOUR:
        return text_formula(value);
    case PARAM_PLACE:
        return place_formula(row, value, which);
    case PARAM_AREA:
        return area_formula(value, which);
    default:
        return number_formula(value, which);
    }
}

/* Steps around a place in the text, the innermost one last. */
typedef struct Around {
    const Action *actions[16];
    guint count;
} Around;

/* Follows `text`, which is outside of quotes: "name { row = " or "} ". */
static void follow(Around *around, const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);

    for (char **word = words; *word; word++) {
        if (word[1] && !strcmp(word[1], "{"))
            around->actions[around->count++] = action_find(*word);
        if (!strcmp(*word, "}"))
            around->count--;
    }
}

/* The row that `text`, which ends in "name = ", sets. */
static const Param *row_set(const Around *around, const char *text)
{
    g_autofree char *left = g_strndup(text, strlen(text) - strlen(" = "));

    return param_find(action_params(around->actions[around->count - 1]), strrchr(left, ' ') + 1);
}

/* Every second piece between quotes is a value. */
char *step_with_formulas(const char *step, unsigned of)
{
    g_auto(GStrv) pieces = g_strsplit(step, "\"", -1);
    Around around = { .count = 0 };

    for (guint i = 0; pieces[i] && pieces[i + 1] && pieces[i + 2]; i += 2) {
        guint which = g_str_hash(pieces[i]) + g_str_hash(pieces[i + 1]);
        follow(&around, pieces[i]);
        if (which % of)
            continue;
        char *plain = pieces[i + 1];
        pieces[i + 1] = as_formula(row_set(&around, pieces[i]), plain, which / of);
        g_free(plain);
    }
    return g_strjoinv("\"", pieces);
}
