/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/settings/import_sections.h"

#include <string.h>

#include "base/text.h"
#include "config/calendar_shift.h"
#include "daemon/files/mounts.h"
#include "daemon/settings/tables.h"

enum { SHOWN_MAX = 60, NAME_LENGTH = 64, DIRECTORIES_MAX = 16 };

/* It goes into a document in quotes, and into names of files. */
static void check_title(Draft *draft, const ConfNode *node)
{
    const char *title = node->title;

    if (*title != '.' && !strpbrk(title, "/\"") && g_utf8_strlen(title, -1) <= NAME_LENGTH)
        return;
    g_autofree char *shown = text_value(title, SHOWN_MAX);
    conf_add_error(draft->errors, node->file, node->line,
                   "give up to 64 characters, without / and \", and no dot as the first one",
                   "%s %s: this is no name", node->name, shown);
}

/* ---- cameras ---- */

static const Camera *camera_with(const Settings *settings, const char *serial)
{
    for (guint i = 0; i < settings->cameras->len; i++) {
        const Camera *camera = settings->cameras->pdata[i];
        if (!strcmp(camera->serial, serial))
            return camera;
    }
    return NULL;
}

static void check_serial(Draft *draft, const ConfNode *node, const char *serial)
{
    const Camera *other = camera_with(draft->settings, serial);

    if (!*serial)
        draft_refuse(draft, node, "serial",
                     "give what `exiftool -SerialNumber` shows of its pictures",
                     "\"\": it is empty");
    if (*serial && other) {
        g_autofree char *shown = text_value(serial, SHOWN_MAX);
        g_autofree char *file = text_escape(other->file);
        draft_refuse(draft, node, "serial", "remove one of both cameras",
                     "%s: camera \"%s\" (%s:%d) has it, too", shown, other->name, file,
                     other->line);
    }
}

static void check_clock(Draft *draft, const ConfNode *node, const char *clock)
{
    g_autofree char *shown = text_value(clock, SHOWN_MAX);
    g_autoptr(Error) error = NULL;
    CalendarShift shift = { 0 };

    if (*clock && !calendar_shift_read(clock, &shift, &error))
        draft_refuse(draft, node, "clock", error->fix, "%s: %s", shown, error->what);
}

/* NULL for an empty text; takes over `text`. */
static char *unless_empty(char **text)
{
    if (*text && !**text)
        g_clear_pointer(text, g_free);
    return g_steal_pointer(text);
}

static void add_camera(Draft *draft, const ConfNode *node)
{
    CameraSettings settings = { 0 };
    guint before = draft->errors->len;

    params_set_defaults(camera_settings, &settings);
    conf_apply(node, &settings, draft->errors);
    conf_require(node, NULL, draft->errors);
    check_title(draft, node);
    if (settings.serial)
        check_serial(draft, node, settings.serial);
    check_clock(draft, node, settings.clock);
    if (draft->errors->len == before && !node->invalid) {
        Camera *camera = g_new0(Camera, 1);
        camera->name = g_strdup(node->title);
        camera->serial = g_steal_pointer(&settings.serial);
        camera->clock = unless_empty(&settings.clock);
        camera->owner = unless_empty(&settings.owner);
        camera->file = g_strdup(node->file);
        camera->line = node->line;
        g_ptr_array_add(draft->settings->cameras, camera);
    }
    params_clear(camera_settings, &settings);
}

/* ---- imports ---- */

bool import_is_nested(char *const *copy_to, bool real, const char **inner, const char **outer)
{
    for (char *const *a = copy_to; *a; a++)
        for (char *const *b = copy_to; *b; b++) {
            g_autofree char *of_a = a != b && real ? mounts_real_path(*a) : g_strdup(*a);
            g_autofree char *of_b = a != b && real ? mounts_real_path(*b) : g_strdup(*b);
            if (a == b || !mounts_below(of_a, of_b))
                continue;
            *inner = *a;
            *outer = *b;
            return true;
        }
    return false;
}

static void check_copy_to(Draft *draft, const ConfNode *node, const Import *import)
{
    const char *inner = NULL, *outer = NULL;

    if (!*import->copy_to)
        draft_refuse(draft, node, "copy_to", "give at least one directory",
                     "{ }: no copy would be made");
    else if (g_strv_length(import->copy_to) > DIRECTORIES_MAX)
        draft_refuse(draft, node, "copy_to", "give at most 16", "{ ... }: too many directories");
    else if (import_is_nested(import->copy_to, false, &inner, &outer))
        draft_refuse(draft, node, "copy_to", "give directories that lie beside each other",
                     "{ ... }: %s lies in %s", inner, outer);
    for (char **to = import->copy_to; import->path && *to; to++)
        if (mounts_below(*to, import->path) || mounts_below(import->path, *to))
            draft_refuse(draft, node, "copy_to", "copy to another place",
                         "%s: a card is not copied to itself, and `from` is %s", *to, import->path);
}

/* Settings that are right, with which no card will ever be safe. */
static void advise_on_safety(Draft *draft, const ConfNode *node, const Import *import)
{
    guint count = g_strv_length(import->copy_to);
    g_autofree char *what = NULL;

    if (import->from == IMPORT_FROM_PTP)
        return;
    if (import->verify == IMPORT_VERIFY_SIZE)
        draft_advise(
            draft, draft_place(node, "verify"), "write verify = copies",
            "verify = size: no copy is proved, so that no card will ever be safe to format");
    if (import->safe_copies <= count)
        return;
    what = g_strdup_printf("safe_copies = %u: copy_to has %u director%s, so that no card will ever "
                           "be safe to format",
                           import->safe_copies, count, count == 1 ? "y" : "ies");
    draft_advise(draft, draft_place(node, "safe_copies"),
                 "add a directory on another disk, or lower it", what);
}

/* Whether every medium that would come to `import` by itself goes to `earlier` instead. */
static bool takes_all_of(const Import *earlier, const Import *import)
{
    if (earlier->from != import->from || import->from == IMPORT_FROM_PATH)
        return false;
    if (import->from == IMPORT_FROM_PTP)
        return true;
    for (char **pattern = earlier->ignore; *pattern; pattern++)
        if (!g_strv_contains((const char *const *) import->ignore, *pattern))
            return false;
    return !earlier->when && !import->when;
}

static void advise_on_order(Draft *draft, const ConfNode *node, const Import *import)
{
    bool is_of_cameras = import->from == IMPORT_FROM_PTP;

    for (guint i = 0; i < draft->settings->imports->len; i++) {
        const Import *earlier = draft->settings->imports->pdata[i];
        if (!takes_all_of(earlier, import))
            continue;
        g_autofree char *file = text_escape(earlier->file);
        g_autofree char *what = g_strdup_printf(
            "import \"%s\" never gets a %s by itself: import \"%s\" (%s:%d) takes every one before "
            "it",
            import->name, is_of_cameras ? "camera" : "card", earlier->name, file, earlier->line);
        draft_advise(draft, node,
                     is_of_cameras
                         ? "remove one of both"
                         : "say with `when` in the first one which cards it takes, or remove "
                           "one of both",
                     what);
        return;
    }
}

static void set_source(Import *import, char *from)
{
    import->from = !strcmp(from, "cards") ? IMPORT_FROM_CARDS
                   : !strcmp(from, "ptp") ? IMPORT_FROM_PTP
                                          : IMPORT_FROM_PATH;
    if (import->from == IMPORT_FROM_PATH)
        import->path = g_strdup(from);
}

static void set_order(Import *import, char *const *words)
{
    const Param *row = param_find(import_settings, "order");

    for (; words && *words; words++)
        for (const Choice *choice = row->choices; choice->word; choice++)
            if (!strcmp(choice->word, *words))
                import->order[import->orders++] = (ImportOrder) choice->value;
}

static char **list_or_none(char ***list)
{
    return *list ? g_steal_pointer(list) : g_new0(char *, 1);
}

/* With these settings, whose texts it takes over. */
static Import *import_new(const char *name, ImportSettings *settings)
{
    Import *import = g_new0(Import, 1);

    import->name = g_strdup(name);
    set_source(import, settings->from);
    set_order(import, settings->order);
    import->when = unless_empty(&settings->when);
    import->ignore = list_or_none(&settings->ignore);
    import->copy_to = list_or_none(&settings->copy_to);
    import->pattern = g_steal_pointer(&settings->name);
    import->day_starts = settings->day_starts;
    import->other = (ImportOther) settings->other;
    import->verify = (ImportVerify) settings->verify;
    import->safe_copies = (unsigned) settings->safe_copies;
    import->manifest = (ImportManifest) settings->manifest;
    import->duplicates = (ImportDuplicates) settings->duplicates;
    import->then = unless_empty(&settings->then);
    import->eject = settings->eject;
    import->min_free = settings->min_free;
    return import;
}

static void add_import(Draft *draft, const ConfNode *node)
{
    ImportSettings settings = { 0 };
    guint before = draft->errors->len;

    params_set_defaults(import_settings, &settings);
    conf_apply(node, &settings, draft->errors);
    conf_require(node, NULL, draft->errors);
    check_title(draft, node);
    Import *import = import_new(node->title, &settings);
    import->file = g_strdup(node->file);
    import->line = node->line;
    import->name_line = draft_place(node, "name")->line;
    import->when_line = draft_place(node, "when")->line;
    import->then_line = draft_place(node, "then")->line;
    advise_on_order(draft, node, import);
    if (conf_find(node, "copy_to") && draft->errors->len == before) {
        check_copy_to(draft, node, import);
        advise_on_safety(draft, node, import);
    }
    g_ptr_array_add(draft->settings->imports, import);
    params_clear(import_settings, &settings);
}

void draft_add_imports(Draft *draft)
{
    for (guint i = 0; i < draft->files->nodes->len; i++) {
        const ConfNode *node = draft->files->nodes->pdata[i];
        if (!strcmp(node->name, "import"))
            add_import(draft, node);
        else if (!strcmp(node->name, "camera"))
            add_camera(draft, node);
    }
}

void draft_check_thens(Draft *draft)
{
    for (guint i = 0; i < draft->settings->imports->len; i++) {
        const Import *import = draft->settings->imports->pdata[i];
        if (!import->then || settings_find_folder(draft->settings, import->then))
            continue;
        const char *meant = settings_closest_folder(draft->settings, import->then);
        g_autofree char *shown = text_value(import->then, SHOWN_MAX);
        g_autofree char *fix = meant ? g_strdup_printf("did you mean %s?", meant)
                                     : g_strdup_printf("write folder \"%s\" { ... }", shown);
        conf_add_error(draft->errors, import->file, import->then_line, fix,
                       "then = %s: no such folder", shown);
    }
}

void draft_check_copies(Draft *draft)
{
    const FeedbackFolder *folders = (const FeedbackFolder *) (void *) draft->feedback->data;

    for (guint i = 0; i < draft->settings->imports->len; i++) {
        const Import *import = draft->settings->imports->pdata[i];
        for (char **to = import->copy_to; *to; to++) {
            const FeedbackFolder *watcher = feedback_watcher(folders, draft->feedback->len, *to);
            if (watcher)
                conf_add_error(draft->errors, import->file, import->line,
                               "copy to a directory that no folder watches; `then` hands pictures "
                               "to a folder",
                               "copy_to = %s: folder \"%s\" watches it, and would take the copies "
                               "away",
                               *to, watcher->name);
        }
    }
}

/* An import that no section describes: all its settings are the defaults, but it ejects nothing,
 * and a card is safe with one disk where it has one directory. Newly allocated. */
static Import *import_by_hand(const char *const *copy_to)
{
    ImportSettings settings = { 0 };

    params_set_defaults(import_settings, &settings);
    settings.copy_to = g_strdupv((char **) (uintptr_t) copy_to);
    Import *import = import_new(IMPORT_BY_HAND, &settings);
    import->safe_copies = MIN(import->safe_copies, MAX(1, g_strv_length(import->copy_to)));
    import->eject = false;
    params_clear(import_settings, &settings);
    return import;
}

static void refuse_import(Draft *draft, const char *name)
{
    GPtrArray *imports = draft->settings->imports;
    g_autofree const char **names = g_new0(const char *, imports->len + 1);
    g_autofree char *shown = text_value(name, SHOWN_MAX);
    Error *error = NULL;

    for (guint i = 0; i < imports->len; i++)
        names[i] = ((const Import *) imports->pdata[i])->name;
    const char *meant = text_closest(name, names);
    g_autofree char *fix = meant ? g_strdup_printf("did you mean %s?", meant)
                                 : g_strdup_printf("write import \"%s\" { ... }", shown);
    error_set(&error, ERROR_CONFIG, fix, "%s: no such import", shown);
    g_ptr_array_add(draft->errors, error);
}

/* It copies to other directories; what lies there may not be linked into a folder's. */
static void redirect(Import *import, const char *const *copy_to)
{
    g_strfreev(import->copy_to);
    import->copy_to = g_strdupv((char **) (uintptr_t) copy_to);
    g_clear_pointer(&import->then, g_free);
}

void draft_choose_import(Draft *draft, const char *name, const char *const *copy_to)
{
    GPtrArray *imports = draft->settings->imports;

    if (name && !settings_find_import(draft->settings, name))
        refuse_import(draft, name);
    for (guint i = imports->len; name && i > 0; i--)
        if (strcmp(((const Import *) imports->pdata[i - 1])->name, name) != 0)
            g_ptr_array_remove_index(imports, i - 1);
    for (guint i = 0; copy_to && i < imports->len; i++)
        redirect(imports->pdata[i], copy_to);
    if (copy_to && !imports->len && !name)
        g_ptr_array_add(imports, import_by_hand(copy_to));
}

void draft_check_destinations(Draft *draft)
{
    for (guint i = 0; i < draft->settings->imports->len; i++) {
        const Import *import = draft->settings->imports->pdata[i];
        const char *inner = NULL, *outer = NULL;
        Error *error = NULL;

        if (!import_is_nested(import->copy_to, true, &inner, &outer))
            continue;
        error_set(&error, ERROR_CONFIG, "give directories that lie beside each other",
                  "%s lies in %s", inner, outer);
        if (import->file)
            error_set_where(&error, "%s:%d", import->file, import->line);
        g_ptr_array_add(draft->errors, error);
    }
}
