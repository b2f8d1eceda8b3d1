/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/file_window.h"

#include <errno.h>
#include <unistd.h>

#define WINDOW "hotfolder-window"

typedef struct Reader {
    VipsSource *file;
    FileWindow window;
    gint64 at;
} Reader;

static void reader_free(void *data)
{
    Reader *reader = data;

    g_object_unref(reader->file);
    g_free(reader);
}

static gint64 on_read(VipsSourceCustom *source G_GNUC_UNUSED, void *buffer, gint64 length,
                      void *user)
{
    Reader *reader = user;
    gint64 left = (gint64) reader->window.length - reader->at;
    gint64 got = 0;

    do
        got = pread(reader->window.fd, buffer, (size_t) CLAMP(length, 0, MAX(left, 0)),
                    (off_t) reader->window.at + reader->at);
    while (got < 0 && errno == EINTR);
    reader->at += MAX(got, 0);
    return got;
}

static gint64 on_seek(VipsSourceCustom *source G_GNUC_UNUSED, gint64 offset, int whence, void *user)
{
    Reader *reader = user;
    gint64 from = whence == SEEK_CUR   ? reader->at
                  : whence == SEEK_END ? (gint64) reader->window.length
                                       : 0;

    if (offset < -from)
        return -1;
    reader->at = from + offset;
    return reader->at;
}

VipsSource *file_window_new(VipsSource *file, uint64_t at, uint64_t length)
{
    VipsSourceCustom *source = vips_source_custom_new();
    Reader *reader = g_new(Reader, 1);

    *reader = (Reader){ g_object_ref(file), { VIPS_CONNECTION(file)->descriptor, at, length }, 0 };
    g_object_set_data_full(G_OBJECT(source), WINDOW, reader, reader_free);
    g_signal_connect(source, "read", G_CALLBACK(on_read), reader);
    g_signal_connect(source, "seek", G_CALLBACK(on_seek), reader);
    return VIPS_SOURCE(source);
}

FileWindow file_window_of(VipsSource *source)
{
    const Reader *reader = g_object_get_data(G_OBJECT(source), WINDOW);

    return reader ? reader->window : (FileWindow){ VIPS_CONNECTION(source)->descriptor, 0, 0 };
}
