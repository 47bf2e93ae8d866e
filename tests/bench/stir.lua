-- A tenth of a second of a busy platform: cached reads, misses and renewals, requests of users that renew their
-- sessions, a login and a logout a second, queue traffic and batches that move.
-- Run by: redis-cli -r -1 -i 0.1 --eval stir.lua; tells how many commands it was.
local calls = 0
local function call(...)
    calls = calls + 1
    return redis.call(...)
end

local now = call('TIME')
local tick = tonumber(now[1]) * 10 + math.floor(tonumber(now[2]) / 100000)
math.randomseed(tick)

-- A time as Python's isoformat() writes it (days to a date: Hinnant's way).
local function written(seconds)
    local z = math.floor(seconds / 86400) + 719468
    local era = math.floor(z / 146097)
    local doe = z - era * 146097
    local yoe = math.floor((doe - math.floor(doe / 1460) + math.floor(doe / 36524) - math.floor(doe / 146096)) / 365)
    local doy = doe - (365 * yoe + math.floor(yoe / 4) - math.floor(yoe / 100))
    local mp = math.floor((5 * doy + 2) / 153)
    local month = mp < 10 and mp + 3 or mp - 9
    return string.format('%04d-%02d-%02dT%02d:%02d:%02d.%06d', yoe + era * 400 + (month <= 2 and 1 or 0), month,
        doy - math.floor((153 * mp + 2) / 5) + 1, math.floor(seconds / 3600) % 24, math.floor(seconds / 60) % 60,
        seconds % 60, tonumber(now[2]))
end

local function token(i)
    return redis.sha1hex('session' .. i) .. string.format('%03d', i % 1000)
end

local function task_id(i)
    local h = redis.sha1hex('task' .. i)
    return string.format('%s-%s-4%s-a%s-%s', h:sub(1, 8), h:sub(9, 12), h:sub(13, 15), h:sub(16, 18), h:sub(19, 30))
end

for _ = 1, 20 do
    local key = (math.random(2) == 1 and 'exam:questions:' or 'exam:') .. math.random(400)
    if not call('GET', key) then
        call('SETEX', key, 600, string.rep('x', 200))
    end
end
call('DEL', 'exam:' .. math.random(400))
for _ = 1, 5 do
    call('EXPIRE', 'session:' .. token(math.random(200)), 86400)
end
if tick % 10 == 0 then
    local user, id = math.random(1000), token(tick)
    call('SETEX', 'session:' .. id, 86400, string.format(
        '{"user_id": %d, "created_at": "%s", "email": "user%d@example.com", "role": "student", "name": "User %d"}', user,
        written(tonumber(now[1])), user, user))
    call('SADD', 'user:' .. user .. ':sessions', id)
    call('DEL', 'session:' .. token(tick - 100))
end
local message = call('LINDEX', 'validation', 0) -- one that a worker can read: nobody takes from that queue
for _ = 1, 3 do
    call('LPUSH', 'celery', call('RPOP', 'celery') or message)
end
if tick % 3 == 0 then
    call('LPUSH', 'questions', message)
else
    call('RPOP', 'questions')
end
for i = 1, 6 do
    local current = math.floor(tick / 2) % 200 + 1
    local progress = string.format('{"current": %d, "total": 200, "percentage": %.1f, "status": "in_progress"}', current,
        current / 2)
    call('SETEX', 'batch:progress:' .. task_id(i), 600, progress)
    call('PUBLISH', 'celery-task-meta-' .. task_id(i), '{"status": "PROGRESS", "result": ' .. progress ..
        ', "traceback": null, "children": [], "date_done": null, "task_id": "' .. task_id(i) .. '"}')
end
return calls
