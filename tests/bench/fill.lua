-- Fills a database with the platform's key families. ARGV: what, first number, last number, bytes of a value.
--   redis-cli --eval fill.lua , sessions 1 1000 0
local what, first, last, bytes = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local roles = { 'student', 'student', 'student', 'teacher', 'admin' }

-- As long as secrets.token_urlsafe(32) makes them.
local function token(i)
    return redis.sha1hex('session' .. i) .. string.format('%03d', i % 1000)
end

local function task_id(i)
    local h = redis.sha1hex('task' .. i)
    return string.format('%s-%s-4%s-a%s-%s', h:sub(1, 8), h:sub(9, 12), h:sub(13, 15), h:sub(16, 18), h:sub(19, 30))
end

local fills = {}

-- Two sessions a user, each in the user's index.
function fills.sessions(i)
    local user, id = math.floor(i / 2) + 1, token(i)
    local second = i * 7919 % 86400
    redis.call('SETEX', 'session:' .. id, 86400 - i % 40000, string.format(
        '{"user_id": %d, "created_at": "2026-01-%02dT%02d:%02d:%02d.%06d", "email": "user%d@example.com", ' ..
        '"role": "%s", "name": "User %d"}', user, i % 28 + 1, math.floor(second / 3600), math.floor(second / 60) % 60,
        second % 60, i % 1000000, user, roles[user % #roles + 1], user))
    redis.call('SADD', 'user:' .. user .. ':sessions', id)
    redis.call('EXPIRE', 'user:' .. user .. ':sessions', 86400)
end

local value = string.rep('x', bytes)
function fills.cache(i)
    local share, key = i % 100, nil
    if share < 55 then
        key = 'exam:questions:' .. i
    elseif share < 85 then
        key = 'exam:' .. i
    elseif share < 95 then
        key = 'cache:api.routes.stats:' .. redis.sha1hex(i):sub(1, 32)
    else
        key = 'task:test:' .. task_id(i)
    end
    if share == 84 then
        redis.call('SET', key, value)
    else
        redis.call('SETEX', key, 3600 + i % 600, value)
    end
end

function fills.batches(i)
    redis.call('SETEX', 'batch:progress:' .. task_id(i), 600, string.format(
        '{"current": %d, "total": 200, "percentage": %.1f, "status": "in_progress"}', i % 200, i % 200 / 2))
end

local function push(queue, i)
    redis.call('SADD', '_kombu.binding.' .. queue, queue .. '\6\22\6\22' .. queue)
    redis.call('LPUSH', queue, string.format(
        '{"body": "W1s3LCAzXSwge30sIHsiY2FsbGJhY2tzIjogbnVsbCwgImVycmJhY2tzIjogbnVsbCwgImNoYWluIjogbnVsbCwgImNob3' ..
        'JkIjogbnVsbH1d", "content-encoding": "utf-8", "content-type": "application/json", "headers": {"lang": ' ..
        '"py", "task": "api.tasks.batch_generate_questions", "id": "%s", "retries": 0}, "properties": ' ..
        '{"correlation_id": "%s", "delivery_mode": 2, "delivery_info": {"exchange": "", "routing_key": "%s"}, ' ..
        '"priority": 0, "body_encoding": "base64", "delivery_tag": "%s"}}', task_id(i), task_id(i), queue, task_id(-i)))
end

function fills.queues(i)
    push(({ 'celery', 'questions', 'validation', 'analytics' })[i % 4 + 1], i)
end

function fills.longqueue(i)
    push('questions', i)
end

-- Many queues, each with one element: number i of its own.
function fills.manyqueues(i)
    redis.call('SADD', '_kombu.binding.bench' .. i, 'bench' .. i .. '\6\22\6\22bench' .. i)
    redis.call('LPUSH', 'bench' .. i, '{}')
end

for i = first, last do
    fills[what](i)
end
return last - first + 1
