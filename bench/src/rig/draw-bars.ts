import type { BarGroup } from '../plan/chart.ts';
import { formatNumber } from './format-figure.ts';
import type { Spread } from './median.ts';

const width = 760;
const labels = 230;
const right = 120;
const bar = 20;
const step = 27;
const title = 34;

/** Groups of bars with their spread, as SVG; what was not measured has no bar. */
export function drawBars(groups: readonly BarGroup[], rates: Readonly<Record<string, Partial<Spread>>>): string {
  const shown = groups
    .map((group) => ({ ...group, bars: group.bars.filter(({ cell }) => rates[cell]?.median !== undefined) }))
    .filter(({ bars }) => bars.length > 0);
  const most = Math.max(1, ...shown.flatMap(({ bars }) => bars.map(({ cell }) => rates[cell]?.max ?? 0)));
  const x = (rate: number): string => (labels + (rate / most) * (width - labels - right)).toFixed(1);
  let y = 12;
  const drawn = shown.map(({ title: name, bars }) => {
    y += title;
    const head = `<text class="title" x="12" y="${y - 10}">${escaped(name)}</text>`;
    const rows = bars.map(({ cell, label, kind }) => {
      const { median = 0, min = median, max = median } = rates[cell] ?? {};
      const middle = y + bar / 2;
      const row = [
        `<text class="label" x="${labels - 10}" y="${middle + 4}" text-anchor="end">${escaped(label)}</text>`,
        `<rect class="${kind}" x="${labels}" y="${y}" width="${(Number(x(median)) - labels).toFixed(1)}" height="${bar}" rx="2"/>`,
        `<path class="spread" d="M${x(min)} ${middle}H${x(max)}"/>`,
        `<text class="value" x="${(Number(x(max)) + 8).toFixed(1)}" y="${middle + 4}">${formatNumber(median)}</text>`,
      ];
      y += step;
      return row.join('\n');
    });
    return [head, ...rows].join('\n');
  });
  const height = y + 30;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="Messages a second, beside ceilings and peers">
<style>
text { font: 13px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600; font-size: 14px }
.ground { fill: #ffffff } .engine { fill: #2f7d4f } .ceiling { fill: #a8b3bd } .peer { fill: #c58a3c }
.spread { stroke: #24292f; stroke-width: 2; fill: none }
.note { fill: #57606a; font-size: 12px }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
.ground { fill: #0d1117 } .engine { fill: #4fae78 } .ceiling { fill: #59636e } .peer { fill: #b27b33 }
.spread { stroke: #e6edf3 }
.note { fill: #9da7b1 }
}
</style>
<rect class="ground" width="${width}" height="${height}"/>
${drawn.join('\n')}
<text class="note" x="12" y="${height - 12}">Messages a second: medians, the line from the slowest round to the fastest.</text>
</svg>
`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
