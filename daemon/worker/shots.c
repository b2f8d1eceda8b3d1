/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker/shots.h"

#include <math.h>
#include <string.h>

#include "actions/imported.h"
#include "actions/metadata_taken.h"
#include "base/text.h"
#include "worker/imports.h"

enum {
    TEXT_MAX = 200, /* characters of a text that is sent */
    DIGITS = 9,     /* of nanoseconds */
};

/* NULL with *err where it cannot be used. */
static const KnownImport *find(const char *title, Error **err)
{
    const KnownImport *import = imports_find(title);
    const Error *failure = import ? import->failure : NULL;

    if (import && !failure)
        return import;
    error_set(err, ERROR_CONFIG, failure ? failure->fix : "run `hotfolder check`",
              "import \"%s\" cannot be used%s%s", title, failure ? ": " : "",
              failure ? failure->what : "");
    return NULL;
}

bool shots_match(GVariant *body, bool *fits, Error **err)
{
    const char *title = NULL;
    MediumWords medium = { 0 };
    gint64 size = 0;
    gboolean removable = FALSE;

    g_variant_get(body, "(&s&s&s&sxb)", &title, &medium.label, &medium.uuid, &medium.maker, &size,
                  &removable);
    medium.size = size;
    medium.removable = removable;
    const KnownImport *import = find(title, err);
    *fits = removable;
    return import && (!import->fits || import_when_fits(import->fits, &medium, fits, err));
}

/* ---- what a file says ---- */

/* Missing where it says nothing. */
static void read_fact(const char *name, Image *image, Value *value)
{
    g_autoptr(Error) ignored = NULL;
    const FactSource source = { .image = image };
    const Fact *fact = fact_find(FACTS_OF_IMPORTS, name, &ignored);

    g_assert(fact);
    *value = (Value){ .missing = true };
    fact->read(fact, &source, value, &ignored);
}

/* "" where it says nothing; newly allocated. */
static char *text_of(const char *name, Image *image)
{
    g_auto(Value) value = { .missing = true };

    read_fact(name, image, &value);
    return value.missing ? g_strdup("") : text_shorten(value.text, TEXT_MAX);
}

static int rating_of(Image *image)
{
    enum { REJECTED = -1, STARS = 5 };
    g_auto(Value) value = { .missing = true };

    read_fact("rating", image, &value);
    return value.missing ? 0 : (int) round(CLAMP(value.number, REJECTED, STARS));
}

/* The digits behind the point of a second as nanoseconds. */
static int nanoseconds_of(const char *digits)
{
    int ns = 0;

    for (int i = 0; i < DIGITS; i++) {
        ns = ns * 10 + (g_ascii_isdigit(*digits) ? g_ascii_digit_value(*digits) : 0);
        digits += g_ascii_isdigit(*digits);
    }
    return ns;
}

/* "2024-05-01 12:00:00.05+02:00"; newly allocated. */
static char *date_text(GDateTime *date, const char *subsec, int offset)
{
    enum { HOUR = 3600, MINUTE = 60 };
    g_autofree char *second = g_date_time_format(date, "%Y-%m-%d %H:%M:%S");
    GString *text = g_string_new(second);
    int digits = (int) strspn(subsec, "0123456789");

    if (digits)
        g_string_append_printf(text, ".%.*s", MIN(digits, DIGITS), subsec);
    if (offset != METADATA_OFFSET_UNKNOWN)
        g_string_append_printf(text, "%c%02d:%02d", offset < 0 ? '-' : '+', abs(offset) / HOUR,
                               abs(offset) / MINUTE % MINUTE);
    return g_string_free(text, FALSE);
}

static const char *why_of(const Error *why, const Error *unread)
{
    return why ? why->what : unread ? unread->what : "";
}

/* Floating. */
static GVariant *facts_of(Image *image, Metadata *metadata, const ImportWords *words,
                          const char *why)
{
    int offset = METADATA_OFFSET_UNKNOWN;
    g_autoptr(GDateTime) shown = metadata_taken_zoned(metadata, &offset);
    g_autoptr(GDateTime) right = imported_taken(metadata, words);
    g_autofree char *subsec = text_of("subsec", image), *camera = text_of("camera", image);
    g_autofree char *serial = text_of("serial", image), *note = text_shorten(why, TEXT_MAX);
    g_autofree char *taken = right ? date_text(shown, subsec, offset) : g_strdup("");
    g_autofree char *corrected =
        right && words->clock ? date_text(right, subsec, offset) : g_strdup("");
    bool zoned = right && offset != METADATA_OFFSET_UNKNOWN;

    return g_variant_new("(bxibiisssss)", !!right, right ? g_date_time_to_unix(right) : 0,
                         right ? nanoseconds_of(subsec) : 0, zoned, zoned ? offset : 0,
                         rating_of(image), taken, corrected, camera, serial, note);
}

/* ---- an import's words ---- */

static void add_camera(Metadata *metadata, ImportWords *words)
{
    g_autofree char *serial = metadata_value(metadata, "serial");
    const KnownCamera *camera = serial ? cameras_find(serial) : NULL;

    if (!camera)
        return;
    words->camera = camera->title;
    words->owner = *camera->owner ? camera->owner : NULL;
    words->clock = *camera->clock ? &camera->shift : NULL;
}

bool shots_ask(GVariant *body, int fd, const Sidecar *sidecar, const Error *unread, GVariant **said,
               char **name, Error **err)
{
    const char *title = NULL;
    SourceNames names = { .profile = "", .folder = "" };
    ImportWords words = { 0 };
    g_autoptr(Error) why = NULL;

    g_variant_get(body, "(&s^&ay^&ayxxx&sm&s)", &title, &names.dir, &names.name, &words.size,
                  &names.mtime, &words.number, &words.card, &words.assignment);
    const KnownImport *import = find(title, err);
    if (!import)
        return false;
    Metadata *metadata = imported_metadata(fd, sidecar, &why);
    words.day_starts = import->day_starts;
    add_camera(metadata, &words);
    g_autoptr(Image) image = image_imported(&names, &words, metadata);
    *said = facts_of(image, metadata, &words, why_of(why, unread));
    *name = import_name_of(import->template, image, err);
    return true;
}
