import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** A process and all its living descendants, the oldest first. @param {number} pid @returns {number[]} */
export function familyOf(pid) {
  const childrenOf = new Map();
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? statOf(Number(name)) : undefined;
    if (stat === undefined) continue;
    childrenOf.set(stat.parent, [...(childrenOf.get(stat.parent) ?? []), Number(name)]);
  }
  const family = [pid];
  for (const member of family) family.push(...(childrenOf.get(member) ?? []));
  return family;
}

/**
 * The processor's seconds, of user and system, that a server has taken so far: its own, its living children's, and
 * those of the children that have ended, which the kernel adds to their parent when it waits for them.
 *
 * @param {number} pid
 */
export function cpuSeconds(pid) {
  const ticks = familyOf(pid).map((member) => statOf(member)?.ticks ?? 0);
  return ticks.reduce((sum, one) => sum + one, 0) / TICKS_PER_SECOND;
}

/**
 * Waits until a server has no more processes than it has between sessions, so that all they took is counted.
 *
 * @param {number} pid
 * @param {number} members how many that are
 */
export async function untilAlone(pid, members) {
  for (let tries = 0; tries < 200 && familyOf(pid).length > members; tries += 1) await delay(10);
}

/**
 * Resident memory of one process in MiB, and its peak since {@link peakMib} last began.
 *
 * @param {number} pid
 */
export function residentMib(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return { now: fieldMib(status, 'VmRSS'), peak: fieldMib(status, 'VmHWM') };
}

/**
 * Resident memory of a server and its children when it no longer changes, in MiB: the proportional share (PSS) of each
 * process, so that what they have in common counts once.
 *
 * @param {number} pid
 */
export async function settledMib(pid) {
  let last = shareOf(familyOf(pid));
  for (let tries = 0; tries < 20; tries += 1) {
    await delay(500);
    const now = shareOf(familyOf(pid));
    if (Math.abs(now - last) < Math.max(0.25, last * 0.002)) return now;
    last = now;
  }
  return last;
}

/**
 * The most resident memory of a server while something is done, in MiB: the kernel's own peak where the server is one
 * process all the time, else the largest of samples of all its processes' shares.
 *
 * @param {number} pid
 * @param {() => Promise<void>} work
 */
export async function peakMib(pid, work) {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
  let sampled = 0;
  const timer = setInterval(() => {
    const family = familyOf(pid);
    if (family.length > 1) sampled = Math.max(sampled, shareOf(family));
  }, 25);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return sampled === 0 ? residentMib(pid).peak : sampled;
}

/** @param {readonly number[]} family */
function shareOf(family) {
  return family.reduce((sum, member) => sum + proportionalMib(member), 0);
}

/** @param {number} pid */
function proportionalMib(pid) {
  try {
    return fieldMib(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'), 'Pss');
  } catch {
    return 0; // It has ended.
  }
}

/** @param {string} text @param {string} field */
function fieldMib(text, field) {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) / 1024;
}

/** @param {number} pid */
function statOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may hold anything; what is counted comes after it (proc(5): ppid is the 4th field,
    // utime, stime, cutime and cstime are the 14th to 17th).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return { parent: Number(fields[1]), ticks };
  } catch {
    return undefined;
  }
}
