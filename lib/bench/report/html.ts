import type { BenchResults } from '../results.js';
import type { Chart } from './chart.js';
import { factsTable, method, summaryOf, titleOf, warningsOf } from './facts.js';
import { workloadsOf } from './lines.js';
import {
	agreementTable,
	armsTable,
	skippedTable,
	standingTables,
	startTable,
	type Table,
	workloadTable,
} from './tables.js';
import { dark, light, type Theme } from './theme.js';

/** A chart as drawn for both themes. */
export interface Drawing {
	readonly chart: Chart;
	/** The text of an SVG file, by the theme's name. */
	readonly svg: Readonly<Record<Theme['name'], string>>;
}

/** The whole report as one page that runs no script and needs no network. */
export function htmlReport(results: BenchResults, drawings: readonly Drawing[]): string {
	const [detailed, overview] = [true, false].map((wanted) =>
		drawings.filter(({ chart }) => chart.name.startsWith('workload-') === wanted),
	);
	const title = escapeHtml(titleOf(results));
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${css}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${warningsOf(results)
	.map((warning) => `<p class="warning">${escapeHtml(warning)}</p>`)
	.join('\n')}
${summaryOf(results).map(paragraph).join('\n')}
${standingTables(results).map(tableSection).join('\n')}
<h2>Charts</h2>
${(overview ?? []).map(figure).join('\n')}
<h2>All arms, by workload</h2>
${(detailed ?? []).map(figure).join('\n')}
${workloadsOf(results)
	.map((workload) => folded(workloadTable(results, workload)))
	.join('\n')}
${[
	startTable(results),
	agreementTable(results),
	skippedTable(results),
	factsTable(results),
	armsTable(results),
]
	.map(tableSection)
	.join('\n')}
<h2>How it was measured</h2>
${method.map(paragraph).join('\n')}
</main>
</body>
</html>
`;
}

export const escapeHtml = (text: string): string =>
	text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const paragraph = (text: string) => `<p>${escapeHtml(text)}</p>`;

const figure = ({ chart, svg }: Drawing) => `<figure>
<div class="light">${svg.light}</div>
<div class="dark">${svg.dark}</div>
<figcaption>${escapeHtml(chart.caption)}</figcaption>
</figure>`;

/** Empty tables are left out. */
const tableSection = (table: Table) =>
	table.rows.length === 0
		? ''
		: `<section>
<h2>${escapeHtml(table.title)}</h2>
${table.note === '' ? '' : paragraph(table.note)}
${tableHtml(table)}
</section>`;

const folded = (table: Table) => `<details>
<summary>${escapeHtml(table.title)}</summary>
${paragraph(table.note)}
${tableHtml(table)}
</details>`;

function tableHtml({ head, numbersFrom, rows, strong }: Table): string {
	const cell = (tag: string, text: string, column: number) =>
		`<${tag}${column >= numbersFrom ? ' class="number"' : ''}>${escapeHtml(text)}</${tag}>`;
	const headRow = head.some((name) => name !== '')
		? `<thead><tr>${head.map((name, column) => cell('th', name, column)).join('')}</tr></thead>\n`
		: '';
	const body = rows.map((row, index) => {
		const cells = row.map((text, column) => cell(column === 0 ? 'th' : 'td', text, column)).join('');
		return `<tr${strong?.has(index) ? ' class="strong"' : ''}>${cells}</tr>`;
	});
	return `<div class="wide"><table>\n${headRow}<tbody>\n${body.join('\n')}\n</tbody></table></div>`;
}

const colors = (theme: Theme) =>
	`--background: ${theme.background}; --text: ${theme.text}; --muted: ${theme.muted}; --grid: ${theme.grid};`;

const css = `
:root { ${colors(light)} --warning: #fff4d6; }
.dark { display: none; }
@media screen and (prefers-color-scheme: dark) {
	:root { ${colors(dark)} --warning: #3a2d06; }
	.light { display: none; }
	.dark { display: block; }
}
body {
	margin: 0; background: var(--background); color: var(--text);
	font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "Liberation Sans", Arial, sans-serif;
}
main { max-width: 860px; margin: 0 auto; padding: 24px 16px 64px; }
h1 { font-size: 24px; line-height: 1.25; }
h2 { font-size: 18px; margin: 40px 0 8px; }
.warning { background: var(--warning); padding: 10px 14px; border-left: 4px solid #d29922; }
figure { margin: 24px 0 36px; overflow-x: auto; }
figure svg { display: block; max-width: 100%; min-width: 560px; height: auto; }
figcaption, section > p { color: var(--muted); font-size: 13.5px; }
figcaption { max-width: 700px; margin-top: 6px; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 10px; border-bottom: 1px solid var(--grid); text-align: left; vertical-align: top; }
tbody th { font-weight: normal; white-space: nowrap; }
.number { text-align: right; white-space: nowrap; }
.strong > * { font-weight: bold; }
summary { cursor: pointer; padding: 6px 0; }
@media print { .wide, figure { overflow: visible; } figure { break-inside: avoid; } }
`;
