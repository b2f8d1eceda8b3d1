/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/common.h"

#include <string.h>

enum { DPI_MAX = 100000 };

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
        add_row(rows, action, &amount_row);
        add_row(rows, action, &mask_row);
    }
    if (has_lengths(action))
        add_row(rows, action, &dpi_row);
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

Common *action_common(const Action *action, void *settings)
{
    return (void *) ((char *) settings + common_offset(action));
}

/* The first row whose length is physical; NULL: none. */
static const Param *physical_row(const Action *action, const void *settings)
{
    for (const Param *p = action->params; p->type != PARAM_END; p++)
        if (param_is_physical(p, settings))
            return p;
    return NULL;
}

bool action_complete(const Action *action, void *settings, const ProfileSettings *profile,
                     Error **err)
{
    Common *common = action_common(action, settings);
    const Param *row = physical_row(action, settings);

    if (common->dpi == 0)
        common->dpi = profile->dpi;
    if (row && common->dpi == 0)
        return error_set(err, ERROR_CONFIG, "add dpi = 300, or what you print with",
                         "%s: how many pixels an inch has is not known", row->name);
    for (const Param *p = action->params; p->type != PARAM_END; p++)
        if (!param_check_physical(p, settings, common->dpi, err))
            return false;
    return true;
}

void *action_finished(const Action *action, const void *settings, const Shape *shape)
{
    void *finished = g_memdup2(settings, action_size(action));

    lengths_finish(action->params, finished, shape->width, shape->height,
                   action_common(action, finished)->dpi);
    return finished;
}
