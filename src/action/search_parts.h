/* search_parts: what search's files share. Private to search. */
#ifndef REDAI_ACTION_SEARCH_PARTS_H
#define REDAI_ACTION_SEARCH_PARTS_H

#include "search.h"

enum { SEARCH_DEPTH_MAX = 2000 /* elements of one list, and entries of unacked, that are looked at */ };
#define SEARCH_BYTES_MAX INT64_C(67108864) /* of one kind of place, then it is enough */

struct search_list {
    char *key;
    int64_t at; /* the next page ends here, from the right; 0: over */
    int64_t depth, bytes, length, memory;
    int64_t page; /* elements asked for at once */
    bool by_ref;  /* a reference names it */
};
extern const UT_icd search_list_icd;

struct sought *search_find(const struct search *s, struct span key);
void search_take_message(struct sought *one, struct message *m); /* takes what m holds */
/* False: none of the tasks is named in these bytes, so they need not be decoded. */
bool search_may_hold(const struct search *s, struct span bytes);
/* Elements to ask for at once, for about 4 MiB. memory: what all of them take; -1 unknown. */
int64_t search_page(int64_t memory, int64_t elements);
void search_begin_lists(struct runner *r);

#endif
