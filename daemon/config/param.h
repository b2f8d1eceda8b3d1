/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* param.h - one setting: its type, range, unit and meaning, declared once.
 *
 * The table beside the struct that it fills is the only place where a setting is described: the
 * configuration reader, its messages, `hotfolder actions`, the manual and the completion all read
 * it. Actions and the daemon's own settings use the same rows. Any thread may call it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "config/place.h"

typedef enum ParamType {
    PARAM_END,
    PARAM_BOOL,    /* bool:    yes, no */
    PARAM_INT,     /* int:     min..max */
    PARAM_REAL,    /* double:  min..max */
    PARAM_LENGTH,  /* Length:  12, 12px, 5%, 30mm, 3cm, 1.2in */
    PARAM_CHOICE,  /* int:     one word of choices */
    PARAM_PLACE,   /* Place:   top-left ... bottom-right, "10% 20px", or a word of choices */
    PARAM_AREA,    /* Area:    "10% 20px 50% 30mm": four lengths */
    PARAM_COLOUR,  /* Colour:  "#rrggbb", "#rrggbbaa", a word of choices; all 0 is transparent */
    PARAM_FILE,    /* char *:  absolute path of a readable file */
    PARAM_PICTURE, /* Asset:   absolute path of a picture */
    PARAM_MASK,  /* Asset:   absolute path of a picture that says where: white is all, black nothing
                  */
    PARAM_TILES, /* Asset:   absolute path of a picture, or of a directory of pictures */
    PARAM_TRACK, /* Asset:   absolute path of a GPX file, or of a directory of them */
    PARAM_ICC,   /* Asset:   absolute path of a colour profile, or one word of choices */
    PARAM_XMP,   /* Asset:   absolute path of a file of XMP */
    PARAM_PATH,  /* char *:  absolute path of a directory; normalised, existing or not; or a word of
                    choices */
    PARAM_TEXT,  /* char *:  any text, UTF-8 */
    PARAM_DURATION, /* int64_t: milliseconds; 250ms, 2s, 5min, 1h, 30d; a bare number is refused but
                       0 */
    PARAM_BYTES,    /* int64_t: bytes; 100KB, 20MB, 2GB (powers of 1024) */
    PARAM_GLOBS,    /* char **: patterns for fnmatch(3), NULL-terminated; { "a", "b" } and += */
    PARAM_TEXTS,    /* Texts:   any texts, UTF-8; { "a", "b" }, "a", and += */
    PARAM_COMMAND,  /* char **: the absolute path of a program and its arguments, NULL-terminated */
    PARAM_WORDS,    /* unsigned: 1 << value for each word of choices; { a, b } and += */
    PARAM_RANKING, /* char **: words of choices, the first one first, none twice; { a, b } and += */
    PARAM_PATHS,   /* char **: as PARAM_PATH, none twice; { "/a", "/b" }, "/a", and += */
    PARAM_CLOCK,   /* int:     minutes after midnight, 0 to 1439; 04:00 */
} ParamType;

typedef struct Colour {
    double r, g, b, a; /* 0-255 */
    int word;          /* the value of one of the row's choices, which are not 0; 0: the numbers */
} Colour;

/* Texts that a list has, or that are added to those that are there. */
typedef struct Texts {
    char **items; /* NULL-terminated; NULL: none */
    bool replace; /* = was written, and not += */
} Texts;

/* A file that a setting names; actions/assets.h reads it. */
typedef struct Asset {
    char *path;  /* or a word of the row's choices; NULL: none */
    bool opened; /* fd is open */
    int fd;
    void *content; /* what was made of it */
} Asset;

#define PARAM_PROPORTION ":1"

typedef struct Param {
    ParamType type;
    LengthOf of; /* of a length: what % is of; each has one */
    const char *name;
    const char *also; /* other names that are understood, with spaces between; may be NULL */
    size_t offset;
    const char *def;       /* as in a file: "2s", "{ a, b }"; NULL: it must be set */
    double min, max;       /* inclusive; durations in ms, lengths in their own unit */
    const char *unit;      /* PARAM_PROPORTION: of one side to the other, as "3:2" too */
    const char *zero;      /* a word that stands for 0 ("auto"); may be NULL */
    const Choice *choices; /* of a place or a colour: words beside its own; may be NULL */
    const char *elsewhere; /* what takes values that this row does not, as a message says it; may be
                              NULL */
    const char *only_with; /* other settings, as a file has them, without which it does nothing:
                              "kind = motion"; where such a row is no choice, any value that is not
                              its default will do; may be NULL */
    const char *fixed;     /* why no formula can give it, as a message says it; may be NULL */
    const char *help;      /* what it does; one line, no full stop */
    int zero_means;        /* of INT and REAL: what `zero` stands for, where 0 is a value */
    bool only_lengths;     /* of a place: it takes no word */
    bool or_margin;        /* of an area: one length is so far from each edge */
    bool only_opaque;      /* of a colour: it takes no alpha */
} Param;

/* _Generic makes a field of the wrong C type a compile error on the table's line. */
#define PARAM(T, field, ctype, kind, ...) PARAM_IN(T, , field, ctype, kind, __VA_ARGS__)
/* A field of a struct inside T: `inside` is its name with the point, "limits." */
#define PARAM_IN(T, inside, field, ctype, kind, ...)                                               \
    {                                                                                              \
        .type = (kind), .name = #field,                                                            \
        .offset = _Generic(((T *) 0)->inside field, ctype                                          \
                           : offsetof(T, inside field)),                                           \
        __VA_ARGS__                                                                                \
    }
#define BOOL(T, field, ...)     PARAM(T, field, bool, PARAM_BOOL, __VA_ARGS__)
#define INT(T, field, ...)      PARAM(T, field, int, PARAM_INT, __VA_ARGS__)
#define REAL(T, field, ...)     PARAM(T, field, double, PARAM_REAL, __VA_ARGS__)
#define LENGTH(T, field, ...)   PARAM(T, field, Length, PARAM_LENGTH, __VA_ARGS__)
#define CHOICE(T, field, ...)   PARAM(T, field, int, PARAM_CHOICE, __VA_ARGS__)
#define PLACE(T, field, ...)    PARAM(T, field, Place, PARAM_PLACE, __VA_ARGS__)
#define OFFSET(T, field, ...)   PLACE(T, field, .only_lengths = true, __VA_ARGS__)
#define AREA(T, field, ...)     PARAM(T, field, Area, PARAM_AREA, __VA_ARGS__)
#define COLOUR(T, field, ...)   PARAM(T, field, Colour, PARAM_COLOUR, __VA_ARGS__)
#define FILEPATH(T, field, ...) PARAM(T, field, char *, PARAM_FILE, __VA_ARGS__)
#define PICTURE(T, field, ...)  PARAM(T, field, Asset, PARAM_PICTURE, __VA_ARGS__)
#define MASK(T, field, ...)     PARAM(T, field, Asset, PARAM_MASK, __VA_ARGS__)
#define TILES(T, field, ...)    PARAM(T, field, Asset, PARAM_TILES, __VA_ARGS__)
#define TRACK(T, field, ...)    PARAM(T, field, Asset, PARAM_TRACK, __VA_ARGS__)
#define ICC(T, field, ...)      PARAM(T, field, Asset, PARAM_ICC, __VA_ARGS__)
#define DIRPATH(T, field, ...)  PARAM(T, field, char *, PARAM_PATH, __VA_ARGS__)
#define TEXT(T, field, ...)     PARAM(T, field, char *, PARAM_TEXT, __VA_ARGS__)
#define DURATION(T, field, ...) PARAM(T, field, int64_t, PARAM_DURATION, __VA_ARGS__)
#define BYTES(T, field, ...)    PARAM(T, field, int64_t, PARAM_BYTES, __VA_ARGS__)
#define GLOBS(T, field, ...)    PARAM(T, field, char **, PARAM_GLOBS, __VA_ARGS__)
#define LIST(T, field, ...)     PARAM(T, field, Texts, PARAM_TEXTS, __VA_ARGS__)
#define XMPFILE(T, field, ...)  PARAM(T, field, Asset, PARAM_XMP, __VA_ARGS__)
#define COMMAND(T, field, ...)  PARAM(T, field, char **, PARAM_COMMAND, __VA_ARGS__)
#define WORDS(T, field, ...)    PARAM(T, field, unsigned, PARAM_WORDS, __VA_ARGS__)
#define RANKING(T, field, ...)  PARAM(T, field, char **, PARAM_RANKING, __VA_ARGS__)
#define DIRPATHS(T, field, ...) PARAM(T, field, char **, PARAM_PATHS, __VA_ARGS__)
#define CLOCK(T, field, ...)    PARAM(T, field, int, PARAM_CLOCK, __VA_ARGS__)

/* The row of that name, which may be in American spelling, or of one that it also has; NULL: no
 * such. */
const Param *param_find(const Param *params, const char *name);

/* The word of index i that it may be; NULL after the last, and where it has no words. */
const Choice *param_choice(const Param *param, unsigned i);

/* Reads text as a value of param into settings (NULL: only checks it); a text that was there is
 * freed. For a list, text is one item, which is added. The error is of kind CONFIG. */
bool param_read(const Param *param, const char *text, void *settings, Error **err);

/* The same without a message: NULL, or what is wrong, as in "too large". */
const char *param_try(const Param *param, const char *text, void *settings);

/* Whether the value in settings, a number, a length, yes or no, or one word, is what `text` says.
 */
bool param_is(const Param *param, const void *settings, const char *text);

/* Whether a formula may compute its value, in sections that take formulas; and whether `text` has
 * one, where a value of this type never has a brace. param_read() refuses such a text. */
bool param_takes_formula(const Param *param);
bool param_has_formula(const Param *param, const char *text);

/* Whether it is an Asset. */
bool param_is_asset(const Param *param);

/* The file that the setting names, borrowed; NULL: it is of another type, or names none. */
const char *param_file(const Param *param, const void *settings);

/* Whether its value is a list, which `+=` adds to. */
bool param_is_list(const Param *param);

/* Removes every item of a list, before others are read in their place. */
void param_clear_list(const Param *param, void *settings);

/* Fills settings with every default; rows without one are left as they are. */
void params_set_defaults(const Param *params, void *settings);

/* Frees the texts and lists that params own in settings, not settings itself. */
void params_clear(const Param *params, void *settings);

/* "0.1 to 10 px", "top-left, top-right, ...": newly allocated. */
char *param_allowed_text(const Param *param);

/* Whether its value has several parts, with spaces between; whether it has lengths; and whether the
 * one in settings needs to be known how many pixels an inch has. */
bool param_has_parts(const Param *param);
bool param_has_lengths(const Param *param);
bool param_is_physical(const Param *param, const void *settings);

/* Whether a length with a physical unit is within its row's range of pixels, with `dpi` pixels an
 * inch. All other values are. The error is of kind CONFIG. */
bool param_check_physical(const Param *param, const void *settings, double dpi, Error **err);

/* Sets what each length comes to on a picture of width x height pixels, with `dpi` pixels an inch;
 * 0: no row has a physical unit. Of OF_AXIS, % come to 0: see length_px(). */
void lengths_finish(const Param *params, void *settings, double width, double height, double dpi);
