/*
 * Each script works on one key, a hash: failures since a moment, lockouts until now, and the end of the last one.
 * Redis runs a script as a whole, by its own clock, so that all processes count as one.
 */

/** Counts a failure. ARGV: maxFailures, failureWindow, lockTime, maxLockTime. Returns the lockout's milliseconds. */
export const FAIL = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local maxFailures, failureWindow = tonumber(ARGV[1]), tonumber(ARGV[2])
local lockTime, maxLockTime = tonumber(ARGV[3]), tonumber(ARGV[4])
local kept = redis.call('HMGET', KEYS[1], 'failures', 'since', 'locks', 'until')
local failures, since = tonumber(kept[1]) or 0, tonumber(kept[2]) or now
local locks, lockedUntil = tonumber(kept[3]) or 0, tonumber(kept[4]) or 0
if lockedUntil > now then return lockedUntil - now end
if failures == 0 or now - since >= failureWindow then
  failures = 0
  since = now
end
failures = failures + 1
local locked = 0
if failures >= maxFailures then
  locked = math.min(lockTime * 2 ^ locks, maxLockTime)
  locks = locks + 1
  failures = 0
  lockedUntil = now + locked
end
local quiet = failureWindow
if locks > 0 then quiet = math.max(failureWindow, maxLockTime) end
redis.call('HSET', KEYS[1], 'failures', failures, 'since', since, 'locks', locks, 'until', lockedUntil)
redis.call('PEXPIRE', KEYS[1], locked + quiet)
return locked
`;

/** Returns the milliseconds for which an address is still locked out. */
export const LOCKED_FOR = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local lockedUntil = tonumber(redis.call('HGET', KEYS[1], 'until')) or 0
return math.max(0, lockedUntil - now)
`;

/** Takes failures back. ARGV: how many. */
export const FORGIVE = `
local failures = tonumber(redis.call('HGET', KEYS[1], 'failures')) or 0
if failures > 0 then
  redis.call('HSET', KEYS[1], 'failures', math.max(0, failures - tonumber(ARGV[1])))
end
return 0
`;
