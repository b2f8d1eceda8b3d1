/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The formats that are read only if a folder accepts them: JPEG XL, JPEG 2000, SVG and PDF. The
 * rules are those of probe_picture.c. */
#include <string.h>

#include "formats/probe_internal.h"

enum { PDF_TAIL = 1024 /* bytes that PDF readers search for the end marker */ };

/* Whether `marker` is among the last `tail` bytes. */
static bool tail_contains(Bytes *bytes, size_t tail, const char *marker)
{
    size_t length = (size_t) MIN(bytes->size, (uint64_t) tail);
    const unsigned char *end = bytes_at(bytes, bytes->size - length, length);

    return end && memmem(end, length, marker, strlen(marker));
}

/* ---- JPEG XL and JPEG 2000: boxes, or the bare stream ---- */

/* Reads all boxes; one of type `data` or `other` must be among them. *open: the last is open. */
static Completeness read_boxes(Bytes *bytes, const char *data, const char *other, bool *open)
{
    bool found = false;
    Box box;

    *open = false;
    for (uint64_t at = 0; at < bytes->size && !*open; at += box.length) {
        if (!box_read(bytes, at, &box)) {
            if (found && !bytes->exhausted) /* a maker's trailer */
                return COMPLETE_YES;
            return bytes_in_file(bytes, at, 16) ? COMPLETE_UNKNOWN : probe_verdict_at_end(bytes);
        }
        if (!bytes_in_file(bytes, at, box.length))
            return COMPLETE_NO;
        *open = box.open;
        found |= strcmp(box.type, data) == 0 || strcmp(box.type, other) == 0;
    }
    return found ? COMPLETE_YES : COMPLETE_NO;
}

void probe_jxl(Bytes *bytes, Probe *probe)
{
    bool open = false;

    probe->missing = "the rest of its boxes";
    probe->complete = read_boxes(bytes, "jxlc", "jxlp", &open);
    if (open && probe->complete == COMPLETE_YES)
        probe->complete = COMPLETE_UNKNOWN;
}

static Completeness stream_is_complete(Bytes *bytes)
{
    const unsigned char *tail = bytes->size > 2 ? bytes_at(bytes, bytes->size - 2, 2) : NULL;

    return tail && tail[0] == 0xff && tail[1] == 0xd9 ? COMPLETE_YES : COMPLETE_NO;
}

void probe_jp2(Bytes *bytes, Probe *probe)
{
    const unsigned char *head = bytes_at(bytes, 0, 4);
    bool bare = head && head[0] == 0xff;
    bool open = bare;

    probe->missing = bare ? "its end marker (EOC)" : "the rest of its boxes";
    probe->complete = bare ? COMPLETE_YES : read_boxes(bytes, "jp2c", "jp2c", &open);
    if (open && probe->complete == COMPLETE_YES) {
        probe->missing = "its end marker (EOC)";
        probe->complete = stream_is_complete(bytes);
    }
}

/* ---- XML; an SVG is one whose first element is <svg> ---- */

/* After the first `end` in text; NULL: there is none. */
static const char *skip_past(const char *text, const char *end)
{
    const char *found = strstr(text, end);

    return found ? found + strlen(end) : NULL;
}

/* The first element: what is no declaration, comment or type. NULL where there is none. */
static const char *first_element(const char *text)
{
    if (g_str_has_prefix(text, "\xef\xbb\xbf"))
        text += 3;
    while (text) {
        text += strspn(text, " \t\r\n");
        if (g_str_has_prefix(text, "<?"))
            text = skip_past(text, "?>");
        else if (g_str_has_prefix(text, "<!--"))
            text = skip_past(text, "-->");
        else if (g_str_has_prefix(text, "<!")) /* a type, which may hold declarations in [] */
            text = skip_past(text, text[strcspn(text, "[>")] == '[' ? "]>" : ">");
        else
            return *text == '<' ? text + 1 : NULL;
    }
    return NULL;
}

static bool is_svg(const char *name, size_t length)
{
    return (length == 3 && memcmp(name, "svg", 3) == 0) ||
           (length > 4 && memcmp(name + length - 4, ":svg", 4) == 0);
}

void probe_xml(Bytes *bytes, Probe *probe)
{
    size_t count = 0;
    const unsigned char *head = bytes_from(bytes, 0, &count);
    g_autofree char *text = head ? g_strndup((const char *) head, count) : NULL;
    const char *name = text ? first_element(text) : NULL;
    size_t length = name ? strcspn(name, " \t\r\n/>") : 0;

    if (!length)
        return;
    g_autofree char *end = g_strdup_printf("</%.*s", (int) length, name);
    bool svg = is_svg(name, length);
    if (svg) {
        probe->format = FORMAT_SVG;
        probe->kind = "SVG";
    }
    probe->missing = svg ? "its end (</svg>)" : "its end";
    if (tail_contains(bytes, BYTES_MAX_READ, end) ||
        (!svg && tail_contains(bytes, BYTES_MAX_READ, "<?xpacket end="))) /* XMP has room there */
        probe->complete = COMPLETE_YES;
    else /* an element without content ends in its own tag */
        probe->complete =
            tail_contains(bytes, BYTES_MAX_READ, "/>") ? COMPLETE_UNKNOWN : COMPLETE_NO;
}

/* ---- PDF ---- */

void probe_pdf(Bytes *bytes, Probe *probe)
{
    probe->missing = "its end marker (%%EOF)";
    probe->complete = tail_contains(bytes, PDF_TAIL, "%%EOF") ? COMPLETE_YES : COMPLETE_NO;
}
