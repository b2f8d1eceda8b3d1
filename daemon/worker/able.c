/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker/able.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

#include "actions/encoders.h"
#include "actions/loader.h"

static bool writes(Format format)
{
    const Encoder *encoder = encoder_of(format);

    return encoder && (!encoder->saver || libvips_make_ready("VipsForeignSave", encoder->saver));
}

static void add_formats(cJSON *json, const char *name, bool (*is_able)(Format format))
{
    cJSON *list = cJSON_AddArrayToObject(json, name);

    for (Format format = FORMAT_NONE + 1; format < FORMAT_COUNT; format++)
        if (is_able(format))
            cJSON_AddItemToArray(list, cJSON_CreateString(format_word(format)));
}

/* 0: it can't be drawn. */
static int width_of(const char *text)
{
    VipsImage *image = NULL;
    int width = vips_text(&image, text, "font", "sans 100px", NULL) ? 0 : image->Xsize;

    if (image)
        g_object_unref(image);
    return width;
}

/* Without a font, each letter is a box of the same size. */
static bool has_fonts(void)
{
    int narrow = width_of("iiii"), wide = width_of("WWWW");

    return narrow > 0 && wide > 0 && narrow != wide;
}

int worker_able(void)
{
    cJSON *json = cJSON_CreateObject();
    g_autoptr(Error) error = NULL;

    if (!libvips_start("hotfolder-worker", &error)) {
        fprintf(stderr, "hotfolder: %s\n", error->what);
        cJSON_Delete(json);
        return EXIT_FAILURE;
    }
    add_formats(json, "reads", loader_make_ready);
    add_formats(json, "writes", writes);
    cJSON_AddBoolToObject(json, "fonts", has_fonts());
    char *text = cJSON_PrintUnformatted(json);
    puts(text);
    cJSON_free(text);
    cJSON_Delete(json);
    return EXIT_SUCCESS;
}
