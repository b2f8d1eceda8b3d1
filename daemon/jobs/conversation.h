/* conversation.h - the conversation with the child that works on a picture. */
#pragma once

#include "daemon/jobs/job.h"

/* Hands job->fd to the child, gives it the outputs that it asks for, and waits for its result until
 * the folder's deadline. A child that dies or is overdue sets job->death. */
bool render(Job *job, Child *child, Error **err);
