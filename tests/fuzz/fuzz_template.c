/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any text as the name of an output, for a source of any name: what comes out is a path inside the
 * output directory that a file system takes. The input is the template, the source's name, its
 * directory and its folder, a 0 between them; what is left is the time in the picture's EXIF. */
#include <limits.h>
#include <stdlib.h>

#include "actions/template.h"
#include "tests/fuzz/picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static SourceNames origin;

static Image *open_picture(int fd)
{
    static const Outputs outputs = { 0 };
    g_autoptr(Error) error = NULL;
    Image *image = image_open(fd, NULL, &origin, &outputs, &error);

    if (!image)
        abort();
    return image;
}

/* One that knows nothing of when it was taken. */
static Image *some_picture(void)
{
    static Image *image;
    g_autoptr(Error) error = NULL;

    if (image)
        return image;
    if (!libvips_start("fuzz_template", &error))
        abort();
    return image = open_picture(picture_open());
}

static void judge(const char *path)
{
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);

    if (!*path)
        abort();
    for (char **part = parts; *part; part++)
        if (!**part || !strcmp(*part, ".") || !strcmp(*part, "..") || strlen(*part) > NAME_MAX)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Image *image = some_picture();
    char *texts[4] = { NULL };
    g_autoptr(Error) error = NULL, no = NULL;
    g_autoptr(Image) taken = NULL;
    size_t at = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        size_t left = size - at, length = strnlen((const char *) data + at, left);
        texts[i] = g_strndup((const char *) data + at, length);
        at += MIN(length + 1, left);
    }
    if (at < size)
        image = taken = open_picture(picture_taken(data + at, size - at));
    g_strdelimit(texts[1], "/", '_'); /* a file's own name has none */
    origin = (SourceNames){ "web",          texts[3],
                            texts[2],       *texts[1] ? texts[1] : "x",
                            (int64_t) size, { INT64_MAX, 1, INT64_MAX, 0 } };

    g_autoptr(Template) template = template_new(TEMPLATE_PATH, "name", texts[0], &error);
    if (!template == !error)
        abort();
    if (template) {
        g_autofree char *path = template_expand(template, image, 0, &no);
        if (!path == !no)
            abort();
        if (path)
            judge(path);
        if (template_has_extension(template) && !template_last_text(template))
            abort();
    }
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    return 0;
}
