#include "crash.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "redai/base/mem.h"

enum { RESTORE_MAX = 512, WAIT_MS = 1000, STACK_BYTES = 64 * 1024 };

enum kind {
    FAULT,  /* always ours; happens again when the handler returns */
    END,    /* always ours; must be sent again */
    POLITE, /* ours where nobody else has a handler; who comes later replaces it */
};

static const struct {
    int number;
    enum kind kind;
} signals[] = {
    {SIGSEGV, FAULT},  {SIGBUS, FAULT},   {SIGFPE, FAULT},     {SIGILL, FAULT},   {SIGABRT, END},
    {SIGQUIT, END},    {SIGSYS, END},     {SIGTRAP, END},      {SIGTERM, POLITE}, {SIGINT, POLITE},
    {SIGHUP, POLITE},  {SIGPIPE, POLITE}, {SIGALRM, POLITE},   {SIGUSR1, POLITE}, {SIGUSR2, POLITE},
    {SIGXCPU, POLITE}, {SIGXFSZ, POLITE}, {SIGVTALRM, POLITE}, {SIGPROF, POLITE},
};
enum { SIGNAL_COUNT = sizeof signals / sizeof signals[0] };

static struct {
    struct terminal *terminal; /* NULL: not armed */
    volatile sig_atomic_t armed;
    volatile sig_atomic_t pending;
    pid_t owner;
    char restore[RESTORE_MAX];
    size_t restore_len;
    struct sigaction before[SIGNAL_COUNT];
    bool ours[SIGNAL_COUNT];
    char *stack; /* for a stack overflow: the handler needs one that is whole */
    bool at_exit;
} crash;

static void send_restore(void)
{
    static const char cancel[] = "\030"; /* CAN ends a half-sent sequence of any kind */
    struct span rest = span_make(crash.restore, crash.restore_len);
    if (crash.pending) {
        terminal_write(crash.terminal, span_make(cancel, 1));
    }
    while (rest.len) {
        ssize_t n = terminal_write(crash.terminal, rest);
        if (n < 0 || (n == 0 && !terminal_wait_writable(crash.terminal, WAIT_MS))) {
            return;
        }
        rest = span_skip(rest, (size_t)n);
    }
}

void crash_restore(void)
{
    if (crash.armed && crash.owner == getpid()) {
        crash.armed = 0;
        send_restore();
        terminal_restore(crash.terminal);
    }
}

/* Terminal first, then whatever would have happened without us: the default action, or a sanitizer's report.
 */
static void on_signal(int number, siginfo_t *info, void *context)
{
    (void)context;
    crash_restore();
    bool again = true;
    for (size_t i = 0; i < SIGNAL_COUNT; i++) {
        if (signals[i].number == number) {
            sigaction(number, &crash.before[i], NULL);
            again = signals[i].kind != FAULT || info->si_code <= 0;
        }
    }
    if (again) {
        raise(number);
    }
}

static void install(void)
{
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < SIGNAL_COUNT; i++) {
        sigaction(signals[i].number, NULL, &crash.before[i]);
        bool free_to_take = crash.before[i].sa_handler == SIG_DFL;
        crash.ours[i] =
            (signals[i].kind != POLITE || free_to_take) && sigaction(signals[i].number, &action, NULL) == 0;
    }
}

static void use_own_stack(void)
{
    stack_t now;
    if (!crash.stack && sigaltstack(NULL, &now) == 0 && (now.ss_flags & SS_DISABLE)) {
        crash.stack = mem_zalloc(STACK_BYTES);
        now = (stack_t){.ss_sp = crash.stack, .ss_size = STACK_BYTES};
        sigaltstack(&now, NULL);
    }
}

void crash_arm(struct terminal *t, struct span restore)
{
    bool installed = crash.terminal != NULL;
    crash.armed = 0;
    crash.terminal = t;
    crash.owner = getpid();
    crash.restore_len = restore.len < RESTORE_MAX ? restore.len : RESTORE_MAX;
    memcpy(crash.restore, restore.data, crash.restore_len);
    if (!installed) {
        use_own_stack();
        install();
    }
    if (!crash.at_exit) {
        crash.at_exit = atexit(crash_restore) == 0;
        mem_on_exhausted(crash_restore);
    }
    crash.armed = 1;
}

bool crash_armed(void)
{
    return crash.armed;
}

void crash_disarm(void)
{
    crash.armed = 0;
    if (!crash.terminal) {
        return;
    }
    for (size_t i = 0; i < SIGNAL_COUNT; i++) {
        struct sigaction now;
        /* Who took a signal after us keeps it. */
        if (crash.ours[i] && sigaction(signals[i].number, NULL, &now) == 0 && now.sa_sigaction == on_signal) {
            sigaction(signals[i].number, &crash.before[i], NULL);
        }
    }
    if (crash.stack) {
        sigaltstack(&(stack_t){.ss_flags = SS_DISABLE}, NULL);
        mem_free(crash.stack);
        crash.stack = NULL;
    }
    crash.terminal = NULL;
}

void crash_mid_sequence(bool pending)
{
    crash.pending = pending;
}
