#include "lies.h"

#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH = 10000, LINE = 256 * 1024, WIDE = 2000 };

#define TEXT(name, bytes)                                                                                    \
    {                                                                                                        \
        name, bytes, sizeof(bytes) - 1                                                                       \
    }

const struct lie_text lies_odd[] = {
    TEXT("an error", "-ERR no such thing\r\n"),
    TEXT("an empty error", "-\r\n"),
    TEXT("a status", "+OK\r\n"),
    TEXT("an integer", ":42\r\n"),
    TEXT("a negative integer", ":-1\r\n"),
    TEXT("the largest integer", ":9223372036854775807\r\n"),
    TEXT("the smallest integer", ":-9223372036854775808\r\n"),
    TEXT("nil", "$-1\r\n"),
    TEXT("a nil array", "*-1\r\n"),
    TEXT("an empty array", "*0\r\n"),
    TEXT("an empty string", "$0\r\n\r\n"),
    TEXT("a string with NULs", "$7\r\na\0b\0\r\nc\r\n"),
    TEXT("digits that are no number", "$22\r\n9999999999999999999999\r\n"),
    TEXT("an array of one", "*1\r\n$1\r\n0\r\n"),
    TEXT("a pair of nils", "*2\r\n$-1\r\n*-1\r\n"),
    TEXT("a cursor and no list", "*2\r\n$1\r\n0\r\n$4\r\nlist\r\n"),
    TEXT("a cursor that is none", "*2\r\n$3\r\nabc\r\n*0\r\n"),
    TEXT("a cursor without end", "*2\r\n$20\r\n18446744073709551615\r\n*1\r\n$1\r\nk\r\n"),
    TEXT("an odd count", "*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n"),
    TEXT("nested arrays", "*2\r\n*2\r\n*1\r\n:1\r\n$-1\r\n*1\r\n*1\r\n*0\r\n"),
    TEXT("errors within", "*2\r\n-ERR within\r\n:1\r\n"),
    TEXT("INFO that is none",
         "$44\r\n# Server\r\nredis_version\r\n:::\r\nuptime:-9\r\n=\r\n\r\n\r\n\r\n\r\n"),
    TEXT("a message", "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\np\r\n"),
};
const size_t lies_odd_count = COUNT_OF(lies_odd);

struct lies_broken lies_broken[] = {
    {{"nested 10 000 deep", NULL, 0}, "nested too deep"},
    {{"a line without end", NULL, 0}, "line over 64 KiB"},
    {TEXT("2147483647 elements", "*2147483647\r\n"), "not the protocol"},
    {TEXT("4194305 elements", "*4194305\r\n"), "too many elements"},
    {TEXT("-7 elements", "*-7\r\n"), "not the protocol"},
    {TEXT("a string of -5", "$-5\r\n"), "not the protocol"},
    {TEXT("a count that is none", "*abc\r\n"), "not the protocol"},
    {TEXT("a push of RESP3", ">2\r\n+a\r\n+b\r\n"), "not the protocol"},
    {TEXT("a map of RESP3", "%1\r\n+a\r\n+b\r\n"), "not the protocol"},
    {TEXT("a set of RESP3", "~1\r\n+a\r\n"), "not the protocol"},
    {TEXT("null of RESP3", "_\r\n"), "not the protocol"},
    {TEXT("a double of RESP3", ",1.5\r\n"), "not the protocol"},
    {TEXT("true of RESP3", "#t\r\n"), "not the protocol"},
    {TEXT("a big number of RESP3", "(123456789012345678901234567890\r\n"), "not the protocol"},
    {TEXT("a page of HTTP", "HTTP/1.1 400 Bad Request\r\n\r\n"), "not the protocol"},
    {TEXT("a greeting of SMTP", "220 mail.example ESMTP\r\n"), "not the protocol"},
    {TEXT("NUL", "\0\0\0\0\0\0\0\0"), "not the protocol"},
};
const size_t lies_broken_count = COUNT_OF(lies_broken);

void lies_prepare(void)
{
    static const char one[] = "*1\r\n";
    char *deep = malloc(DEPTH * (sizeof one - 1) + 1);
    char *line = malloc(LINE);
    assert_non_null(deep);
    assert_non_null(line);
    for (size_t i = 0; i < DEPTH; i++) {
        memcpy(deep + i * (sizeof one - 1), one, sizeof one);
    }
    memset(line, '+', LINE);
    lies_broken[0].text.bytes = deep;
    lies_broken[0].text.len = DEPTH * (sizeof one - 1);
    lies_broken[1].text.bytes = line;
    lies_broken[1].text.len = LINE;
}
