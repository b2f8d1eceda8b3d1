/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/phatch.h"

#include <glib.h>
#include <string.h>

#include "base/text.h"

#define SETTINGS(...) ((const PhatchSetting[]){ __VA_ARGS__, { 0 } })

/* ---- settings that several have ---- */

#define AMOUNT                                                                                     \
    {                                                                                              \
        "Amount", NULL, "amount", NULL                                                             \
    }
#define RADIUS                                                                                     \
    {                                                                                              \
        "Radius", NULL, "size", "the same number: in Phatch, too, it is the width of the window"   \
    }
#define KERNEL                                                                                     \
    {                                                                                              \
        "Resample Image", NULL, "kernel",                                                          \
            "`bilinear` is `linear` here, `bicubic` is `cubic`, `antialias` is `lanczos3`, and "   \
            "`automatic` is `auto`"                                                                \
    }
#define RESOLUTION                                                                                 \
    {                                                                                              \
        "Resolution", NULL, "dpi", "for lengths in cm, and what the file says; also of `save`"     \
    }
#define WIDTH                                                                                      \
    {                                                                                              \
        "Canvas Width", NULL, "width", NULL                                                        \
    }
#define HEIGHT                                                                                     \
    {                                                                                              \
        "Canvas Height", NULL, "height", NULL                                                      \
    }
#define BACKGROUND                                                                                 \
    {                                                                                              \
        "Background Color", NULL, "background", NULL                                               \
    }

static const char opacity_of_background[] =
    "the last two digits of the colour, `#rrggbbaa`: 00 is transparent, ff is opaque";
static const char corners[] = "`tilt = corners`, with `top_left`, `top_right`, `bottom_right` and "
                              "`bottom_left`: how far each "
                              "corner moves";
static const char no_amount[] =
    "not here: a picture that is turned does not lie on the one that was there; "
    "`branch` and `watermark` lay pictures on each other";
static const char scene[] =
    "no setting of a step: the scene that the program of the configuration makes has it";
static const char of_floor[] = "as Use Floor";
static const char radius_follows[] = "the radius follows from sigma, as that of 0 does in Phatch";

static const char justification[] =
    "Left and Top, the default, are `anchor = top-left`; in Phatch it is Middle, `anchor = centre`";

/* ---- the table ---- */

const PhatchAction phatch_actions[] = {
    /* clang-format off */
    { "Auto Contrast", "autolevels",
      "all channels are stretched together, so that colours stay; `channels = each` is what Phatch does",
      SETTINGS({ "Cutoff", NULL, "cutoff", "of each end, at most half" }, AMOUNT) },
    { "Background", "background", "a file covers the picture where no method is given; in Phatch it is Scale",
      SETTINGS({ "Fill", NULL, NULL, "a `file` is Image, and else it is Color" }, { "Color", NULL, "colour", NULL },
               { "Mark", NULL, "file", NULL }, { "Opacity", NULL, "opacity", NULL },
               { "Method", NULL, "method", "By Offset is `place`, Tile is `tile`, Scale is `scale`" },
               { "Orientation", NULL, "turn", "clockwise here: Rotate 90 is 270; a mirrored file is another file" },
               { "Position", NULL, "place", "Custom is two lengths: \"10% 20px\"" },
               { "Offset", NULL, "margin", "0 where it is not given; in Phatch 5%" },
               { "Horizontal Offset", NULL, "place", "the first length" },
               { "Vertical Offset", NULL, "place", "the second length" },
               { "Horizontal Justification", NULL, "anchor", justification },
               { "Vertical Justification", NULL, "anchor", justification }) },
    { "Blender", "program", "a program of the configuration makes the scene: a recipe has one of Blender's",
      SETTINGS({ "Render Width", "scale", "width", "of a step behind it: the program writes the size of its scene" },
               { "Render Height", "scale", "height", "as Render Width" },
               { "Object", NULL, "use", "each object is a program of its own; the recipe makes Box, and the profile screen-mock-up Lcd" },
               { "Image Size", "fit", NULL, "Fit Image is the step `fit` before it, Letter Box is `canvas`, and a scene scales what it gets" },
               { "Cover Color", NULL, NULL, scene }, { "Page Mapping", NULL, NULL, scene },
               { "Left Page", NULL, NULL, "not here: a program gets one picture" },
               { "Box Color", NULL, NULL, scene }, { "Box Depth", NULL, NULL, scene },
               { "Lid Rotation", NULL, NULL, scene }, { "Camera", NULL, NULL, scene },
               { "Camera Horizontal Rotation", NULL, NULL, scene },
               { "Camera Vertical Rotation", NULL, NULL, scene },
               { "Camera Roll", NULL, NULL, scene }, { "Camera Lens Angle", NULL, NULL, scene },
               { "Camera Distance", NULL, NULL, scene },
               { "Show Floor Options", NULL, NULL, "not needed: a scene has the floor that it has" },
               { "Use Floor", "reflection", NULL, "a mirrored floor is a step behind it: `reflection`" },
               { "Floor Color", "reflection", "background", of_floor },
               { "Floor Reflection", "reflection", "opacity", of_floor },
               { "Floor Opacity", NULL, NULL, scene },
               { "Transparent Background", NULL, NULL, "a scene of the recipe always is" },
               { "Show Background Options", NULL, NULL, "not needed: steps behind it make one" },
               { "Background", "background", NULL, "a step behind it: `background` has colours and files" },
               { "Background Color", "background", "colour", NULL },
               { "Gradient Top", "background", "file", "of a picture of the gradient" },
               { "Gradient Bottom", "background", "file", "as Gradient Top" },
               { "Auto Crop", "crop", "mode", "a step behind it: `mode = trim`" },
               { "Stars", "background", "file", "of a picture of stars" },
               { "Stars Color", "background", "file", "as Stars" }, { "Mist", NULL, NULL, scene }) },
    { "Border", "border", "a width of less than 0 is `inside = yes` here",
      SETTINGS({ "Method", NULL, NULL, "`width` alone is the same on all sides" },
               { "Border Width", NULL, "width", NULL },
               { "Left", NULL, "left", NULL }, { "Right", NULL, "right", NULL },
               { "Top", NULL, "top", NULL }, { "Bottom", NULL, "bottom", NULL },
               { "Color", NULL, "colour", NULL }, { "Opacity", NULL, "opacity", NULL }) },
    { "Brightness", "brightness", NULL,
      SETTINGS({ "Amount", NULL, "strength", "0 where it is not given; in Phatch 50" }) },
    { "Canvas", "canvas", NULL,
      SETTINGS(WIDTH, HEIGHT, RESOLUTION,
               { "Align Horizontal", NULL, "place", "a word as `top-left`, or two shares: \"50% 0%\"" },
               { "Align Vertical", NULL, "place", "the second share" },
               BACKGROUND,
               { "Opacity", NULL, "background", opacity_of_background }) },
    { "Color to Alpha", "colour_to_alpha", NULL,
      SETTINGS({ "Select Color By", NULL, "colour", "each corner is a word of it: `top-left`" },
               { "Color Value", NULL, "colour", NULL }) },
    { "Colorize", "duotone", NULL,
      SETTINGS({ "Black", NULL, "black", NULL }, { "White", NULL, "white", NULL }, AMOUNT) },
    { "Common", "common", NULL, SETTINGS(RADIUS, AMOUNT) },
    { "Contour", "outline", "the line has one width around every corner and into every gap; in Phatch the shape is made larger",
      SETTINGS({ "Size", NULL, "size", NULL }, { "Offset", NULL, "offset", NULL },
               { "Contour Color", NULL, "colour", NULL }, { "Fill Color", NULL, "fill", NULL },
               { "Opacity", NULL, "opacity", NULL }, { "Include image", NULL, "picture", NULL }) },
    { "Contrast", "contrast",
      "values move along a line through the middle; in Phatch they fade to black and white above 0, and "
      "below it a large picture becomes white, by mistake",
      SETTINGS({ "Amount", NULL, "strength", "0 where it is not given; in Phatch 50" }) },
    { "Convert Mode", "convert",
      "one mode is several settings",
      SETTINGS({ "Mode", NULL, "to",
                 "L is `to = grey alpha = drop`, LA is `to = grey alpha = add`, RGB is `to = rgb alpha = "
                 "drop`, RGBA is `to = rgb alpha = add`, and 1 is `to = grey depth = 1`; P is `palette` "
                 "of `save`; CMYK is `icc` with the file of a press's profile as `to`, the last step before "
                 "`save`; YCbCr is no mode: JPEG has it inside of the file" }) },
    { "Copy", "save", "write `format = original`; it copies the photo's own file, whatever steps do",
      SETTINGS({ "File Name", NULL, "name", "{stem} where it is not given, as in Phatch; the file's extension is added" },
               { "In", NULL, "name", "directories stand in it: \"copies/{dir}/{stem}\"; they lie in the folder's output" }) },
    { "Crop", "crop", NULL,
      SETTINGS({ "Mode", NULL, "mode", "Auto is `trim`; All and Custom are `margins`" },
               { "All", NULL, "all", "0 where it is not given; in Phatch 30%" },
               { "Left", NULL, "left", NULL }, { "Right", NULL, "right", NULL },
               { "Top", NULL, "top", NULL }, { "Bottom", NULL, "bottom", NULL }) },
    { "Delete Tags", "untag", "in Phatch All, Exif and Iptc delete nothing, by mistake",
      SETTINGS({ "Method", NULL, "what", "All is `all`, Exif `exif`, Iptc `iptc`, and One the name of a tag" },
               { "Tag", NULL, "what", "its name, as exif.ImageDescription" }) },
    { "Desaturate", "grey", "with an amount below 100 colours remain; in Phatch none, by mistake", SETTINGS(AMOUNT) },
    { "Effect", "effect", NULL,
      SETTINGS({ "Filter", NULL, "filter", "its words have _ for a space: `edge_enhance`" },
               { "Repeat", NULL, "repeat", NULL }, AMOUNT) },
    { "Equalize", "equalize", NULL, SETTINGS(AMOUNT) },
    { "Fit", "fit", NULL,
      SETTINGS(WIDTH, HEIGHT, RESOLUTION,
               { "Align Horizontal", NULL, "where", "a word as `top-left`, or two shares: \"50% 0%\"" },
               { "Align Vertical", NULL, "where", "the second share" },
               { "Bleed", NULL, "bleed", "of each side, so that it is below 50" }, KERNEL) },
    { "Geek", "program", "the configuration says what is run: a profile only names it, and no shell reads it",
      SETTINGS({ "Command", NULL, "use", "the name of a program; its arguments are in the configuration" },
               { "Verify Program", NULL, NULL, "`hotfolder check` always does" },
               { "Verify Input", NULL, NULL, "it always gets a file" },
               { "Verify Output", NULL, NULL, "it always has to make one" },
               { "Allow as last action", NULL, NULL, "a `save` comes after it" }) },
    { "Geotag", "geotag", "the place lies between the points of the track, and a picture that none is near gets none",
      SETTINGS({ "GPS Data (gpx)", NULL, "track", "or a directory of tracks" },
               { "GPS Report (csv)", NULL, NULL, "the result and the journal name pictures that got no place" },
               { "Time Shift (seconds)", NULL, "offset", "with a unit: \"-35s\"" }) },
    { "Grid", "grid", NULL,
      SETTINGS({ "Columns", NULL, "columns", NULL }, { "Rows", NULL, "rows", NULL },
               { "Scale to Keep Size", NULL, "keep_size", NULL },
               { "Column Line Width", NULL, "gap_x", NULL },
               { "Row Line Width", NULL, "gap_y", NULL },
               { "Line Color", NULL, "colour", NULL },
               { "Line Opacity", NULL, "colour", opacity_of_background }) },
    { "Highlight", "gloss",
      "lights are drawn at the size of the picture, and a file is one, too; `blend = screen` and others are new",
      SETTINGS({ "Highlight", NULL, "gloss", "Sphere Top is `dome`, the default of both; any other is a word of it, or a file" },
               { "Resample Highlight", NULL, "kernel", NULL }, { "Opacity", NULL, "opacity", NULL }) },
    { "Imagemagick", "bevel blur charcoal contrast paint pencil polaroid shadow sharpen wave",
      "each of its kinds is an action of its own, and none starts another program",
      SETTINGS({ "Action", NULL, NULL,
                 "the name of the action: see Imagemagick: Blur and those that follow" }) },
    { "Imagemagick: 3D Edge", "bevel", "`depth` and `angle` are fixed in Phatch", NULL },
    { "Imagemagick: Blur", "blur", NULL,
      SETTINGS({ "Blur Radius", NULL, NULL, radius_follows },
               { "Blur Sigma", NULL, "sigma", NULL }) },
    { "Imagemagick: Bullet", "bevel", NULL, SETTINGS({ "Color", NULL, "colour", NULL }) },
    { "Imagemagick: Charcoal", "charcoal", NULL,
      SETTINGS({ "Charcoal Radius", NULL, "radius", NULL }) },
    { "Imagemagick: Motion Blur", "blur", "write `kind = motion`",
      SETTINGS({ "Blur Radius", NULL, "length", "the whole line, half of it on each side" },
               { "Blur Sigma", NULL, NULL, "all pixels of the line count alike" },
               { "Blur Angle", NULL, "angle", NULL }) },
    { "Imagemagick: Paint", "paint", NULL, SETTINGS({ "Paint Radius", NULL, "radius", NULL }) },
    { "Imagemagick: Pencil Sketch", "pencil", NULL,
      SETTINGS({ "Sketch Radius", NULL, "radius", "0 of Phatch is `auto`" }, { "Sketch Sigma", NULL, "sigma", NULL },
               { "Sketch Angle", NULL, "angle", NULL }) },
    { "Imagemagick: Polaroid", "polaroid", "the angle follows from the file's content: the same each time",
      SETTINGS({ "Border Color", NULL, "colour", NULL }, { "Shadow Color", NULL, "shadow", NULL },
               { "Caption", NULL, "caption", "none where it is not given" }) },
    { "Imagemagick: Shadow", "shadow", NULL,
      SETTINGS({ "Horizontal Offset", NULL, "x", NULL }, { "Vertical Offset", NULL, "y", NULL },
               { "Shadow Color", NULL, "colour", NULL }) },
    { "Imagemagick: Sharpen", "sharpen", NULL,
      SETTINGS({ "Sharpen Radius", NULL, NULL, radius_follows },
               { "Sharpen Sigma", NULL, "sigma", NULL }) },
    { "Imagemagick: Sigmoidal Contrast", "contrast", "write `curve = s`",
      SETTINGS({ "Contrast Factor", NULL, "strength", NULL },
               { "Contrast Treshold", NULL, "threshold", NULL }) },
    { "Imagemagick: Unsharp", "sharpen", "write `method = unsharp`",
      SETTINGS({ "Unsharp Radius", NULL, NULL, radius_follows },
               { "Unsharp Sigma", NULL, "sigma", NULL }) },
    { "Imagemagick: Wave", "wave", NULL,
      SETTINGS({ "Wave Height", NULL, "height", "2% where it is not given; in Phatch 0, which does nothing" },
               { "Wave Length", NULL, "length", "10% where it is not given; in Phatch 3px" }) },
    { "Invert", "invert", NULL, SETTINGS(AMOUNT) },
    { "Lossless JPEG", "lossless",
      "the photo comes in as it came, and `save` writes what was made of it; needs neither exiftran nor jpegtran",
      SETTINGS({ "File Name", "save", "name", "the extension is added" },
               { "In", "save", "name", "directories stand in it, below the folder's output" },
               { "Utility", NULL, NULL, "not needed: there is one, which knows EXIF and cuts" },
               { "Transformation", NULL, "turn",
                 "Automatic is `auto`, Rotate an angle, Flip is `mirror`; of two steps in a row, Transpose is 90 and "
                 "mirror, Transverse 270 and mirror; a thumbnail goes, since it shows another picture" },
               { "Angle", NULL, "turn", NULL },
               { "Direction", NULL, "turn", "Horizontal is `mirror`, Vertical two steps: 180 and mirror" },
               { "Preserve Timestamp", "save", "mtime", "`source`" },
               { "Show Advanced Options", NULL, NULL, "not needed: what the photo says becomes true by itself" },
               { "Update JPEG", NULL, NULL, "always" },
               { "Update Exif Thumbnail", NULL, NULL, "it goes" },
               { "Update Orientation Tag", NULL, NULL, "always" },
               { "Transformation (jpegtran)", NULL, "turn", "as above; Grayscale is `grey`, Crop is `crop`" },
               { "Copy", "save", "metadata", "None is `none`, All is `all`" },
               { "Angle (jpegtran)", NULL, "turn", NULL },
               { "Direction (jpegtran)", NULL, "turn", "as above" },
               { "Mode", NULL, "crop", "All is one length, Custom four; Auto is not here: `crop` has `trim`" },
               { "All", NULL, "crop", "none where it is not given; in Phatch 30%" },
               { "Left", NULL, "crop", "the first of four lengths" },
               { "Right", NULL, "crop", "the third length is the width that remains" },
               { "Top", NULL, "crop", "the second length" },
               { "Bottom", NULL, "crop", "the fourth length is the height that remains" }) },
    { "Mask", "mask", "shapes are drawn at the size of the picture, and a file is a mask, too",
      SETTINGS({ "Mask", NULL, "mask", "`daisy` is one of its words; 12 Pointed Round is `badge`; `ellipse` where it is not given" },
               { "Resample Mask", NULL, "kernel", NULL }) },
    { "Maximum", "maximum", NULL, SETTINGS(RADIUS, AMOUNT) },
    { "Median", "median", NULL, SETTINGS(RADIUS, AMOUNT) },
    { "Minimum", "minimum", NULL, SETTINGS(RADIUS, AMOUNT) },
    { "Mirror", "mirror", NULL, SETTINGS({ "Direction", NULL, "direction", NULL }) },
    { "Offset", "roll", NULL,
      SETTINGS({ "Horizontal Offset", NULL, "x", NULL },
               { "Vertical Offset", NULL, "y", NULL }) },
    { "Perspective", "perspective", "hotfolder-phatch(7) has a table of the corners",
      SETTINGS({ "Projection", NULL, "tilt",
                 "Left Stretched is `left-stretched`, Corner Top Left is `top-left`, User is `corners`" },
               { "Scale", NULL, "size", NULL },
               { "Left Shear Angle", NULL, NULL, corners },
               { "Top Shear Angle", NULL, NULL, corners },
               { "Bottom Shear Factor", NULL, NULL, corners },
               { "Right Shear Factor", NULL, NULL, corners },
               { "Horizontal Offset", NULL, NULL, corners },
               { "Vertical Offset", NULL, NULL, corners },
               { "Transpose", "turn", "angle", "before, and once more back" },
               BACKGROUND,
               { "Background Opacity", NULL, "background", opacity_of_background }, KERNEL,
               { "Auto Crop", NULL, "trim", NULL }) },
    { "Posterize", "posterize", NULL, SETTINGS({ "Bits", NULL, "bits", "or `levels`, which reach from black to white" }, AMOUNT) },
    { "Rank", "rank", "an amount below 100 counts; in Phatch it changes nothing, by mistake", SETTINGS(RADIUS, { "Rank", NULL, "rank", NULL }, AMOUNT) },
    { "Reflection", "reflection", NULL,
      SETTINGS({ "Depth", NULL, "depth", NULL }, { "Gap", NULL, "gap", NULL },
               { "Opacity", NULL, "opacity", NULL },
               { "Blur Reflection", NULL, "blur", "how far: its tick is about 1.7px" },
               { "Scale Reflection", NULL, "squeeze", NULL },
               { "Scale Method", NULL, NULL, "always `auto` of `scale`" }, BACKGROUND,
               { "Background Opacity", NULL, "background", opacity_of_background }) },
    { "Rename", "rename", "the original gets the name when it moves to done/",
      SETTINGS({ "File Name", NULL, "name", "has to be given; {stem} is the name it has" },
               { "In", NULL, NULL, "it moves to done/ of its folder, below the directory it was in" }) },
    { "Rename Tag", "rename_tag", NULL,
      SETTINGS({ "From", NULL, "from", "XMP and friendly names, too" }, { "To", NULL, "to", NULL }) },
    { "Rotate", "rotate", NULL,
      SETTINGS({ "Angle", NULL, "angle", "clockwise here: 45 of Phatch is -45" }, KERNEL,
               { "Expand", NULL, "expand", NULL }, { "Amount", NULL, NULL, no_amount }, BACKGROUND,
               { "Background Opacity", NULL, "background", opacity_of_background }) },
    { "Round", "round", NULL,
      SETTINGS({ "Radius", NULL, "radius", "5% of the shorter side where it is not given; in Phatch 2%" },
               { "Same Method for All Corners", NULL, "method", "a corner that is `same` has it" },
               { "Method", NULL, "method", "Rounded is `round`" },
               { "Top Left Corner", NULL, "top_left", NULL }, { "Top Right Corner", NULL, "top_right", NULL },
               { "Bottom Left Corner", NULL, "bottom_left", NULL },
               { "Bottom Right Corner", NULL, "bottom_right", NULL },
               { "Background Color", NULL, "background", "transparent where it is not given; in Phatch white" },
               { "Opacity", NULL, "opacity", NULL }) },
    { "Saturation", "saturation", NULL,
      SETTINGS({ "Amount", NULL, "strength", "0 where it is not given; in Phatch -100" }) },
    { "Save", "save", NULL,
      SETTINGS({ "File Name", NULL, "name", "the extension is added" }, { "As", NULL, "format", NULL },
               { "In", NULL, "name", "directories stand in it, below the folder's output: \"small/{dir}/{stem}\"" },
               { "Resolution", NULL, "dpi", NULL },
               { "Show Type Options", NULL, NULL, "not needed: a format leaves out what it does not have" },
               { "PNG Optimize", NULL, "effort", "9 is the smallest" },
               { "JPEG Quality", NULL, "quality", NULL },
               { "JPEG Size Maximum", NULL, "at_most", "as in 900KB, of every format that has a quality" },
               { "JPEG Size Tolerance", NULL, NULL, "not needed: the quality is searched that fits" },
               { "TIFF Compression", NULL, "compression", "zip is `deflate`, and g4 is `ccitt`" },
               { "Metadata", NULL, "metadata", NULL }) },
    { "Save Tags", "save", "write `format = original`: the pixels stay as they are coded",
      SETTINGS({ "File Name", NULL, "name", NULL },
               { "In", NULL, "name", "directories stand in it; they lie in the folder's output" }) },
    { "Scale", "scale", NULL,
      SETTINGS(WIDTH, HEIGHT, RESOLUTION, { "Constrain Proportions", NULL, "keep", NULL }, KERNEL,
               { "Scale Down Only", NULL, "enlarge", "`enlarge = no`, the default, is its tick" }) },
    { "Shadow", "shadow", NULL,
      SETTINGS({ "Horizontal Offset", NULL, "x", NULL }, { "Vertical Offset", NULL, "y", NULL },
               { "Border", NULL, "border", NULL },
               { "Shadow Blur", NULL, "blur", "a length: n of Phatch is 1.66px times the square root of n" },
               BACKGROUND, { "Shadow Color", NULL, "colour", NULL },
               { "Force Background Color", NULL, "background", "a colour is its tick; `transparent` is none" }) },
    { "Sketch", "sketch", NULL, SETTINGS({ "Details Degree", NULL, "details", "transparency stays; `colour = yes` keeps colours" }) },
    { "Solarize", "solarize", NULL, SETTINGS({ "Treshold", NULL, "threshold", NULL }, AMOUNT) },
    { "Tamogen", "mosaic", NULL,
      SETTINGS({ "Fill Type", NULL, "tiles", "a picture or a directory" },
               { "Fill Image", NULL, "tiles", NULL }, { "Fill Folder", NULL, "tiles", NULL },
               { "Rows", NULL, "rows", NULL }, { "Columns", NULL, "columns", NULL }, WIDTH, HEIGHT) },
    { "Text", "text", NULL,
      SETTINGS({ "Text", NULL, "text", NULL }, { "Font", NULL, "font", "the name of one that is installed, and no file" },
               { "Size", NULL, "size", "% is of the shorter side; in Phatch of the mean of width and height" },
               { "Color", NULL, "colour", NULL },
               { "Orientation", NULL, "turn", "clockwise here: Rotate 90 is 270" },
               { "Position", NULL, "place", "Custom is two lengths: \"10% 20px\"" },
               { "Offset", NULL, "margin", NULL },
               { "Horizontal Offset", NULL, "place", "the first length" },
               { "Vertical Offset", NULL, "place", "the second length" },
               { "Horizontal Justification", NULL, "anchor", justification },
               { "Vertical Justification", NULL, "anchor", justification }) },
    { "Time Shift", "shift_time", "`what = all` is what Phatch shifts",
      SETTINGS({ "Change", "save", "mtime", "the time of the file follows with `mtime = taken`" },
               { "Use exif datetime", "save", "mtime", "the same" },
               { "Seconds", NULL, "by", "all six in one: \"+1y 2 months 3d 4h 5min 6s\"" },
               { "Minutes", NULL, "by", NULL }, { "Hours", NULL, "by", NULL }, { "Days", NULL, "by", NULL },
               { "Months", NULL, "by", NULL }, { "Years", NULL, "by", NULL }) },
    { "Transpose", "turn upright", NULL,
      SETTINGS({ "Method", NULL, "angle",
                 "Orientation is the action `upright`; angles are clockwise here: Rotate 90 is `angle = 270` "
                 "and Rotate 270 is `angle = 90`; Flip Left Right is `mirror = horizontal`, Flip Top Bottom "
                 "is `mirror = vertical`" },
               { "Amount", NULL, NULL, no_amount }) },
    { "Transpose: Orientation", "upright", NULL, NULL },
    { "Warm Up", "warm", "`amount` is 50% where it is not given, as in Phatch",
      SETTINGS({ "Midtone", NULL, "midtone", NULL }, { "Brighten", NULL, "brighten", NULL },
               AMOUNT) },
    { "Watermark", "watermark", "it lies in the lower right corner where nothing is given; in Phatch it is scaled to the picture",
      SETTINGS({ "Mark", NULL, "file", "the whole path of a picture" },
               { "Opacity", NULL, "opacity", "80 where it is not given; in Phatch 100" },
               { "Method", NULL, "method", "By Offset is `place`, the default, Tile is `tile`, Scale is `scale`" },
               { "Orientation", NULL, "turn", "clockwise here: Rotate 90 is 270; a mirrored mark is another file" },
               { "Position", NULL, "place", "Custom is two lengths: \"10% 20px\"" },
               { "Offset", NULL, "margin", "2% where it is not given; in Phatch 5%" },
               { "Horizontal Offset", NULL, "place", "the first length" },
               { "Vertical Offset", NULL, "place", "the second length" },
               { "Horizontal Justification", NULL, "anchor", justification },
               { "Vertical Justification", NULL, "anchor", justification }) },
    { "Write Tag", "tag", NULL,
      SETTINGS({ "Tag", NULL, "name", "XMP and friendly names, too" },
               { "Value", NULL, "value", "a list may have several; an empty text removes the tag" }) },
    { 0 },
    /* clang-format on */
};

char *phatch_here(const PhatchSetting *setting)
{
    g_autoptr(GString) out = g_string_new(NULL);

    if (setting->setting)
        g_string_append_printf(out, "`%s`", setting->setting);
    if (setting->action)
        g_string_append_printf(out, "%s`%s`", setting->setting ? " of " : "", setting->action);
    if (setting->remark)
        g_string_append_printf(out, "%s%s", out->len ? "; " : "", setting->remark);
    return g_string_free(g_steal_pointer(&out), FALSE);
}
