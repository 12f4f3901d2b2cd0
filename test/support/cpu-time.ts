/** How many milliseconds of processor `act` takes: what others do meanwhile, and whether it had to wait, do not count. */
export function cpuMsOf(act: () => void): number {
  const before = process.cpuUsage()
  act()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}
