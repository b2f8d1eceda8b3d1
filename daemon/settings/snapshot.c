/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/settings/snapshot.h"

#include <string.h>

#include "base/text.h"
#include "formats/format.h"

void profile_text_free(ProfileText *profile)
{
    if (!profile)
        return;
    g_free(profile->name);
    g_free(profile->file);
    g_free(profile->text);
    g_free(profile);
}

NamedFile *named_file_new(const char *path, const char *where)
{
    NamedFile *file = g_new0(NamedFile, 1);

    file->path = g_strdup(path);
    file->where = g_strdup(where);
    return file;
}

void named_file_free(NamedFile *file)
{
    g_free(file->path);
    g_free(file->where);
    g_free(file);
}

NamedOutput *named_output_new(const char *profile, const char *name, const char *where)
{
    NamedOutput *output = g_new0(NamedOutput, 1);

    output->profile = g_strdup(profile);
    output->name = g_strdup(name);
    output->where = g_strdup(where);
    return output;
}

void named_output_free(NamedOutput *output)
{
    g_free(output->profile);
    g_free(output->name);
    g_free(output->where);
    g_free(output);
}

static void folder_free(void *data)
{
    Folder *folder = data;

    g_free(folder->name);
    g_free(folder->path);
    g_free(folder->output);
    g_free(folder->copy_to);
    g_strfreev(folder->ignore);
    g_free(folder->file);
    g_free(folder);
}

void program_free(Program *program)
{
    g_free(program->name);
    g_strfreev(program->run);
    g_free(program);
}

void import_free(Import *import)
{
    g_free(import->name);
    g_free(import->path);
    g_free(import->when);
    g_strfreev(import->ignore);
    g_strfreev(import->copy_to);
    g_free(import->pattern);
    g_free(import->then);
    g_free(import->file);
    g_free(import);
}

void camera_free(Camera *camera)
{
    g_free(camera->name);
    g_free(camera->serial);
    g_free(camera->clock);
    g_free(camera->owner);
    g_free(camera->file);
    g_free(camera);
}

void notice_free(Notice *notice)
{
    if (!notice)
        return;
    g_free(notice->name);
    g_strfreev(notice->folders);
    g_strfreev(notice->run);
    g_free(notice->mail);
    g_free(notice->post);
    g_free(notice->file);
    g_free(notice);
}

void http_free(Http *http)
{
    if (!http)
        return;
    g_free(http->listen);
    g_free(http->token_file);
    g_strfreev(http->hosts);
    g_free(http->file);
    g_free(http);
}

Settings *settings_new(const char *file)
{
    Settings *settings = g_new0(Settings, 1);

    atomic_init(&settings->refs, 1);
    settings->file = g_strdup(file);
    settings->operators = SETTINGS_NO_GROUP;
    settings->files = g_ptr_array_new_with_free_func((GDestroyNotify) named_file_free);
    settings->tracks = g_ptr_array_new_with_free_func(g_free);
    settings->advice = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    settings->names = g_ptr_array_new_with_free_func((GDestroyNotify) named_output_free);
    settings->losses = g_ptr_array_new_with_free_func((GDestroyNotify) named_output_free);
    settings->renames = g_ptr_array_new_with_free_func((GDestroyNotify) named_output_free);
    settings->folders = g_ptr_array_new_with_free_func(folder_free);
    settings->profiles = g_ptr_array_new_with_free_func((GDestroyNotify) profile_text_free);
    settings->programs = g_ptr_array_new_with_free_func((GDestroyNotify) program_free);
    settings->imports = g_ptr_array_new_with_free_func((GDestroyNotify) import_free);
    settings->cameras = g_ptr_array_new_with_free_func((GDestroyNotify) camera_free);
    settings->notices = g_ptr_array_new_with_free_func((GDestroyNotify) notice_free);
    return settings;
}

Settings *settings_ref(Settings *settings)
{
    atomic_fetch_add(&settings->refs, 1);
    return settings;
}

void settings_unref(Settings *settings)
{
    if (!settings || atomic_fetch_sub(&settings->refs, 1) != 1)
        return;
    g_free(settings->file);
    g_ptr_array_unref(settings->files);
    g_ptr_array_unref(settings->tracks);
    g_ptr_array_unref(settings->names);
    g_ptr_array_unref(settings->losses);
    g_ptr_array_unref(settings->renames);
    g_ptr_array_unref(settings->advice);
    g_ptr_array_unref(settings->folders);
    g_ptr_array_unref(settings->profiles);
    g_ptr_array_unref(settings->programs);
    g_ptr_array_unref(settings->imports);
    g_ptr_array_unref(settings->cameras);
    g_ptr_array_unref(settings->notices);
    http_free(settings->http);
    g_free(settings->profiles_text);
    g_free(settings->sandbox_lacks);
    g_free(settings->checked);
    g_free(settings->worker_key);
    g_free(settings);
}

const Folder *settings_find_folder(const Settings *settings, const char *name)
{
    for (guint i = 0; i < settings->folders->len; i++) {
        const Folder *folder = settings->folders->pdata[i];
        if (!strcmp(folder->name, name))
            return folder;
    }
    return NULL;
}

const Folder *settings_find_directory(const Settings *settings, const char *path)
{
    for (guint i = 0; i < settings->folders->len; i++) {
        const Folder *folder = settings->folders->pdata[i];
        if (!strcmp(folder->path, path))
            return folder;
    }
    return NULL;
}

const char *settings_closest_folder(const Settings *settings, const char *name)
{
    g_autofree const char **names = g_new0(const char *, settings->folders->len + 1);

    for (guint i = 0; i < settings->folders->len; i++)
        names[i] = ((const Folder *) settings->folders->pdata[i])->name;
    return text_closest(name, names);
}

const ProfileText *settings_find_profile(const Settings *settings, const char *name)
{
    for (guint i = 0; i < settings->profiles->len; i++) {
        const ProfileText *profile = settings->profiles->pdata[i];
        if (!strcmp(profile->name, name))
            return profile;
    }
    return NULL;
}

const Program *settings_find_program(const Settings *settings, const char *name)
{
    for (guint i = 0; i < settings->programs->len; i++) {
        const Program *program = settings->programs->pdata[i];
        if (!strcmp(program->name, name))
            return program;
    }
    return NULL;
}

const Import *settings_find_import(const Settings *settings, const char *name)
{
    for (guint i = 0; i < settings->imports->len; i++) {
        const Import *import = settings->imports->pdata[i];
        if (!strcmp(import->name, name))
            return import;
    }
    return NULL;
}

bool settings_draw_text(const Settings *settings)
{
    if (settings->profiles_draw_text)
        return true;
    for (guint i = 0; i < settings->folders->len; i++) {
        const Folder *folder = settings->folders->pdata[i];
        if (folder->limits.accept & (FORMAT_BIT(FORMAT_SVG) | FORMAT_BIT(FORMAT_PDF)))
            return true;
    }
    return false;
}
