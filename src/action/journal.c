#include "redai/action/journal.h"

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "redai/base/hash.h"
#include "redai/base/isotime.h"
#include "redai/base/json_out.h"
#include "redai/base/private_file.h"
#include "redai/base/secret.h"

enum {
    TEXT_BYTES = 2000, /* of one member: a line stays small enough to be read and appended in one write */
    NAME_BYTES = 256
};

struct journal {
    char *path;
    char *address;
    char *place; /* NULL: the address */
    char *who;   /* user@host */
    int fd;
    bool torn; /* the last line could not be written whole (disk full) */
};

/* The name of a user of this machine, without the name service: glibc's (2.36) crashes when memory runs out
 * within it. */
static bool local_name(uid_t user, UT_string *out)
{
    char room[BUFSIZ], space[4096];
    struct passwd entry, *found = NULL;
    FILE *f = fopen("/etc/passwd", "re");
    if (!f && errno == ENOMEM) {
        mem_exhausted();
    }
    if (!f) {
        return false;
    }
    setvbuf(f, room, _IOFBF, sizeof room);
    while (fgetpwent_r(f, &entry, space, sizeof space, &found) == 0 && found->pw_uid != user) {
        found = NULL;
    }
    if (found) {
        utstring_printf(out, "%s", found->pw_name);
    }
    fclose(f);
    return found != NULL;
}

static char *who_am_i(void)
{
    char host[HOST_NAME_MAX + 1] = "", space[4096];
    struct passwd entry, *found = NULL;
    UT_string who;

    gethostname(host, sizeof host - 1);
    utstring_init(&who);
    if (local_name(geteuid(), &who)) {
        utstring_printf(&who, "@%s", host);
    } else if (getpwuid_r(geteuid(), &entry, space, sizeof space, &found) == 0 && found) {
        utstring_printf(&who, "%s@%s", found->pw_name, host);
    } else {
        utstring_printf(&who, "%u@%s", (unsigned)geteuid(), host);
    }
    /* On production hosts people act as root: the name they logged in with is what is asked for later. */
    const char *sudo_user = getenv("SUDO_USER");
    if (geteuid() == 0 && sudo_user && *sudo_user) {
        utstring_printf(&who, " (sudo %s)", sudo_user);
    }
    char *made = mem_strdup(utstring_body(&who));
    utstring_done(&who);
    return made;
}

/* $XDG_STATE_HOME/redai-console/journal; the specification wants an absolute path there and says to ignore
 * others. */
static char *default_path(struct err *err)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    UT_string path;

    if ((!state || *state != '/') && (!home || *home != '/')) {
        err_set(err, ERR_IO, "journal: neither XDG_STATE_HOME nor HOME says where it should be");
        return NULL;
    }
    utstring_init(&path);
    if (state && *state == '/') {
        utstring_printf(&path, "%s/redai-console/journal", state);
    } else {
        utstring_printf(&path, "%s/.local/state/redai-console/journal", home);
    }
    char *made = mem_strdup(utstring_body(&path));
    utstring_done(&path);
    return made;
}

struct journal *journal_open(const char *path, const char *address, struct err *err)
{
    char *own = path ? mem_strdup(path) : default_path(err);
    int fd = own ? private_file_append(own, "journal", err) : -1;
    if (fd < 0) {
        mem_free(own);
        return NULL;
    }
    struct journal *j = mem_zalloc(sizeof *j);
    j->path = own;
    j->address = mem_strdup(address ? address : "");
    j->who = who_am_i();
    j->fd = fd;
    return j;
}

void journal_close(struct journal *j)
{
    if (!j) {
        return;
    }
    close(j->fd);
    mem_free(j->path);
    mem_free(j->address);
    mem_free(j->place);
    mem_free(j->who);
    mem_free(j);
}

void journal_place(struct journal *j, const char *where)
{
    mem_replace(&j->place, where);
}

const char *journal_path(const struct journal *j)
{
    return j->path;
}

/* Whatever came in by a pattern, a note or a mistaken word: a run as long as a session id (43 bytes; a UUID
 * has 36) is named by its hash, as everywhere in the journal. */
static void add_masked(struct span text, UT_string *out)
{
    enum { TOKEN_BYTES = 40 };
    while (text.len) {
        size_t run = 0;
        while (run < text.len && secret_is_token_byte(text.data[run])) {
            run++;
        }
        if (run >= TOKEN_BYTES) {
            char tag[9];
            hash_tag(span_head(text, run), tag);
            utstring_printf(out, "#%s", tag);
        } else {
            run = run < text.len ? run + 1 : run;
            text_add(out, span_head(text, run));
        }
        text = span_skip(text, run);
    }
}

/* Members without a value are left out. */
static void add_member(UT_string *line, const char *name, const char *value, size_t most)
{
    if (value && *value) {
        UT_string open;
        UT_string masked;
        utstring_init(&open);
        utstring_init(&masked);
        secret_drop_passwords(span_of(value), &open);
        add_masked(text_span(&open), &masked);
        utstring_done(&open);
        utstring_printf(line, ", \"%s\": ", name);
        json_quote(span_head(text_span(&masked), most), line);
        utstring_done(&masked);
    }
}

/* The file may have been removed or moved away: what goes on into it would be read by nobody. */
static bool find_again(struct journal *j, struct err *err)
{
    struct stat st;
    if (fstat(j->fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_nlink > 0) {
        return true;
    }
    int fd = private_file_append(j->path, "journal", err);
    if (fd < 0) {
        return false;
    }
    close(j->fd);
    j->fd = fd;
    j->torn = false;
    return true;
}

bool journal_write(struct journal *j, int64_t wall_us, const char *event, const char *action,
                   const char *subject, const char *outcome, const char *text, struct err *err)
{
    char at[32];
    UT_string line;

    if (!find_again(j, err)) {
        return false;
    }
    isotime_format(wall_us, at, sizeof at);
    utstring_init(&line);
    text_add(&line, j->torn ? S("\n") : S(""));
    utstring_printf(&line, "{\"at\": \"%s\"", at);
    add_member(&line, "who", j->who, NAME_BYTES);
    utstring_printf(&line, ", \"pid\": %ld", (long)getpid());
    add_member(&line, "where", j->place ? j->place : j->address, NAME_BYTES);
    add_member(&line, "event", event, NAME_BYTES);
    add_member(&line, "action", action, NAME_BYTES);
    add_member(&line, "subject", subject, TEXT_BYTES);
    add_member(&line, "outcome", outcome, NAME_BYTES);
    add_member(&line, "text", text, TEXT_BYTES);
    text_add(&line, S("}\n"));

    size_t len = utstring_len(&line);
    ssize_t written = write(j->fd, utstring_body(&line), len);
    int error = errno;
    utstring_done(&line);
    j->torn = written >= 0 ? (size_t)written != len : j->torn;
    if (written < 0) {
        return err_set(err, ERR_IO, "journal \"%s\": %s", j->path, strerror(error));
    }
    if ((size_t)written != len) {
        return err_set(err, ERR_IO, "journal \"%s\": the line could not be written whole", j->path);
    }
    return true;
}
