"""The platform's Celery application in small form, for tests: its settings and its two tasks as the code base has
them, and one that runs for as long as a test wants it to.

REDAI_SOCKET names the unix socket of a private Redis.
"""
import json
import os

import redis
from celery import Celery
from celery.exceptions import Reject

SOCKET = os.environ["REDAI_SOCKET"]
URL = "redis+socket://" + SOCKET + "?virtual_host="
# Application and results may be elsewhere: then REDAI_SOCKET is the broker's.
APPLICATION = os.environ.get("REDAI_APPLICATION_SOCKET", SOCKET)
RESULTS = os.environ.get("REDAI_RESULT_URL", URL + "1")

client = redis.Redis(unix_socket_path=APPLICATION, decode_responses=True)
app = Celery("redai", broker=URL + "0", backend=RESULTS)
app.conf.update(
    task_serializer="json",
    accept_content=["json"],
    result_serializer="json",
    timezone="UTC",
    enable_utc=True,
    task_routes={
        "api.tasks.generate_questions.*": {"queue": "questions"},
        "api.tasks.validate_citations.*": {"queue": "validation"},
        "api.tasks.analytics.*": {"queue": "analytics"},
    },
    result_expires=3600,
    broker_pool_limit=10,
    worker_prefetch_multiplier=4,
    worker_max_tasks_per_child=1000,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_track_started=True,
    # Not the platform's: some tests need results that tell name and arguments.
    result_extended=bool(os.environ.get("REDAI_RESULT_EXTENDED")),
)


@app.task(name="api.tasks.test_redis_task", bind=True)
def test_redis_task(self, message):
    key = f"task:test:{self.request.id}"
    client.setex(key, 300, json.dumps(message))
    return {"task_id": self.request.id, "message": message, "redis_key": key}


@app.task(name="api.tasks.batch_generate_questions", bind=True)
def batch_generate_questions(self, exam_id, count=10):
    key = f"batch:progress:{self.request.id}"
    try:
        for i in range(count):
            progress = {
                "current": i + 1,
                "total": count,
                "percentage": ((i + 1) / count) * 100,
                "status": "in_progress",
            }
            client.setex(key, 600, json.dumps(progress))
            self.update_state(state="PROGRESS", meta=progress)
        final = {"current": count, "total": count, "percentage": 100, "status": "completed"}
        client.setex(key, 600, json.dumps(final))
        return {"status": "completed", "count": count}
    except Exception as e:
        client.setex(key, 600, json.dumps({"status": "failed", "error": str(e)}))
        raise


@app.task(name="api.tasks.wait_for_release")
def wait_for_release(name):
    """Runs until somebody pushes to the list `name`, ten minutes at most: longer than any test waits."""
    return client.blpop(name, timeout=600) is not None


@app.task(name="api.tasks.echo")
def echo(*args, **kwargs):
    return {"args": args, "kwargs": kwargs}


@app.task(name="api.tasks.fail_until")
def fail_until(key, *args, **kwargs):
    """Fails as long as nobody has set `key`."""
    if client.get(key) is None:
        raise ValueError(f"{key} is not set")
    return {"args": args, "kwargs": kwargs}


@app.task(name="api.tasks.reject")
def reject():
    """Says that it does not want to be run: its result stays STARTED for ever."""
    raise Reject("not this one", requeue=False)


@app.task(name="api.tasks.retry_later", bind=True)
def retry_later(self):
    raise self.retry(exc=ValueError("not yet"), countdown=3600)
