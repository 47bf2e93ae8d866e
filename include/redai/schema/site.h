/* site: the three places where the platform keeps its things, as Celery lets them be apart: the application's
 * database (sessions, cache, progress), the broker's (queues, unacked, bindings, mailboxes) and that of the
 * results (celery-task-meta-*). Each is a database of the same server, or on a server of its own. */
#ifndef REDAI_SCHEMA_SITE_H
#define REDAI_SCHEMA_SITE_H

enum site { SITE_APP, SITE_BROKER, SITE_RESULTS, SITE_COUNT };
extern const char *const site_name[SITE_COUNT]; /* "application", "broker", "results" */

#endif
