/* metric_server: the numbers of the server that rules judge; metric.c has the table. */
#include "metric_priv.h"

/* A text field that should read "ok" or "up"; unknown when it is not told. */
static struct metric_value not_well(const struct model *m, const char *text, const char *well)
{
    return server_is_fresh(m) && text[0] ? metric_yes_no(strcmp(text, well) != 0)
                                         : metric_plain(UNKNOWN_REAL);
}

struct metric_value metric_memory_percent(const struct model *m)
{
    return metric_part(METRIC_INFO(m, used_memory), METRIC_INFO(m, maxmemory));
}

struct metric_value metric_fragmentation(const struct model *m)
{
    return metric_plain(server_is_fresh(m) ? m->server.view.info.mem_fragmentation_ratio : UNKNOWN_REAL);
}

struct metric_value metric_clients_percent(const struct model *m)
{
    return metric_part(METRIC_INFO(m, connected_clients), METRIC_INFO(m, maxclients));
}

struct metric_value metric_rejected(const struct model *m)
{
    return metric_number(server_is_fresh(m) ? server_rejected_minute(m) : -1);
}

struct metric_value metric_round_trip(const struct model *m)
{
    return metric_seconds(server_is_fresh(m) ? m->server.view.round_trip_us : -1);
}

struct metric_value metric_evicted(const struct model *m)
{
    return metric_plain(server_is_fresh(m) ? server_evicted_minute_per_s(m) : UNKNOWN_REAL);
}

struct metric_value metric_expired(const struct model *m)
{
    return metric_plain(server_is_fresh(m) ? m->server.view.expired_per_s : UNKNOWN_REAL);
}

struct metric_value metric_master_down(const struct model *m)
{
    return not_well(m, m->server.view.info.master_link_status, "up");
}

struct metric_value metric_save_failed(const struct model *m)
{
    return not_well(m, m->server.view.info.rdb_last_bgsave_status, "ok");
}

struct metric_value metric_aof_failed(const struct model *m)
{
    return not_well(m, m->server.view.info.aof_last_write_status, "ok");
}
