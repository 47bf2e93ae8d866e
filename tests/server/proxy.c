#include "server/proxy.h"

#include "server/proxy_priv.h"
#include "support/unit.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct proxy {
    pid_t pid;
    int port, orders, reports;
    char url[64];
};

int proxy_bind(int port)
{
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int one = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof at) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static int port_of(int fd)
{
    struct sockaddr_in at;
    socklen_t len = sizeof at;
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
    return ntohs(at.sin_port);
}

static struct proxy *start(struct server *server, const char *command, bool deliver)
{
    struct proxy *p = calloc(1, sizeof *p);
    int orders[2];
    int reports[2];
    assert_non_null(p);
    assert_int_equal(pipe2(orders, O_CLOEXEC), 0);
    assert_int_equal(pipe2(reports, O_CLOEXEC), 0);
    int listener = proxy_bind(0);
    assert_true(listener >= 0);
    p->port = port_of(listener);
    snprintf(p->url, sizeof p->url, "redis://127.0.0.1:%d/0", p->port);
    p->pid = fork();
    if (p->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(orders[1]);
        close(reports[0]);
        proxy_relay(&(struct proxy_place){.port = p->port,
                                          .listener = listener,
                                          .target = server_socket(server),
                                          .command = command,
                                          .deliver = deliver,
                                          .orders = orders[0],
                                          .reports = reports[1]});
    }
    close(listener);
    close(orders[0]);
    close(reports[1]);
    p->orders = orders[1];
    p->reports = reports[0];
    proxy_report(p); /* it listens now */
    return p;
}

struct proxy *proxy_start(struct server *server)
{
    return start(server, NULL, false);
}

struct proxy *proxy_losing(struct server *server, const char *command, bool deliver)
{
    return start(server, command, deliver);
}

static struct proxy_report order(struct proxy *p, struct proxy_order order)
{
    struct proxy_report report = {0};
    if (write(p->orders, &order, sizeof order) != (ssize_t)sizeof order ||
        read(p->reports, &report, sizeof report) != (ssize_t)sizeof report) {
        fail_msg("the proxy has ended");
    }
    return report;
}

void proxy_set(struct proxy *p, enum proxy_mode mode, int64_t number)
{
    order(p, (struct proxy_order){.mode = mode, .number = number});
}

struct proxy_report proxy_report(struct proxy *p)
{
    return order(p, (struct proxy_order){.report_only = true});
}

const char *proxy_url(const struct proxy *p)
{
    return p->url;
}

int proxy_port(const struct proxy *p)
{
    return p->port;
}

void proxy_stop(struct proxy *p)
{
    kill(p->pid, SIGKILL);
    waitpid(p->pid, NULL, 0);
    close(p->orders);
    close(p->reports);
    free(p);
}
