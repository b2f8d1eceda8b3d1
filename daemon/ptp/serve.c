/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ptp/serve.h"

#include <unistd.h>

#include "ptp/camera.h"
#include "wire/wire.h"

static const char *const formats[CAMERA_COUNT] = CAMERA_FORMATS;

typedef struct Serving {
    int socket;
    PtpCamera *camera;
    Error *error; /* the import cannot be reached any more */
} Serving;

static bool send_failure(int socket, const PtpFailure *failure, Error **err)
{
    g_autofree char *what = g_utf8_make_valid(failure->what ? failure->what : "it failed", -1);

    return wire_send(socket, CAMERA_FAILED, g_variant_new("(us)", (guint32) failure->kind, what),
                     -1, err);
}

static bool send_file(void *user, const PtpFile *file)
{
    Serving *serving = user;

    return wire_send(serving->socket, CAMERA_FILE,
                     g_variant_new("(^ayxxb)", file->path, file->size, file->mtime_s,
                                   (gboolean) file->is_protected),
                     -1, &serving->error);
}

static bool answer_list(Serving *serving, Error **err)
{
    g_auto(PtpFailure) failure = { 0 };

    if (ptp_camera_list(serving->camera, send_file, serving, &failure))
        return wire_send(serving->socket, CAMERA_LISTED, g_variant_new("()"), -1, err);
    if (serving->error) {
        *err = g_steal_pointer(&serving->error);
        return false;
    }
    return send_failure(serving->socket, &failure, err);
}

static bool answer_get(Serving *serving, GVariant *body, int fd, Error **err)
{
    g_auto(PtpFailure) failure = { 0 };
    const char *path = NULL;

    g_variant_get(body, "(^&ay)", &path);
    if (fd < 0 || *path != '/')
        return error_set(err, ERROR_INTERNAL, NULL, "the request is not valid");
    if (ptp_camera_get(serving->camera, path, fd, &failure))
        return wire_send(serving->socket, CAMERA_GOT, g_variant_new("()"), -1, err);
    return send_failure(serving->socket, &failure, err);
}

static bool answer(Serving *serving, Error **err)
{
    g_autoptr(GVariant) body = NULL;
    unsigned type = 0;
    int fd = -1;

    if (!wire_receive(serving->socket, formats, CAMERA_COUNT, 0, &type, &body, &fd, err))
        return false;
    bool ok = type == CAMERA_LIST  ? answer_list(serving, err)
              : type == CAMERA_GET ? answer_get(serving, body, fd, err)
                                   : error_set(err, ERROR_INTERNAL, NULL, "an unexpected message");
    if (fd >= 0)
        close(fd);
    return ok;
}

static bool say_hello(const Serving *serving, Error **err)
{
    g_autofree char *version = wire_version(formats, CAMERA_COUNT);
    g_autofree char *model = g_utf8_make_valid(ptp_camera_model(serving->camera), -1);

    return wire_send(serving->socket, CAMERA_HELLO,
                     g_variant_new("(sss)", version, model, ptp_camera_serial(serving->camera)), -1,
                     err);
}

bool ptp_serve(int socket, const char *port, Error **err)
{
    g_auto(PtpFailure) failure = { 0 };
    g_autoptr(PtpCamera) camera = ptp_camera_open(port, &failure);
    Serving serving = { .socket = socket, .camera = camera };

    if (!camera)
        return send_failure(socket, &failure, err);
    if (!say_hello(&serving, err))
        return false;
    while (answer(&serving, err))
        continue;
    /* the import has what it wants, or is gone itself */
    if ((*err)->kind != ERROR_TRANSIENT)
        return false;
    g_clear_pointer(err, error_free);
    return true;
}
