/* doctor_site: the broker and the results on servers of their own, by what their INFO tells. Their settings
 * are not asked for: the doctor asks the application's server alone. */
#include "model_priv.h"

#include <string.h>

static void judge(struct judging *j, enum site site)
{
    const struct site_view *s = model_site(j->m, site);
    const struct link_view *link = model_site_link(j->m, site);
    const struct info *i = &s->info;
    if (!s->apart) {
        doctor_good(j, "it is the application's: judged there");
        return;
    }
    if (model_site_is_away(j->m, site)) {
        doctor_bad(j, SEVERITY_CRITICAL, "%s does not answer: %s", s->address,
                   link->error[0] ? link->error : "no reply");
        return;
    }
    if (!s->known) {
        doctor_unknown(j, "INFO of %s was not read", s->address);
        return;
    }
    if (i->role[0] && strcmp(i->role, "master") != 0) {
        doctor_bad(j, SEVERITY_CRITICAL, "%s is a replica: nothing can be written there", s->address);
    }
    if (site == SITE_BROKER && strncmp(i->maxmemory_policy, "allkeys", 7) == 0) {
        doctor_bad(j, i->maxmemory > 0 ? SEVERITY_CRITICAL : SEVERITY_WARNING,
                   "maxmemory-policy is %s%s: queues can be thrown out", i->maxmemory_policy,
                   i->maxmemory > 0 ? "" : ", and there is no limit yet");
    }
    if (!j->said) {
        doctor_good(j, "%s, %s; its other settings are not asked for", i->role[0] ? i->role : "role ?",
                    i->maxmemory_policy[0] ? i->maxmemory_policy : "policy ?");
    }
}

void doctor_judge_broker_server(struct judging *j)
{
    judge(j, SITE_BROKER);
}

void doctor_judge_results_server(struct judging *j)
{
    judge(j, SITE_RESULTS);
}
