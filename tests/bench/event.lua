-- One event of one kind on the platform. ARGV: kind.
-- Run by: redis-cli -r -1 -i 0.1 --eval event.lua , KIND
local now = redis.call('TIME')
local tick = tonumber(now[1]) * 10 + math.floor(tonumber(now[2]) / 100000)

local function token(i)
    return redis.sha1hex('session' .. i) .. string.format('%03d', i % 1000)
end

local function task_id(i)
    local h = redis.sha1hex('task' .. i)
    return string.format('%s-%s-4%s-a%s-%s', h:sub(1, 8), h:sub(9, 12), h:sub(13, 15), h:sub(16, 18), h:sub(19, 30))
end

local function login(i)
    local user = i % 1000 + 1
    redis.call('SETEX', 'session:' .. token(i), 86400, string.format(
        '{"user_id": %d, "created_at": "2026-01-02T03:04:05.000000", "email": "user%d@example.com", "role": "student", ' ..
        '"name": "User %d"}', user, user, user))
    redis.call('SADD', 'user:' .. user .. ':sessions', token(i))
end

local kinds = {}
function kinds.miss() redis.call('GET', 'exam:questions:missing' .. tick % 100) end
function kinds.write() redis.call('SETEX', 'exam:questions:' .. tick % 400, 600, string.rep('x', 200)) end
function kinds.drop()
    -- Written before without an event of its own kind: most are there from the beginning.
    if redis.call('DEL', 'exam:' .. tick % 800) == 0 then
        redis.call('SETEX', 'exam:' .. tick % 800, 600, 'x')
    end
end
function kinds.login() login(tick) end
function kinds.logout()
    local id = redis.call('SRANDMEMBER', 'user:' .. tick % 100 + 1 .. ':sessions')
    if id and redis.call('DEL', 'session:' .. id) == 1 then
        redis.call('SREM', 'user:' .. tick % 100 + 1 .. ':sessions', id)
    else
        login(tick % 200)
    end
end
function kinds.message()
    if tick % 2 == 0 then
        redis.call('LPUSH', 'questions', redis.call('LINDEX', 'validation', 0))
    else
        redis.call('RPOP', 'questions')
    end
end
function kinds.alert() -- an element that no worker can read: it is said at once
    if tick % 2 == 0 then
        redis.call('LPUSH', 'questions', '{}')
    else
        redis.call('LREM', 'questions', 1, '{}')
    end
end
function kinds.batch()
    local current = tick % 200 + 1
    local progress = string.format('{"current": %d, "total": 200, "percentage": %.1f, "status": "in_progress"}', current,
        current / 2)
    redis.call('SETEX', 'batch:progress:' .. task_id(1), 600, progress)
    redis.call('PUBLISH', 'celery-task-meta-' .. task_id(1), '{"status": "PROGRESS", "result": ' .. progress ..
        ', "traceback": null, "children": [], "date_done": null, "task_id": "' .. task_id(1) .. '"}')
end
kinds[ARGV[1]]()
return tick
