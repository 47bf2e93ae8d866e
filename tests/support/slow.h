/* slow: what a test may measure of a program that the sanitizers make slower. They double to treble the time
 * of all that it computes, and beside other tests on few processors it waits for its turn as much longer.
 * Every bound on a time that a test sets for its program is multiplied by SLOW, which is 1 without them; a
 * bound that the promise itself names (so many seconds for a person) holds in the plain build, where it is 1.
 */
#ifndef REDAI_TESTS_SUPPORT_SLOW_H
#define REDAI_TESTS_SUPPORT_SLOW_H

#if defined(__SANITIZE_ADDRESS__)
enum { SLOW = 3, MEMORY_TELLS = 0 };
#else
enum { SLOW = 1, MEMORY_TELLS = 1 };
#endif

/* A bound on the program's resident memory: the sanitizers keep what was freed, so it holds without them. */
#define assert_memory_below(kb, most_kb) assert_true(!MEMORY_TELLS || (kb) < (most_kb))

#endif
