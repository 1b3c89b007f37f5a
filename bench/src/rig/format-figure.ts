/** A figure as people read it: `10,129 msg/s`, `0.54 ×`, `32 ms`; a dash where there is none. */
export function formatFigure(value: number | null | undefined, unit: string): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  return `${formatNumber(value)} ${unit}`;
}

/** Three digits that count, and never fewer than the whole number has. */
export function formatNumber(value: number): string {
  const whole = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en', { maximumFractionDigits: whole });
}
