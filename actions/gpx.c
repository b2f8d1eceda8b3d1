/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/gpx.h"

#include <errno.h>
#include <expat.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

enum {
    CHUNK = 64 * 1024,
    TAG_MAX = 1024 * 1024, /* expat reads a tag again with each chunk until it ends */
    DEPTH_MAX = 100,
    TEXT_MAX = 64, /* of a time, of an altitude */
};

/* The elements in each other that lead to a point, and what it has. */
static const char *const path[] = { "gpx", "trk", "trkseg", "trkpt" };

enum { POINT_DEPTH = G_N_ELEMENTS(path), DETAIL_DEPTH };

typedef struct Reader {
    XML_Parser parser;
    GArray *points;
    guint most, before;
    const char *refused; /* what is wrong with the file, though it is XML */
    const char *fix;
    char *prefix;            /* of the names of elements: that of the first one, "gpx:" */
    int depth;               /* of the element that is open */
    int on_path;             /* how many of them, from the first one, are those of `path` */
    GpxPoint point;          /* that is open */
    bool placed, timed;      /* it has a place, a time */
    bool seen;               /* a point of a track, with a time or without */
    char detail;             /* that is open: 't'ime, 'e'levation, or 0 */
    char text[TEXT_MAX + 1]; /* of it */
    size_t length;
} Reader;

static void refuse(Reader *reader, const char *what, const char *fix)
{
    reader->refused = what;
    reader->fix = fix;
    XML_StopParser(reader->parser, XML_FALSE);
}

/* ---- values ---- */

/* A number of XML, with nothing behind it but blanks. */
static bool number_of(const char *text, double *number)
{
    char *end = NULL;

    *number = g_ascii_strtod(text, &end);
    return end != text && !end[strspn(end, " \t\r\n")] && isfinite(*number);
}

/* Reads degrees of -most to most. */
static bool degrees_of(const char *text, double most, int32_t *degrees)
{
    double number = 0;

    if (!text || !number_of(text, &number) || fabs(number) > most)
        return false;
    *degrees = (int32_t) lround(number * GPX_DEGREE);
    return true;
}

/* A time of XML Schema; without a zone it is UTC, as GPX wants it. */
static bool time_of(char *text, int64_t *at_ms)
{
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(g_strstrip(text), utc);

    if (!time)
        return false;
    *at_ms = g_date_time_to_unix(time) * 1000 + g_date_time_get_microsecond(time) / 1000;
    return true;
}

/* ---- elements ---- */

/* The name behind the prefix that this file's own elements have; NULL: it is of an extension. */
static const char *own_name(const Reader *reader, const char *name)
{
    size_t length = strlen(reader->prefix);

    return !strncmp(name, reader->prefix, length) && !strchr(name + length, ':') ? name + length
                                                                                 : NULL;
}

static void on_first(Reader *reader, const char *name)
{
    const char *colon = strchr(name, ':');
    size_t length = colon ? (size_t) (colon + 1 - name) : 0;

    reader->prefix = g_strndup(name, length);
    if (strcmp(name + length, path[0]) != 0)
        refuse(reader, "it is no GPX", "give a track that a GPS logger or an app saved as GPX");
}

static void begin_point(Reader *reader, const char **attributes)
{
    const char *latitude = NULL, *longitude = NULL;

    for (; *attributes; attributes += 2) {
        if (!strcmp(attributes[0], "lat"))
            latitude = attributes[1];
        else if (!strcmp(attributes[0], "lon"))
            longitude = attributes[1];
    }
    reader->point = (GpxPoint){ .altitude = NAN };
    reader->timed = false;
    reader->placed = degrees_of(latitude, 90, &reader->point.latitude) &&
                     degrees_of(longitude, 180, &reader->point.longitude);
    reader->seen = true;
}

static void begin_detail(Reader *reader, const char *name)
{
    reader->detail = (char) (!name                   ? 0
                             : !strcmp(name, "time") ? 't'
                             : !strcmp(name, "ele")  ? 'e'
                                                     : 0);
    reader->length = 0;
}

static void XMLCALL on_begin(void *user, const char *full_name, const char **attributes)
{
    Reader *reader = user;

    if (reader->depth == 0)
        on_first(reader, full_name);
    const char *name = own_name(reader, full_name);
    bool follows = reader->on_path == reader->depth && reader->depth < POINT_DEPTH && name &&
                   !strcmp(name, path[reader->depth]);
    reader->depth++;
    reader->on_path += follows;
    if (reader->depth > DEPTH_MAX)
        refuse(reader, "its elements lie too deep in each other",
               "give a track as a GPS logger saved it");
    else if (follows && reader->depth == POINT_DEPTH)
        begin_point(reader, attributes);
    else if (reader->depth == DETAIL_DEPTH && reader->on_path == POINT_DEPTH)
        begin_detail(reader, name);
}

static void XMLCALL on_text(void *user, const char *text, int length)
{
    Reader *reader = user;

    if (!reader->detail || reader->depth != DETAIL_DEPTH)
        return;
    if ((size_t) length > TEXT_MAX - reader->length) { /* longer than any time or number */
        reader->detail = 0;
        return;
    }
    memcpy(reader->text + reader->length, text, (size_t) length);
    reader->length += (size_t) length;
}

static void end_detail(Reader *reader)
{
    double altitude = 0;

    reader->text[reader->length] = '\0';
    if (reader->detail == 't')
        reader->timed = time_of(reader->text, &reader->point.at_ms);
    else if (reader->detail == 'e' && number_of(reader->text, &altitude))
        reader->point.altitude = (float) altitude;
    reader->detail = 0;
}

static void end_point(Reader *reader)
{
    if (!reader->placed || !reader->timed)
        return;
    if (reader->points->len == reader->most)
        refuse(reader, "it has too many points", "leave out tracks that no picture needs");
    else
        g_array_append_val(reader->points, reader->point);
}

static void XMLCALL on_end(void *user, const char *name G_GNUC_UNUSED)
{
    Reader *reader = user;

    if (reader->detail && reader->depth == DETAIL_DEPTH)
        end_detail(reader);
    else if (reader->depth == POINT_DEPTH && reader->on_path == POINT_DEPTH)
        end_point(reader);
    reader->depth--;
    reader->on_path = MIN(reader->on_path, reader->depth);
}

/* Entities, which could unpack to any size, can only stand in one. */
static void XMLCALL on_doctype(void *user, const char *name G_GNUC_UNUSED,
                               const char *system G_GNUC_UNUSED, const char *public G_GNUC_UNUSED,
                               int has_subset G_GNUC_UNUSED)
{
    refuse(user, "it has a document type, which GPX has not",
           "remove the line that begins with <!DOCTYPE");
}

/* ---- the file ---- */

/* Whether a tag is longer than any of GPX. */
static bool is_stuck(Reader *reader, int64_t given)
{
    return given - XML_GetCurrentByteIndex(reader->parser) > TAG_MAX;
}

/* False where nothing of it can be used. */
static bool parse(Reader *reader, int fd, Error **err)
{
    enum XML_Status status = XML_STATUS_OK;
    int64_t given = 0;
    ssize_t got = 1;

    while (got > 0 && status == XML_STATUS_OK && !reader->refused) {
        void *chunk = XML_GetBuffer(reader->parser, CHUNK);
        if (!chunk)
            return error_set(err, ERROR_MEMORY, NULL, "it cannot be read: too little memory");
        got = read(fd, chunk, CHUNK);
        if (got < 0)
            return error_errno(err, errno, "cannot read it");
        given += got;
        status = XML_ParseBuffer(reader->parser, (int) got, got == 0);
        if (status == XML_STATUS_OK && got && is_stuck(reader, given))
            refuse(reader, "it has a tag of more than a megabyte",
                   "give a track as a GPS logger saved it");
    }
    return true;
}

static void set_handlers(Reader *reader)
{
    XML_SetUserData(reader->parser, reader);
    XML_SetElementHandler(reader->parser, on_begin, on_end);
    XML_SetCharacterDataHandler(reader->parser, on_text);
    XML_SetStartDoctypeDeclHandler(reader->parser, on_doctype);
}

/* The file is read as far as it goes: whether that is of use. */
static bool judge(const Reader *reader, char **damage, Error **err)
{
    enum XML_Error code = XML_GetErrorCode(reader->parser);
    unsigned long line = XML_GetCurrentLineNumber(reader->parser);

    if (reader->refused)
        return error_set(err, ERROR_CONFIG, reader->fix, "%s (line %lu)", reader->refused, line);
    if (code != XML_ERROR_NONE)
        *damage = g_strdup_printf("line %lu: %s", line, XML_ErrorString(code));
    if (reader->points->len > reader->before)
        return true;
    if (!*damage)
        return error_set(err, ERROR_CONFIG, "give a track that was recorded, not a planned route",
                         reader->seen ? "no point of it has a place and a time"
                                      : "it has no track");
    error_set(err, ERROR_CONFIG, "give a track that a GPS logger or an app saved as GPX",
              "it cannot be read (%s)", *damage);
    g_clear_pointer(damage, g_free);
    return false;
}

bool gpx_read(int fd, guint most, GArray *points, char **damage, Error **err)
{
    Reader reader = {
        .parser = XML_ParserCreate(NULL), .points = points, .most = most, .before = points->len
    };

    *damage = NULL;
    if (!reader.parser)
        return error_set(err, ERROR_MEMORY, NULL, "it cannot be read: too little memory");
    set_handlers(&reader);
    bool good = parse(&reader, fd, err) && judge(&reader, damage, err);
    if (!good)
        g_array_set_size(points, reader.before);
    XML_ParserFree(reader.parser);
    g_free(reader.prefix);
    return good;
}
