#!/usr/bin/env python3
"""Writes the fact files beside it: what a console would have learned in a minute and a half of a normal day, of
trouble, of a server that has gone, of a start, and of hostile data. Deterministic; run it after changing it."""
import json
import random
from pathlib import Path

WALL0 = 1795399800_000000  # 2026-11-23 02:10:00 UTC
HERE = Path(__file__).resolve().parent
S = 1_000_000


def quote(value):
    raw = value if isinstance(value, bytes) else str(value).encode()
    if raw and all(0x20 < b < 0x7F and b not in b'"\\' for b in raw):
        return raw.decode()
    out = "".join(chr(b) if b == 0x20 or (0x20 < b < 0x7F and b not in b'"\\') else f"\\x{b:02x}" for b in raw)
    return f'"{out}"'


class Facts:
    def __init__(self, seed):
        self.lines = []
        self.now = 1000 * S
        self.random = random.Random(seed)
        self.hits, self.misses, self.commands = 812_000, 58_000, 40
        self.evicted, self.expired = 0, 15_223

    def add(self, kind, /, **members):
        words = [str(self.now), str(WALL0 + self.now - 1000 * S), kind]
        words += [f"{k}={quote(v)}" for k, v in members.items()]
        self.lines.append(" ".join(words))

    def wait(self, us):
        self.now += us

    def connect(self, **members):
        self.add("connection", address="redis.redai.internal:6379", **members)
        for role in ("feed", "poll", "act", "result"):
            self.add("link", role=role, state="up")

    def server(self, memory, ops, hit, lookups, clients=31, trip=420, evicted=0, maxmemory=536870912, uptime=273600,
               **more):
        self.hits += int(lookups * hit)
        self.misses += lookups - int(lookups * hit)
        self.evicted += evicted
        self.expired += self.random.choice((0, 0, 1, 2))
        self.add("server", round_trip_us=trip, redis_version="7.0.15", redis_mode="standalone", role="master",
                 maxmemory_policy="volatile-lru" if not evicted else "allkeys-lru", rdb_last_bgsave_status="ok",
                 aof_last_write_status="ok", uptime_in_seconds=uptime + (self.now - 1000 * S) // S,
                 connected_clients=clients, maxclients=10000, blocked_clients=2, used_memory=memory,
                 used_memory_rss=int(memory * 1.12), used_memory_peak=int(memory * 1.3), maxmemory=maxmemory,
                 loading=0, rdb_changes_since_last_save=431, aof_enabled=1, instantaneous_ops_per_sec=ops,
                 rejected_connections=0, expired_keys=self.expired, evicted_keys=self.evicted,
                 keyspace_hits=self.hits, keyspace_misses=self.misses, db0="10233,9871,3600000", **more)
        self.commands += 5
        self.add("cost", commands=self.commands, bytes_out=self.commands * 61, bytes_in=self.commands * 820)

    def polls(self, *topics):
        for topic in topics:
            self.add("poll", topic=topic, ok=1)

    def events(self, event, key, count=1):
        self.add("key_event", event=event, key=key, count=count)

    def save(self, name):
        (HERE / name).write_text("\n".join(self.lines) + "\n")


PEOPLE = [
    ("Anna Kowalska", "teacher"), ("Marek Nowak", "student"), ("Zofia Wiśniewska", "student"),
    ("Łukasz Żak", "admin"), ("山田太郎", "student"), ("Jean-Baptiste Grenouille-Lefebvre", "teacher"),
    ("Ada Lovelace", "admin"), ("Piotr Zieliński", "student"), ("Ewa Wójcik", "student"), ("Tomasz Lis", "student"),
    ("Maria Curie", "teacher"), ("Olga Tokarczuk", "teacher"), ("Jan Kochanowski", "student"),
    ("Karol Mazur", "student"), ("Iga Świątek", "student"), ("Robert Lewy", "student"), ("Kamil Stoch", "student"),
    ("Agnieszka Duda", "student"), ("Paweł Król", "student"), ("Julia Nowicka", "student"), ("Adam Małysz", "student"),
    ("Barbara Zięba", "teacher"), ("Cezary Pol", "student"), ("Dorota Sad", "student"),
]


def plain(name):
    table = str.maketrans("ąćęłńóśźżŁŚŻ", "acelnoszzLSZ")
    letters = name.translate(table).lower().encode("ascii", "ignore").decode().strip() or "t.yamada"
    return letters.replace(" ", ".")


def index(f, user, ids, pttl_ms=None):
    """The set user:<id>:sessions as it was read; without a TTL there is no such set."""
    if pttl_ms is None:
        f.add("user_index", phase="gone", user_id=user)
        return
    f.add("user_index", phase="begin", user_id=user)
    for sid in ids:
        f.add("user_index", phase="member", user_id=user, id=sid)
    f.add("user_index", phase="end", user_id=user, pttl_ms=pttl_ms, size=len(ids))


def sessions(f, count):
    for i in range(count):
        name, role = PEOPLE[i % len(PEOPLE)]
        sid = "".join(f.random.choice("0123456789abcdef") for _ in range(32))
        age = 60 + i * 523 + f.random.randrange(300)
        wall = WALL0 + f.now - 1000 * S - age * S
        idle = f.random.randrange(min(age, 3000))
        f.add("session", id=sid, form="ok", user_id=100 + (i % len(PEOPLE)) * 7, name=name,
              email=f"{plain(name)}@redai.example", role=role, created_us=wall,
              pttl_ms=(86400 - idle) * 1000, bytes=180)
        index(f, 100 + (i % len(PEOPLE)) * 7, [sid], (86400 - age) * 1000)


FAMILIES = [("exam:questions", 6120, 200, 0, 200 * 2300), ("session", 24, 24, 0, 24 * 260), ("exam", 2310, 120, 0, 120 * 900),
            ("cache:api.views.exam_list", 1204, 80, 80, 80 * 5100), ("user:sessions", 22, 22, 0, 22 * 300),
            ("batch:progress", 4, 4, 0, 4 * 210), ("celery", 6, 6, 6, 6 * 900), ("(no prefix)", 3, 3, 3, 3 * 120)]


def family(f, name, keys, sampled, no_ttl, size, ttl=None, **more):
    """Sizes spread by half of their mean, most TTLs below an hour."""
    mean, with_ttl = size / max(sampled, 1), sampled - no_ttl
    ttl = ttl or (with_ttl // 10, with_ttl - with_ttl // 10 - with_ttl // 4, with_ttl // 4, 0)
    f.add("family", name=name, keys=keys, sampled=sampled, sampled_no_ttl=no_ttl, sampled_bytes=size,
          sampled_squares=round(sampled * mean * mean * 1.25), ttl=",".join(map(str, ttl)), **more)


def walk(f, families, logged_in=0, also=None):
    total = sum(row[1] for row in families)
    f.add("census", phase="begin", expected=total)
    sessions(f, logged_in)
    if also:
        also()
    for name, keys, sampled, no_ttl, size in families:
        family(f, name, keys, sampled, no_ttl, size)
    f.add("census", phase="end", walked=total, expected=total)


def queue(f, name, depths, unacked):
    f.add("queue", name=name, depth=",".join(map(str, depths)), sources=1, unacked=unacked)


BATCHES = ["7f3c9a12-5a44-4c1e-9a53-0d7be1f2c001", "b81e44d0-11f7-4b7a-8a0e-5e2f0c9d7702",
           "0c55e9fe-7b1d-4b6e-90ad-f2a6b8d31903", "e4a90b77-3c2f-4d8a-b3c1-7a9e5d604c04",
           "93d2f6a8-6e5b-47c9-8f10-c4b7a2e81505"]


def batch(f, n, current, total, status="", error="", valid=1):
    f.add("batch", id=BATCHES[n], origin="progress", valid=valid, current=current, total=total,
          percentage=100 * current / total if total else 0, status=status, error=error, pttl_ms=3_400_000)


def beat(f, *names):
    for name in names:
        f.add("worker", name=name, event="heartbeat", active=2, processed=1841 + f.now // S % 97, freq=2)


def joined(*names):
    return b"\x06\x16".join(n.encode() for n in names)


def task_id(n):
    return f"{(n * 2654435761) % 2**32:08x}-{n:04x}-4a5b-8c6d-{n * 7919:012x}"


def wall(f, ago_s=0):
    return WALL0 + f.now - 1000 * S - int(ago_s * S)


GENERATE, GRADE, IMPORT, MAIL = ("api.tasks.batch_generate_questions", "api.tasks.grade_answers",
                                 "api.tasks.import_questions", "notifications.tasks.send_mail")


def workers(f):
    """Two that work, one that only beats, one that has died."""
    f.add("worker_bound", names=joined("celery@worker-1", "celery@worker-2", "celery@worker-3", "celery@gpu-1"))
    for n, queues, processed in ((1, ("celery", "questions"), 1841), (2, ("questions", "exams"), 977)):
        name = f"celery@worker-{n}"
        f.add("worker_answer", name=name, answered=1, round_trip_us=2100 * n)
        f.add("worker_stats", name=name, pool="prefork", concurrency=4, processes=4, prefetch=16, uptime_s=90_000,
              pid=4100 + n, processed=processed, visibility_s=3600)
        f.add("worker_queues", name=name, queues=joined(*queues))
        f.add("worker_names", name=name, tasks=joined(GENERATE, GRADE, IMPORT + " 10/m", MAIL))
    for name in ("celery@gpu-1", "celery@worker-3"):
        f.add("worker_answer", name=name, answered=0)


def message(f, n, place, queue, name, args="[]", **more):
    f.add("task_message", id=task_id(n), place=place, queue=queue, name=name, args=args, kwargs="{}", step=0,
          root_id=task_id(n), retries=0, priority=0, bytes=700, **more)


def lives(f, n, worker, name, queue, *events, **members):
    """Its events, one after the other, each so many seconds ago."""
    f.add("task_event", id=task_id(n), event="sent", name=name, args=members.pop("args", "(7, 20)"), kwargs="{}",
          queue=queue, retries=0, sent_wall_us=wall(f, events[0][1] + 0.4))
    for event, ago in events:
        end = members if event not in ("received", "started") else {}
        f.add("task_event", id=task_id(n), event=event, worker=worker, sent_wall_us=wall(f, ago),
              **({"name": name, "args": "(7, 20)", "kwargs": "{}", "retries": 0} if event == "received" else {}), **end)


def sweeps(f, begun, *queues):
    for name in queues:
        f.add("task_sweep", scope="list", name=name, step=0, begun_us=begun, seen=-1)
    f.add("task_sweep", scope="unacked", begun_us=begun, seen=-1)


def tasks(f, second):
    """What waits, what is in flight, what ended."""
    w1, w2, w3 = "celery@worker-1", "celery@worker-2", "celery@worker-3"
    begun = f.now
    if second == 4:
        lives(f, 30, w3, GRADE, "celery", ("received", 2), ("started", 1))
        lives(f, 31, w2, IMPORT, "celery", ("received", 3), ("started", 3), ("rejected", 1), args="('exams.csv',)")
        f.add("task", id=task_id(32), state="STARTED", date_done_us=wall(f, 4000), hostname="celery@worker-9")
        f.add("task", id=task_id(33), state="SUCCESS", date_done_us=wall(f, 900))
    if second == 40:
        for n in range(12):
            lives(f, n, (w1, w2)[n % 2], (GRADE, MAIL, GRADE, GENERATE)[n % 4], "celery", ("received", 30 - n), ("started", 30 - n),
                  ("succeeded", 28 - n), runtime_s=0.2 + n * 0.35, text="{'graded': %d}" % (n * 3))
        lives(f, 20, w1, GENERATE, "questions", ("received", 9), ("started", 9), ("failed", 3), runtime_s=6.1,
              text="RateLimitError('provider says 429 Too Many Requests')", exception="RateLimitError")
        lives(f, 21, w2, IMPORT, "celery", ("received", 12), ("started", 12), ("failed", 11), args="('exams 2026.csv',)",
              text="ValueError('line 12: no such exam: 77')", exception="ValueError")
        lives(f, 22, w2, MAIL, "celery", ("received", 9), ("started", 8), ("retried", 7),
              text="SMTPServerDisconnected('Connection unexpectedly closed')", exception="SMTPServerDisconnected")
        lives(f, 23, w1, GRADE, "celery", ("received", 6), ("revoked", 6), expired=1)
    if second == 60:
        f.add("task_event", id=BATCHES[0], event="started", worker=w1, sent_wall_us=wall(f, 41))
        f.add("task_event", id=BATCHES[1], event="started", worker=w2, sent_wall_us=wall(f, 60))
        lives(f, 24, w1, GRADE, "celery", ("received", 3), ("started", 2), args="(41,)")
    if second in (60, 85):
        for batch_n, worker in ((0, w1), (1, w2)):
            f.add("task_message", id=BATCHES[batch_n], place="unacked", queue="questions", tag=f"tag-{batch_n}", name=GENERATE,
                  args=f"[{7 + batch_n}, {50 - batch_n * 10}]", kwargs="{}", retries=0, delivered_wall_us=wall(f, second - 20))
        message(f, 24, "unacked", "celery", GRADE, "[41]", tag="tag-24", delivered_wall_us=wall(f, second - 57))
        message(f, 30, "unacked", "celery", GRADE, "[40]", tag="tag-30", delivered_wall_us=wall(f, second - 2))
        f.add("task_held", id=task_id(25), worker=w1, hold="reserved", name=GRADE, args="[42]", kwargs="{}", queue="celery")
        f.add("task_held", id=task_id(26), worker=w2, hold="scheduled", name=MAIL, args="['anna@redai.example']", kwargs="{}",
              queue="celery", eta_wall_us=WALL0 + 400 * S)
        for i in range(6):
            message(f, 40 + i, "list", "questions", GENERATE, f"[{i + 3}, 10]", position=i, ref=f"ref-{i}")
        message(f, 50, "list", "reports", "reports.tasks.nightly", "[]", position=0, ref="ref-50")
        message(f, 51, "list", "questions", GENERATE, "[1]", position=6, ref="ref-51", fate="kills_again",
                reason="its body is no base64")
        sweeps(f, begun, "celery", "questions", "exams", "reports")


def normal():
    f = Facts(1)
    f.connect()
    f.add("notify", state="on", present="Eg$xem")
    walk(f, FAMILIES, 24)
    f.add("batch", id=BATCHES[2], origin="enqueued", valid=1, task_name="api.tasks.batch_generate_questions", total=30)
    batch(f, 3, 25, 25, "completed")
    f.add("task", id=BATCHES[3], state="SUCCESS", current=25, total=25, hostname="celery@worker-1")
    for second in range(90):
        f.wait(S)
        hit = 0.93 + 0.04 * ((second % 20) / 20)
        f.server(217_000_000 + second * 4000, 1180 + f.random.randrange(90), hit, 600)
        f.events("set", "exam:questions:17:easy", f.random.randrange(1, 6))
        f.events("set", "exam:12", f.random.randrange(0, 3) + 1)
        f.events("keymiss", "exam:questions:99:hard", f.random.randrange(1, 4))
        f.events("expired", "cache:api.views.exam_list:ab12", 1)
        queue(f, "celery", (max(0, 4 - second % 5), 0, 0, 0), 1)
        queue(f, "questions", (14 + (second * 7) % 11, 0, 2, 0), 2)
        queue(f, "exams", (0, 0, 0, 0), 0)
        queue(f, "reports", (1, 0, 0, 0), 0)
        f.add("unacked", total=4, oldest_wall_us=WALL0 + f.now - 1000 * S - 4 * S)
        if second % 20 == 0:
            workers(f)
        if second < 40 and second % 3 == 1:
            beat(f, "celery@worker-3")
        tasks(f, second)
        if second % 3 == 0:
            batch(f, 0, 12 + second // 3, 50, f"generating question {13 + second // 3} of 50")
            beat(f, "celery@worker-1", "celery@worker-2", "celery@gpu-1")
        if second % 9 == 0:
            batch(f, 1, 3 + second // 9, 40, "generating")
        f.polls("server", "sessions", "cache", "queues", "batches", "workers", "tasks")
        f.add("clock")
    f.wait(2 * S)
    f.add("clock")
    f.save("normal.facts")


def trouble():
    f = Facts(2)
    f.connect(read_only=1)
    f.add("notify", state="partial", present="Ex", missing="g$em")
    walk(f, FAMILIES, 24)
    batch(f, 0, 41, 50, "generating question 42 of 50")
    batch(f, 1, 3, 40, "generating")
    for second in range(200):
        f.wait(S)
        hit = 0.9 if second < 40 else max(0.41, 0.9 - (second - 40) * 0.012)
        f.server(int(536_870_912 * min(0.999, 0.9 + second / 900)), 4200 + f.random.randrange(900), hit, 900,
                 clients=93 if second > 60 else 44, trip=3400 + second * 900, evicted=0 if second < 100 else 37)
        f.events("evicted", "exam:questions:17:easy", 21 if second > 100 else 0)
        f.events("evicted", "cache:api.views.exam_list:ab12", 16 if second > 100 else 0)
        f.events("keymiss", "exam:questions:99:hard", f.random.randrange(200, 400))
        queue(f, "celery", (4, 0, 0, 0), 1)
        queue(f, "questions", (40 + second * 3, 0, 2, 0), 2)
        queue(f, "exams", (0, 0, 0, 0), 0)
        f.add("unacked", total=3, oldest_wall_us=WALL0 - 4 * S)
        if second < 125 and second % 5 == 0:
            batch(f, 0, min(41 + second // 20, 47), 50, "generating question 48 of 50")
        if second == 60:
            f.add("batch", id=BATCHES[4], origin="progress", valid=1, current=9, total=20, percentage=45, status="failed",
                  error="RateLimitError: provider says 429 Too Many Requests", pttl_ms=3_400_000)
            f.add("task", id=BATCHES[4], state="FAILURE", error="RateLimitError: provider says 429 Too Many Requests",
                  hostname="celery@worker-2")
        if second < 150 and second % 2 == 0:
            beat(f, "celery@worker-1")
        if second < 90 and second % 2 == 0:
            beat(f, "celery@worker-2")
        topics = ["server", "sessions", "queues", "batches", "workers"]
        if second < 188:
            topics.append("cache")
        f.polls(*topics)
        f.add("clock")
    f.add("poll", topic="cache", ok=0, error="OOM command not allowed when used memory > 'maxmemory'.")
    f.add("receipt", action="revoke session", subject="3f9ac2~", outcome="done", text="key and index entry deleted")
    f.add("receipt", action="revoke session", subject="81be04~", outcome="gone", text="it had expired")
    f.add("receipt", action="invalidate", subject="exam:7*", outcome="unknown", text="the connection broke after 312 of 900")
    f.wait(S)
    f.add("clock")
    f.save("trouble.facts")


def unreachable():
    f = Facts(3)
    f.connect()
    f.add("notify", state="on", present="Eg$xem")
    walk(f, FAMILIES, 12)
    for second in range(30):
        f.wait(S)
        f.server(217_000_000, 900, 0.94, 500)
        queue(f, "celery", (4, 0, 0, 0), 1)
        batch(f, 0, 12 + second // 3, 50, "generating")
        beat(f, "celery@worker-1")
        f.polls("server", "sessions", "cache", "queues", "batches", "workers")
        f.add("clock")
    for attempt in range(4):
        for role in ("feed", "poll", "act", "result"):
            f.add("link", role=role, state="down", error="connection refused", retry_at_us=f.now + 9 * S)
        for _ in range(8):
            f.wait(S)
            f.add("clock")
    f.wait(S // 2)
    f.add("clock")
    f.save("unreachable.facts")


def refused():
    """Never reached at all."""
    f = Facts(4)
    f.add("connection", address="redis.redai.internal:6379")
    f.add("link", role="poll", state="connecting")
    f.wait(S // 5)
    f.add("link", role="poll", state="down", error="connection refused", retry_at_us=f.now + 4 * S)
    for _ in range(2):
        f.wait(S)
        f.add("clock")
    f.save("refused.facts")


def noauth():
    """A server that wants a password, which nobody gave."""
    f = Facts(4)
    f.add("connection", address="redis.redai.internal:6379")
    f.add("link", role="poll", state="connecting")
    f.wait(S // 5)
    f.add("link", role="poll", state="down", error="NOAUTH Authentication required.", retry_at_us=f.now + 14 * S)
    for _ in range(2):
        f.wait(S)
        f.add("clock")
    f.save("noauth.facts")


def start():
    """The first half second: INFO is there, the walk is on its way."""
    f = Facts(5)
    f.add("connection", address="127.0.0.1:6379")
    for role in ("feed", "poll", "act", "result"):
        f.add("link", role=role, state="connecting")
    f.wait(S // 100)
    for role in ("feed", "poll"):
        f.add("link", role=role, state="up")
    f.add("notify", state="off", present="", missing="Eg$xem")
    f.server(1_400_000, 3, 0.5, 0, maxmemory=0)
    f.polls("server", "queues")
    f.add("census", phase="begin", expected=10000)
    f.add("family", name="exam:questions", keys=3805, sampled=16, sampled_no_ttl=0, sampled_bytes=16 * 900)
    f.add("census", phase="progress", walked=3805, expected=10000)
    f.wait(S // 2)
    f.add("clock")
    f.save("start.facts")


def empty():
    """A healthy server with nothing in it."""
    f = Facts(6)
    f.connect()
    f.add("notify", state="on", present="Eg$xem")
    walk(f, [])
    for second in range(20):
        f.wait(S)
        f.server(1_400_000, 3, 0.5, 0, maxmemory=0)
        f.polls("server", "sessions", "cache", "queues", "batches", "workers", "tasks")
        f.add("clock")
    f.wait(S)
    f.add("clock")
    f.save("empty.facts")


def hostile():
    f = Facts(7)
    evil = b"\x1b[31mred\x1b]52;c;AAAA\x07\x9b2J\xff\xe2\x80\xaegnp.exe"
    wide = "名前" * 40
    f.connect()
    f.add("notify", state="on", present="Eg$xem")
    def odd():
        f.add("session", id=b"\x1b[2J\x00abc", form="ok", user_id=evil, name=evil, email=evil, role=evil, pttl_ms=-1)
        f.add("session", id="b" * 40, form="not_json", pttl_ms=60000)
        f.add("session", id="c" * 40, form="wrong_type", pttl_ms=-2)
        f.add("session", id="d" * 40, form="not_object", pttl_ms=0)
        f.add("session", id="e" * 40, form="truncated", pttl_ms=1)
        f.add("session", id="f" * 40, form="ok", user_id=7, name=wide, email="x" * 300, role="", created_us=WALL0 + 10**15,
              pttl_ms=10**12)

    walk(f, [("a\u200bb", 5, 5, 5, 10), ("x" * 80, 10**12, 3, 1, 10**15), (evil, 1, 0, 0, 0)], also=odd)
    queue(f, evil, (1, 2, 3, 4), 5)
    queue(f, "q" * 200, (10**9, 0, 0, 0), 10**7)
    f.add("queue", name="unreadable", depth="-1,-1,-1,-1", sources=2, unacked=-1)
    f.add("batch", id=evil, origin="progress", valid=0)
    f.add("batch", id="i" * 300, origin="progress", valid=1, current=900, total=3, percentage=30000, status=evil, error=evil)
    f.add("worker", name=evil, event="heartbeat", software=evil)
    f.add("worker_queues", name=evil, queues=evil)
    f.add("worker_stats", name=evil, pool=evil, concurrency=-7, uptime_s=2**62, pid=2**62, processed=2**62)
    for ident in (evil, b"i" * 300, b"x\x00y"):
        f.add("task_message", id=ident, place="list", queue=evil, name=evil, args=evil * 20, kwargs=evil, args_are_repr=1,
              root_id=evil, parent_id=evil, group=evil, eta_wall_us=2**62, expires_wall_us=-5, retries=2**40, position=0, ref=evil)
    f.add("task_event", id=b"i" * 300, event="failed", worker=evil, text=evil * 10, exception=evil, sent_wall_us=2**62,
          runtime_s="1e300")
    f.add("task_event", id="plain", event="received", worker=evil, name=wide, args="(1, '" + "x" * 3000, sent_wall_us=0)
    f.add("poll", topic="queues", ok=0, error=evil)
    f.add("receipt", action="revoke session", subject=evil, outcome="done", text=evil)
    for _ in range(3):
        f.wait(S)
        f.server(217_000_000, 900, 0.94, 500)
        f.polls("server", "sessions", "cache", "batches", "tasks", "workers")
        f.add("clock")
    f.add("peek", phase="begin", kind="queue", id=evil, label=b"queue " + evil)
    f.add("peek", phase="line", kind="queue", id=evil, label=evil, text=evil * 20, link_kind="task", link_id=evil)
    f.add("peek", phase="end", kind="queue", id=evil, text=evil)
    f.save("hostile.facts")


def detail():
    """What the detail views read, after normal.facts."""
    f = Facts(1)
    f.now = 1093 * S
    queue_id = "questions"
    f.add("peek", phase="begin", kind="queue", id=queue_id, label="queue questions")
    f.add("peek", phase="line", kind="queue", id=queue_id, label="waiting", text="19 (priority 0: 17, 6: 2)")
    f.add("peek", phase="line", kind="queue", id=queue_id, label="", text="")
    for i in range(40):
        f.add("peek", phase="line", kind="queue", id=queue_id, label=str(i),
              text=f"api.tasks.batch_generate_questions [{i + 3}, 10] {{}}  {BATCHES[i % 5][:-2]}{i:02d}",
              link_kind="task", link_id=f"{BATCHES[i % 5][:-2]}{i:02d}")
    f.add("peek", phase="end", kind="queue", id=queue_id, text="first 40 of 1200")
    f.wait(S)
    f.add("clock")
    f.save("detail-queue.facts")

    f = Facts(1)
    f.now = 1095 * S
    task = BATCHES[0][:-2] + "00"
    f.add("peek", phase="begin", kind="task", id=task, label="task " + task)
    for label, text in (("task", "api.tasks.batch_generate_questions"), ("state", "PROGRESS"), ("worker", "celery@worker-1"),
                        ("", ""), ("progress", "")):
        f.add("peek", phase="line", kind="task", id=task, label=label, text=text)
    for text in ("{", '  "current": 12,', '  "total": 50,', '  "percentage": 24.0,', '  "done": false,',
                 '  "status": "generating question 13 of 50: what a very long status can be, and it goes on and on until'
                 ' it has to be wrapped"', "}"):
        f.add("peek", phase="line", kind="task", id=task, label="", text=text, style="json",
              depth=0 if text == "{" else 1)
    f.add("peek", phase="end", kind="task", id=task, text="")
    f.wait(S)
    f.add("clock")
    f.save("detail-task.facts")

    f = Facts(1)
    f.now = 1095 * S
    f.add("peek", phase="begin", kind="task", id=task_id(20), label="task " + task_id(20))
    for label, text in (("result", "FAILURE"), ("traceback", "")):
        f.add("peek", phase="line", kind="task", id=task_id(20), label=label, text=text, veil="plain")
    for text in ("Traceback (most recent call last):", '  File "celery/app/trace.py", line 451, in trace_task',
                 "RateLimitError: provider says 429 Too Many Requests"):
        f.add("peek", phase="line", kind="task", id=task_id(20), label="", text=text)
    f.add("peek", phase="end", kind="task", id=task_id(20), text="")
    f.add("clock")
    f.save("detail-failed.facts")

    f = Facts(1)
    f.now = 1095 * S
    sid = "4283fefc63f0cd0e873a0000c6d07ef7"
    f.add("peek", phase="begin", kind="session", id=sid, label="session 4283fe~")
    for label, text in (("TTL left", "23h54m"), ("value", "180 bytes")):
        f.add("peek", phase="line", kind="session", id=sid, label=label, text=text, veil="plain")
    for text in ("{", '  "user_id": "100",', '  "name": "Anna Kowalska",', '  "email": "anna.kowalska@redai.example"', "}"):
        f.add("peek", phase="line", kind="session", id=sid, label="", text=text, style="json",
              depth=0 if text in "{}" else 1)
    f.add("peek", phase="line", kind="session", id=sid, label="", text="", veil="plain")
    f.add("peek", phase="line", kind="session", id=sid, label="also in the index", text="9d01c7~", veil="session",
          link_kind="session", link_id="9d01c7fc63f0cd0e873a0000c6d07ef7")
    f.add("peek", phase="line", kind="session", id=sid, label="user's index", text="lists this session", veil="plain")
    f.add("peek", phase="end", kind="session", id=sid, text="")
    f.add("clock")
    f.save("detail-session.facts")
    keys()


def key_head(f, key, family, rows):
    f.add("peek", phase="begin", kind="key", id=key, label=b"key " + key)
    f.add("peek", phase="line", kind="key", id=key, label="key", text=key, veil="key")
    for label, text in rows:
        f.add("peek", phase="line", kind="key", id=key, label=label, text=text, veil="plain")
    f.add("peek", phase="line", kind="key", id=key, label="family", text=family, link_kind="family", link_id=family,
          veil="plain")
    f.add("peek", phase="line", kind="key", id=key, label="", text="", veil="plain")


def pretty(value, depth=0, name=""):
    """Lines of JSON as the console makes them: (text, depth)."""
    blanks, front = "  " * depth, f'"{name}": ' if name else ""
    members = list(value.items()) if isinstance(value, dict) else [("", v) for v in value] if isinstance(value, list) else None
    if not members:
        return [(blanks + front + json.dumps(value, ensure_ascii=False), depth)]
    lines = [(blanks + front + ("{" if isinstance(value, dict) else "["), depth)]
    for i, (key, member) in enumerate(members):
        lines += pretty(member, depth + 1, key)
        if i + 1 < len(members):
            lines[-1] = (lines[-1][0] + ",", lines[-1][1])
    return lines + [(blanks + ("}" if isinstance(value, dict) else "]"), depth + 1)]


def keys():
    """Keys of several types, opened by name."""
    f = Facts(1)
    f.now = 1095 * S
    key = b"exam:exam_id:7"
    key_head(f, key, "exam", (("type", "string"), ("encoding", "raw"), ("memory", "1.1K"), ("length", "1061 bytes"),
                              ("TTL", "41m07s"), ("idle", "12s since it was read or written"), ("value", "JSON")))
    exam = {"id": 7, "title": "Algebra", "published": True, "score": None, "weight": 12345678901234567890,
            "questions": [{"id": n, "text": f"What is {n} + {n}?", "options": ["1", "2", str(n + n)]} for n in range(8)],
            "author": {"id": 3, "name": "Zoë"}}
    for text, depth in pretty(exam):
        f.add("peek", phase="line", kind="key", id=key, label="", text=text, style="json", depth=depth)
    f.add("peek", phase="end", kind="key", id=key, text="")
    f.add("clock")
    f.save("key-json.facts")

    f = Facts(1)
    f.now = 1095 * S
    key = b"exam:visitors"
    key_head(f, key, "exam", (("type", "string (HyperLogLog)"), ("encoding", "raw"), ("memory", "14.1K"),
                              ("length", "12304 bytes"), ("counts", "118204, as it was last counted"),
                              ("TTL", "none: it stays until it is deleted"),
                              ("use", "12 of 255 (the policy counts use, not idle time)"), ("value", "HyperLogLog")))
    data = b"HYLL\x00\x00\x00\x00" + (118204).to_bytes(8, "little") + bytes((i * 37) % 256 for i in range(4080))
    for at in range(0, len(data), 16):
        row = data[at:at + 16]
        shown = "".join(chr(b) if 32 <= b < 127 else "." for b in row)
        f.add("peek", phase="line", kind="key", id=key, label="", text=f"{at:08x}  {row.hex(' ')}  {shown}", style="hex")
    f.add("peek", phase="end", kind="key", id=key, text="first 4.0K of 12.0K; more at the end")
    f.add("clock")
    f.save("key-hex.facts")

    f = Facts(1)
    f.now = 1095 * S
    key = b"stats:by\xffday"
    key_head(f, key, "stats", (("type", "hash"), ("encoding", "hashtable"), ("memory", "1.4G"), ("items", "10000000"),
                               ("TTL", "none: it stays until it is deleted"), ("idle", "3d04h since it was read or written")))
    for i in range(30):
        f.add("peek", phase="line", kind="key", id=key, label=f"day-{i:04}", text=f'{{"n": {i * 17}}}', style="json")
    f.add("peek", phase="line", kind="key", id=key, label=b"\x00\x1bfield", text="binary, 24B")
    f.add("peek", phase="line", kind="key", id=key, label="", depth=1, style="hex",
          text="00000000  80 04 95 0d 00 00 00 00 00 00 00 8c 09 6e 6f 74  .............not")
    f.add("peek", phase="end", kind="key", id=key, text="first 100 of 10000000; more at the end")
    f.add("clock")
    f.save("key-hash.facts")

    f = Facts(1)
    f.now = 1095 * S
    key = b"exam:exam_id:9"
    f.add("peek", phase="begin", kind="key", id=key, label=b"key " + key)
    f.add("peek", phase="line", kind="key", id=key, label="key", text=key, veil="key")
    f.add("peek", phase="line", kind="key", id=key, label="type", text="none", veil="plain")
    f.add("peek", phase="line", kind="key", id=key, label="family", text="exam", link_kind="family", link_id="exam", veil="plain")
    f.add("peek", phase="line", kind="key", id=key, label="", text="", veil="plain")
    f.add("peek", phase="line", kind="key", id=key, label="instead", text="2 keys begin with exam and hold 9", veil="key")
    for other in (b"exam:9", b"exam:db:<sqlalchemy.orm.session.Session object at 0x7f12a4>:exam_id:9"):
        f.add("peek", phase="line", kind="key", id=key, label="", text=other, link_kind="key", link_id=other, veil="key")
    f.add("peek", phase="end", kind="key", id=key, text="this key does not exist (any more)")
    f.add("clock")
    f.save("key-absent.facts")


def users():
    """Users with several sessions, some of which their index does not name; entries of sessions that ended."""
    f = Facts(7)
    f.connect()
    f.add("notify", state="on", present="Eg$xems")
    f.add("census", phase="begin", expected=70)

    def log_in(user, name, role, age, idle, left=None):
        sid = "".join(f.random.choice("0123456789abcdef") for _ in range(32))
        f.add("session", id=sid, form="ok", user_id=user, name=name, email=f"{plain(name)}@redai.example", role=role,
              created_us=WALL0 - age * S, pttl_ms=(86400 - idle) * 1000 if left is None else left, bytes=180)
        return sid

    gone = []

    def ended(count):
        gone.extend("".join(f.random.choice("0123456789abcdef") for _ in range(32)) for _ in range(count))
        return gone[-count:]

    logged_in = []
    for i, (name, role) in enumerate(PEOPLE):
        user = 1 + i * 3
        ids = [log_in(user, name, role, 300 + 1900 * (i + 1) + 40 * k, 40 + 97 * i % 2900) for k in range(1 + i % 3)]
        if i == 7:  # one user with very many
            ids += [log_in(user, name, role, 20 + k * 11, k * 3) for k in range(17)]
        logged_in.append((i, user, ids))
    f.wait(2 * S)
    for i, user, ids in logged_in:
        if i == 3:  # the set went, the sessions live on
            index(f, user, [])
        elif i == 8:  # renewed less often than the sessions: two are missing
            index(f, user, ids[:1] + ended(2), 7_200_000)
        elif i == 9:
            index(f, user, ids + ended(12), 80_000_000)
        elif i == 12:  # names another user's session
            index(f, user, ids + [other], 80_000_000)
        elif i == 15:  # never expires
            index(f, user, ids + ended(1), -1)
        elif i == 18:
            f.add("user_index", phase="begin", user_id=user)
            f.add("user_index", phase="end", user_id=user, size=-1, error="NOPERM this user has no permissions")
        elif i == 20:
            f.add("user_index", phase="begin", user_id=user)
            f.add("user_index", phase="end", user_id=user, pttl_ms=80_000_000, size=20000)
        else:
            index(f, user, ids, (86400 - 1900 * (i + 1) % 80000) * 1000)
        other = ids[0]
    index(f, 500, ended(2), 40_000_000)  # nobody is logged in, the entries are still there
    for sid in gone:
        f.add("session_gone", id=sid, reason="unknown")
    f.add("session", id="e" * 32, form="ok", name="Nobody", pttl_ms=86000000, created_us=WALL0 - 900 * S)
    f.add("family", name="session", keys=66, sampled=66, sampled_no_ttl=0, sampled_bytes=66 * 260)
    f.add("census", phase="end", walked=70, expected=70)
    for second in range(5):
        f.wait(S)
        f.server(217_000_000, 1180, 0.95, 600)
        queue(f, "celery", (0, 0, 0, 0), 0)
        f.polls("server", "sessions", "cache", "queues", "batches", "workers", "tasks")
        f.add("clock")
    f.save("users.facts")


def later():
    """Ten seconds on from normal.facts: sessions come and go. For frozen screens."""
    f = Facts(1)
    f.now = 1094 * S
    for i in range(10):
        f.wait(S)
        f.add("session", id=f"new{i}", form="ok", user_id=900 + i, name=f"Late Comer {i}", email="late@redai.example",
              role="student", created_us=WALL0 + f.now - 1000 * S, pttl_ms=86400000)
        queue(f, "questions", (100 + i * 30, 0, 2, 0), 2)
        batch(f, 0, 42, 50, "generating")
        f.hits, f.misses = 900_000 + i * 50, 60_000 + i * 450
        f.server(290_000_000, 3100, 0.1, 500)
        f.polls("server", "sessions", "cache", "queues", "batches")
        f.add("clock")
    f.save("later.facts")


TREE = [
    ("exam", 2310, 400, 3, 400 * 900, (40, 300, 57, 0), {"reprs": 58, "largest": "exam:9001", "largest_bytes": 48_213}),
    ("exam:questions", 6120, 400, 0, 400 * 2300, (31, 369, 0, 0), {"largest": "exam:questions:77", "largest_bytes": 91_004}),
    ("cache:api.routes.exams.list_exams", 310, 310, 0, 310 * 5100, None, {"largest": "cache:api.routes.exams.list_exams:3",
                                                                      "largest_bytes": 9_870}),
    ("cache:api.routes.stats.leaderboard", 44, 44, 0, 44 * 700, None, {"reprs": 44}),
    ("shop:basket", 12_000, 48, 48, 48 * 310, None, {}),
    ("shop:order", 700, 48, 0, 48 * 4100, (0, 0, 12, 36), {}),
    ("wide", 9_100, 400, 400, 400 * 95, None, {"folded": "yes"}),
    ("report", 1, 1, 1, 104_857_704, None, {"largest": "report:2026", "largest_bytes": 104_857_704}),
    ("session", 24, 24, 0, 24 * 260, (0, 0, 24, 0), {}),
    ("user:sessions", 22, 22, 0, 22 * 300, (0, 0, 22, 0), {}),
    ("batch:progress", 4, 4, 0, 4 * 210, (0, 4, 0, 0), {}),
    ("celery", 6, 6, 6, 6 * 900, None, {}),
    ("(no prefix)", 3, 3, 3, 3 * 120, None, {})]


def families():
    """A later walk has met families of two levels, with faults. Then the pages of two of them."""
    f = Facts(1)
    f.now = 1094 * S
    total = sum(row[1] for row in TREE)
    f.add("census", phase="begin", expected=total)
    for name, keys, sampled, no_ttl, size, ttl, more in TREE:
        family(f, name, keys, sampled, no_ttl, size, ttl, **more)
    f.add("census", phase="end", walked=total, expected=total)
    for _ in range(3):
        for key, event, count in (("exam:1", "set", 9), ("exam:questions:4", "keymiss", 31), ("shop:basket:9", "set", 120)):
            f.add("key_event", event=event, key=key, count=count)
        f.wait(S)
        f.server(217_000_000, 1180, 0.95, 600)
        f.polls("server", "sessions", "cache", "queues", "batches")
        f.add("clock")
    f.save("families.facts")
    for name, remark in (("exam", "measured 1800 of 2310 keys"), ("exam:*", "8430 keys, all measured")):
        f = Facts(1)
        f.now = 1097 * S
        f.add("peek", phase="begin", kind="family", id=name, label=f"family {name}")
        f.add("peek", phase="line", kind="family", id=name, label="largest of those measured", text="", style="heading", veil="plain")
        for i in range(10):
            f.add("peek", phase="line", kind="family", id=name, label=f"exam:{9001 + i * 13}", veil="plain",
                  text=f"TTL {3000 - 7 * i} s, {48213 - i * 900} bytes", link_kind="key", link_id=f"exam:{9001 + i * 13}")
        f.add("peek", phase="line", kind="family", id=name, label="keys that hold an object's address", text="", style="heading", veil="plain")
        for i in range(5):
            key = f"exam:db:<sqlalchemy.orm.session.Session object at 0x7f4bd975f{i}d0>:exam_id:2"
            f.add("peek", phase="line", kind="family", id=name, label=key, text="", link_kind="key", link_id=key, veil="plain")
        f.add("peek", phase="line", kind="family", id=name, label="the first keys, in no order", text="", style="heading", veil="plain")
        for i in range(30):
            f.add("peek", phase="line", kind="family", id=name, label=f"exam:{i * 7}", text=f"TTL {3000 - i * 50} s, {600 + i} bytes",
                  link_kind="key", link_id=f"exam:{i * 7}", veil="plain")
        f.add("peek", phase="end", kind="family", id=name, text=remark)
        f.add("poll", topic="detail", ok="yes")
        f.add("clock")
        f.save("detail-family.facts" if name == "exam" else "detail-family-group.facts")


def alarm():
    """Eight minutes: the memory is full, keys are thrown out, the hit rate falls, and queues grow. One of the queues
    is muted, and so is a rule; another alert is acknowledged; one has resolved."""
    f = Facts(5)
    f.connect()
    f.add("notify", state="on", present="AKE", missing="")
    hits, misses, evicted, commands = 90_000, 4_000, 0, 0
    depth = {"questions": 12, "exams": 4, "reports": 0}
    f.add("clock")
    for second in range(480):
        f.wait(S)
        thrown = second >= 388
        lookups, rate = 500 + f.random.randrange(60), (0.95 - f.random.random() / 50 if not thrown else 0.31)
        evicted += 340 + f.random.randrange(40) if thrown else 0
        hits, misses = hits + int(lookups * rate), misses + lookups - int(lookups * rate)
        crowd = 88 if 60 <= second < 90 else 31 if second < 395 else 64
        f.add("server", redis_version="7.0.15", role="master", maxmemory=536870912, uptime_in_seconds=273600 + second,
              used_memory=500_000_000 + f.random.randrange(2_000_000) + (30_000_000 if thrown else 0), maxclients=10000,
              maxmemory_policy="volatile-lru", connected_clients=crowd + f.random.randrange(3), evicted_keys=evicted, expired_keys=15_223,
              keyspace_hits=hits, keyspace_misses=misses, rejected_connections=0, blocked_clients=2, loading=0,
              instantaneous_ops_per_sec=1200 + f.random.randrange(150), round_trip_us=400 + f.random.randrange(200))
        if second % 2 == 0:
            for name in depth:
                depth[name] += 7 if name != "reports" and second >= 330 else 0
                queue(f, name, (depth[name] + f.random.randrange(2) * (second < 330), 0, 0, 0), 0)
            f.polls("queues")
        if second == 440:
            f.add("mute", id="queue-backlog\x1fexams", until_us=f.now + 1800 * S, reason="bulk import of Friday")
            f.add("mute", id="notifications", until_us=(1 << 63) - 1, reason="known")
        if second == 460:
            f.add("acknowledge", rule="evictions")
        f.polls("server")
        f.add("clock")
    f.save("alarm.facts")


COMMANDS = [  # name, calls before, calls a second, us a call, failed and refused a second
    ("get", 18_400_123, 812, 3, 0, 0), ("set", 2_210_300, 96, 7, 0, 0), ("evalsha", 90_211, 4, 2100, 0, 0),
    ("brpop", 401_332, 11, 19, 0, 0), ("zrange", 88_231, 2, 4400, 0, 0), ("info", 301_223, 1, 92, 0, 0),
    ("config|get", 1_204, 0, 31, 0, 0), ("keys", 12, 0, 91_000, 0, 0), ("lpush", 401_120, 11, 8, 0, 0),
    ("hgetall", 720_410, 30, 55, 2, 0), ("auth", 30_400, 3, 12, 3, 0), ("client|list", 410, 0, 240, 0, 0),
    ("publish", 911_200, 40, 12, 0, 0), ("del", 40_211, 2, 9, 0, 0), ("expire", 66_000, 3, 3, 0, 1),
]
SLOW = [  # id, seconds ago, ms, shape, text, client, name
    (4101, 1800, 91, "KEYS exam:*", "KEYS exam:*", "10.0.3.17:40112", ""),
    (4102, 900, 14, "ZRANGE unacked_index", "ZRANGE unacked_index 0 -1 WITHSCORES", "10.0.3.11:51002", "worker-1"),
    (4103, 600, 22, "EVALSHA ...", "EVALSHA 9c1f... (40 bytes) 2 exam:7:lock ... (3 more)", "10.0.3.12:51003", "redai-api"),
    (4104, 60, 35, "HGETALL stats:*", "HGETALL stats:by-day", "10.0.3.12:51004", "redai-api"),
    (4105, 44, 19, "HGETALL stats:*", "HGETALL stats:by-user", "10.0.3.12:51004", "redai-api"),
    (4106, 3, 240, "KEYS exam:*", "KEYS exam:*", "10.0.3.17:40113", ""),
]


def clients(f, second):
    rows = [("10.0.3.11:51002", "", "brpop", "b", 0, -1), ("10.0.3.11:51003", "", "psubscribe", "P", 3, 0),
            ("10.0.3.13:51009", "", "brpop", "b", 0, -1), ("10.0.3.99:6001", "", "replconf", "S", 0, 0),
            ("10.0.3.17:40113", "", "keys", "N", 0, 0), ("10.0.3.50:33001", "redai-console:4711", "info", "N", 0, 0)]
    rows += [(f"10.0.3.{12 + i % 2}:{52000 + i}", "redai-api", ("get", "set", "hgetall")[i % 3], "N", 0, 0) for i in range(12)]
    for i, (address, name, command, flags, patterns, _) in enumerate(rows):
        f.add("client", phase="row", id=811 + 7 * i, address=address, name=name, user="default", command=command,
              flags=flags, own=int(command == "info"), db=i % 2, age_s=second + 4000 * i, idle_s=(i * i * 37) % 900,
              channels=0, patterns=patterns, shard_channels=0, memory=22_000 + 1_900 * i * i, output=0 if i != 4 else 1_900_000)
    if second > 80:
        f.add("client", phase="row", id=1400, address="10.0.3.77:60001", command="monitor", flags="O", db=0, age_s=2,
              idle_s=0, channels=0, patterns=0, shard_channels=0, memory=91_000, output=20_000, user="ops")
    f.add("client", phase="end", left_out=0)


def server():
    """What a server tells of itself, over a minute and a half, with something to see in each face of its pane."""
    f = Facts(9)
    f.now = 1094 * S
    for second in range(90):
        f.wait(S)
        busy = 30 + (second % 30) * 2
        cpu = second * 0.31
        f.server(217_000_000 + second * 900_000, 1180 + f.random.randrange(90), 0.94, 600, trip=380 + f.random.randrange(200),
                 clients=19 + (second > 80), used_memory_dataset=150_000_000 + second * 900_000, used_memory_overhead=66_000_000,
                 used_memory_startup=862_000, mem_clients_normal=2_100_000, mem_total_replication_buffers=1_200_000,
                 used_memory_vm_total=64_000, used_memory_functions=184, mem_aof_buffer=1_280, mem_fragmentation_ratio=1.12,
                 total_system_memory=8_200_000_000, used_cpu_sys=f"{cpu:.6f}", used_cpu_user=f"{cpu * 1.5:.6f}",
                 used_cpu_sys_main_thread=f"{cpu * 0.8:.6f}", used_cpu_user_main_thread=f"{cpu * 1.4:.6f}",
                 used_cpu_sys_children="0.500000", used_cpu_user_children="2.100000",
                 total_net_input_bytes=10**10 + second * 210_000 * busy // 40, total_net_output_bytes=10**11 + second * 1_900_000,
                 total_error_replies=9_120 + second * 6, total_connections_received=88_000 + second * 2,
                 client_recent_max_input_buffer=20_480, client_recent_max_output_buffer=1_900_000,
                 rdb_last_save_time=(WALL0 + f.now - 1000 * S) // S - 1900, rdb_bgsave_in_progress=0, rdb_last_bgsave_time_sec=3,
                 rdb_saves=44, latest_fork_usec=61_200, total_forks=51, rdb_last_cow_size=22_000_000,
                 aof_current_size=310_000_000 + second * 42_000, aof_base_size=200_000_000, aof_delayed_fsync=12 + second // 40,
                 aof_rewrite_in_progress=0, aof_last_bgrewrite_status="ok", connected_slaves=1, master_repl_offset=10**9 + second * 9_000,
                 repl_backlog_active=1, repl_backlog_size=1_048_576, db1="812,812,82800000")
        f.add("replica", phase="row", address="10.0.3.99:6379", state="online", offset=10**9 + second * 9_000 - 400, lag_s=second % 2)
        f.add("replica", phase="end")
        if second % 5 == 0:
            for name, calls, per_s, us, failed, refused in COMMANDS:
                n = calls + per_s * second
                f.add("command_stat", phase="row", name=name, calls=n, usec=n * us, failed=failed * second, rejected=refused * second)
            f.add("command_stat", phase="end")
            for name, count, per_s in (("ERR", 5_000, 0), ("WRONGTYPE", 40, 2), ("NOAUTH", 3_000, 3), ("NOPERM", 7, 1), ("NOSCRIPT", 90, 0)):
                f.add("error_stat", phase="row", name=name, count=count + per_s * second)
            f.add("error_stat", phase="end")
            for number, ago, ms, shape, text, client, name in SLOW:
                if second - 85 >= -ago or ago > 90:
                    f.add("slow", phase="row", id=number, wall_us=WALL0 + (1184 - 1000 - ago) * S, duration_us=ms * 1000, shape=shape,
                          text=text, client=client, name=name, argc=len(text.split()))
            f.add("slow", phase="end", total=128, threshold_us=10_000)
            f.add("latency", phase="row", name="command", event_wall_us=WALL0 + 160 * S, latest_ms=240, max_ms=912)
            f.add("latency", phase="row", name="fork", event_wall_us=WALL0 - 1700 * S, latest_ms=61, max_ms=70)
            f.add("latency", phase="end")
            clients(f, second)
        f.polls("server", "sessions", "cache", "queues", "batches", "workers", "tasks")
        f.add("clock")
    f.save("server.facts")
    f = Facts(9)
    f.now = 1185 * S
    f.add("poll", topic="clients", ok=0, error="NOPERM User 'watch' has no permissions to run the 'client|list' command")
    f.add("poll", topic="slowlog", ok=0, error="ERR unknown command 'SLOWLOG', with args beginning with: 'GET' '128'")
    f.add("clock")
    f.save("server-refused.facts")


for make in (normal, trouble, unreachable, refused, noauth, start, empty, hostile, users, detail, later, families, alarm, server):
    make()
