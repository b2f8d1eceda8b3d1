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
#include "actions/loader.h"
#include "actions/template.h"
#include "actions/value_format.h"
#include "actions/warm_up.h"
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
    for (int format = 0; format < FORMAT_COUNT; format++)
        loader_make_ready((Format) format);
    warm_reserve_code(0);
    const struct rlimit cpu = { CPU_S, CPU_S };
    setrlimit(RLIMIT_CPU, &cpu);
    sandbox_limit_memory(MEMORY);
    bool fonts = sandbox_close_paths(false, lacks);
    sandbox_close_calls(fonts, lacks);
    return true;
}

/* ---- all values there are ---- */

enum { COLUMN = 19, WIDTH = 80 };

static void print_group(const Fact *fact)
{
    if (fact != facts && !strcmp(fact[-1].group, fact->group))
        return;
    printf("%s%c%s\n", fact == facts ? "" : "\n", g_ascii_toupper(*fact->group), fact->group + 1);
}

static void list_for_people(void)
{
    for (const Fact *fact = facts; fact->name; fact++) {
        g_autofree char *word = g_strdup_printf("{%s}", fact->name);
        g_autofree char *text = g_strdup_printf("%s (%s)", fact->help, fact->example);
        g_autofree char *wrapped = text_wrap(text, COLUMN, WIDTH);
        print_group(fact);
        printf("  %-*s%s", COLUMN - 2, word, wrapped + COLUMN);
    }
    puts("\nTags, as `exiftool -s` calls them: {exif.LensModel} {iptc.By-line}");
    puts("`hotfolder values PHOTO` shows what they are of a picture.");
}

static void print_document(cJSON *json)
{
    char *text = cJSON_Print(json);

    puts(text);
    cJSON_free(text);
    cJSON_Delete(json);
}

static void list_as_json(void)
{
    static const char *const types[] = {
        [VALUE_NUMBER] = "number", [VALUE_TEXT] = "text", [VALUE_TRUTH] = "yes or no",
        [VALUE_LIST] = "list",     [VALUE_DATE] = "date",
    };
    cJSON *json = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(json, "list");

    for (const Fact *fact = facts; fact->name; fact++) {
        cJSON *row = cJSON_CreateObject();
        cJSON_AddStringToObject(row, "name", fact->name);
        cJSON_AddStringToObject(row, "group", fact->group);
        cJSON_AddStringToObject(row, "type", types[fact->type]);
        cJSON_AddBoolToObject(row, "may_be_missing", fact->flags & FACT_MAY_BE_MISSING);
        cJSON_AddStringToObject(row, "example", fact->example);
        cJSON_AddStringToObject(row, "help", fact->help);
        cJSON_AddItemToArray(list, row);
    }
    print_document(json);
}

/* ---- those of a picture ---- */

static bool is_of_import(const Fact *fact)
{
    return fact->flags & FACT_OF_IMPORT;
}

static bool is_of_picture(const Fact *fact)
{
    return !(fact->flags & FACT_NOT_OF_PICTURE);
}

/* Newly allocated; NULL where the picture does not say it, or with *err set. */
static char *value_of(const Fact *fact, Image *image, Error **err)
{
    const Shape shape = image_shape(image);
    const FactSource source = { .image = image, .shape = &shape };
    g_auto(Value) value = { .missing = true };

    if (!fact->read(fact, &source, &value, err) || value.missing)
        return NULL;
    g_autofree char *text = fact->type == VALUE_DATE ? g_date_time_format(value.date, WHOLE_DATE)
                                                     : value_format_apply(NULL, &value);
    return text_escape(text);
}

static bool print_for_people(Image *image, Error **err)
{
    for (const Fact *fact = facts; fact->name; fact++) {
        if (is_of_import(fact))
            continue;
        g_autofree char *word = g_strdup_printf("{%s}", fact->name);
        g_autofree char *value = is_of_picture(fact) ? value_of(fact, image, err) : NULL;
        const char *none = is_of_picture(fact) ? "(the picture has none)" : "(its folder decides)";
        if (*err)
            return false;
        print_group(fact);
        printf("  %-*s%s\n", COLUMN - 2, word, value ? value : none);
    }
    return true;
}

static bool print_as_json(Image *image, Error **err)
{
    cJSON *json = cJSON_CreateObject(), *values = cJSON_AddObjectToObject(json, "values");

    for (const Fact *fact = facts; fact->name; fact++) {
        if (!is_of_picture(fact))
            continue;
        g_autofree char *value = value_of(fact, image, err);
        if (*err)
            return cJSON_Delete(json), false;
        if (value)
            cJSON_AddStringToObject(values, fact->name, value);
        else
            cJSON_AddNullToObject(values, fact->name);
    }
    print_document(json);
    return true;
}

/* ---- those that are asked for ---- */

static bool check_asked(const GPtrArray *asked, Error **err)
{
    for (guint i = 0; i < asked->len; i++) {
        const Fact *fact = asked->pdata[i];
        if (!is_of_picture(fact))
            return error_set(err, ERROR_CONFIG, "leave it out, or try it with `hotfolder run`",
                             "{%s} is not known here: its folder decides", fact->name);
    }
    return true;
}

/* Whether the picture does not say one of them. */
static bool lacks_any(const GPtrArray *asked, Image *image)
{
    for (guint i = 0; i < asked->len; i++) {
        g_autoptr(Error) error = NULL;
        g_autofree char *value = value_of(asked->pdata[i], image, &error);
        if (!value && !error)
            return true;
    }
    return false;
}

/* What a template, or a formula without its braces, comes to with the picture, newly allocated.
 * NULL with *err set; *missing: because the picture does not say what it needs. */
static char *tried(const char *asked, Image *image, bool *missing, Error **err)
{
    g_autofree char *braced = strchr(asked, '{') ? g_strdup(asked) : g_strdup_printf("{%s}", asked);
    g_autoptr(Template) template = template_new(TEMPLATE_TEXT, "value", braced, err);
    g_autoptr(GPtrArray) facts_asked = g_ptr_array_new();

    *missing = false;
    if (!template)
        return NULL;
    template_facts(template, facts_asked);
    g_autofree char *text =
        check_asked(facts_asked, err) ? template_text(template, image, false, err) : NULL;
    *missing = !text && (*err)->kind == ERROR_PICTURE && lacks_any(facts_asked, image);
    return text ? text_escape(text) : NULL;
}

/* Programs get a null for what is missing, and the rest; once what is asked for twice. */
static bool try_as_json(Image *image, char **asked, Error **err)
{
    cJSON *document = cJSON_CreateObject(), *values = cJSON_AddObjectToObject(document, "values");

    for (; *asked && !*err; asked++) {
        bool missing = false;
        g_autofree char *text = tried(*asked, image, &missing, err), *shown = text_escape(*asked);
        if (missing)
            g_clear_pointer(err, error_free);
        if (cJSON_GetObjectItemCaseSensitive(values, shown))
            continue;
        if (text)
            cJSON_AddStringToObject(values, shown, text);
        else if (!*err)
            cJSON_AddNullToObject(values, shown);
    }
    if (!*err)
        print_document(document);
    else
        cJSON_Delete(document);
    return !*err;
}

static bool try_each(Image *image, char **asked, Error **err)
{
    for (; *asked; asked++) {
        bool missing = false;
        g_autofree char *text = tried(*asked, image, &missing, err);
        if (!text)
            return false;
        puts(text);
    }
    return true;
}

static bool show(int fd, const struct stat *st, char **arguments, bool json, Error **err)
{
    g_autofree char *name = g_path_get_basename(arguments[0]);
    const SourceNames names = { "", "", "", name, st->st_mtim.tv_sec, { 0 } };
    g_autoptr(Image) image = image_open(fd, &limits, &names, NULL, err);

    if (!image)
        return false;
    if (arguments[1])
        return json ? try_as_json(image, arguments + 1, err) : try_each(image, arguments + 1, err);
    return json ? print_as_json(image, err) : print_for_people(image, err);
}

static bool show_picture(char **arguments, bool json)
{
    struct stat st = { 0 };
    g_autoptr(Error) error = NULL;
    int fd = open_picture(arguments[0], &st, &error);

    if (fd < 0 || !confine(&error) || !show(fd, &st, arguments, json, &error))
        return report(arguments[0], error);
    libvips_stop();
    return true;
}

int worker_values(char **arguments, bool json)
{
    bool shown = true;

    if (arguments[0])
        shown = show_picture(arguments, json);
    else if (json)
        list_as_json();
    else
        list_for_people();
    return !shown || fflush(stdout) != 0;
}
