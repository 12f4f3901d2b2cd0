/** What Linux says about a process and everything it started. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

const TICK_MICROSECONDS = 1_000_000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/** User and system time of a process tree so far, in microseconds; in steps of 10,000 on most machines. */
export function cpuMicroseconds(pid) {
  let ticks = 0
  for (const member of tree(pid)) ticks += member.ticks
  return ticks * TICK_MICROSECONDS
}

/** Resident memory of a process tree, in megabytes. */
export function residentMegabytes(pid) {
  let kilobytes = 0
  for (const member of tree(pid)) {
    const status = readFileSync(`/proc/${member.pid}/status`, 'utf8')
    kilobytes += Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0)
  }
  return kilobytes / 1024
}

function tree(root) {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(readStat)
    .filter(Boolean)
  const wanted = new Set([root])
  // Children may stand before their parents in the list.
  for (let size = 0; size !== wanted.size;) {
    size = wanted.size
    for (const { pid, parent } of all) if (wanted.has(parent)) wanted.add(pid)
  }
  const members = all.filter(({ pid }) => wanted.has(pid))
  if (!members.some(({ pid }) => pid === root)) throw new Error(`Process ${root} has ended.`)
  return members
}

function readStat(name) {
  let text
  try {
    text = readFileSync(`/proc/${name}/stat`, 'latin1')
  } catch {
    return undefined // ended meanwhile
  }
  // The name of the program may hold spaces; what follows its bracket does not (proc(5)).
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return { pid: Number(name), parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) }
}
