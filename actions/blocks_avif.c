/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ISO/IEC 14496-12, 8.11: `meta` lists the items (iinf), where each lies (iloc) and what it belongs
 * to (iref). libvips gives EXIF that it has changed, so the items of metadata are written here. */
#include "actions/blocks_avif.h"

#include <string.h>

#include "formats/bytes.h"

enum { HEAD = 8, FULL_HEAD = 12, ITEMS_MAX = 64 };

/* A run of bytes that is read from its start; `bad` is set where it ends too early. */
typedef struct Span {
    const unsigned char *p;
    size_t left;
    bool bad;
} Span;

static Span take(Span *from, size_t size)
{
    Span taken = { from->p, size, false };

    if (size > from->left) {
        from->bad = true;
        return (Span){ from->p, 0, true };
    }
    if (size) /* a span that is not there has no start */
        from->p += size;
    from->left -= size;
    return taken;
}

static uint32_t number(Span *from, unsigned size)
{
    Span bytes = take(from, size);
    uint32_t value = 0;

    for (unsigned i = 0; i < bytes.left; i++)
        value = value << 8 | bytes.p[i];
    return value;
}

/* The next box, with its head; its type is at p + 4. */
static Span next_box(Span *from)
{
    if (from->left < HEAD) {
        from->bad = from->bad || from->left;
        return (Span){ 0 };
    }
    uint32_t size = be32(from->p);
    from->bad = from->bad || size < HEAD;
    return take(from, size);
}

static bool is(Span box, const char *type)
{
    return box.left >= HEAD && memcmp(box.p + 4, type, 4) == 0;
}

static Span content(Span box, size_t head)
{
    take(&box, MIN(head, box.left));
    return box;
}

/* ---- what libheif has written ---- */

typedef struct Item {
    unsigned id;
    Span entry; /* of iinf: the whole infe */
    uint32_t at, size;
    bool kept; /* it is of the pixels */
} Item;

typedef struct Avif {
    Span ftyp, meta, mdat;
    Item items[ITEMS_MAX];
    unsigned count;
    unsigned primary;
    uint32_t data;     /* where the content of mdat begins */
    uint32_t data_end; /* behind the last item that is kept */
} Avif;

/* The item of this number, which becomes a new one where there is none; NULL: too many. */
static Item *item_of(Avif *avif, unsigned id)
{
    for (unsigned i = 0; i < avif->count; i++)
        if (avif->items[i].id == id)
            return &avif->items[i];
    if (avif->count == ITEMS_MAX)
        return NULL;
    avif->items[avif->count] = (Item){ .id = id };
    return &avif->items[avif->count++];
}

static bool read_iinf(Avif *avif, Span box)
{
    enum { ID = FULL_HEAD, TYPE = FULL_HEAD + 4 };
    Span list = content(box, FULL_HEAD);
    bool wide = box.left > HEAD && box.p[HEAD] > 0;

    number(&list, wide ? 4 : 2);
    for (Span entry = next_box(&list); entry.left; entry = next_box(&list)) {
        bool known = is(entry, "infe") && entry.left > TYPE + 4 && entry.p[HEAD] == 2;
        Item *item = known ? item_of(avif, be16(entry.p + ID)) : NULL;
        if (!item)
            return false;
        item->entry = entry;
        item->kept =
            memcmp(entry.p + TYPE, "Exif", 4) != 0 && memcmp(entry.p + TYPE, "mime", 4) != 0;
    }
    return !list.bad;
}

/* Each item lies in one piece of the file. */
static bool read_iloc(Avif *avif, Span box)
{
    unsigned version = box.left > HEAD ? box.p[HEAD] : 9;
    Span list = content(box, FULL_HEAD);
    unsigned sizes = number(&list, 2);
    unsigned at = sizes >> 12, size = sizes >> 8 & 0xf, base = sizes >> 4 & 0xf;

    if (version > 1 || at > 4 || size > 4 || base > 4 || (version == 1 && (sizes & 0xf)))
        return false;
    for (unsigned left = number(&list, 2); left && !list.bad; left--) {
        Item *item = item_of(avif, number(&list, 2));
        bool elsewhere = version == 1 && number(&list, 2) != 0;
        elsewhere = number(&list, 2) != 0 || elsewhere;
        uint32_t from = number(&list, base);
        unsigned pieces = number(&list, 2);
        if (!item || elsewhere || pieces != 1)
            return false;
        item->at = from + number(&list, at);
        item->size = number(&list, size);
    }
    return !list.bad;
}

static bool read_pitm(Avif *avif, Span box)
{
    Span list = content(box, FULL_HEAD);

    avif->primary = number(&list, 2);
    return !list.bad && box.p[HEAD] == 0;
}

static bool read_meta(Avif *avif)
{
    Span rest = content(avif->meta, FULL_HEAD);
    bool ok = true;

    for (Span box = next_box(&rest); box.left && ok; box = next_box(&rest)) {
        if (is(box, "iinf"))
            ok = read_iinf(avif, box);
        else if (is(box, "iloc"))
            ok = read_iloc(avif, box);
        else if (is(box, "pitm"))
            ok = read_pitm(avif, box);
    }
    return ok && !rest.bad;
}

/* Whether every item lies in mdat; finds where those that are kept end. */
static bool check_items(Avif *avif, const GByteArray *file)
{
    avif->data = (uint32_t) (avif->mdat.p + HEAD - file->data);
    avif->data_end = avif->data;
    for (unsigned i = 0; i < avif->count; i++) {
        const Item *item = &avif->items[i];
        if (!item->entry.left || item->at < avif->data || item->at > file->len ||
            item->size > file->len - item->at)
            return false;
        if (item->kept)
            avif->data_end = MAX(avif->data_end, item->at + item->size);
    }
    return avif->count && avif->primary;
}

static bool read_avif(Avif *avif, const GByteArray *file)
{
    Span rest = { file->data, file->len, false };

    *avif = (Avif){ .ftyp = next_box(&rest) };
    avif->meta = next_box(&rest);
    avif->mdat = next_box(&rest);
    return is(avif->ftyp, "ftyp") && is(avif->meta, "meta") && is(avif->mdat, "mdat") &&
           !rest.bad && !rest.left && read_meta(avif) && check_items(avif, file);
}

/* ---- what we write ---- */

/* An item of ours. */
typedef struct Extra {
    unsigned id;
    const char *type;
    GBytes *block;
    size_t before; /* zeros before the block: where TIFF begins in EXIF */
} Extra;

typedef struct Writer {
    const Avif *avif;
    Extra extras[2];
    unsigned count;
    GByteArray *to;
} Writer;

static void add(GByteArray *to, const void *bytes, size_t size)
{
    g_byte_array_append(to, bytes, (unsigned) size);
}

static void add_number(GByteArray *to, size_t value, unsigned size)
{
    for (unsigned i = size; i-- > 0;) {
        unsigned char byte = (unsigned char) (value >> 8 * i);
        add(to, &byte, 1);
    }
}

/* Begins a box, and returns where, for end_box(). */
static unsigned begin_box(GByteArray *to, const char *type)
{
    unsigned at = to->len;

    add_number(to, 0, 4);
    add(to, type, 4);
    return at;
}

static void end_box(GByteArray *to, unsigned at)
{
    uint32_t size = GUINT32_TO_BE(to->len - at);

    memcpy(to->data + at, &size, sizeof(size));
}

static void write_infe(GByteArray *to, const Extra *extra)
{
    static const char xmp[] = "application/rdf+xml";
    unsigned box = begin_box(to, "infe");

    add_number(to, 2, 1); /* version */
    add_number(to, 1, 3); /* flags: not shown */
    add_number(to, extra->id, 2);
    add_number(to, 0, 2);
    add(to, extra->type, 4);
    add_number(to, 0, 1); /* no name */
    if (strcmp(extra->type, "mime") == 0)
        add(to, xmp, sizeof(xmp));
    end_box(to, box);
}

static unsigned kept_count(const Avif *avif)
{
    unsigned count = 0;

    for (unsigned i = 0; i < avif->count; i++)
        count += avif->items[i].kept;
    return count;
}

static void write_iinf(const Writer *writer, Span old)
{
    unsigned box = begin_box(writer->to, "iinf");
    bool wide = old.p[HEAD] > 0;

    add(writer->to, old.p + HEAD, FULL_HEAD - HEAD);
    add_number(writer->to, kept_count(writer->avif) + writer->count, wide ? 4 : 2);
    for (unsigned i = 0; i < writer->avif->count; i++)
        if (writer->avif->items[i].kept)
            add(writer->to, writer->avif->items[i].entry.p, writer->avif->items[i].entry.left);
    for (unsigned i = 0; i < writer->count; i++)
        write_infe(writer->to, &writer->extras[i]);
    end_box(writer->to, box);
}

static void write_place(GByteArray *to, unsigned id, uint32_t at, size_t size)
{
    add_number(to, id, 2);
    add_number(to, 0, 2); /* in this file */
    add_number(to, 1, 2); /* one piece */
    add_number(to, at, 4);
    add_number(to, size, 4);
}

static size_t extra_size(const Extra *extra)
{
    return extra->before + g_bytes_get_size(extra->block);
}

/* `data`: where the content of mdat begins now. */
static void write_iloc(const Writer *writer, uint32_t data)
{
    enum { SIZES = 0x4400 }; /* of positions and lengths */
    const Avif *avif = writer->avif;
    unsigned box = begin_box(writer->to, "iloc");
    uint32_t at = data + (avif->data_end - avif->data);

    add_number(writer->to, 0, 4);
    add_number(writer->to, SIZES, 2);
    add_number(writer->to, kept_count(avif) + writer->count, 2);
    for (unsigned i = 0; i < avif->count; i++) {
        const Item *item = &avif->items[i];
        if (item->kept)
            write_place(writer->to, item->id, item->at - avif->data + data, item->size);
    }
    for (unsigned i = 0; i < writer->count; i++) {
        write_place(writer->to, writer->extras[i].id, at, extra_size(&writer->extras[i]));
        at += (uint32_t) extra_size(&writer->extras[i]);
    }
    end_box(writer->to, box);
}

/* What belongs to what, without the old items of metadata and with ours; none: no box. */
static void write_iref(const Writer *writer, Span old)
{
    static const unsigned char plain[FULL_HEAD - HEAD] = { 0 };
    unsigned box = begin_box(writer->to, "iref"), empty = 0;
    Span list = content(old, FULL_HEAD);

    add(writer->to, old.left ? old.p + HEAD : plain, sizeof(plain));
    empty = writer->to->len;
    for (Span entry = next_box(&list); entry.left; entry = next_box(&list))
        if (!is(entry, "cdsc"))
            add(writer->to, entry.p, entry.left);
    for (unsigned i = 0; i < writer->count; i++) {
        unsigned entry = begin_box(writer->to, "cdsc");
        add_number(writer->to, writer->extras[i].id, 2);
        add_number(writer->to, 1, 2);
        add_number(writer->to, writer->avif->primary, 2);
        end_box(writer->to, entry);
    }
    if (writer->to->len == empty)
        g_byte_array_set_size(writer->to, box);
    else
        end_box(writer->to, box);
}

static void write_meta(const Writer *writer, uint32_t data)
{
    Span rest = content(writer->avif->meta, FULL_HEAD), iref = { 0 };
    unsigned box = begin_box(writer->to, "meta");

    add(writer->to, writer->avif->meta.p + HEAD, FULL_HEAD - HEAD);
    for (Span child = next_box(&rest); child.left; child = next_box(&rest)) {
        if (is(child, "iinf"))
            write_iinf(writer, child);
        else if (is(child, "iloc"))
            write_iloc(writer, data);
        else if (is(child, "iref"))
            iref = child;
        else
            add(writer->to, child.p, child.left);
    }
    write_iref(writer, iref);
    end_box(writer->to, box);
}

static void write_mdat(const Writer *writer, const GByteArray *file)
{
    const Avif *avif = writer->avif;
    unsigned box = begin_box(writer->to, "mdat");

    add(writer->to, file->data + avif->data, avif->data_end - avif->data);
    for (unsigned i = 0; i < writer->count; i++) {
        const Extra *extra = &writer->extras[i];
        add_number(writer->to, 0, (unsigned) extra->before);
        add(writer->to, g_bytes_get_data(extra->block, NULL), g_bytes_get_size(extra->block));
    }
    end_box(writer->to, box);
}

static void add_extra(Writer *writer, const char *type, GBytes *block, size_t before)
{
    unsigned id = 0;

    for (unsigned i = 0; i < writer->avif->count; i++)
        if (writer->avif->items[i].kept)
            id = MAX(id, writer->avif->items[i].id);
    if (block)
        writer->extras[writer->count] =
            (Extra){ .id = id + 1 + writer->count, .type = type, .block = block, .before = before };
    writer->count += block != NULL;
}

GByteArray *blocks_avif_write(const GByteArray *file, const MetadataBlocks *blocks)
{
    g_autoptr(GByteArray) to = g_byte_array_new();
    Avif avif;
    Writer writer = { .avif = &avif, .to = to };
    uint32_t data = 0;

    if (!read_avif(&avif, file))
        return NULL;
    add_extra(&writer, "Exif", blocks->exif, 4);
    add_extra(&writer, "mime", blocks->xmp, 0);
    for (int round = 0; round < 2; round++) { /* the first one finds where the data begins */
        g_byte_array_set_size(to, 0);
        add(to, avif.ftyp.p, avif.ftyp.left);
        write_meta(&writer, data);
        data = to->len + HEAD;
    }
    write_mdat(&writer, file);
    return g_steal_pointer(&to);
}
