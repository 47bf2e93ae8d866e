# All dependencies come from the distribution; ./run setup names the packages.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

# redai_pkg(NAME pkg-config-name): an interface target redai::NAME, its headers as system headers.
function(redai_pkg name module)
  pkg_check_modules(${name} REQUIRED ${module})
  add_library(redai::${name} INTERFACE IMPORTED GLOBAL)
  target_include_directories(redai::${name} SYSTEM INTERFACE ${${name}_INCLUDE_DIRS})
  target_link_libraries(redai::${name} INTERFACE ${${name}_LINK_LIBRARIES})
endfunction()

redai_pkg(jansson jansson)
redai_pkg(hiredis hiredis)
redai_pkg(openssl openssl)
redai_pkg(ncursesw ncursesw)

# libev and uthash ship no pkg-config file on Debian 12.
find_library(REDAI_LIBEV ev REQUIRED)
find_path(REDAI_LIBEV_INCLUDE ev.h REQUIRED)
add_library(redai::libev INTERFACE IMPORTED GLOBAL)
target_include_directories(redai::libev SYSTEM INTERFACE ${REDAI_LIBEV_INCLUDE})
target_link_libraries(redai::libev INTERFACE ${REDAI_LIBEV} m)

find_path(REDAI_UTHASH_INCLUDE uthash.h REQUIRED)
add_library(redai::uthash INTERFACE IMPORTED GLOBAL)
target_include_directories(redai::uthash SYSTEM INTERFACE ${REDAI_UTHASH_INCLUDE})
