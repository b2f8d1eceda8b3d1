/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/blocks_png.h"
#include "actions/exif_value.h"
#include "actions/iptc_put.h"
#include "actions/metadata_edit_internal.h"
#include "actions/metadata_texts.h"
#include "actions/xmp_packet.h"

/* A segment of a JPEG holds no more, and few programs read more of another file. */
enum { EXIF_MOST = 65527 };

/* ---- in and out ---- */

MetadataEdit *metadata_edit_new(Metadata *metadata)
{
    const MetadataEdits *before = metadata_edits(metadata);
    MetadataEdit *edit = g_new0(MetadataEdit, 1);

    edit->metadata = metadata;
    edit->blocks = metadata_blocks_copy(metadata_blocks(metadata));
    GBytes *exif = before ? before->exif : edit->blocks.exif;
    GBytes *xmp = before ? before->xmp : edit->blocks.xmp;
    GBytes *iptc = before ? before->iptc : edit->blocks.iptc;
    edit->edits.exif = exif ? g_bytes_ref(exif) : NULL;
    edit->edits.xmp = xmp ? g_bytes_ref(xmp) : NULL;
    edit->edits.iptc = iptc ? g_bytes_ref(iptc) : NULL;
    edit->edits.puts = metadata_puts_copy(before ? before->puts : NULL);
    edit->edits.removes = before && before->removes;
    return edit;
}

void metadata_edit_free(MetadataEdit *edit)
{
    if (!edit)
        return;
    xmp_free(edit->xmp);
    metadata_edits_clear(&edit->edits);
    metadata_blocks_clear(&edit->blocks);
    g_free(edit);
}

/* ---- XMP ---- */

/* One that cannot be read says nothing, and a new one takes its place. */
static Xmp *xmp_of(MetadataEdit *edit)
{
    if (!edit->xmp && edit->blocks.xmp)
        edit->xmp = xmp_new(edit->blocks.xmp);
    if (!edit->xmp || !xmp_has_rdf(edit->xmp)) {
        xmp_free(edit->xmp);
        edit->xmp = xmp_new_empty();
    }
    return edit->xmp;
}

void edit_put_property(MetadataEdit *edit, const XmpProperty *property, const char *const *texts,
                       bool append)
{
    if (append)
        xmp_add(xmp_of(edit), property, texts);
    else
        xmp_put(xmp_of(edit), property, texts);
    edit->xmp_changed = true;
}

void edit_take_property(MetadataEdit *edit, const XmpProperty *property)
{
    if ((!edit->blocks.xmp && !edit->xmp) || !xmp_take(xmp_of(edit), property))
        return;
    g_autoptr(Xmp) file = edit->edits.xmp ? xmp_new(edit->edits.xmp) : NULL;
    edit->xmp_changed = true;
    edit->edits.removes |= file && xmp_has_rdf(file) && xmp_has(file, property);
}

bool edit_has_property(MetadataEdit *edit, const XmpProperty *property)
{
    return (edit->blocks.xmp || edit->xmp) && xmp_has(xmp_of(edit), property);
}

void metadata_edit_filter_xmp(MetadataEdit *edit, XmpKeep keep, void *user)
{
    if ((!edit->blocks.xmp && !edit->xmp) || !xmp_filter(xmp_of(edit), keep, user))
        return;
    edit->xmp_changed = true;
    edit->edits.removes = true;
}

void metadata_edit_filter_fields(MetadataEdit *edit, XmpKeep keep, void *user)
{
    if ((!edit->blocks.xmp && !edit->xmp) || !xmp_filter_fields(xmp_root(xmp_of(edit)), keep, user))
        return;
    edit->xmp_changed = true;
    edit->edits.removes = true;
}

void metadata_edit_add_xmp(MetadataEdit *edit, const char *descriptions, XmpKeep keep, void *user)
{
    bool any = edit->blocks.xmp || edit->xmp;

    if (any)
        xmp_filter(xmp_of(edit), keep, user);
    g_autoptr(GBytes) old = any ? xmp_packet(edit->xmp) : NULL;
    blocks_replace(&edit->blocks.xmp, xmp_packet_add(old, descriptions));
    g_clear_pointer(&edit->xmp, xmp_free);
    edit->xmp_changed = false; /* the block has it */
    edit->others_changed = true;
}

/* ---- EXIF ---- */

static bool same_tag(ExifTag a, ExifTag b)
{
    return a.directory == b.directory && a.tag == b.tag;
}

/* Takes over the value. */
static void add_put(MetadataEdit *edit, ExifPut put)
{
    GArray *puts = edit->edits.puts;

    for (guint i = puts->len; i > 0; i--)
        if (same_tag(g_array_index(puts, ExifPut, i - 1).tag, put.tag))
            g_array_remove_index(puts, i - 1);
    g_array_append_val(puts, put);
    edit->exif_changed = true;
}

static bool exif_said(MetadataEdit *edit, ExifTag tag)
{
    g_autoptr(Exif) exif = edit->edits.exif ? exif_new(edit->edits.exif) : NULL;

    return exif && exif_has(exif, tag);
}

bool edit_has_exif(MetadataEdit *edit, const ExifName *name)
{
    const ExifTag tag = { exif_directory_of(name), name->tag };
    const GArray *puts = edit->edits.puts;

    for (guint i = 0; i < puts->len; i++)
        if (same_tag(g_array_index(puts, ExifPut, i).tag, tag))
            return g_array_index(puts, ExifPut, i).value;
    return exif_said(edit, tag);
}

void edit_take_exif(MetadataEdit *edit, const ExifName *name)
{
    const ExifTag tag = { exif_directory_of(name), name->tag };

    if (!edit_has_exif(edit, name))
        return;
    edit->edits.removes |= exif_said(edit, tag);
    add_put(edit, (ExifPut){ .tag = tag });
}

static bool is_big_endian(const MetadataEdit *edit)
{
    g_autoptr(Exif) exif = edit->edits.exif ? exif_new(edit->edits.exif) : exif_new_empty();

    return !exif || exif_is_big_endian(exif);
}

bool edit_put_exif(MetadataEdit *edit, const ExifName *name, const char *const *texts, Error **err)
{
    g_autofree char *text = g_strjoinv("; ", (char **) (guintptr) texts);
    ExifPut put = { 0 };

    if (!exif_value(name, text, is_big_endian(edit), &put, err))
        return false;
    add_put(edit, put);
    return true;
}

void metadata_edit_drop_exif(MetadataEdit *edit)
{
    static const ExifTag kept[] = { { EXIF_IN_MAIN, 0x0112 }, { 0 } };
    g_autoptr(Exif) exif = edit->edits.exif ? exif_new(edit->edits.exif) : NULL;
    uint32_t orientation = 1;
    bool turned = exif && exif_number(exif, kept[0], &orientation) && orientation != 1;

    edit->edits.removes |= edit->edits.exif != NULL;
    edit->exif_changed |= edit->edits.exif || edit->edits.puts->len;
    blocks_replace(&edit->edits.exif, turned ? exif_selected(exif, kept) : NULL);
    g_array_set_size(edit->edits.puts, 0);
}

void metadata_edit_exif(MetadataEdit *edit, void (*change)(Exif *exif, void *user), void *user)
{
    g_autoptr(Exif) exif = edit->edits.exif ? exif_new(edit->edits.exif) : NULL;

    if (!exif)
        return;
    change(exif, user);
    g_autoptr(GBytes) changed = exif_bytes(exif);
    if (g_bytes_equal(changed, edit->edits.exif))
        return;
    blocks_replace(&edit->edits.exif, g_steal_pointer(&changed));
    edit->exif_changed = edit->edits.removes = true;
}

/* ---- IPTC ---- */

void metadata_edit_filter_texts(MetadataEdit *edit, bool (*keep)(const char *keyword))
{
    GBytes *texts = edit->blocks.png_texts;
    GBytes *left = texts ? blocks_png_filter(texts, keep) : NULL;
    bool less = texts && (!left || !g_bytes_equal(left, texts));

    edit->edits.removes |= less;
    edit->others_changed |= less;
    blocks_replace(&edit->blocks.png_texts, left);
}

void metadata_edit_drop_others(MetadataEdit *edit)
{
    MetadataBlocks *blocks = &edit->blocks;

    if (!blocks->comment && !blocks->png_texts && !blocks->photoshop)
        return;
    edit->edits.removes = edit->others_changed = true;
    g_clear_pointer(&blocks->comment, g_free);
    g_clear_pointer(&blocks->png_texts, g_bytes_unref);
    g_clear_pointer(&blocks->photoshop, g_bytes_unref);
}

void edit_put_dataset(MetadataEdit *edit, unsigned dataset, size_t most, const char *const *texts)
{
    edit->others_changed = true;
    blocks_replace(&edit->blocks.iptc,
                   iptc_put(edit->blocks.iptc, dataset, texts, most, &edit->cut));
}

bool edit_has_dataset(const MetadataEdit *edit, unsigned dataset)
{
    g_auto(GStrv) texts = iptc_texts(edit->blocks.iptc, dataset);

    return texts;
}

void edit_take_dataset(MetadataEdit *edit, unsigned dataset)
{
    if (!edit_has_dataset(edit, dataset))
        return;
    g_auto(GStrv) file = iptc_texts(edit->edits.iptc, dataset);
    edit->edits.removes |= file != NULL;
    edit_put_dataset(edit, dataset, 0, NULL);
}

void edit_append_dataset(MetadataEdit *edit, unsigned dataset, size_t most,
                         const char *const *texts)
{
    g_auto(GStrv) old = iptc_texts(edit->blocks.iptc, dataset);
    g_auto(GStrv) joined = texts_joined((const char *const *) old, texts);

    edit_put_dataset(edit, dataset, most, (const char *const *) joined);
}

void metadata_edit_filter_iptc(MetadataEdit *edit, bool (*keep)(unsigned dataset))
{
    GBytes *left = edit->blocks.iptc ? iptc_filter(edit->blocks.iptc, keep) : NULL;

    bool less = edit->blocks.iptc && (!left || !g_bytes_equal(left, edit->blocks.iptc));
    edit->edits.removes |= less;
    edit->others_changed |= less;
    blocks_replace(&edit->blocks.iptc, left);
}

/* ---- the end ---- */

bool edit_sets_exif(const MetadataEdit *edit)
{
    const GArray *puts = edit->edits.puts;

    for (guint i = 0; i < puts->len; i++)
        if (g_array_index(puts, ExifPut, i).value)
            return true;
    return false;
}

/* With what has been put into it; NULL: nothing is left. */
static GBytes *exif_made(const MetadataEdit *edit)
{
    const GArray *puts = edit->edits.puts;
    g_autoptr(Exif) exif = edit->edits.exif ? exif_new(edit->edits.exif) : NULL;
    bool new = !exif;

    if (new && !edit_sets_exif(edit))
        return NULL;
    if (new)
        exif = exif_new_mandatory(&edit->blocks.density);
    bool had_photo = exif_has_any(exif, EXIF_IN_PHOTO);
    exif_put(exif, (const ExifPut *) (const void *) puts->data, puts->len);
    exif_complete(exif, new || (!had_photo && exif_has_any(exif, EXIF_IN_PHOTO)));
    return exif_is_empty(exif) ? NULL : exif_bytes(exif);
}

static bool is_large(GBytes *exif)
{
    return exif && g_bytes_get_size(exif) > EXIF_MOST;
}

/* The longest text leaves EXIF: XMP has it too. Whether there was one. */
static bool leave_out_longest(MetadataEdit *edit)
{
    GArray *puts = edit->edits.puts;
    ExifPut *longest = NULL;

    for (guint i = 0; i < puts->len; i++) {
        ExifPut *one = &g_array_index(puts, ExifPut, i);
        if (one->value &&
            (!longest || g_bytes_get_size(one->value) > g_bytes_get_size(longest->value)))
            longest = one;
    }
    if (longest)
        g_clear_pointer(&longest->value, g_bytes_unref);
    return longest;
}

static bool make_exif(MetadataEdit *edit, Error **err)
{
    g_autoptr(GBytes) exif = exif_made(edit);

    bool grew = is_large(exif) && !is_large(edit->edits.exif);
    if (grew && edit->exif_asked)
        return error_set(
            err, ERROR_PICTURE, "write a shorter text, or write it into XMP by its friendly name",
            "EXIF would be %zu bytes, and a file holds %d", g_bytes_get_size(exif), EXIF_MOST);
    while (grew && is_large(exif) && leave_out_longest(edit))
        blocks_replace(&exif, exif_made(edit));
    blocks_replace(&edit->blocks.exif, g_steal_pointer(&exif));
    return true;
}

Metadata *metadata_edit_end(MetadataEdit *edit, Error **err)
{
    if (!edit->exif_changed && !edit->xmp_changed && !edit->others_changed)
        return metadata_ref(edit->metadata);
    if (edit->exif_changed && !make_exif(edit, err))
        return NULL;
    if (edit->xmp_changed)
        blocks_replace(&edit->blocks.xmp, xmp_is_empty(edit->xmp) ? NULL : xmp_packet(edit->xmp));
    MetadataEdits *edits = g_new0(MetadataEdits, 1);
    *edits = edit->edits;
    edit->edits = (MetadataEdits){ 0 };
    return metadata_new_edited(&edit->blocks, edits);
}
