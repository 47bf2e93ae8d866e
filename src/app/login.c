/* login: who logs in where, when the URL does not say it whole: --askpass and --password-fd, REDIS_USERNAME
 * and REDIS_PASSWORD, the variables of broker and results, what the sentinels want for themselves. Each is
 * kept with the server it was given for, and told to no other. */
#include "settings.h"

#include <string.h>

#include "redai/base/secret.h"

struct login {
    char *place; /* of address_server */
    char *user;  /* NULL: the default one */
    char *password;
    char *over;     /* the address, as it was given, whose own password this one replaces; NULL: of none */
    bool is_common; /* also of addresses there that name no user */
    bool is_typed;  /* for :connect: nobody has seen yet that it is right */
    bool is_new;    /* typed for a :connect that waits for further ones */
};

static const UT_icd login_icd = {sizeof(struct login), NULL, NULL, NULL};

static struct login *at(const struct settings *s, unsigned i)
{
    return (struct login *)utarray_eltptr(&s->logins, i);
}

void logins_init(struct settings *s)
{
    utarray_init(&s->logins, &login_icd);
}

static void release(struct login *l)
{
    mem_free(l->place);
    mem_free(l->user);
    secret_forget(&l->password);
    secret_forget(&l->over);
}

void logins_release(struct settings *s)
{
    for (unsigned i = 0; i < utarray_len(&s->logins); i++) {
        release(at(s, i));
    }
    utarray_done(&s->logins);
    secret_forget(&s->sentinel_password);
    envfile_forget(&s->told);
}

static bool same_text(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

/* The password becomes the store's. */
static void keep(struct settings *s, struct login login)
{
    login.user = mem_strdup(login.user);
    login.over = mem_strdup(login.over);
    utarray_push_back(&s->logins, &login);
}

void login_fill(const struct settings *s, struct address *a)
{
    char *place = address_server(a);
    for (unsigned i = 0; i < utarray_len(&s->logins); i++) {
        const struct login *l = at(s, i);
        bool is_over = a == &s->address && l->over && same_text(l->over, s->here_url);
        bool fits = a->user ? same_text(a->user, l->user) : l->is_common;
        if (strcmp(l->place, place) == 0 && (is_over || (fits && !a->password))) {
            mem_replace(&a->user, l->user);
            secret_forget(&a->password);
            a->password = mem_strdup(l->password);
            break;
        }
    }
    mem_free(place);
    if (a->user && !a->password && strcmp(a->user, "default") == 0) {
        mem_replace(&a->user, NULL); /* whom every connection begins as */
    }
}

/* Whether REDIS_USERNAME and REDIS_PASSWORD are meant for the application's server: where the variables say a
 * place, for that one alone; else for one that asks for them by naming a user, or that nobody typed. */
static bool is_told_here(const struct settings *s)
{
    const struct told_login *told = &s->told;
    const struct address *a = &s->address;
    char *here = address_server(a);
    bool fits = (!told->place || strcmp(told->place, here) == 0) &&
                (!a->user || !told->user || strcmp(a->user, told->user) == 0);
    mem_free(here);
    bool asks = a->user || told->user || (told->place ? !told->by_url : !s->is_typed);
    return fits && asks && !a->password;
}

static bool take_application(struct settings *s, struct err *err)
{
    const struct told_login *told = &s->told;
    bool told_here = is_told_here(s);
    struct login login = {
        .user = s->address.user ? s->address.user
                : told_here     ? told->user
                                : NULL,
        .is_common = true,
    };
    if (password_is_given(s)) {
        if (!password_read(s, "", &login.password, err)) {
            return false;
        }
        login.over = s->here_url;
    } else if (told_here && told->password) {
        login.password = mem_strdup(told->password);
    } else if (told_here && told->user && !s->address.user && strcmp(told->user, "default") != 0) {
        return err_set(
            err, ERR_USAGE,
            "REDIS_USERNAME has no password: expected REDIS_PASSWORD, --askpass or --password-fd N");
    } else {
        return true;
    }
    login.place = address_server(&s->address);
    keep(s, login);
    login_fill(s, &s->address);
    return true;
}

/* One that names a user who logs in nowhere else. */
static bool take_site(struct settings *s, struct address *a, const char *of, const char *told,
                      struct err *err)
{
    login_fill(s, a);
    login_as_there(a, &s->address);
    if (!a->user || a->password || !(told || password_is_given(s))) {
        return true;
    }
    struct login login = {.user = a->user};
    if (told) {
        login.password = mem_strdup(told);
    } else if (!password_read(s, of, &login.password, err)) {
        return false;
    }
    login.place = address_server(a);
    keep(s, login);
    return true;
}

/* A user of the sentinels that has no password yet. */
static bool take_sentinels(struct settings *s, struct err *err)
{
    bool any = s->address.kind == ADDRESS_SENTINEL || s->broker.kind == ADDRESS_SENTINEL ||
               s->results.kind == ADDRESS_SENTINEL;
    if (!any || !option_text(&s->options, OPTION_SENTINEL_USER) || s->sentinel_password) {
        return true;
    }
    return password_is_given(s) ? password_read(s, "sentinel ", &s->sentinel_password, err)
                                : err_set(err, ERR_USAGE,
                                          "sentinel-user has no password: expected REDIS_SENTINEL_PASSWORD, "
                                          "--askpass or --password-fd N");
}

bool logins_take(struct settings *s, struct err *err)
{
    bool ok = take_application(s, err) && take_site(s, &s->broker, "broker ", s->told.broker_password, err) &&
              take_site(s, &s->results, "results ", s->told.results_password, err) && take_sentinels(s, err);
    password_done(s);
    return ok;
}

/* Of another database of the application's server: who logs in there does here, with the same password. */
static bool shares_login(const struct address *a, const struct address *app)
{
    return (!a->user || same_text(a->user, app->user)) && address_same_server(a, app);
}

void login_as_there(struct address *a, const struct address *app)
{
    if (!a->password && shares_login(a, app)) {
        mem_replace(&a->user, app->user);
        a->password = mem_strdup(app->password);
    }
}

bool login_check(const struct settings *s, const struct address *a, const char *variable, struct err *err)
{
    if (!a->user || a->password) {
        return true;
    }
    return s->begun_at
               ? err_set(err, ERR_USAGE, "user has no password here: expected user:password@")
               : err_set(err, ERR_USAGE,
                         "user has no password: expected user:password@, --askpass, --password-fd N or "
                         "%s",
                         variable);
}

/* Another takes its place, or it is no longer held for right. */
static void forget(struct settings *s, const char *place, const char *user, bool only_typed)
{
    for (unsigned i = utarray_len(&s->logins); i-- > 0;) {
        struct login *l = at(s, i);
        if (strcmp(l->place, place) == 0 && same_text(l->user, user) && (l->is_typed || !only_typed)) {
            release(l);
            utarray_erase(&s->logins, i, 1);
        }
    }
}

void login_doubt(struct settings *s, const struct address *a)
{
    char *place = address_server(a);
    if (a->user) {
        forget(s, place, a->user, true);
    }
    mem_free(place);
}

bool login_lacks(const struct settings *s, const char *url, struct login_lack *ret)
{
    const struct named_connection *named = *url == '@' ? connections_find(s, url + 1) : NULL;
    const char *const place[3] = {named ? named->url : url, named ? named->broker : NULL,
                                  named ? named->results : NULL};
    struct address at[3] = {{0}};
    struct err ignored = {.code = ERR_NONE};
    *ret = (struct login_lack){.of = ""};
    for (size_t i = 0; i < 3; i++) {
        if (!place[i] || !(i ? site_parse : address_parse)(&at[i], place[i], &ignored)) {
            continue;
        }
        login_fill(s, &at[i]);
        if (i) {
            login_as_there(&at[i], &at[0]);
        }
        if (at[i].user && !at[i].password && !ret->user) {
            ret->of = i == 0 ? "" : i == 1 ? "broker " : "results ";
            ret->user = mem_strdup(at[i].user);
            ret->place = address_server(&at[i]);
        }
    }
    for (size_t i = 0; i < 3; i++) {
        address_release(&at[i]);
    }
    return ret->user;
}

void login_lack_release(struct login_lack *lack)
{
    mem_free(lack->user);
    mem_free(lack->place);
    *lack = (struct login_lack){.of = ""};
}

void login_give(struct settings *s, const struct login_lack *lack, const char *password)
{
    forget(s, lack->place, lack->user, false);
    keep(s, (struct login){.place = mem_strdup(lack->place),
                           .user = lack->user,
                           .password = mem_strdup(password),
                           .is_typed = true,
                           .is_new = true});
}

void logins_settle(struct settings *s, bool kept)
{
    for (unsigned i = utarray_len(&s->logins); i-- > 0;) {
        struct login *l = at(s, i);
        if (l->is_new && !kept) {
            release(l);
            utarray_erase(&s->logins, i, 1);
        } else {
            l->is_new = false;
        }
    }
}
