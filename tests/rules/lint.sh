#!/bin/sh
# Formatting, both compilers with warnings as errors, and two static analysers. Prints each offence; exit 1 on any.
cd "$(dirname "$0")/../.." || exit 2
status=0
sources=$(find src include tests -name '*.[ch]' -not -path 'tests/fixtures/*')

echo "lint: formatting"
# shellcheck disable=SC2086
clang-format --dry-run --Werror $sources || status=1

for cc in gcc clang; do
    echo "lint: $cc, warnings are errors"
    cmake -S . -B "build/lint-$cc" -G Ninja -DCMAKE_C_COMPILER=$cc -DREDAI_WERROR=ON -DCMAKE_BUILD_TYPE=Release >/dev/null || exit 1
    cmake --build "build/lint-$cc" | grep -E 'error|warning|FAILED' && status=1
done

echo "lint: clang-tidy"
# shellcheck disable=SC2046
printf '%s\n' $(find src -name '*.c') | xargs -P "$(nproc)" -n 1 clang-tidy --quiet -p build/lint-clang 2>/dev/null || status=1

# The loops over lists and hashes are macros of uthash: it must see them, or takes what they set for uninitialised.
echo "lint: cppcheck"
cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 -j "$(nproc)" \
    --suppress=missingIncludeSystem --suppress=missingInclude --suppress=unknownMacro \
    --include=/usr/include/utlist.h --include=/usr/include/uthash.h -D_GNU_SOURCE -I include -I src src || status=1

sh tests/rules/includes.sh || status=1
[ $status = 0 ] && echo "lint: clean"
exit $status
