/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker/imports.h"

#include <string.h>

enum { LAST_MINUTE = 24 * 60 - 1 };

const Param import_params[] = {
    TEXT(KnownImport, name, .def = "", .help = "what its files are called"),
    TEXT(KnownImport, when, .def = "", .help = "which media it takes"),
    INT(KnownImport, day_starts, .def = "0", .max = LAST_MINUTE,
        .help = "minutes after midnight at which a day begins"),
    { 0 },
};

const Param camera_params[] = {
    TEXT(KnownCamera, serial, .def = "", .help = "serial number in the metadata of its pictures"),
    TEXT(KnownCamera, clock, .def = "", .help = "what is added to its clock"),
    TEXT(KnownCamera, owner, .def = "", .help = "whose it is"),
    { 0 },
};

static GPtrArray *imports, *cameras; /* of KnownImport and KnownCamera; NULL: none */

static void import_clear(void *data)
{
    KnownImport *import = data;

    template_free(import->template);
    formula_free(import->fits);
    error_free(import->failure);
    params_clear(import_params, import);
    g_free(import->title);
    g_free(import);
}

static void camera_clear(void *data)
{
    KnownCamera *camera = data;

    params_clear(camera_params, camera);
    g_free(camera->title);
    g_free(camera);
}

/* Of a setting, where it is written. */
static void report(const ConfNode *node, const char *setting, GPtrArray *errors, const Error *error)
{
    const ConfNode *at = conf_find(node, setting);

    if (error)
        conf_add_error(errors, at ? at->file : node->file, at ? at->line : node->line, error->fix,
                       "%s", error->what);
}

/* Both mistakes are reported. */
static void compile_import(KnownImport *import, const ConfNode *node, GPtrArray *errors)
{
    g_autoptr(Error) wrong_when = NULL;

    import->template = import_name_new(import->name, &import->failure);
    import->fits = *import->when ? import_when_new(import->when, &wrong_when) : NULL;
    report(node, "name", errors, import->failure);
    report(node, "when", errors, wrong_when);
    if (!import->failure)
        import->failure = g_steal_pointer(&wrong_when);
}

void imports_add(const ConfNode *node, GPtrArray *errors)
{
    KnownImport *import = g_new0(KnownImport, 1);

    if (!imports)
        imports = g_ptr_array_new_with_free_func(import_clear);
    params_set_defaults(import_params, import);
    conf_apply(node, import, errors);
    import->title = g_strdup(node->title);
    compile_import(import, node, errors);
    g_ptr_array_add(imports, import);
}

/* The daemon has checked it. */
void cameras_add(const ConfNode *node, GPtrArray *errors)
{
    KnownCamera *camera = g_new0(KnownCamera, 1);
    g_autoptr(Error) ignored = NULL;

    if (!cameras)
        cameras = g_ptr_array_new_with_free_func(camera_clear);
    params_set_defaults(camera_params, camera);
    conf_apply(node, camera, errors);
    camera->title = g_strdup(node->title);
    calendar_shift_read(camera->clock, &camera->shift, &ignored);
    g_ptr_array_add(cameras, camera);
}

void imports_forget(void)
{
    g_clear_pointer(&imports, g_ptr_array_unref);
    g_clear_pointer(&cameras, g_ptr_array_unref);
}

const KnownImport *imports_find(const char *title)
{
    for (guint i = 0; imports && i < imports->len; i++) {
        const KnownImport *import = imports->pdata[i];
        if (!strcmp(import->title, title))
            return import;
    }
    return NULL;
}

const KnownCamera *cameras_find(const char *serial)
{
    for (guint i = 0; cameras && i < cameras->len; i++) {
        const KnownCamera *camera = cameras->pdata[i];
        if (!strcmp(camera->serial, serial))
            return camera;
    }
    return NULL;
}
