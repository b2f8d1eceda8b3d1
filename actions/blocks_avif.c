/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ISO/IEC 14496-12, 8.11: `meta` lists the items (iinf), where each lies (iloc) and what it belongs
 * to (iref). libvips gives EXIF that it has changed, so the items of metadata are written here. */
#include "actions/blocks_avif.h"

#include <string.h>

#include "actions/heif_boxes.h"

enum { HEAD = 8, FLAGS = 4 /* bytes of version and flags */, ITEMS_MAX = 64 };

/* ---- what libheif has written ---- */

typedef struct Item {
    unsigned id;
    Box entry; /* of iinf: the whole infe; without length: it has none */
    uint32_t at, size;
    bool kept;    /* it is of the pixels */
    bool in_meta; /* it lies in `idat`, as what a picture of less than 64 pixels is cut out by */
} Item;

typedef struct Avif {
    Bytes bytes;
    Box ftyp, meta, mdat;
    Item items[ITEMS_MAX];
    unsigned count;
    unsigned primary;
    uint32_t data;     /* where the content of mdat begins */
    uint32_t data_end; /* behind the last item that is kept */
} Avif;

static bool is(const Box *box, const char *type)
{
    return strcmp(box->type, type) == 0;
}

static uint64_t content(const Box *box)
{
    return box->at + box->header;
}

static uint64_t end(const Box *box)
{
    return box->at + box->length;
}

static unsigned number(Avif *avif, uint64_t *at, unsigned size)
{
    return (unsigned) heif_number(&avif->bytes, at, size);
}

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

static bool read_infe(Avif *avif, const Box *entry)
{
    uint64_t at = content(entry);
    bool known = is(entry, "infe") && number(avif, &at, 1) == 2;
    at += 3; /* flags */
    Item *item = known ? item_of(avif, number(avif, &at, 2)) : NULL;
    at += 2; /* protection */
    const unsigned char *type = bytes_at(&avif->bytes, at, 4);

    if (!item || !type || at + 4 >= end(entry))
        return false;
    item->entry = *entry;
    item->kept = memcmp(type, "Exif", 4) != 0 && memcmp(type, "mime", 4) != 0;
    return true;
}

static bool read_iinf(Avif *avif, const Box *box)
{
    uint64_t at = content(box);
    bool wide = number(avif, &at, 1) > 0;
    Box entry;

    at += 3 + (wide ? 4 : 2); /* flags and the count */
    while (heif_next(&avif->bytes, box, &at, &entry))
        if (!read_infe(avif, &entry))
            return false;
    return at == end(box);
}

/* Each item lies in one piece of the file. */
static bool read_iloc(Avif *avif, const Box *box)
{
    uint64_t at = content(box);
    unsigned version = number(avif, &at, 1);
    at += 3;
    unsigned sizes = number(avif, &at, 2);
    unsigned offset = sizes >> 12, size = sizes >> 8 & 0xf, base = sizes >> 4 & 0xf;

    if (version > 1 || offset > 4 || size > 4 || base > 4 || (version == 1 && (sizes & 0xf)))
        return false;
    for (unsigned left = number(avif, &at, 2); left && at < end(box); left--) {
        Item *item = item_of(avif, number(avif, &at, 2));
        unsigned method = version == 1 ? number(avif, &at, 2) : 0;
        bool elsewhere = number(avif, &at, 2) != 0 || method > 1;
        uint32_t from = number(avif, &at, base);
        unsigned pieces = number(avif, &at, 2);
        if (!item || elsewhere || pieces != 1)
            return false;
        item->in_meta = method == 1;
        item->at = from + number(avif, &at, offset);
        item->size = number(avif, &at, size);
    }
    return at <= end(box);
}

static bool read_meta(Avif *avif)
{
    uint64_t at = content(&avif->meta) + FLAGS;
    bool ok = true;
    Box box;

    while (ok && heif_next(&avif->bytes, &avif->meta, &at, &box)) {
        if (is(&box, "iinf"))
            ok = read_iinf(avif, &box);
        else if (is(&box, "iloc"))
            ok = read_iloc(avif, &box);
    }
    avif->primary = heif_main_item(&avif->bytes, &avif->meta);
    return ok && at == end(&avif->meta) && avif->primary && avif->primary <= UINT16_MAX;
}

/* Whether every item lies in mdat; finds where those that are kept end. */
static bool check_items(Avif *avif)
{
    avif->data = (uint32_t) content(&avif->mdat);
    avif->data_end = avif->data;
    for (unsigned i = 0; i < avif->count; i++) {
        const Item *item = &avif->items[i];
        if (!item->entry.length ||
            (!item->in_meta &&
             (item->at < avif->data || !bytes_in_file(&avif->bytes, item->at, item->size))))
            return false;
        if (item->kept && !item->in_meta)
            avif->data_end = MAX(avif->data_end, item->at + item->size);
    }
    return avif->count;
}

static bool read_avif(Avif *avif, const GByteArray *file)
{
    const Box whole = { .length = file->len };
    uint64_t at = 0;

    avif->count = 0;
    bytes_begin_memory(&avif->bytes, file->data, file->len);
    return heif_next(&avif->bytes, &whole, &at, &avif->ftyp) && is(&avif->ftyp, "ftyp") &&
           heif_next(&avif->bytes, &whole, &at, &avif->meta) && is(&avif->meta, "meta") &&
           heif_next(&avif->bytes, &whole, &at, &avif->mdat) && is(&avif->mdat, "mdat") &&
           at == file->len && read_meta(avif) && check_items(avif);
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
    Avif *avif;
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

/* Bytes of the file that was read. */
static void add_old(const Writer *writer, uint64_t at, uint64_t size)
{
    add(writer->to, writer->avif->bytes.memory + at, size);
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

static void write_iinf(const Writer *writer, const Box *old)
{
    unsigned box = begin_box(writer->to, "iinf");
    uint64_t at = content(old);
    bool wide = number(writer->avif, &at, 1) > 0;

    add_old(writer, content(old), FLAGS);
    add_number(writer->to, kept_count(writer->avif) + writer->count, wide ? 4 : 2);
    for (unsigned i = 0; i < writer->avif->count; i++)
        if (writer->avif->items[i].kept)
            add_old(writer, writer->avif->items[i].entry.at, writer->avif->items[i].entry.length);
    for (unsigned i = 0; i < writer->count; i++)
        write_infe(writer->to, &writer->extras[i]);
    end_box(writer->to, box);
}

/* `method`: 0 in the file, 1 in `idat`; -1: the box has no word for it. */
static void write_place(GByteArray *to, unsigned id, int method, uint32_t at, size_t size)
{
    add_number(to, id, 2);
    if (method >= 0)
        add_number(to, (size_t) method, 2);
    add_number(to, 0, 2); /* in this file */
    add_number(to, 1, 2); /* one piece */
    add_number(to, at, 4);
    add_number(to, size, 4);
}

static bool has_item_in_meta(const Avif *avif)
{
    bool found = false;

    for (unsigned i = 0; i < avif->count; i++)
        found |= avif->items[i].kept && avif->items[i].in_meta;
    return found;
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
    bool methods = has_item_in_meta(avif);
    int in_file = methods ? 0 : -1;

    add_number(writer->to, methods, 1);
    add_number(writer->to, 0, 3);
    add_number(writer->to, SIZES, 2);
    add_number(writer->to, kept_count(avif) + writer->count, 2);
    for (unsigned i = 0; i < avif->count; i++) {
        const Item *item = &avif->items[i];
        if (item->kept && item->in_meta)
            write_place(writer->to, item->id, 1, item->at, item->size);
        else if (item->kept)
            write_place(writer->to, item->id, in_file, item->at - avif->data + data, item->size);
    }
    for (unsigned i = 0; i < writer->count; i++) {
        write_place(writer->to, writer->extras[i].id, in_file, at, extra_size(&writer->extras[i]));
        at += (uint32_t) extra_size(&writer->extras[i]);
    }
    end_box(writer->to, box);
}

/* What belongs to what, without the old items of metadata and with ours; none: no box. `old`: the
 * box that was read; without length: there is none. */
static void write_iref(const Writer *writer, const Box *old)
{
    unsigned box = begin_box(writer->to, "iref"), empty = 0;
    uint64_t at = content(old) + FLAGS;
    Box entry;

    if (old->length)
        add_old(writer, content(old), FLAGS);
    else
        add_number(writer->to, 0, FLAGS);
    empty = writer->to->len;
    while (heif_next(&writer->avif->bytes, old, &at, &entry))
        if (!is(&entry, "cdsc"))
            add_old(writer, entry.at, entry.length);
    for (unsigned i = 0; i < writer->count; i++) {
        unsigned ours = begin_box(writer->to, "cdsc");
        add_number(writer->to, writer->extras[i].id, 2);
        add_number(writer->to, 1, 2);
        add_number(writer->to, writer->avif->primary, 2);
        end_box(writer->to, ours);
    }
    if (writer->to->len == empty)
        g_byte_array_set_size(writer->to, box);
    else
        end_box(writer->to, box);
}

static void write_meta(const Writer *writer, uint32_t data)
{
    const Box *meta = &writer->avif->meta;
    uint64_t at = content(meta) + FLAGS;
    Box child, iref = { 0 };
    unsigned box = begin_box(writer->to, "meta");

    add_old(writer, content(meta), FLAGS);
    while (heif_next(&writer->avif->bytes, meta, &at, &child)) {
        if (is(&child, "iinf"))
            write_iinf(writer, &child);
        else if (is(&child, "iloc"))
            write_iloc(writer, data);
        else if (is(&child, "iref"))
            iref = child;
        else
            add_old(writer, child.at, child.length);
    }
    write_iref(writer, &iref);
    end_box(writer->to, box);
}

static void write_mdat(const Writer *writer)
{
    const Avif *avif = writer->avif;
    unsigned box = begin_box(writer->to, "mdat");

    add_old(writer, avif->data, avif->data_end - avif->data);
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
    g_autofree Avif *avif = g_new(Avif, 1);
    Writer writer = { .avif = avif, .to = to };
    uint32_t data = 0;

    if (!read_avif(avif, file))
        return NULL;
    add_extra(&writer, "Exif", blocks->exif, 4);
    add_extra(&writer, "mime", blocks->xmp, 0);
    for (int round = 0; round < 2; round++) { /* the first one finds where the data begins */
        g_byte_array_set_size(to, 0);
        add_old(&writer, avif->ftyp.at, avif->ftyp.length);
        write_meta(&writer, data);
        data = to->len + HEAD;
    }
    write_mdat(&writer);
    return g_steal_pointer(&to);
}
