/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/patched_source.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct Reader {
    int fd; /* borrowed */
    gint64 at;
    GArray *patches; /* of Patch */
} Reader;

static void reader_free(gpointer data, GClosure *closure G_GNUC_UNUSED)
{
    Reader *reader = data;

    g_array_unref(reader->patches);
    g_free(reader);
}

static gint64 on_read(VipsSourceCustom *source G_GNUC_UNUSED, void *buffer, gint64 length,
                      void *user)
{
    Reader *reader = user;
    unsigned char *bytes = buffer;
    gint64 got = 0;

    do
        got = pread(reader->fd, bytes, (size_t) length, reader->at);
    while (got < 0 && errno == EINTR);
    for (guint i = 0; got > 0 && i < reader->patches->len; i++) {
        const Patch *patch = &g_array_index(reader->patches, Patch, i);
        gint64 at = (gint64) patch->at - reader->at;
        if (at >= 0 && at < got)
            bytes[at] = patch->byte;
    }
    reader->at += MAX(got, 0);
    return got;
}

static gint64 on_seek(VipsSourceCustom *source G_GNUC_UNUSED, gint64 offset, int whence, void *user)
{
    Reader *reader = user;
    gint64 from = whence == SEEK_CUR ? reader->at : 0;
    struct stat st;

    if (whence == SEEK_END) {
        if (fstat(reader->fd, &st))
            return -1;
        from = st.st_size;
    }
    if (offset < -from)
        return -1;
    reader->at = from + offset;
    return reader->at;
}

VipsSource *patched_source_new(int fd, GArray *patches)
{
    VipsSourceCustom *source = vips_source_custom_new();
    Reader *reader = g_new(Reader, 1);

    *reader = (Reader){ fd, 0, patches };
    g_signal_connect_data(source, "read", G_CALLBACK(on_read), reader, reader_free, 0);
    g_signal_connect(source, "seek", G_CALLBACK(on_seek), reader);
    return VIPS_SOURCE(source);
}
