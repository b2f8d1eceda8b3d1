/* document.h - the profiles that the daemon hands over on standard input. */
#pragma once

/* All of standard input, newly allocated; NULL with errno set when it can't be read. */
char *document_read(void);
