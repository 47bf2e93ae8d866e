#include "demo/people.h"

#include "demo/prng.h"

#include <stdio.h>

struct word {
    const char *name, *mail;
};

static const struct word given[] = {
    {"Ada", "ada"},     {"Inès", "ines"},   {"Søren", "soren"}, {"Zoë", "zoe"},
    {"Łucja", "lucja"}, {"José", "jose"},   {"Jiří", "jiri"},   {"Amina", "amina"},
    {"Åse", "ase"},     {"Noor", "noor"},   {"Tomás", "tomas"}, {"Mirjam", "mirjam"},
    {"Emre", "emre"},   {"Chloé", "chloe"}, {"Oisín", "oisin"}, {"Kwame", "kwame"},
};

static const struct word family[] = {
    {"Example", "example"},
    {"Mustermann", "mustermann"},
    {"Beispiel", "beispiel"},
    {"Modelová", "modelova"},
    {"Ejemplo", "ejemplo"},
    {"Esimerkki", "esimerkki"},
    {"Przykładowska", "przykladowska"},
    {"Exempelsson", "exempelsson"},
    {"Specimen", "specimen"},
    {"Dupont-Essai", "dupont"},
    {"Örnek", "ornek"},
};

static const struct word whole[] = {
    {"山田 太郎", "taro.yamada"},
    {"张三", "zhang.san"},
    {"홍길동", "hong.gildong"},
    {"Иван Примеров", "ivan.primerov"},
    {"李四", "li.si"},
    {"Γιάννης Παπαδόπουλος", "giannis.p"},
    {"山田 花子", "hanako.yamada"},
    {"Nguyễn Văn A", "nguyen.van.a"},
    {"王五", "wang.wu"},
    {"佐藤 例子", "reiko.sato"},
    {"Олена Зразок", "olena.zrazok"},
    {"陳大文", "chan.tai.man"},
    {"박예시", "park.yesi"},
    {"김철수", "kim.cheolsu"},
    {"Ян Приклад", "yan.pryklad"},
    {"Fulano de Tal", "fulano"},
};

#define COUNT(array) ((int64_t)(sizeof(array) / sizeof((array)[0])))

/* One in fifteen teaches, and somebody has to hold the keys. */
static const char *role_of(int64_t user_id)
{
    if (user_id % 40 == 1) {
        return "admin";
    }
    return user_id % 15 == 0 ? "teacher" : "student";
}

void person_of(int64_t user_id, struct person *ret)
{
    char mail[48];
    int64_t n = user_id > 0 ? user_id - 1 : 0;
    int64_t round = n / PEOPLE_COUNT;
    n %= PEOPLE_COUNT;
    *ret = (struct person){.user_id = user_id, .role = role_of(user_id)};
    if (n % 5 == 4) {
        const struct word *w = &whole[n / 5 % COUNT(whole)];
        snprintf(ret->name, sizeof(ret->name), "%s", w->name);
        snprintf(mail, sizeof(mail), "%s", w->mail);
    } else {
        /* 16 and 11 have no common divisor: no two of the first 176 are namesakes. */
        const struct word *first = &given[n % COUNT(given)];
        const struct word *last = &family[n % COUNT(family)];
        snprintf(ret->name, sizeof(ret->name), "%s %s", first->name, last->name);
        snprintf(mail, sizeof(mail), "%s.%s", first->mail, last->mail);
    }
    if (round > 0) {
        snprintf(ret->email, sizeof(ret->email), "%s%d@example.com", mail, (int)(round % 10000));
    } else {
        snprintf(ret->email, sizeof(ret->email), "%s@example.com", mail);
    }
}

void people_token(struct prng *p, char out[TOKEN_SIZE])
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (int i = 0; i < TOKEN_CHARS; i++) {
        out[i] = alphabet[prng_next(p) >> 58];
    }
    out[TOKEN_CHARS] = '\0';
}
