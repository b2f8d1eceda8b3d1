/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/import/names.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "daemon/files/filename.h"
#include "wire/protocol.h"
#include "wire/wire.h"

enum {
    DEADLINE_MS = 20 * 1000, /* for one file */
    TEXT_MAX = 200,          /* characters that are kept of a worker's text */
};

#define SECOND_NS INT64_C(1000000000)

struct Namer {
    Settings *settings;
    const Import *import;
    char *card, *assignment;
    Process *process, *own; /* `own`: NULL, or the same */
    GHashTable *stems; /* const CardShot * -> char *, of those that were read and have no number */
    GHashTable *unreadable; /* const CardShot *, those whose file has ended a worker */
};

Namer *namer_new(Settings *settings, const Import *import, const NameWords *words, Process *worker)
{
    Namer *namer = g_new0(Namer, 1);

    namer->settings = settings_ref(settings);
    namer->import = import;
    namer->card = g_utf8_make_valid(words->card, -1);
    namer->assignment = words->assignment ? g_utf8_make_valid(words->assignment, -1) : NULL;
    namer->own = worker ? NULL : process_new();
    namer->process = worker ? worker : namer->own;
    namer->stems = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    namer->unreadable = g_hash_table_new(NULL, NULL);
    return namer;
}

void namer_free(Namer *namer)
{
    if (!namer)
        return;
    process_free(namer->own);
    settings_unref(namer->settings);
    g_hash_table_unref(namer->stems);
    g_hash_table_unref(namer->unreadable);
    g_free(namer->card);
    g_free(namer->assignment);
    g_free(namer);
}

/* ---- a question to the worker ---- */

static const char *const formats[MESSAGE_COUNT] = PROTOCOL_FORMATS;

/* The next answer before `deadline`; 0 with *err set where there is none. */
static unsigned receive(Namer *namer, int64_t deadline, GVariant **body, Error **err)
{
    unsigned type = MESSAGE_EXIT_NOTE;
    int fd = -1;

    while (type == MESSAGE_EXIT_NOTE) {
        g_clear_pointer(body, g_variant_unref);
        if (!wire_receive(process_socket(namer->process), formats, MESSAGE_COUNT, deadline, &type,
                          body, &fd, err))
            return 0;
        if (fd >= 0)
            close(fd);
        if (type == MESSAGE_EXIT_NOTE)
            process_keep_exit_note(namer->process, *body);
    }
    return type;
}

/* Ends a worker that did not answer, and says why in *err, of kind INTERNAL. Always false. */
static bool end_worker(Namer *namer, int64_t deadline, Error **err)
{
    g_auto(ProcessEnd) end = { 0 };
    bool late = clock_ms() >= deadline;

    g_clear_pointer(err, error_free);
    if (late)
        process_kill(namer->process);
    process_end(namer->process, &end);
    if (late)
        return error_set(err, ERROR_INTERNAL, "look at the file with another program",
                         "it took more than %d s", DEADLINE_MS / 1000);
    return error_set(err, ERROR_INTERNAL, "look at the file with another program",
                     "the worker that read it %s", end.words);
}

/* What a RESULT says. Always false. */
static bool take_error(GVariant *body, Error **err)
{
    guint32 kind = 0;
    const char *what = NULL, *fix = NULL;

    g_variant_get(body, "(bu&s&s&s&s)", NULL, &kind, &what, NULL, &fix, NULL);
    g_autofree char *said = text_shorten(what, TEXT_MAX), *remedy = text_shorten(fix, TEXT_MAX);
    return error_set(err,
                     kind == ERROR_PICTURE ? ERROR_CONFIG : (ErrorKind) MIN(kind, ERROR_INTERNAL),
                     *remedy ? remedy : NULL, "%s", said);
}

/* ---- media ---- */

static const char *text_or_none(const char *text)
{
    return text ? text : "";
}

static bool ask_match(Namer *namer, const Medium *medium, bool *fits, Error **err)
{
    g_autofree char *label = g_utf8_make_valid(text_or_none(medium->label), -1);
    g_autofree char *uuid = g_utf8_make_valid(text_or_none(medium->uuid), -1);
    g_autofree char *maker = g_utf8_make_valid(text_or_none(medium->maker), -1);
    g_autoptr(GVariant) body = NULL;
    int64_t deadline = clock_ms() + DEADLINE_MS;

    if (!process_ensure_ready(namer->process, namer->settings, false, err))
        return false;
    GVariant *question = g_variant_new("(ssssxb)", namer->import->name, label, uuid, maker,
                                       (gint64) medium->size, medium->removable);
    unsigned type = wire_send(process_socket(namer->process), MESSAGE_MATCH, question, -1, err)
                        ? receive(namer, deadline, &body, err)
                        : 0;
    if (type == MESSAGE_RESULT)
        return take_error(body, err);
    if (type != MESSAGE_MATCHED)
        return end_worker(namer, deadline, err);
    gboolean matched = FALSE;
    g_variant_get(body, "(b)", &matched);
    *fits = matched;
    return true;
}

bool namer_fits(Namer *namer, const Medium *medium, bool *fits, Error **err)
{
    *fits = medium->removable;
    return !namer->import->when || ask_match(namer, medium, fits, err);
}

bool namer_needs_numbers(const Namer *namer)
{
    return strcasestr(namer->import->pattern, "seq.card");
}

/* ---- a shot ---- */

/* What a worker is asked of a shot, and what it has answered. */
typedef struct Asked {
    CardShot *shot;
    int main_fd, xmp_fd; /* -1: none */
    bool takes_facts;
    char *stem;
    Error *unnamed; /* why there is no stem */
} Asked;

static void asked_clear(Asked *asked)
{
    g_clear_pointer(&asked->stem, g_free);
    g_clear_pointer(&asked->unnamed, error_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Asked, asked_clear)

static const CardFile *first_file(const CardShot *shot)
{
    return shot->files->pdata[0];
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* For messages. */
static const char *sidecar_name(const CardShot *shot)
{
    for (guint i = 0; i < shot->files->len; i++) {
        const CardFile *file = shot->files->pdata[i];
        if (file->kind == SHOT_XMP)
            return last_part(file->path);
    }
    return "the XMP file";
}

/* The file's name, of whose tail only the last part is kept: a lone IMG_1.NEF.xmp is IMG_1.xmp, so
 * that what follows its stem is its tail. Newly allocated. */
static char *name_of(const CardFile *file)
{
    const char *name = last_part(file->path), *last = strrchr(file->tail, '.');

    return last ? g_strdup_printf("%.*s%s", (int) (file->tail - name), name, last) : g_strdup(name);
}

static gint64 seconds_of(int64_t ns)
{
    return ns / SECOND_NS - (ns % SECOND_NS < 0);
}

static GVariant *question_of(const Namer *namer, const CardShot *shot)
{
    const CardFile *file = first_file(shot);
    g_autofree char *name = name_of(file), *dir = NULL, *last = NULL;

    filename_split(file->path, &dir, &last);
    return g_variant_new("(s^ay^ayxxxsms)", namer->import->name, dir, name, (gint64) file->size,
                         seconds_of(file->mtime_ns), (gint64) shot->number, namer->card,
                         namer->assignment);
}

static void set_text(char **to, const char *text)
{
    g_free(*to);
    *to = *text ? text_shorten(text, TEXT_MAX) : NULL;
}

static void take_facts(GVariant *body, ShotFacts *facts)
{
    gboolean dated = FALSE, zoned = FALSE;
    const char *taken = NULL, *corrected = NULL, *camera = NULL, *serial = NULL, *note = NULL;
    gint32 rating = 0;

    g_variant_get(body, "(bxibii&s&s&s&s&s)", &dated, &facts->taken_s, &facts->subsec_ns, &zoned,
                  &facts->offset_s, &rating, &taken, &corrected, &camera, &serial, &note);
    facts->is_dated = dated;
    facts->is_zoned = zoned;
    facts->subsec_ns = CLAMP(facts->subsec_ns, 0, (int32_t) SECOND_NS - 1);
    facts->rating = CLAMP(rating, -1, 5);
    set_text(&facts->taken, taken);
    set_text(&facts->corrected, corrected);
    set_text(&facts->camera, camera);
    set_text(&facts->serial, serial);
    g_clear_pointer(&facts->note, g_free);
    if (*note)
        facts->note = g_strdup_printf("its metadata cannot be read: %s", note);
}

/* It trusts no word of a worker: a path below a destination. */
static bool take_name(GVariant *body, Asked *asked, Error **err)
{
    const char *name = NULL;

    g_variant_get(body, "(^&ay)", &name);
    g_auto(GStrv) parts = g_strsplit(name, "/", -1);
    for (char **part = parts; *part; part++)
        if (!filename_is_plain(*part))
            return error_set(err, ERROR_INTERNAL, NULL, "the worker gave a file a wrong name");
    asked->stem = g_strdup(name);
    return *parts || error_set(err, ERROR_INTERNAL, NULL, "the worker gave a file no name");
}

/* Reads the answers: the facts, and a name or why there is none. */
static bool take_answers(Namer *namer, Asked *asked, int64_t deadline, Error **err)
{
    g_autoptr(GVariant) facts = NULL, named = NULL;
    unsigned type = receive(namer, deadline, &facts, err);

    if (type == MESSAGE_RESULT) {
        take_error(facts, &asked->unnamed);
        return true;
    }
    if (type != MESSAGE_SHOT_FACTS)
        return false;
    if (asked->takes_facts)
        take_facts(facts, &asked->shot->facts);
    type = receive(namer, deadline, &named, err);
    if (type == MESSAGE_RESULT)
        take_error(named, &asked->unnamed);
    return type == MESSAGE_RESULT || (type == MESSAGE_SHOT_NAME && take_name(named, asked, err));
}

static bool send_question(Namer *namer, const Asked *asked, Error **err)
{
    int socket = process_socket(namer->process);

    return (asked->xmp_fd < 0 ||
            wire_send(socket, MESSAGE_SIDECAR, g_variant_new("(^ay)", sidecar_name(asked->shot)),
                      asked->xmp_fd, err)) &&
           wire_send(socket, MESSAGE_SHOT, question_of(namer, asked->shot), asked->main_fd, err);
}

/* False with *err: of kind ENVIRONMENT where no worker can be started, else since this one has
 * ended. */
static bool ask(Namer *namer, Asked *asked, Error **err)
{
    static const Limits limits = { .max_cpu = DEADLINE_MS };

    if (!process_ensure_ready(namer->process, namer->settings, false, err))
        return false;
    process_set_limits(namer->process, &limits, 0);
    int64_t deadline = clock_ms() + DEADLINE_MS;
    return (send_question(namer, asked, err) && take_answers(namer, asked, deadline, err)) ||
           end_worker(namer, deadline, err);
}

/* The file has ended its worker: it says nothing. */
static void keep_crash(Namer *namer, CardShot *shot, const Error *why)
{
    g_hash_table_add(namer->unreadable, shot);
    g_free(shot->facts.note);
    shot->facts.note = g_strdup_printf("its metadata cannot be read: %s", why->what);
}

bool namer_read(Namer *namer, CardShot *shot, int main_fd, int xmp_fd, Error **err)
{
    g_auto(Asked) asked = { shot, main_fd, xmp_fd, .takes_facts = true };
    g_autoptr(Error) why = NULL;

    shot->facts.is_read = main_fd >= 0 || xmp_fd >= 0;
    g_hash_table_remove(namer->stems, shot);
    g_hash_table_remove(namer->unreadable, shot);
    if (!ask(namer, &asked, &why)) {
        if (why->kind == ERROR_ENVIRONMENT) {
            *err = g_steal_pointer(&why);
            return false;
        }
        keep_crash(namer, shot, why);
        return true;
    }
    if (asked.stem && !namer_needs_numbers(namer))
        g_hash_table_insert(namer->stems, shot, g_steal_pointer(&asked.stem));
    return true;
}

bool namer_name(Namer *namer, CardShot *shot, int main_fd, int xmp_fd, Error **err)
{
    bool unreadable = g_hash_table_contains(namer->unreadable, shot);
    g_auto(Asked)
        asked = { shot, unreadable ? -1 : main_fd, unreadable ? -1 : xmp_fd, .stem = NULL };
    char *known = NULL;

    if (g_hash_table_steal_extended(namer->stems, shot, NULL, (void **) &known)) {
        g_free(shot->stem);
        shot->stem = known;
        return true;
    }
    if (!ask(namer, &asked, err))
        return false;
    if (!asked.stem) {
        *err = g_steal_pointer(&asked.unnamed);
        return false;
    }
    g_free(shot->stem);
    shot->stem = g_steal_pointer(&asked.stem);
    return true;
}
