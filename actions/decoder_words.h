/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* decoder_words.h - what decoders say of a picture, in words for people. Any thread. */
#pragma once

/* The lines of libvips' error buffer in one: without remarks that only follow from another line,
 * names of programs and numbers of errors; each once. *fix becomes what to do (a literal), and the
 * words are a whole sentence about the picture, where the reason is known; else it stays. Newly
 * allocated, UTF-8. */
char *decoder_words(const char *message, const char **fix);
