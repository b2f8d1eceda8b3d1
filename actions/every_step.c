/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/every_step.h"

#include <string.h>

enum { DPI_MAX = 100000, SAVED_DPI_MAX = 20000 };

static const Param enabled_row =
    BOOL(Common, enabled, .def = "yes", .help = "no: the step is left out");
static const Param amount_row =
    REAL(Common, amount, .def = "100", .min = 0, .max = 100, .unit = "%",
         .help = "how much the step does: 0 leaves the picture as it was");
static const Param mask_row =
    MASK(Common, mask, .def = "none", .zero = "none",
         .help = "a picture that is stretched over this one: where it is white the step works, "
                 "where it is black or transparent it does not");
static const Param dpi_row =
    REAL(Common, dpi, .def = "auto", .zero = "auto", .min = 1, .max = DPI_MAX,
         .help = "how many pixels an inch has, for lengths in mm, cm and in; auto: what the "
                 "profile says");

static const Param saved_dpi_row =
    REAL(Common, dpi, .def = "auto", .zero = "auto", .min = 1, .max = SAVED_DPI_MAX,
         .help = "how many pixels an inch has, for lengths in mm, cm and in, and as files say that "
                 "are saved; auto: lengths as the profile says, and files as they did");

const Param profile_params[] = {
    CHOICE(ProfileSettings, pages, .def = "first", .choices = page_choices,
           .help = "what is done with a file of several pictures: frames of an animation, pages of "
                   "a scan; reduced copies and masks in a TIFF do not count"),
    REAL(ProfileSettings, dpi, .def = "none", .zero = "none", .min = 1, .max = DPI_MAX,
         .help =
             "how many pixels an inch has, for lengths in mm, cm and in; files often say a wrong "
             "number"),
    { 0 },
};

static bool has_lengths(const Action *action)
{
    for (const Param *p = action->params; p->type != PARAM_END; p++)
        if (param_has_lengths(p))
            return true;
    return false;
}

static size_t common_offset(const Action *action)
{
    enum { ALIGNMENT = _Alignof(max_align_t) };

    return (action->size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static void add_row(GArray *rows, const Action *action, const Param *row)
{
    Param own = *row;

    own.offset += common_offset(action);
    g_array_append_val(rows, own);
}

static Param *all_rows(const Action *action)
{
    GArray *rows = g_array_new(TRUE, TRUE, sizeof(Param));

    for (const Param *p = action->params; p->type != PARAM_END; p++)
        g_array_append_val(rows, *p);
    if (action->flags & ACTION_BLENDS) {
        Param amount = amount_row;
        amount.def = action->amount ? action->amount : amount_row.def;
        add_row(rows, action, &amount);
        add_row(rows, action, &mask_row);
    }
    if (has_lengths(action))
        add_row(rows, action, action->flags & ACTION_SETS_DPI ? &saved_dpi_row : &dpi_row);
    add_row(rows, action, &enabled_row);
    return (Param *) (void *) g_array_free(rows, FALSE);
}

const Param *action_params(const Action *action)
{
    static GMutex lock;
    static GHashTable *tables; /* of Action to its rows */

    g_mutex_lock(&lock);
    if (!tables)
        tables = g_hash_table_new(NULL, NULL);
    Param *rows = g_hash_table_lookup(tables, action);
    if (!rows)
        g_hash_table_insert(tables, (void *) (uintptr_t) action, rows = all_rows(action));
    g_mutex_unlock(&lock);
    return rows;
}

size_t action_size(const Action *action)
{
    return common_offset(action) + sizeof(Common);
}

Common *common_settings(const Action *action, void *settings)
{
    return (void *) ((char *) settings + common_offset(action));
}

static const Common *common_of(const Action *action, const void *settings)
{
    return common_settings(action, (void *) (uintptr_t) settings);
}

void action_clear(const Action *action, void *settings)
{
    params_clear(action_params(action), settings);
    g_clear_pointer(&common_settings(action, settings)->formulas, g_ptr_array_unref);
}

/* ---- formulas ---- */

static bool is_enabled_row(const Param *row)
{
    return !strcmp(row->name, enabled_row.name);
}

/* Frees it. */
static bool set_constant(Computed *computed, void *settings, Error **err)
{
    bool set = computed_set(computed, NULL, settings, err);

    if (!set)
        (*err)->kind = ERROR_CONFIG;
    computed_free(computed);
    return set;
}

bool action_add_formula(const Action *action, void *settings, const Param *row, const char *text,
                        Error **err)
{
    Common *common = common_settings(action, settings);
    Computed *computed = computed_new(row, text, err);

    if (!computed)
        return false;
    if (computed_is_constant(computed))
        return set_constant(computed, settings, err);
    if (!common->formulas)
        common->formulas = g_ptr_array_new_with_free_func((GDestroyNotify) computed_free);
    g_ptr_array_insert(common->formulas, is_enabled_row(row) ? 0 : -1, computed);
    return true;
}

/* NULL: the row of that name has no formula. */
static const Computed *formula_of(const Common *common, const char *name)
{
    for (guint i = 0; common->formulas && i < common->formulas->len; i++)
        if (!strcmp(computed_param(common->formulas->pdata[i])->name, name))
            return common->formulas->pdata[i];
    return NULL;
}

bool action_has_dpi(const Action *action, const void *settings)
{
    const Common *common = common_of(action, settings);

    return formula_of(common, dpi_row.name) || (common->dpi > 0 && !common->dpi_of_profile);
}

bool action_is_computed(const Action *action, const void *settings)
{
    return common_of(action, settings)->formulas;
}

bool action_may_be_left_out(const Action *action, const void *settings)
{
    return formula_of(common_of(action, settings), enabled_row.name);
}

/* ---- lengths ---- */

/* The first row whose length is physical; NULL: none. */
static const Param *physical_row(const Action *action, const void *settings)
{
    const GPtrArray *formulas = common_of(action, settings)->formulas;

    for (const Param *p = action->params; p->type != PARAM_END; p++)
        if (param_is_physical(p, settings))
            return p;
    for (guint i = 0; formulas && i < formulas->len; i++)
        if (computed_is_physical(formulas->pdata[i]))
            return computed_param(formulas->pdata[i]);
    return NULL;
}

static bool check_lengths(const Action *action, const void *settings, Error **err)
{
    for (const Param *p = action->params; p->type != PARAM_END; p++)
        if (!param_check_physical(p, settings, common_of(action, settings)->dpi, err))
            return false;
    return true;
}

/* ---- settings of which formulas give some ---- */

enum { TRIALS = 1000 }; /* for one step: some milliseconds */

typedef struct Trial {
    const Action *action;
    ActionCheck *check;
    const void *user;
    void *settings; /* with one sample of each formula */
    unsigned left;  /* how many more are tried */
    Error *mistake; /* that all trials made so far */
} Trial;

/* Whether the trial makes the same mistake as all before it. */
static bool is_wrong(Trial *trial)
{
    g_autoptr(Error) error = NULL;

    if (trial->left == 0)
        return false;
    trial->left--;
    if (trial->check(trial->action, trial->settings, trial->user, &error))
        return false;
    if (!trial->mistake)
        trial->mistake = g_steal_pointer(&error);
    return !error || !strcmp(error->what, trial->mistake->what);
}

/* The same for all samples of the formulas from `first` on. */
static bool are_all_wrong(Trial *trial, guint first)
{
    const GPtrArray *formulas = common_of(trial->action, trial->settings)->formulas;

    if (!formulas || first == formulas->len)
        return is_wrong(trial);
    const Param *row = computed_param(formulas->pdata[first]);
    if (row->offset >= trial->action->size) /* of Common, which the action does not see */
        return are_all_wrong(trial, first + 1);
    g_auto(GStrv) samples = computed_samples(formulas->pdata[first]);
    bool wrong = *samples;
    for (char **sample = samples; wrong && *sample; sample++)
        wrong = !param_try(row, *sample, trial->settings) && are_all_wrong(trial, first + 1);
    return wrong;
}

bool action_check_samples(const Action *action, const void *settings, ActionCheck *check,
                          const void *user, Error **err)
{
    g_autofree void *copy = g_memdup2(settings, action_size(action));
    Trial trial = { action, check, user, copy, TRIALS, NULL };
    bool wrong = are_all_wrong(&trial, 0);

    if (wrong)
        *err = g_steal_pointer(&trial.mistake);
    error_free(trial.mistake);
    return !wrong;
}

static bool check_own(const Action *action, const void *settings, const void *none G_GNUC_UNUSED,
                      Error **err)
{
    return !action->check || action->check(settings, err);
}

bool action_complete(const Action *action, void *settings, const ProfileSettings *profile,
                     Error **err)
{
    Common *common = common_settings(action, settings);
    const Param *row = physical_row(action, settings);
    bool computed = formula_of(common, dpi_row.name);

    common->dpi_of_profile = common->dpi == 0 && !computed;
    if (common->dpi == 0)
        common->dpi = profile->dpi;
    if (row && common->dpi == 0 && !computed)
        return error_set(err, ERROR_CONFIG, "add dpi = 300, or what you print with",
                         "%s: how many pixels an inch has is not known", row->name);
    return (computed || check_lengths(action, settings, err)) &&
           action_check_samples(action, settings, check_own, NULL, err);
}

/* ---- advice ---- */

/* Whether the settings are "kind = motion size = 3"; unless it is `exact`, any value of a row that
 * is no choice will do but its default: see Param.only_with. */
static bool are(const Action *action, const void *settings, const char *wanted, bool exact)
{
    g_auto(GStrv) words = g_strsplit(wanted, " ", -1);
    bool all = true;

    for (char **word = words; all && *word; word += 3) { /* name = value */
        const Param *row = param_find(action->params, word[0]);
        all = exact || row->type == PARAM_CHOICE ? param_is(row, settings, word[2])
                                                 : !param_is(row, settings, row->def);
    }
    return all;
}

static bool is_idle(const Action *action, const void *settings)
{
    return action->idle && are(action, settings, action->idle, true);
}

static bool advise_on_amount(const Action *action, const void *settings, Error **err)
{
    const Common *common = common_of(action, settings);

    return !(action->flags & ACTION_BLENDS) || common->amount > 0 ||
           formula_of(common, amount_row.name) ||
           error_set(err, ERROR_CONFIG, "give more, or remove the step",
                     "amount = 0: %s does nothing", action->name);
}

/* See Action.idle. */
static bool advise_on_idle(const Action *action, const void *settings, Error **err)
{
    return !is_idle(action, settings) ||
           error_set(err, ERROR_CONFIG, "give other values, or remove the step",
                     "%s does nothing with %s", action->name, action->idle);
}

bool action_advise(const Action *action, const void *settings, Error **err)
{
    for (const Param *p = action->params; p->type != PARAM_END; p++) {
        if (!p->only_with || param_is(p, settings, p->def) ||
            are(action, settings, p->only_with, false))
            continue;
        g_autofree char *fix = g_strdup_printf("add %s, or remove %s", p->only_with, p->name);
        return error_set(err, ERROR_CONFIG, fix, "%s has no effect with these settings", p->name);
    }
    return advise_on_amount(action, settings, err) && advise_on_idle(action, settings, err) &&
           (!action->advise || action->advise(settings, err));
}

/* ---- a picture's settings ---- */

/* What is left out is not computed: it may be left out because of what a picture does not say. */
static bool compute(Common *common, void *settings, Image *image, const Shape *shape, Error **err)
{
    const FactSource source = { .image = image, .shape = shape, .step = image_step(image) };

    for (guint i = 0; common->enabled && i < common->formulas->len; i++)
        if (!computed_set(common->formulas->pdata[i], &source, settings, err))
            return false;
    return true;
}

/* What a profile's reader could not check. The profile is right: these are settings of one
 * picture. */
static bool check_computed(const Action *action, const void *settings, Error **err)
{
    if (check_lengths(action, settings, err) && check_own(action, settings, NULL, err))
        return true;
    (*err)->kind = ERROR_PICTURE;
    return false;
}

void *action_finished(const Action *action, const void *settings, Image *image, const Shape *shape,
                      Error **err)
{
    g_autofree void *finished = g_memdup2(settings, action_size(action));
    Common *common = common_settings(action, finished);

    if (image && common->formulas && !compute(common, finished, image, shape, err))
        return NULL;
    lengths_finish(action->params, finished, shape->width, shape->height, common->dpi);
    if (image && common->formulas && common->enabled && !check_computed(action, finished, err))
        return NULL;
    common->idle = (image || !common->formulas) && is_idle(action, finished);
    return g_steal_pointer(&finished);
}
