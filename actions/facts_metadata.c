/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the picture says of itself, in the order of metadata.h. */
#include "actions/facts_readers.h"
#include "actions/metadata_taken.h"

bool fact_read_taken(const Fact *fact G_GNUC_UNUSED, const FactSource *source, Value *value,
                     Error **err)
{
    Metadata *metadata = image_metadata(source->image, err);

    return metadata && fact_set_date(value, metadata_taken(metadata));
}

bool fact_read_text(const Fact *fact, const FactSource *source, Value *value, Error **err)
{
    Metadata *metadata = image_metadata(source->image, err);

    return metadata && fact_set_text(value, metadata_value(metadata, fact->name));
}

bool fact_read_list(const Fact *fact, const FactSource *source, Value *value, Error **err)
{
    Metadata *metadata = image_metadata(source->image, err);

    return metadata && fact_set_list(value, metadata_values(metadata, fact->name));
}
