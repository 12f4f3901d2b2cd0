/** Cells as lines of columns, as wide as what stands in them; numbers stand at the right. */
export function tableOf(
  rows: readonly (readonly string[])[],
  isNumber: (column: number) => boolean = () => false,
): string {
  const widths: number[] = []
  for (const row of rows) {
    row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, cell.length)))
  }
  const pad = (cell: string, column: number): string =>
    isNumber(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)
  const lines = rows.map((row) => row.map(pad).join('  '))
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`
}
