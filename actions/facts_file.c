/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the picture's file, its folder and its job say. */
#include <string.h>

#include "actions/facts_readers.h"

/* ---- names ---- */

const char *fact_extension_of(const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot && dot != name ? dot : name + strlen(name);
}

static size_t stem_length(const char *name)
{
    return (size_t) (fact_extension_of(name) - name);
}

bool fact_read_stem(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                    Error **err G_GNUC_UNUSED)
{
    const char *name = image_source_names(source->image)->name;

    return fact_set_text_of(value, name, stem_length(name));
}

bool fact_read_ext(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                   Error **err G_GNUC_UNUSED)
{
    const char *extension = fact_extension_of(image_source_names(source->image)->name);

    return fact_set_text(value, g_strdup(*extension ? extension + 1 : ""));
}

bool fact_read_name(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                    Error **err G_GNUC_UNUSED)
{
    return fact_set_text(value, g_strdup(image_source_names(source->image)->name));
}

bool fact_read_dir(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                   Error **err G_GNUC_UNUSED)
{
    return fact_set_text(value, g_strdup(image_source_names(source->image)->dir));
}

bool fact_read_folder(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                      Error **err G_GNUC_UNUSED)
{
    return fact_set_text(value, g_strdup(image_source_names(source->image)->folder));
}

bool fact_read_profile(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                       Error **err G_GNUC_UNUSED)
{
    return fact_set_text(value, g_strdup(image_source_names(source->image)->profile));
}

/* The digits that end the stem, with their zeros: 0123 of DSC_0123. */
bool fact_read_shot(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                    Error **err G_GNUC_UNUSED)
{
    const char *name = image_source_names(source->image)->name;
    size_t end = stem_length(name), begin = end;

    while (begin && g_ascii_isdigit(name[begin - 1]))
        begin--;
    return begin == end || fact_set_text_of(value, name + begin, end - begin);
}

/* ---- content and times ---- */

bool fact_read_size(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                    Error **err)
{
    const ImportWords *import = image_import(source->image);
    int64_t size = import ? import->size : image_file_size(source->image, err);

    return size >= 0 && fact_set_number(value, (double) size);
}

bool fact_read_hash(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                    Error **err)
{
    const char *hash = image_hash(source->image, err);

    return hash && fact_set_text(value, g_strdup(hash));
}

bool fact_read_mtime(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                     Error **err G_GNUC_UNUSED)
{
    return fact_set_date(value,
                         g_date_time_new_from_unix_local(image_source_names(source->image)->mtime));
}

bool fact_read_now(const Fact *fact G_GNUC_UNUSED, const FactSource *source G_GNUC_UNUSED,
                   Value *value, Error **err G_GNUC_UNUSED)
{
    return fact_set_date(value, g_date_time_new_now_local());
}

/* A picture that did not come through the ledger has none. */
static bool set_drawn(Value *value, int64_t number)
{
    return number < 1 || fact_set_number(value, (double) number);
}

bool fact_read_seq(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                   Error **err G_GNUC_UNUSED)
{
    return set_drawn(value, image_source_names(source->image)->sequence.folder);
}

bool fact_read_seq_day(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                       Error **err G_GNUC_UNUSED)
{
    return set_drawn(value, image_source_names(source->image)->sequence.day);
}

bool fact_read_seq_run(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                       Error **err G_GNUC_UNUSED)
{
    return set_drawn(value, image_source_names(source->image)->sequence.run);
}
