/* profiles.h - profiles as text: cut out, compared, and handed to a worker that knows what they
 * say. */
#pragma once

#include "config/conf.h"
#include "daemon/settings/snapshot.h"

/* From a `profile` section. Newly allocated. */
ProfileText *profile_text_new(const ConfNode *node);

/* The profiles document (worker/profile.h) of those profiles, newly allocated. */
char *profiles_document(const GPtrArray *profiles);

/* Has `worker --check` look at a document; the mistakes that it finds are appended, and the files
 * (of NamedFile) that the profiles name. It gets `timeout_ms` for it. False when there was a
 * mistake, or when it could not be asked, which is a mistake too. */
bool profiles_check(const char *worker, const char *document, int64_t timeout_ms, GPtrArray *files,
                    GPtrArray *mistakes);
