/* role: what a cell means, never how it looks. Themes map roles to colours; a role without a line of its own
 * takes its parent's. The mono attribute must tell the role apart without any colour. */
#ifndef REDAI_VIEW_ROLE_H
#define REDAI_VIEW_ROLE_H

/* enum, dotted name, parent, mono attributes (letters: b bold, d dim, r reverse, u underline, - none) */
#define ROLE_LIST(X)                                                                                         \
    X(TEXT, "text", TEXT, "-")                                                                               \
    X(DIM, "dim", TEXT, "d") /* less important; also separators within text */                               \
    X(BORDER, "border", DIM, "d")                                                                            \
    X(BORDER_FOCUS, "border.focus", BORDER, "b")                                                             \
    X(TITLE, "title", TEXT, "b")                                                                             \
    X(TITLE_FOCUS, "title.focus", TITLE, "br")                                                               \
    X(HEADER, "header", DIM, "u") /* column titles */                                                        \
    X(HEADER_SORT, "header.sort", HEADER, "bu")                                                              \
    X(SELECTED, "selected", TEXT, "r") /* the row under the cursor in the focused pane */                    \
    X(MARKED, "marked", TEXT, "b")                                                                           \
    X(STALE, "stale", DIM, "d")     /* data too old to trust */                                              \
    X(UNKNOWN, "unknown", DIM, "d") /* the '?' of a failed read */                                           \
    X(KEY, "key", TEXT, "b")        /* a key in the footer or help */                                        \
    X(LABEL, "label", DIM, "-")                                                                              \
    X(VALUE, "value", TEXT, "-")                                                                             \
    X(GOOD, "good", TEXT, "-")                                                                               \
    X(INFO, "info", TEXT, "-")                                                                               \
    X(WARNING, "warning", TEXT, "b")                                                                         \
    X(CRITICAL, "critical", TEXT, "br")                                                                      \
    X(STRIP, "strip", TEXT, "-") /* the health strip's ground */                                             \
    X(STRIP_LABEL, "strip.label", STRIP, "d")                                                                \
    X(STRIP_WARNING, "strip.warning", WARNING, "b")                                                          \
    X(STRIP_CRITICAL, "strip.critical", CRITICAL, "br")                                                      \
    X(FOOTER, "footer", DIM, "-")                                                                            \
    X(BAR, "bar", GOOD, "-") /* filled part of a bar: drawn in blocks, so never reversed */                  \
    X(BAR_EMPTY, "bar.empty", DIM, "d")                                                                      \
    X(BAR_FAILED, "bar.failed", CRITICAL, "b")                                                               \
    X(SPARK, "spark", INFO, "-")                                                                             \
    X(PROMPT, "prompt", TEXT, "b")                                                                           \
    X(DIALOG, "dialog", TEXT, "-")                                                                           \
    X(DIALOG_BORDER, "dialog.border", BORDER_FOCUS, "b")                                                     \
    X(DANGER, "danger", CRITICAL, "br") /* what a confirmation would destroy */                              \
    X(INPUT, "input", TEXT, "u")                                                                             \
    X(JSON_KEY, "json.key", LABEL, "-")                                                                      \
    X(JSON_TEXT, "json.text", VALUE, "-")                                                                    \
    X(JSON_NUMBER, "json.number", VALUE, "-")                                                                \
    X(PRODUCTION, "env.production", STRIP_CRITICAL, "br") /* where we are connected to */                    \
    X(STAGING, "env.staging", STRIP_WARNING, "b")                                                            \
    X(DEV, "env.dev", STRIP, "-")

enum role {
#define ROLE_ENUM(id, name, parent, mono) ROLE_##id,
    ROLE_LIST(ROLE_ENUM)
#undef ROLE_ENUM
        ROLE_COUNT
};

struct role_row {
    const char *name;
    enum role parent; /* itself for the root */
    const char *mono;
};

extern const struct role_row role_rows[ROLE_COUNT];

#endif
