/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ptp/camera.h"

#include <gphoto2/gphoto2.h>
#include <string.h>
#include <unistd.h>

enum { SERIAL_MAX = 64 };

struct PtpCamera {
    GPContext *context;
    Camera *camera;
    char *model, *serial;
};

/* ---- failures ---- */

void ptp_failure_clear(PtpFailure *failure)
{
    g_clear_pointer(&failure->what, g_free);
}

static CameraFailure kind_of(int code)
{
    switch (code) {
    case GP_ERROR_IO_USB_CLAIM:
    case GP_ERROR_IO_USB_FIND:
    case GP_ERROR_IO_LOCK:
        return CAMERA_HELD;
    case GP_ERROR_MODEL_NOT_FOUND:
    case GP_ERROR_UNKNOWN_PORT:
        return CAMERA_ABSENT;
    case GP_ERROR_FILE_NOT_FOUND:
    case GP_ERROR_DIRECTORY_NOT_FOUND:
    case GP_ERROR_CORRUPTED_DATA:
    case GP_ERROR_NOT_SUPPORTED:
        return CAMERA_REFUSED;
    default:
        return CAMERA_GONE;
    }
}

/* Always false. */
static bool fail(PtpFailure *failure, int code, const char *doing)
{
    failure->kind = kind_of(code);
    failure->what = g_strdup_printf("%s: %s", doing, gp_result_as_string(code));
    return false;
}

/* ---- its start ---- */

/* The port of that path; where it is a USB port, whatever camera is there is looked for. */
static int find_port(const char *port, GPPortInfoList *ports, GPPortInfo *info)
{
    int index = gp_port_info_list_load(ports);

    if (index >= GP_OK)
        index = gp_port_info_list_lookup_path(ports, port);
    return index < GP_OK ? index : gp_port_info_list_get_info(ports, index, info);
}

/* The name that libgphoto2 has for what is at the port; "Directory Browse" for a directory. */
static int find_model(const char *port, CameraAbilitiesList *abilities, GPPortInfoList *ports,
                      GPContext *context, char **model)
{
    CameraList *found = NULL;
    const char *name = NULL, *at = NULL;
    int count = 0, code = gp_list_new(&found);

    if (g_str_has_prefix(port, "disk:")) {
        *model = g_strdup("Directory Browse");
        return code >= GP_OK ? gp_list_free(found) : code;
    }
    if (code >= GP_OK)
        code = gp_abilities_list_detect(abilities, ports, found, context);
    count = code >= GP_OK ? gp_list_count(found) : 0;
    for (int i = 0; i < count && !*model; i++)
        if (gp_list_get_value(found, i, &at) >= GP_OK && !strcmp(at, port) &&
            gp_list_get_name(found, i, &name) >= GP_OK)
            *model = g_strdup(name);
    gp_list_free(found);
    return code < GP_OK ? code : *model ? GP_OK : GP_ERROR_MODEL_NOT_FOUND;
}

/* Tells the library which driver to use. */
static int choose_driver(PtpCamera *camera, const char *port)
{
    CameraAbilitiesList *list = NULL;
    GPPortInfoList *ports = NULL;
    GPPortInfo info;
    CameraAbilities abilities;
    int code = gp_abilities_list_new(&list), index = 0;

    if (code >= GP_OK)
        code = gp_port_info_list_new(&ports);
    if (code >= GP_OK)
        code = gp_abilities_list_load(list, camera->context);
    if (code >= GP_OK)
        code = find_port(port, ports, &info);
    if (code >= GP_OK)
        code = find_model(port, list, ports, camera->context, &camera->model);
    if (code >= GP_OK)
        code = index = gp_abilities_list_lookup_model(list, camera->model);
    if (code >= GP_OK)
        code = gp_abilities_list_get_abilities(list, index, &abilities);
    if (code >= GP_OK)
        code = gp_camera_set_abilities(camera->camera, abilities);
    if (code >= GP_OK)
        code = gp_camera_set_port_info(camera->camera, info);
    gp_abilities_list_free(list);
    gp_port_info_list_free(ports);
    return code;
}

/* PTP cameras have it as a setting; others say none. */
static void read_serial(PtpCamera *camera)
{
    CameraWidget *setting = NULL;
    char *value = NULL;

    if (gp_camera_get_single_config(camera->camera, "serialnumber", &setting, camera->context) <
        GP_OK)
        return;
    if (gp_widget_get_value(setting, &value) >= GP_OK && value &&
        g_utf8_validate(value, -1, NULL)) {
        g_free(camera->serial);
        camera->serial = g_strndup(value, SERIAL_MAX);
    }
    gp_widget_free(setting);
}

PtpCamera *ptp_camera_open(const char *port, PtpFailure *failure)
{
    g_autoptr(PtpCamera) camera = g_new0(PtpCamera, 1);
    int code = gp_camera_new(&camera->camera);

    camera->context = gp_context_new();
    camera->serial = g_strdup("");
    if (code >= GP_OK)
        code = choose_driver(camera, port);
    if (code >= GP_OK)
        code = gp_camera_init(camera->camera, camera->context);
    if (code < GP_OK) {
        fail(failure, code, "it cannot be opened");
        return NULL;
    }
    if (!g_str_has_prefix(port, "disk:"))
        read_serial(camera);
    return g_steal_pointer(&camera);
}

void ptp_camera_close(PtpCamera *camera)
{
    if (!camera)
        return;
    if (camera->camera) {
        gp_camera_exit(camera->camera, camera->context);
        gp_camera_unref(camera->camera);
    }
    if (camera->context)
        gp_context_unref(camera->context);
    g_free(camera->model);
    g_free(camera->serial);
    g_free(camera);
}

const char *ptp_camera_model(const PtpCamera *camera)
{
    return camera->model;
}

const char *ptp_camera_serial(const PtpCamera *camera)
{
    return camera->serial;
}

/* ---- its files ---- */

typedef struct Listing {
    PtpCamera *camera;
    bool (*found)(void *user, const PtpFile *file);
    void *user;
} Listing;

/* What the camera does not say of a file is not known: a listing must not make it up. */
static int add_file(const Listing *listing, const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    CameraFileInfo info = { 0 };
    int code = gp_camera_file_get_info(listing->camera->camera, folder, name, &info,
                                       listing->camera->context);

    if (code < GP_OK)
        return code;
    const bool has_rights = info.file.fields & GP_FILE_INFO_PERMISSIONS;
    const PtpFile file = {
        .path = path,
        .size = info.file.fields & GP_FILE_INFO_SIZE ? (int64_t) info.file.size : -1,
        .mtime_s = info.file.fields & GP_FILE_INFO_MTIME ? (int64_t) info.file.mtime : 0,
        .is_protected = has_rights && !(info.file.permissions & GP_FILE_PERM_DELETE),
    };
    return listing->found(listing->user, &file) ? GP_OK : GP_ERROR_CANCEL;
}

static int add_folder(const Listing *listing, const char *folder);

/* Calls `add` for each name of the list that `code` is of. */
static int add_each(const Listing *listing, const char *folder, CameraList *names, bool folders)
{
    const char *name = NULL;
    int code = GP_OK;

    for (int i = 0; code >= GP_OK && i < gp_list_count(names); i++) {
        code = gp_list_get_name(names, i, &name);
        if (code < GP_OK)
            break;
        g_autofree char *below = folders ? g_build_filename(folder, name, NULL) : NULL;
        code = folders ? add_folder(listing, below) : add_file(listing, folder, name);
    }
    return code;
}

/* One that is not deeper than any camera's: a library that goes round in circles ends. */
static bool is_too_deep(const char *folder)
{
    enum { DEEPEST = 16 };
    int depth = 0;

    for (const char *at = folder; *at; at++)
        depth += *at == '/';
    return depth > DEEPEST;
}

static int add_folder(const Listing *listing, const char *folder)
{
    PtpCamera *camera = listing->camera;
    CameraList *names = NULL;
    int code = is_too_deep(folder) ? GP_ERROR_CORRUPTED_DATA : gp_list_new(&names);

    if (code >= GP_OK)
        code = gp_camera_folder_list_files(camera->camera, folder, names, camera->context);
    if (code >= GP_OK)
        code = add_each(listing, folder, names, false);
    if (code >= GP_OK)
        gp_list_reset(names);
    if (code >= GP_OK)
        code = gp_camera_folder_list_folders(camera->camera, folder, names, camera->context);
    if (code >= GP_OK)
        code = add_each(listing, folder, names, true);
    if (names)
        gp_list_free(names);
    return code;
}

bool ptp_camera_list(PtpCamera *camera, bool (*found)(void *user, const PtpFile *file), void *user,
                     PtpFailure *failure)
{
    const Listing listing = { camera, found, user };
    int code = add_folder(&listing, "/");

    return code >= GP_OK || fail(failure, code, "its files cannot be listed");
}

bool ptp_camera_get(PtpCamera *camera, const char *path, int fd, PtpFailure *failure)
{
    g_autofree char *folder = g_path_get_dirname(path), *name = g_path_get_basename(path);
    CameraFile *file = NULL;
    int own = dup(fd); /* the library closes it */
    int code = own < 0 ? GP_ERROR_NO_MEMORY : gp_file_new_from_fd(&file, own);

    if (code >= GP_OK)
        code = gp_camera_file_get(camera->camera, folder, name, GP_FILE_TYPE_NORMAL, file,
                                  camera->context);
    if (file)
        gp_file_unref(file);
    return code >= GP_OK || fail(failure, code, path);
}
