#include "column.h"

#include "spark.h"
#include "texts.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "redai/base/human.h"

void field_text(struct field *f, enum role role, struct span text)
{
    f->figure = FIELD_TEXT;
    f->role = role;
    f->text = text;
    f->own = false;
}

void field_own(struct field *f)
{
    f->own = true;
}

void field_printf(struct field *f, enum role role, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(f->buffer, sizeof f->buffer, format, args);
    va_end(args);
    field_text(f, role, span_of(f->buffer));
}

void field_unknown(struct field *f)
{
    field_text(f, ROLE_UNKNOWN, S("?"));
    field_own(f);
}

void field_id(struct field *f, enum role role, struct span id)
{
    if (f->cols > 0 && (size_t)f->cols < id.len) {
        size_t room = f->cols < 9 ? (size_t)f->cols + 1 : sizeof f->buffer;
        char kept[FIELD_BUFFER]; /* the id may stand in the buffer */
        text_copy(kept, room < sizeof kept ? room : sizeof kept, id);
        text_copy(f->buffer, sizeof f->buffer, span_of(kept));
        id = span_of(f->buffer);
    }
    field_text(f, role, id);
}

void field_count(struct field *f, enum role role, int64_t count)
{
    human_count(count, f->buffer, sizeof f->buffer);
    field_text(f, count < 0 ? ROLE_UNKNOWN : role, span_of(f->buffer));
}

void field_bytes(struct field *f, enum role role, int64_t bytes)
{
    human_bytes(bytes, f->buffer, sizeof f->buffer);
    field_text(f, bytes < 0 ? ROLE_UNKNOWN : role, span_of(f->buffer));
}

void field_rate(struct field *f, enum role role, double per_s)
{
    if (isnan(per_s)) {
        field_unknown(f);
        return;
    }
    human_rate(per_s, f->buffer, sizeof f->buffer);
    field_text(f, per_s > 0 ? role : ROLE_DIM, span_of(f->buffer));
}

void field_coarse(struct field *f, enum role role, int64_t us)
{
    text_coarse(us, f->buffer, sizeof f->buffer);
    field_text(f, us < 0 ? ROLE_UNKNOWN : role, span_of(f->buffer));
}

void field_duration(struct field *f, enum role role, int64_t us)
{
    human_duration(us, f->buffer, sizeof f->buffer);
    field_text(f, us < 0 ? ROLE_UNKNOWN : role, span_of(f->buffer));
}

void field_bar(struct field *f, double part, enum role bar, enum role text_role, struct span text)
{
    f->figure = FIELD_BAR;
    f->own = false;
    f->part = part;
    f->bar_role = bar;
    f->role = text_role;
    f->text = text;
}

void field_spark(struct field *f, const struct series *series)
{
    size_t want = f->cols > 0 && f->cols < FIELD_SPARK_MAX ? (size_t)f->cols : FIELD_SPARK_MAX;
    f->figure = FIELD_SPARK;
    f->own = true;
    f->role = ROLE_SPARK;
    f->text = S("");
    f->sparks = spark_columns(series, f->spark, want, 5);
}

static int width_of_shown(const int *width, size_t count, int gap)
{
    int sum = 0;
    for (size_t i = 0; i < count; i++) {
        if (width[i]) {
            sum += width[i] + (sum ? gap : 0);
        }
    }
    return sum;
}

/* The shown column that goes first; count when only one is left. */
static size_t least_vital(const struct column *column, const int *width, size_t count)
{
    size_t worst = count;
    size_t shown = 0;
    for (size_t i = 0; i < count; i++) {
        if (width[i]) {
            shown++;
            if (worst == count || column[i].priority >= column[worst].priority) {
                worst = i;
            }
        }
    }
    return shown > 1 ? worst : count;
}

/* Widens the shown columns of one priority after the other to their wish. */
static void widen_to_wish(const struct column *column, size_t count, int *width, int *room)
{
    for (int priority = 1; *room > 0 && priority <= COLUMNS_MAX; priority++) {
        for (size_t i = 0; i<count && * room> 0; i++) {
            if (width[i] && column[i].priority == priority && width[i] < column[i].width) {
                int more = column[i].width - width[i];
                more = more < *room ? more : *room;
                width[i] += more;
                *room -= more;
            }
        }
    }
}

static void share_rest(const struct column *column, size_t count, int *width, int room)
{
    bool moved = true;
    while (room > 0 && moved) {
        moved = false;
        for (size_t i = 0; i < count && room > 0; i++) {
            if (width[i] && (column[i].flags & COLUMN_GROWS) && width[i] < column[i].max) {
                width[i]++;
                room--;
                moved = true;
            }
        }
    }
}

/* Extras are not shown at the cost of the first columns: those have their wish before. */
static void take_least(const struct column *column, size_t count, int *width)
{
    enum { EXTRA = 5 };
    bool extras = false;
    for (size_t i = 0; i < count; i++) {
        extras = extras || (width[i] && column[i].priority >= EXTRA);
    }
    for (size_t i = 0; i < count; i++) {
        if (width[i]) {
            width[i] = extras && column[i].priority == 1 ? column[i].width : column[i].min;
        }
    }
}

void columns_fit(const struct column *column, size_t count, int width, int gap, int *ret_width)
{
    for (size_t i = 0; i < count; i++) {
        ret_width[i] = column[i].min;
    }
    take_least(column, count, ret_width);
    while (width_of_shown(ret_width, count, gap) > width) {
        size_t worst = least_vital(column, ret_width, count);
        if (worst == count) {
            break;
        }
        ret_width[worst] = 0;
        take_least(column, count, ret_width);
    }
    int room = width - width_of_shown(ret_width, count, gap);
    if (room < 0) {
        for (size_t i = 0; i < count; i++) {
            ret_width[i] = ret_width[i] ? (width > 0 ? width : 0) : 0;
        }
        return;
    }
    widen_to_wish(column, count, ret_width, &room);
    share_rest(column, count, ret_width, room);
}
