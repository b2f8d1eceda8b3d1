/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* It reads a picture from a stranger, as a worker that serves does, and is confined as that one. */
#include "worker/values.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actions/facts.h"
#include "actions/value_format.h"
#include "actions/warm.h"
#include "base/text.h"
#include "worker/sandbox.h"

#define WHOLE_DATE "%Y-%m-%d %H:%M:%S"

enum { CPU_S = 60 };
#define MEMORY (INT64_C(2) << 30)

/* As a folder has them by default, for every format that can be read. */
static const Limits limits = { .accept = FORMAT_BIT(FORMAT_COUNT) - 1,
                               .max_pixels = 200,
                               .max_pages = 1000,
                               .max_metadata = 64 << 20 };

/* ---- the picture ---- */

static bool report(const char *path, const Error *error)
{
    g_autofree char *shown = text_escape(path), *what = text_escape(error->what);
    g_autofree char *fix = text_escape(error->fix ? error->fix : "");

    fprintf(stderr, "hotfolder: %s: %s%s%s\n", shown, what, *fix ? "; " : "", fix);
    return false;
}

static int open_picture(const char *path, struct stat *st, Error **err)
{
    int fd = open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0 || fstat(fd, st)) {
        error_errno(err, errno, "cannot open it");
    } else if (S_ISREG(st->st_mode)) {
        return fd;
    } else {
        error_set(err, ERROR_CONFIG, "name a picture", "it is no file");
    }
    if (fd >= 0)
        close(fd);
    return -1;
}

/* Everything is opened before; nothing is decoded after it but by a confined process. */
static bool confine(Error **err)
{
    g_autoptr(GString) lacks = g_string_new(NULL);

    if (!libvips_start("hotfolder-worker", err) || !metadata_start(err))
        return false;
    warm_reserve_code(0);
    const struct rlimit cpu = { CPU_S, CPU_S };
    setrlimit(RLIMIT_CPU, &cpu);
    sandbox_limit_memory(MEMORY);
    bool fonts = sandbox_close_paths(false, lacks);
    sandbox_close_calls(fonts, false, lacks);
    return true;
}

/* ---- its values ---- */

/* Those of the folder, of its profile, and of a job: the picture alone does not say them. */
static bool is_of_picture(const Fact *fact)
{
    static const char *const others[] = { "folder",  "profile", "dir",        "seq",
                                          "seq.day", "seq.run", "seq.folder", NULL };

    return !g_strv_contains(others, fact->name);
}

/* Newly allocated; NULL where the picture does not say it. */
static char *value_of(const Fact *fact, Image *image)
{
    const Shape shape = image_shape(image);
    const FactSource source = { .image = image, .shape = &shape };
    g_auto(Value) value = { .missing = true };
    g_autoptr(Error) unread = NULL;

    if (!fact->read(fact, &source, &value, &unread) || value.missing)
        return NULL;
    return fact->type == VALUE_DATE ? g_date_time_format(value.date, WHOLE_DATE)
                                    : value_format_apply(NULL, &value);
}

static void print_for_people(Image *image)
{
    enum { COLUMN = 14 };

    for (const Fact *fact = facts; fact->name; fact++) {
        if (!is_of_picture(fact))
            continue;
        g_autofree char *word = g_strdup_printf("{%s}", fact->name);
        g_autofree char *value = value_of(fact, image), *shown = value ? text_escape(value) : NULL;
        printf("%-*s%s\n", COLUMN, word, shown ? shown : "(the picture has none)");
    }
    puts("\n{folder} {profile} {dir} {seq} depend on the folder, not on the picture.");
}

static void print_json(Image *image)
{
    cJSON *json = cJSON_CreateObject(), *values = cJSON_AddObjectToObject(json, "values");

    for (const Fact *fact = facts; fact->name; fact++) {
        if (!is_of_picture(fact))
            continue;
        g_autofree char *value = value_of(fact, image), *shown = value ? text_escape(value) : NULL;
        if (shown)
            cJSON_AddStringToObject(values, fact->name, shown);
        else
            cJSON_AddNullToObject(values, fact->name);
    }
    char *text = cJSON_Print(json);
    puts(text);
    cJSON_free(text);
    cJSON_Delete(json);
}

static bool show(int fd, const struct stat *st, const char *path, bool json, Error **err)
{
    g_autofree char *name = g_path_get_basename(path);
    const SourceNames names = { "", "", "", name, st->st_mtim.tv_sec, { 0 } };
    g_autoptr(Image) image = image_open(fd, &limits, &names, NULL, err);

    if (!image || !image_metadata(image, err))
        return false;
    if (json)
        print_json(image);
    else
        print_for_people(image);
    return true;
}

int worker_values(const char *path, bool json)
{
    struct stat st = { 0 };
    g_autoptr(Error) error = NULL;
    int fd = open_picture(path, &st, &error);

    if (fd < 0 || !confine(&error) || !show(fd, &st, path, json, &error)) {
        report(path, error);
        return 1;
    }
    libvips_stop();
    return fflush(stdout) != 0;
}
