/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* facts.h - what a profile may ask of a picture by name: {width}, {camera}, {exif.LensModel}. One
 * table: names, formulas, the manual and `hotfolder values` read it. One thread. */
#pragma once

#include "actions/image.h"
#include "actions/import_words.h"
#include "actions/value.h"

/* For what a fact stays the same. */
typedef enum FactScope {
    FACT_OF_PROFILE, /* for every picture of a folder */
    FACT_OF_PICTURE, /* for every step of a picture */
    FACT_OF_STEP,    /* not even that: a size or a shape that steps change, a time, or chance */
} FactScope;

/* What else is to know of a fact, each a bit. */
typedef enum FactFlags {
    FACT_MAY_BE_MISSING = 1 << 0, /* a picture may not say it: it takes a | */
    FACT_GUESSED = 1 << 1, /* in a name, the time of the file stands for one that is missing */
    FACT_NOT_OF_PICTURE = 1 << 2, /* its folder, its profile or its job say it */
    FACT_OF_FILE = 1 << 3,        /* of the picture's file, of which every picture has another */
    FACT_IS_NAME = 1 << 4,        /* it stays byte for byte in a name, since it is one */
    FACT_HAS_STEM = 1 << 5,       /* the stem in it is cut where a name would be too long */
    FACT_HAS_EXTENSION = 1 << 6,  /* a name that ends in it may end in an extension */
    FACT_OF_CONTENT = 1 << 7,     /* all of the file is read for it, or the header of its pixels */
    FACT_OF_IMPORT = 1 << 8,      /* only names of imports have it */
} FactFlags;

/* Who asks for facts. */
typedef enum FactsOf {
    FACTS_OF_PICTURES, /* profiles */
    FACTS_OF_IMPORTS,  /* names of imports: what the name of a file and its metadata say */
    FACTS_OF_MEDIA,    /* `when` of imports: none but those of the medium */
} FactsOf;

/* Of what a fact is read. */
typedef struct FactSource {
    Image *image;              /* its names, its metadata, its file */
    const Shape *shape;        /* what steps have made of it so far */
    unsigned step;             /* of the profile, from 0: random() of two steps differs by it */
    const char *row;           /* the setting that asks: random() of two settings differs by it */
    const MediumWords *medium; /* of FACTS_OF_MEDIA, which ask nothing else */
} FactSource;

typedef struct Fact {
    const char *name; /* "width"; with a namespace "source.width" */
    ValueType type;
    FactScope scope;
    unsigned flags;      /* FactFlags */
    const char *group;   /* of the manual's table: "file", "picture", "metadata", ... */
    const char *example; /* what it is of some photo */
    const char *help;    /* one line, no full stop */
    /* Sets *value, which is missing before. False with *err where the picture's file cannot be
     * read; what the picture does not say is missing, without an error. */
    bool (*read)(const struct Fact *fact, const FactSource *source, Value *value, Error **err);
} Fact;

extern const Fact facts[];        /* by group; one without a name ends it */
extern const Fact medium_facts[]; /* the same of FACTS_OF_MEDIA */

/* The fact of that name for those who ask, whatever its case; a raw one ("exif.LensModel",
 * "iptc.By-line", "xmp.dc.title", as exiftool or exiv2 spell it) lives as long as the program. NULL
 * with *err of kind CONFIG, with what was most likely meant, where there is no such for them. */
const Fact *fact_find(FactsOf of, const char *name, Error **err);

/* Where the extension of a file's name begins, with its dot; its end where it has none. */
const char *fact_extension_of(const char *name);
