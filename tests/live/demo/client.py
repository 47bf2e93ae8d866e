"""A real Celery client against the demo's worker: argv is the path of the socket. Exit 0 when all holds."""
import sys

try:
    from celery import Celery
    from celery.result import AsyncResult
except ImportError:
    sys.exit(77)

URL = 'redis+socket://%s?virtual_host=%%d' % sys.argv[1]
app = Celery('redai', broker=URL % 0, backend=URL % 1)
app.conf.update(task_serializer='json', accept_content=['json'], result_serializer='json', result_expires=3600)
NODE = 'worker1@demo'
BATCH = 'api.tasks.batch_generate_questions'


def check(what, value, expected):
    if value != expected:
        sys.exit('%s: %r instead of %r' % (what, value, expected))


inspect = app.control.inspect(timeout=3)
check('ping', inspect.ping(), {NODE: {'ok': 'pong'}})
queues = {q['name'] for q in inspect.active_queues()[NODE]}
check('active_queues', queues, {'celery', 'questions', 'validation', 'analytics'})
check('registered', BATCH in inspect.registered()[NODE], True)

result = app.send_task(BATCH, args=(7, 3))
check('batch', result.get(timeout=20), {'status': 'completed', 'count': 3})
again = AsyncResult(result.id, app=app)
check('state', again.state, 'SUCCESS')

result = app.send_task('api.tasks.test_redis_task', kwargs={'message': 'gr\u00fc\u00dfe'})
check('test task', result.get(timeout=20)['message'], 'gr\u00fc\u00dfe')

result = app.send_task(BATCH, args=(13, 4))
try:
    result.get(timeout=20)
    sys.exit('the bad batch did not fail')
except (RuntimeError, TimeoutError, ValueError) as error:
    check('failure', type(error).__module__, 'builtins')
check('state', result.state, 'FAILURE')

result = app.send_task('api.tasks.nope')
try:
    result.get(timeout=20)
    sys.exit('an unknown task did not fail')
except Exception as error:
    check('unknown task', type(error).__name__, 'NotRegistered')

result = app.send_task(BATCH, args=(7, 100000))
while result.state not in ('STARTED', 'PROGRESS'):
    pass
check('active', [t['id'] for t in inspect.active()[NODE]], [result.id])
app.control.revoke(result.id, terminate=True)
try:
    result.get(timeout=20)
    sys.exit('a terminated task did not end')
except Exception as error:
    check('terminated', type(error).__name__, 'TaskRevokedError')
check('state', result.state, 'REVOKED')
