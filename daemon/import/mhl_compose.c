/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "daemon/import/mhl.h"

#define CHAIN_END "</ascmhldirectory>"

enum { C4_LENGTH = 88, SHA512_BYTES = 64 };

/* ---- names ---- */

/* "2024-05-01T12:00:00+02:00"; newly allocated. */
static char *date_text(int64_t seconds)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(seconds);

    return time ? g_date_time_format(time, "%Y-%m-%dT%H:%M:%S%:z") : NULL;
}

char *mhl_name(const Manifest *manifest, int64_t number)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(manifest->wall_ms / 1000);
    g_autofree char *date = time ? g_date_time_format(time, "%Y-%m-%d_%H%M%SZ") : g_strdup("");

    return g_strdup_printf("%04" G_GINT64_FORMAT "_%s_%s.mhl", number, manifest->card, date);
}

int64_t mhl_number(const char *name)
{
    size_t digits = strspn(name, "0123456789");

    if (digits < 4 || digits > 9 || !g_str_has_suffix(name, ".mhl") ||
        (name[digits] != '_' && strcmp(name + digits, ".mhl") != 0))
        return 0;
    return g_ascii_strtoll(name, NULL, 10);
}

/* ---- digests ---- */

/* Divides a big-endian number by 58; its remainder. */
static unsigned divide(guint8 *number)
{
    unsigned rest = 0;

    for (unsigned i = 0; i < SHA512_BYTES; i++) {
        rest = rest * 256 + number[i];
        number[i] = (guint8) (rest / 58);
        rest %= 58;
    }
    return rest;
}

char *mhl_c4(const char *bytes, size_t length)
{
    static const char signs[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA512);
    char *c4 = g_malloc0(2 + C4_LENGTH + 1);
    guint8 digest[SHA512_BYTES];
    gsize room = sizeof(digest);

    g_checksum_update(sum, (const guchar *) bytes, (gssize) length);
    g_checksum_get_digest(sum, digest, &room);
    g_checksum_free(sum);
    c4[0] = 'c', c4[1] = '4';
    for (unsigned i = C4_LENGTH; i > 0; i--)
        c4[1 + i] = signs[divide(digest)];
    return c4;
}

/* ---- XML ---- */

static bool is_xml(gunichar sign)
{
    return sign >= 0x20 && sign != 0xfffe && sign != 0xffff;
}

/* Adds one character; line feeds and the like, which a reader of XML would change, by number. */
static void add_sign(GString *xml, gunichar sign)
{
    switch (sign) {
    case '&':
        g_string_append(xml, "&amp;");
        return;
    case '<':
        g_string_append(xml, "&lt;");
        return;
    case '>':
        g_string_append(xml, "&gt;");
        return;
    case '\t':
    case '\n':
    case '\r':
        g_string_append_printf(xml, "&#%u;", (unsigned) sign);
        return;
    default:
        g_string_append_unichar(xml, is_xml(sign) ? sign : 0xfffd);
    }
}

/* Adds `bytes` as text. False where it does not say them all. */
static bool add_text(GString *xml, const char *bytes)
{
    bool whole = true;

    while (*bytes) {
        gunichar sign = g_utf8_get_char_validated(bytes, -1);
        bool broken = sign == (gunichar) -1 || sign == (gunichar) -2;
        add_sign(xml, broken ? 0xfffd : sign);
        whole &= !broken && (is_xml(sign) || sign == '\t' || sign == '\n' || sign == '\r');
        bytes = broken ? bytes + 1 : g_utf8_find_next_char(bytes, NULL);
    }
    return whole;
}

static void add_value(GString *xml, const char *name, const char *value)
{
    g_string_append_printf(xml, "<%s>", name);
    add_text(xml, value);
    g_string_append_printf(xml, "</%s>", name);
}

/* What no other element says: the bytes of a path that is no text, and both times of a camera whose
 * clock was corrected. */
static void add_metadata(GString *xml, const ManifestFile *file, bool is_text)
{
    g_autofree char *bytes = is_text ? NULL : g_uri_escape_string(file->name, "/", FALSE);

    if (!bytes && !file->corrected)
        return;
    g_string_append(xml, "      <metadata>");
    if (bytes)
        add_value(xml, "bytes", bytes);
    if (file->corrected) {
        add_value(xml, "taken", file->taken);
        add_value(xml, "corrected", file->corrected);
    }
    g_string_append(xml, "</metadata>\n");
}

/* ---- a generation ---- */

static const char *action_of(const Content *known, const Content *content)
{
    bool same = false;

    if (!known)
        return "original";
    if (*known->xxh128)
        same = !strcmp(known->xxh128, content->xxh128);
    else
        same = *content->md5 && !strcmp(known->md5, content->md5);
    return same ? "verified" : "failed";
}

static void add_digest(GString *xml, const char *name, const char *digest, const char *action)
{
    if (*digest)
        g_string_append_printf(xml, "      <%s action=\"%s\">%s</%s>\n", name, action, digest,
                               name);
}

static void add_file(GString *xml, const ManifestFile *file, const Content *known)
{
    g_autofree char *date = date_text(file->mtime_ns / G_GINT64_CONSTANT(1000000000));
    const char *action = action_of(known, file->content);

    g_string_append_printf(xml, "    <hash>\n      <path size=\"%" G_GINT64_FORMAT "\"",
                           file->content->size);
    if (date)
        g_string_append_printf(xml, " lastmodificationdate=\"%s\"", date);
    g_string_append(xml, ">");
    bool whole = add_text(xml, file->name);
    g_string_append(xml, "</path>\n");
    add_digest(xml, "md5", file->content->md5, action);
    add_digest(xml, "xxh128", file->content->xxh128, action);
    add_metadata(xml, file, whole);
    g_string_append(xml, "    </hash>\n");
}

static void add_creator(GString *xml, const Manifest *manifest)
{
    g_autofree char *date = date_text(manifest->wall_ms / 1000);

    g_string_append_printf(xml, "  <creatorinfo>\n    <creationdate>%s</creationdate>\n",
                           date ? date : "1970-01-01T00:00:00Z");
    g_string_append(xml, "    <hostname>");
    add_text(xml, g_get_host_name());
    g_string_append(xml, "</hostname>\n    <tool version=\"" HOTFOLDER_VERSION
                         "\">hotfolder</tool>\n    <comment>");
    add_text(xml, manifest->card);
    g_string_append(xml, "</comment>\n  </creatorinfo>\n");
}

static void add_process(GString *xml, const GPtrArray *patterns)
{
    g_string_append(xml, "  <processinfo>\n    <process>transfer</process>\n"
                         "    <roothash><content/><structure/></roothash>\n    <ignore>\n");
    for (guint i = 0; i < patterns->len; i++) {
        g_string_append(xml, "      <pattern>");
        add_text(xml, patterns->pdata[i]);
        g_string_append(xml, "</pattern>\n");
    }
    g_string_append(xml, "    </ignore>\n  </processinfo>\n");
}

char *mhl_compose(const Manifest *manifest, const GPtrArray *patterns, MhlKnown known, void *user)
{
    GString *xml = g_string_new("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                                "<hashlist version=\"2.0\" xmlns=\"urn:ASC:MHL:v2.0\">\n");

    add_creator(xml, manifest);
    add_process(xml, patterns);
    if (manifest->count)
        g_string_append(xml, "  <hashes>\n");
    for (guint i = 0; i < manifest->count; i++)
        add_file(xml, &manifest->files[i], known(user, manifest->files[i].name));
    g_string_append(xml, manifest->count ? "  </hashes>\n</hashlist>\n" : "</hashlist>\n");
    return g_string_free(xml, FALSE);
}

/* ---- the chain ---- */

char *mhl_add_link(const char *chain, int64_t number, const char *name, const char *c4)
{
    const char *end = NULL, *next = chain;
    GString *xml = g_string_new(NULL);

    while (next && (next = strstr(next, CHAIN_END)))
        end = next++;
    if (end)
        g_string_append_len(xml, chain, end - chain);
    else
        g_string_append(xml, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                             "<ascmhldirectory xmlns=\"urn:ASC:MHL:DIRECTORY:v2.0\">\n");
    g_string_append_printf(xml, "  <hashlist sequencenr=\"%" G_GINT64_FORMAT "\">\n    <path>",
                           number);
    add_text(xml, name);
    g_string_append_printf(xml, "</path>\n    <c4>%s</c4>\n  </hashlist>\n", c4);
    g_string_append(xml, end ? end : CHAIN_END "\n");
    return g_string_free(xml, FALSE);
}
