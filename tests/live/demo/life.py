"""Real Celery clients against the demo's workers: canvases, retries, limits, remote control, events, the command line.
argv is the path of the socket. Exit 0 when all holds. The workers are those of the demo itself: worker1@demo with
celery and questions, worker2@demo with validation and analytics."""
import os
import subprocess
import sys
import threading
import time

try:
    from celery import Celery, chain, chord, group
    from celery.events.state import State
    from celery.exceptions import ChordError, TaskRevokedError
except ImportError:
    sys.exit(77)

URL = 'redis+socket://%s?virtual_host=%%d' % sys.argv[1]
app = Celery('redai', broker=URL % 0, backend=URL % 1)
app.conf.update(
    task_serializer='json', accept_content=['json'], result_serializer='json', result_expires=3600,
    task_routes={'api.tasks.validate_citations.*': {'queue': 'validation'},
                 'api.tasks.analytics.*': {'queue': 'analytics'}})
ONE, TWO = 'worker1@demo', 'worker2@demo'
SCORES, TOTAL = 'api.tasks.analytics.add_scores', 'api.tasks.analytics.total_scores'
REPORT, REFUSE = 'api.tasks.analytics.slow_report', 'api.tasks.analytics.refuse'
FETCH, VALIDATE = 'api.tasks.validate_citations.fetch_source', 'api.tasks.validate_citations.validate_citation'
WAIT = 20


def check(what, value, expected):
    if value != expected:
        sys.exit('%s: %r instead of %r' % (what, value, expected))


def until(what, condition):
    end = time.monotonic() + WAIT
    while not condition():
        if time.monotonic() > end:
            sys.exit('never: ' + what)
        time.sleep(0.02)


def sig(name, *args, **options):
    return app.signature(name, args=args, **options)


def fails(what, result):
    try:
        result.get(timeout=WAIT)
    except Exception as error:
        return error
    sys.exit(what + ' did not fail')


inspect = app.control.inspect(timeout=3)
to_two = app.control.inspect(destination=[TWO], timeout=3)


def tell(method, **arguments):
    """What worker2@demo says to a command."""
    reply = app.control.broadcast(method, arguments=arguments, destination=[TWO], reply=True, timeout=3, limit=1)
    return reply[0][TWO]


# --- events, listened to from here to the end ---

state = State()
seen = []
listening = threading.Event()


def listen():
    with app.connection() as connection:
        def on_event(event):
            state.event(event)
            seen.append((event['type'], event.get('uuid')))
        receiver = app.events.Receiver(connection, handlers={'*': on_event})
        with receiver.consumer_context() as (_, __, ___):
            listening.set()
            while True:
                try:
                    for _ in receiver.consume(limit=None, timeout=1, wakeup=False):
                        pass
                except OSError:
                    pass


threading.Thread(target=listen, daemon=True).start()
check('listening', listening.wait(WAIT), True)
until('both workers are heard', lambda: {ONE, TWO} <= {n for n, w in state.workers.items() if w.alive})

# --- who they are ---

check('ping', inspect.ping(), {ONE: {'ok': 'pong'}, TWO: {'ok': 'pong'}})
queues = inspect.active_queues()
check('queues of 1', sorted(q['name'] for q in queues[ONE]), ['celery', 'questions'])
check('queues of 2', sorted(q['name'] for q in queues[TWO]), ['analytics', 'validation'])
check('exchange', queues[TWO][0]['exchange']['type'], 'direct')
stats = inspect.stats()
check('concurrency', stats[TWO]['pool']['max-concurrency'], 2)
check('processes', len(stats[TWO]['pool']['processes']), 2)
check('two pids', stats[ONE]['pid'] != stats[TWO]['pid'], True)
check('clock', isinstance(to_two.clock()[TWO]['clock'], int), True)
check('report', 'worker2@demo' in to_two.report()[TWO]['ok'], True)
check('unknown', tell('nope'), {'error': "KeyError('nope')"})
check('missing', tell('revoke'),
      {'error': "TypeError(\"revoke() missing 1 required positional argument: 'task_id'\")"})
check('enable_events', tell('enable_events'), {'ok': 'task events already enabled'})
check('disable_events', tell('disable_events'), {'ok': 'task events already disabled'})
check('heartbeat', tell('heartbeat'), None)

# --- canvases ---

three = chain(sig(SCORES, 1, 2), sig(SCORES, 10), sig(TOTAL)).apply_async()
check('chain', three.get(timeout=WAIT), 13)
check('first of the chain', three.parent.parent.get(timeout=WAIT), 3)
check('children', [c.id for c in three.parent.parent.children], [three.parent.id])
check('group', group(sig(SCORES, i, i) for i in range(4)).apply_async().get(timeout=WAIT), [0, 2, 4, 6])
check('chord', chord([sig(SCORES, i, i) for i in range(3)], sig(TOTAL)).apply_async().get(timeout=WAIT), 6)
broken = chord([sig(SCORES, 1, 1), sig(VALIDATE, 'Doe, undated')], sig(TOTAL)).apply_async()
error = fails('the chord', app.AsyncResult(broken.id))
check('chord error', type(error), ChordError)
check('chord error', "raised CitationError(\"no year in citation: 'Doe, undated'\", 422)" in str(error), True)

linked = sig(SCORES, 2, 3).apply_async(link=sig(SCORES, 5))
check('linked', linked.get(timeout=WAIT), 5)
check('callback', linked.children[0].get(timeout=WAIT), 10)
failed = sig(VALIDATE, 'Roe, undated').apply_async(link_error=sig('api.tasks.analytics.on_error'))
error = fails('the citation', failed)
check('failure', type(error).__name__, 'CitationError')
check('arguments', error.args, ("no year in citation: 'Roe, undated'", 422))
check('traceback', failed.traceback.startswith('Traceback (most recent call last):\n'), True)
check('traceback', 'in validate_citation\n    raise CitationError(' in failed.traceback, True)
broken = chain(sig(SCORES, 'x', 2), sig(SCORES, 10)).apply_async()
check('chain that breaks', type(fails('the chain', broken)).__name__, 'TypeError')

# --- retries, rejects, results that nobody wants ---

retried = sig(FETCH, 'http://example.com/a', 2).apply_async()
check('retried', retried.get(timeout=WAIT), {'url': 'http://example.com/a', 'tries': 3})
exhausted = sig(FETCH, 'http://example.com/b', 9).apply_async()
check('exhausted', type(fails('the source', exhausted)).__name__, 'ConnectionError')
refused = sig(REFUSE).apply_async()
ignored = sig(SCORES, 1, 1).apply_async(ignore_result=True)
expired = sig(SCORES, 1, 1).apply_async(expires=-5)
check('expired', str(fails('the expired one', expired)), 'expired')

# --- what it holds, limits ---

later = sig(SCORES, 1, 1).apply_async(countdown=3600)
until('it is scheduled', lambda: [s['request']['id'] for s in to_two.scheduled()[TWO]] == [later.id])
running = [sig(REPORT, 3600).apply_async() for _ in range(2)]
waiting = sig(REPORT, 3600).apply_async()
until('two are active', lambda: {t['id'] for t in to_two.active()[TWO]} == {r.id for r in running})
until('one is reserved', lambda: [t['id'] for t in to_two.reserved()[TWO]] == [waiting.id])
answer = to_two.query_task(waiting.id, running[0].id)[TWO]
check('query', {i: a[0] for i, a in answer.items()}, {waiting.id: 'reserved', running[0].id: 'active'})
check('args', answer[waiting.id][1]['args'], [3600])
check('prefetch', to_two.stats()[TWO]['prefetch_count'], 5)
check('shrink', tell('pool_shrink', n=1), {'error': "ValueError(\"Can't shrink pool. All processes busy!\")"})
check('grow', tell('pool_grow', n=1), {'ok': 'pool will grow'})
until('three are active', lambda: len(to_two.active()[TWO]) == 3)
check('processes', len(to_two.stats()[TWO]['pool']['processes']), 3)
for one in running + [waiting]:
    check('revoke', tell('revoke', task_id=one.id, terminate=True, signal='SIGTERM'), {'ok': 'terminate: ' + one.id})
    check('terminated', str(fails('a terminated one', one)), 'terminated')
check('revoked', set(to_two.revoked()[TWO]), {r.id for r in running} | {waiting.id})
check('shrink', tell('pool_shrink', n=1), {'ok': 'pool will shrink'})
check('unknown to terminate', tell('revoke', task_id='nobody', terminate=True), {'ok': 'terminate: tasks unknown'})

check('rate', tell('rate_limit', task_name=SCORES, rate_limit='2/s'), {'ok': 'new rate limit set successfully'})
check('registered', SCORES + ' [rate_limit=2/s]' in to_two.registered()[TWO], True)
begin = time.monotonic()
group(sig(SCORES, i, i) for i in range(4)).apply_async().get(timeout=WAIT)
check('rate is kept', time.monotonic() - begin > 1.4, True)
check('rate', tell('rate_limit', task_name=SCORES, rate_limit=0), {'ok': 'rate limit disabled successfully'})
check('rate', tell('rate_limit', task_name='nope', rate_limit='1/s'), {'error': 'unknown task'})
check('limits', tell('time_limit', task_name=REPORT, hard=0.3), {'ok': 'time limits set successfully'})
check('hard', type(fails('the report', sig(REPORT, 60).apply_async())).__name__, 'TimeLimitExceeded')
check('limits', tell('time_limit', task_name=REPORT, soft=0.3, hard=9), {'ok': 'time limits set successfully'})
check('soft', type(fails('the report', sig(REPORT, 60).apply_async())).__name__, 'SoftTimeLimitExceeded')

# --- queues ---

check('add', tell('add_consumer', queue='nightly'), {'ok': 'add consumer nightly'})
check('nightly', sig(SCORES, 4, 4).apply_async(queue='nightly').get(timeout=WAIT), 8)
check('cancel', tell('cancel_consumer', queue='nightly'), {'ok': 'no longer consuming from nightly'})
check('queues', 'nightly' in [q['name'] for q in to_two.active_queues()[TWO]], False)

# --- what the events made of it ---


def state_of(result):
    task = state.tasks.get(result.id)
    return task.state if task else None


# Celery's own state keeps STARTED for what was rejected.
for what, result, expected in [('chain', three, 'SUCCESS'), ('failed', failed, 'FAILURE'),
                               ('retried', retried, 'SUCCESS'), ('refused', refused, 'STARTED'),
                               ('expired', expired, 'REVOKED'), ('terminated', running[0], 'REVOKED'),
                               ('ignored', ignored, 'SUCCESS'), ('scheduled', later, 'RECEIVED')]:
    until('%s is %s for events' % (what, expected), lambda: state_of(result) == expected)
check('nothing stored', (ignored.state, refused.state), ('PENDING', 'STARTED'))
check('rejected', ('task-rejected', refused.id) in seen, True)
check('retries', seen.count(('task-retried', retried.id)), 2)
check('name', state.tasks[failed.id].name, VALIDATE)
check('args', state.tasks[failed.id].args, "('Roe, undated',)")
check('exception', state.tasks[failed.id].exception, "CitationError(\"no year in citation: 'Roe, undated'\", 422)")
check('result', state.tasks[three.id].result, '13')
check('runtime', state.tasks[three.id].runtime > 0, True)
check('worker', state.tasks[three.id].worker.hostname, TWO)
check('root', state.tasks[three.id].root_id, three.parent.parent.id)
order = [t for t, i in seen if i == three.id]
check('order', order, ['task-received', 'task-started', 'task-succeeded'])

# --- the command line ---

home = os.path.dirname(os.path.abspath(__file__))
command = [sys.executable, '-m', 'celery', '-b', URL % 0, '--result-backend', URL % 1]
for words, expected in [(['status', '-t', '3'], '2 nodes online.'), (['inspect', 'ping', '-t', '3'], 'pong')]:
    done = subprocess.run(command + words, cwd=home, capture_output=True, text=True, timeout=60)
    check(' '.join(words), done.returncode, 0)
    check(done.stdout, expected in done.stdout, True)

# --- the end ---

app.control.broadcast('shutdown', destination=[TWO])
until('worker2 is offline', lambda: ('worker-offline', None) in seen)
until('a supervisor has started it again', lambda: to_two.ping() == {TWO: {'ok': 'pong'}})
until('it has what was put back', lambda: [s['request']['id'] for s in to_two.scheduled()[TWO]] == [later.id])
check('redelivered', to_two.scheduled()[TWO][0]['request']['delivery_info']['redelivered'], True)
check('revoked is forgotten', to_two.revoked()[TWO], [])
