/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rename - give the original another name. The daemon moves it, when the picture is done. */
#include <string.h>

#include "actions/action.h"
#include "actions/facts_readers.h"
#include "actions/template.h"

typedef struct Rename {
    char *name;
    Template *template; /* of prepare() */
} Rename;

static const Param params[] = {
    TEXT(Rename, name,
         .help = "the new name, as save has names, without a directory; its extension stays: it is "
                 "added where the name does not end with it. A name that is taken gets -1, -2"),
    { 0 },
};

static bool check(const void *settings, Error **err)
{
    const Rename *s = settings;
    g_autoptr(Template) template = template_new(TEMPLATE_PATH, "name", s->name, err);

    if (!template)
        return false;
    g_autofree char *sample = template_sample(template);
    return !strchr(sample, '/') ||
           error_set(err, ERROR_CONFIG,
                     "remove the /: its directory in done/ stays that in the "
                     "folder",
                     "name = \"%s\": a new name has no directory", s->name);
}

static bool prepare(void *settings, Error **err)
{
    Rename *s = settings;

    s->template = template_new(TEMPLATE_PATH, "name", s->name, err);
    return s->template;
}

static void release(void *settings)
{
    Rename *s = settings;

    g_clear_pointer(&s->template, template_free);
}

static bool ends_with(const char *name, const char *extension)
{
    size_t length = strlen(name), end = strlen(extension);

    return length > end && !g_ascii_strcasecmp(name + length - end, extension);
}

/* {dir} brings slashes. */
static char *name_of(const Rename *s, Image *image, Error **err)
{
    const char *extension = fact_extension_of(image_source_names(image)->name);
    g_autofree char *name = template_expand(s->template, image, strlen(extension), err);

    if (!name)
        return NULL;
    g_strdelimit(name, "/", '_');
    return ends_with(name, extension) ? g_steal_pointer(&name) : g_strconcat(name, extension, NULL);
}

/* The file of several pictures is called as the first one says. */
static bool apply(const void *settings, Image *image, Error **err)
{
    const Outputs *outputs = image_outputs(image);

    if (!outputs || !outputs->rename || image_place(image)->number > 0)
        return true;
    g_autofree char *name = name_of(settings, image, err);
    return name && template_check_length(name, err) && outputs->rename(outputs->user, name, err);
}

const Action action_rename = {
    .name = "rename",
    .group = "output",
    .summary = "give the original another name in done/, where it goes when the picture is done",
    .aliases = "rename-original",
    .example = "rename { name = \"{taken:%Y%m%d-%H%M%S|{stem}}\" }",
    .params = params,
    .size = sizeof(Rename),
    .flags = ACTION_LEAVES | ACTION_RENAMES | ACTION_INKS,
    .check = check,
    .prepare = prepare,
    .release = release,
    .apply = apply,
};
