# Writes the files of themes/ as a table of C, themes.c in the build folder, for the room tty (src/tty/themes.h).
file(GLOB themes CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/themes/*.theme)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${themes})
set(rows "")
foreach(theme IN LISTS themes)
  get_filename_component(name ${theme} NAME_WE)
  file(READ ${theme} text)
  string(REPLACE "\\" "\\\\" text "${text}")
  string(REPLACE "\"" "\\\"" text "${text}")
  string(REPLACE "\n" "\\n\"\n     \"" text "${text}")
  string(APPEND rows "    {\"${name}\",\n     \"${text}\"},\n")
endforeach()
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/themes.c CONTENT "#include \"tty/themes.h\"

#include <stddef.h>

const struct theme themes[] = {
@rows@    {NULL, NULL},
};
" @ONLY)
target_sources(redai_tty PRIVATE ${CMAKE_BINARY_DIR}/themes.c)
