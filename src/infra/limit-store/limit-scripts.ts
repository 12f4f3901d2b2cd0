/**
 * The same counting as `sliding-window.ts` and `token-bucket.ts`, as Redis runs it: one script, one round trip and one
 * moment for all limits of a request, on the clock of Redis.
 *
 * A count is a text under one key, read and written whole: `began last=points last=points …` for a window and
 * `used at` for a bucket. It is kept exactly as long as it says something. What is no such text counts as nothing
 * and is written over.
 */
const COUNTING = `
local PIECES = 20

local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function read(key)
  local text = redis.pcall('GET', key)
  return type(text) == 'string' and text or ''
end

local function exact(number) return string.format('%.17g', number) end

local function read_window(text, now, window)
  local count = { began = tonumber(string.match(text, '^(%d+) ')) or 0, last = {}, points = {}, used = 0, at = now }
  for last, points in string.gmatch(text, ' (%d+)=([^ ]+)') do
    last, points = tonumber(last), tonumber(points)
    if last and points then
      count.last[#count.last + 1] = last
      count.points[#count.points + 1] = points
    end
  end
  local newest = count.last[#count.last] or now
  if newest > now + window then
    count.last, count.points = {}, {}
    return count
  end
  count.at = math.max(now, newest)
  local last, points = {}, {}
  for i = 1, #count.last do
    if count.last[i] + window > count.at then
      last[#last + 1], points[#points + 1] = count.last[i], count.points[i]
      count.used = count.used + count.points[i]
    end
  end
  count.last, count.points = last, points
  return count
end

local function window_wait(count, points, limit, window)
  local excess = count.used + points - limit
  if excess <= 0 then return 0 end
  for i = 1, #count.points do
    excess = excess - count.points[i]
    if excess <= 0 then return count.last[i] + window - count.at end
  end
  return window
end

local function window_add(count, points, window)
  local newest = #count.points
  if newest == 0 or count.at - count.began >= window / PIECES then
    count.began = count.at
    count.last[newest + 1] = count.at
    count.points[newest + 1] = points
  else
    count.last[newest] = count.at
    count.points[newest] = count.points[newest] + points
  end
  count.used = count.used + points
end

local function window_reset(count, window)
  local newest = count.last[#count.last]
  return newest and newest + window - count.at or 0
end

local function write_window(key, count, window)
  local parts = { string.format('%d', count.began) }
  for i = 1, #count.last do
    parts[i + 1] = string.format('%d=', count.last[i]) .. exact(count.points[i])
  end
  redis.call('SET', key, table.concat(parts, ' '), 'PX', math.max(1, window_reset(count, window)))
end

local function read_bucket(text, now, window, rate, most)
  local used, at = string.match(text, '^([^ ]+) (%d+)$')
  used, at = tonumber(used or '') or 0, tonumber(at or '') or now
  if at > now + window then at = now end
  local count = { at = math.max(now, at), used = 0 }
  count.used = math.max(0, used - (count.at - at) * rate)
  if most and count.used > most then count.used, count.forgiven = most, true end
  return count
end

local function bucket_wait(count, points, burst, rate)
  local excess = count.used + points - burst
  if excess <= 0 then return 0 end
  return math.max(1, math.ceil(excess / rate))
end

local function write_bucket(key, count, rate)
  local text = exact(count.used) .. ' ' .. string.format('%d', count.at)
  redis.call('SET', key, text, 'PX', math.max(1, math.ceil(count.used / rate)))
end
`

/** For each key: kind (`w`, `b`, or `f` for a bucket that forgives debt), limit, window, burst, points. Answers verdict, time, and four values for each key. */
export const TAKE_SCRIPT = `${COUNTING}
local now, counts, refused = now_ms(), {}, false
for i, key in ipairs(KEYS) do
  local a = (i - 1) * 5
  local limit, window, burst = tonumber(ARGV[a + 2]), tonumber(ARGV[a + 3]), tonumber(ARGV[a + 4])
  local points, rate, text = tonumber(ARGV[a + 5]), limit / window, read(key)
  local count
  if ARGV[a + 1] == 'w' then
    count = read_window(text, now, window)
    count.wait = window_wait(count, points, limit, window)
  else
    count = read_bucket(text, now, window, rate, ARGV[a + 1] == 'f' and burst)
    count.wait = bucket_wait(count, points, burst, rate)
  end
  refused = refused or count.wait > 0
  counts[i] = count
end

local answer = { refused and 0 or 1, now }
for i, key in ipairs(KEYS) do
  local a = (i - 1) * 5
  local limit, window, burst = tonumber(ARGV[a + 2]), tonumber(ARGV[a + 3]), tonumber(ARGV[a + 4])
  local points, rate, count = tonumber(ARGV[a + 5]), limit / window, counts[i]
  local charged = not refused and points > 0
  local most, reset
  if ARGV[a + 1] == 'w' then
    if charged then
      window_add(count, points, window)
      write_window(key, count, window)
    end
    most, reset = limit, window_reset(count, window)
  else
    if charged then count.used = count.used + points end
    if charged or count.forgiven then write_bucket(key, count, rate) end
    most, reset = burst, math.ceil(count.used / rate)
  end
  answer[#answer + 1] = math.max(0, math.floor(most - count.used))
  answer[#answer + 1] = reset
  answer[#answer + 1] = count.wait
  answer[#answer + 1] = exact(count.used)
end
return answer
`

/** One key: kind, limit, window, points to give back, when they were taken, what was counted then. */
export const GIVE_BACK_SCRIPT = `${COUNTING}
local key, limit, window = KEYS[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local points, taken_at, used_then = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local text, rate = read(key), limit / window
if text == '' then return 0 end
if ARGV[1] == 'w' then
  local count = read_window(text, now_ms(), window)
  if taken_at + window <= count.at then return 0 end
  for i = 1, #count.last do
    if count.last[i] >= taken_at then
      count.points[i] = count.points[i] - math.min(points, count.points[i])
      write_window(key, count, window)
      return 1
    end
  end
else
  local count = read_bucket(text, now_ms(), window, rate)
  local left = used_then - (count.at - taken_at) * rate
  count.used = math.max(0, count.used - math.max(0, math.min(points, left)))
  write_bucket(key, count, rate)
  return 1
end
return 0
`

/** Notes that an instance is there, drops those unheard of, and answers how many there are. */
export const HEARTBEAT_SCRIPT = `
local time = redis.call('TIME')
local now, silence = time[1] * 1000 + math.floor(time[2] / 1000), tonumber(ARGV[2])
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - silence)
redis.call('PEXPIRE', KEYS[1], silence)
return redis.call('ZCARD', KEYS[1])
`
