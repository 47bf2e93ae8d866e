# A room is an object library of src/<room>/*.c that sees the headers of include/ and links only
# what its row of the table allows.

add_library(redai_flags INTERFACE)
target_compile_definitions(redai_flags INTERFACE _GNU_SOURCE REDAI_VERSION="${PROJECT_VERSION}")
target_include_directories(redai_flags INTERFACE ${CMAKE_SOURCE_DIR}/include)
target_compile_options(redai_flags INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes -Wmissing-prototypes -Wvla
  -Wformat=2 -Wundef -Wpointer-arith -Wwrite-strings
  # snprintf is used because it cuts; gcc's guess at where it might depends on the optimisation level.
  $<$<C_COMPILER_ID:GNU>:-Wno-format-truncation>
  $<$<BOOL:${REDAI_WERROR}>:-Werror>)
if(REDAI_SANITIZE)
  target_compile_options(redai_flags INTERFACE -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(redai_flags INTERFACE -fsanitize=address,undefined)
endif()
if(REDAI_FUZZ)
  target_compile_options(redai_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# Everything but app, for the binary and for tests that need the whole house.
add_library(redai_all INTERFACE)
target_link_libraries(redai_all INTERFACE redai_flags)

function(redai_room name)
  cmake_parse_arguments(ARG "" "" "ROOMS;LIBRARIES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.c)
  add_library(redai_${name} OBJECT ${sources})
  set_target_properties(redai_${name} PROPERTIES LINKER_LANGUAGE C)
  target_include_directories(redai_${name} PRIVATE ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(redai_${name} PUBLIC redai_flags ${ARG_LIBRARIES})
  # A static library of the same objects, with what it needs behind it: what tests link.
  add_library(redai_${name}_lib INTERFACE)
  target_link_libraries(redai_${name}_lib INTERFACE redai_flags ${ARG_LIBRARIES})
  target_sources(redai_${name}_lib INTERFACE $<TARGET_OBJECTS:redai_${name}>)
  if(NOT name STREQUAL "app")
    target_link_libraries(redai_all INTERFACE redai_${name}_lib)
  endif()
endfunction()
