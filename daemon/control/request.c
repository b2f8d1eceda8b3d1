/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/control/request.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

#include "base/text.h"

enum { NUMBER_BITS = 53, PARAMETERS_MAX = 32 };

Request *request_new(uid_t uid)
{
    Request *request = g_new0(Request, 1);

    request->uid = uid;
    request->values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return request;
}

void request_free(Request *request)
{
    if (!request)
        return;
    g_hash_table_unref(request->values);
    g_free(request->user);
    g_free(request);
}

/* ---- one parameter ---- */

static bool refuse_unknown(const Parameter *table, const char *name, Error **err)
{
    const char *names[PARAMETERS_MAX + 1] = { NULL };
    g_autofree char *shown = text_shorten(name, 60);

    for (int i = 0; table && table[i].name && i < PARAMETERS_MAX; i++)
        names[i] = table[i].name;
    const char *meant = text_closest(name, names);
    g_autofree char *fix = meant ? g_strdup_printf("did you mean '%s'?", meant) : NULL;
    return error_set(err, ERROR_CONFIG, fix, "there is no parameter '%s' here", shown);
}

static bool is_number(const char *text)
{
    char *end = NULL;
    guint64 number = g_ascii_isdigit(*text) ? g_ascii_strtoull(text, &end, 10) : G_MAXUINT64;

    return end && !*end && number <= UINT64_C(1) << NUMBER_BITS;
}

/* What a value must be, for the error; NULL: it is that. */
static const char *complaint(ParameterKind kind, const char *value)
{
    switch (kind) {
    case PARAMETER_TEXT:
        return NULL;
    case PARAMETER_PATH:
        return *value == '/' ? NULL : "give a path from the root, which begins with /";
    case PARAMETER_NUMBER:
        return is_number(value) ? NULL : "give a whole number";
    case PARAMETER_FLAG:
        return !strcmp(value, "true") || !strcmp(value, "false") ? NULL : "give true or false";
    }
    return NULL;
}

/* Without "//", "." and ".."; newly allocated. */
static char *plain_path(const char *path)
{
    while (path[1] == '/') /* two at the beginning would stay: POSIX leaves them a meaning */
        path++;
    return g_canonicalize_filename(path, "/");
}

bool request_add(Request *request, const Parameter *table, const char *name, const char *value,
                 size_t size, Error **err)
{
    const Parameter *row = table;

    while (row && row->name && strcmp(row->name, name) != 0)
        row++;
    if (!row || !row->name)
        return refuse_unknown(table, name, err);
    if (g_hash_table_contains(request->values, name))
        return error_set(err, ERROR_CONFIG, NULL, "'%s' is given twice", name);
    if (strlen(value) != size)
        return error_set(err, ERROR_CONFIG, NULL, "'%s' has a zero byte in it", name);
    const char *fix = complaint(row->kind, value);
    if (fix) {
        g_autofree char *shown = text_value(value, 60);
        return error_set(err, ERROR_CONFIG, fix, "%s = %s is wrong", name, shown);
    }
    g_hash_table_insert(request->values, g_strdup(name),
                        row->kind == PARAMETER_PATH ? plain_path(value) : g_strdup(value));
    return true;
}

/* ---- the body ---- */

/* A text for a value in JSON, newly allocated; NULL: it can't be one of this kind. */
static char *member_text(const cJSON *member, ParameterKind kind)
{
    if (kind == PARAMETER_TEXT || kind == PARAMETER_PATH)
        return cJSON_IsString(member) ? text_unescape(member->valuestring) : NULL;
    if (kind == PARAMETER_FLAG)
        return cJSON_IsBool(member) ? g_strdup(cJSON_IsTrue(member) ? "true" : "false") : NULL;
    return cJSON_IsNumber(member) && member->valuedouble >= 0 &&
                   member->valuedouble == floor(member->valuedouble) &&
                   member->valuedouble <= (double) (INT64_C(1) << NUMBER_BITS)
               ? g_strdup_printf("%.0f", member->valuedouble)
               : NULL;
}

static bool add_member(Request *request, const Parameter *table, const cJSON *member, Error **err)
{
    static const char *const kinds[] = {
        [PARAMETER_TEXT] = "give a text",
        [PARAMETER_PATH] = "give a text",
        [PARAMETER_NUMBER] = "give a whole number",
        [PARAMETER_FLAG] = "give true or false",
    };
    const Parameter *row = table;

    while (row && row->name && strcmp(row->name, member->string) != 0)
        row++;
    if (!row || !row->name)
        return refuse_unknown(table, member->string, err);
    g_autofree char *text = member_text(member, row->kind);
    if (!text)
        return error_set(err, ERROR_CONFIG, kinds[row->kind], "the value of '%s' is wrong",
                         row->name);
    return request_add(request, table, row->name, text, strlen(text), err);
}

/* Whether it says a byte 0, which would end a text before its end. */
static bool has_zero(const char *body, size_t size)
{
    if (memchr(body, 0, size))
        return true;
    for (size_t i = 0; i + 1 < size; i++) {
        if (body[i] != '\\')
            continue;
        if (size - i >= 6 && !memcmp(body + i, "\\u0000", 6))
            return true;
        i++; /* what it escapes */
    }
    return false;
}

bool request_add_body(Request *request, const Parameter *table, const char *body, size_t size,
                      Error **err)
{
    const char *end = NULL;
    bool ok = true;

    if (!size)
        return true;
    cJSON *json = has_zero(body, size) || !g_utf8_validate(body, (gssize) size, NULL)
                      ? NULL
                      : cJSON_ParseWithLengthOpts(body, size, &end, false);
    while (json && end < body + size && g_ascii_isspace(*end))
        end++;
    if (cJSON_IsObject(json) && end == body + size) {
        const cJSON *member = NULL;
        cJSON_ArrayForEach(member, json) ok = ok && add_member(request, table, member, err);
    } else {
        ok = error_set(err, ERROR_CONFIG, "send { \"NAME\": VALUE, ... }, in UTF-8",
                       "the body is no JSON object");
    }
    cJSON_Delete(json);
    return ok;
}

/* ---- all ---- */

bool request_is_complete(const Request *request, const Parameter *table, Error **err)
{
    for (; table && table->name; table++)
        if (table->required && !g_hash_table_contains(request->values, table->name))
            return error_set(err, ERROR_CONFIG, NULL, "the parameter '%s' is missing", table->name);
    return true;
}

const char *request_text(const Request *request, const char *name)
{
    return g_hash_table_lookup(request->values, name);
}

int64_t request_number(const Request *request, const char *name, int64_t otherwise)
{
    const char *text = request_text(request, name);

    return text ? (int64_t) g_ascii_strtoull(text, NULL, 10) : otherwise;
}

bool request_flag(const Request *request, const char *name)
{
    return !g_strcmp0(request_text(request, name), "true");
}
