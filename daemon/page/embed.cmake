# cmake -DDIRECTORY=web -DOUT=web.c -P embed.cmake: the files of the page as C, each with its bytes and their
# SHA-256, sorted by name. A program that has them needs no file.
file(GLOB names RELATIVE ${DIRECTORY} ${DIRECTORY}/*)
list(SORT names)
set(rows "")
set(bytes "")
foreach(name ${names})
  file(READ ${DIRECTORY}/${name} hex HEX)
  file(SHA256 ${DIRECTORY}/${name} sum)
  string(MAKE_C_IDENTIFIER ${name} word)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," hex "${hex}")
  string(APPEND bytes "static const unsigned char ${word}[] = { ${hex} };\n")
  string(APPEND rows "    { \"/${name}\", ${word}, sizeof(${word}), \"\\\"${sum}\\\"\" },\n")
endforeach()
file(WRITE ${OUT} "/* Made by embed.cmake. */\n#include \"page/assets.h\"\n\n${bytes}
const Asset assets[] = {\n${rows}    { NULL, NULL, 0, NULL },\n};\n")
