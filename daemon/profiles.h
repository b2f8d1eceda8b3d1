/* profiles.h - profiles as text: cut out, compared, and handed to a worker that knows what they
 * say. */
#pragma once

#include "base/conf.h"
#include "daemon/settings.h"

/* From a `profile` section. Newly allocated. */
ProfileText *profile_text_new(const ConfNode *node);
void profile_text_free(ProfileText *profile);

/* The profiles document (worker/profile.h) of those profiles, newly allocated. */
char *profiles_document(const GPtrArray *profiles);

/* Has `worker --check` look at a document; what it finds is appended. It gets `timeout_ms` for it.
 * False when there was a mistake, or when it could not be asked, which is a mistake too. */
bool profiles_check(const char *worker, const char *document, int64_t timeout_ms,
                    GPtrArray *mistakes);
