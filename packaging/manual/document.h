/* document.h - what is told of the tables outside of the programs: one function for each part of a
 * manual, of the journal's catalog, of a completion. Each prints on standard output. */
#pragma once

/* The journal's catalog of messages: journalctl --catalog, -x. */
void document_catalog(void);
