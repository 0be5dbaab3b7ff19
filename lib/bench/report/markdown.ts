import type { BenchResults } from '../results.js';
import { factsTable, method, summaryOf, titleOf, warningsOf } from './facts.js';
import type { Drawing } from './html.js';
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

/** The whole report as Markdown, whose pictures lie in `folder` beside it. */
export function markdownReport(results: BenchResults, drawings: readonly Drawing[], folder: string): string {
	const blocks = [
		`# ${escapeMarkdown(titleOf(results))}`,
		...warningsOf(results).map((warning) => `> **${escapeMarkdown(warning)}**`),
		...summaryOf(results).map(escapeMarkdown),
		...standingTables(results).map(section),
		'## Charts',
		...drawings
			.filter(({ chart }) => !chart.name.startsWith('workload-'))
			.flatMap((drawing) => picture(drawing, folder)),
		'## All arms, by workload',
		...drawings
			.filter(({ chart }) => chart.name.startsWith('workload-'))
			.flatMap((drawing) => picture(drawing, folder)),
		...workloadsOf(results)
			.map((workload) => workloadTable(results, workload))
			.flatMap((table) => [
				`<details><summary>${escapeMarkdown(table.title)}</summary>`,
				escapeMarkdown(table.note),
				tableMarkdown(table),
				'</details>',
			]),
		...[startTable(results), agreementTable(results), skippedTable(results), factsTable(results)].map(
			section,
		),
		section(armsTable(results)),
		'## How it was measured',
		...method,
	];
	return `${blocks
		.filter((block) => block !== '')
		.map(wrapped)
		.join('\n\n')}\n`;
}

/** A picture that goes by the reader's theme, as pages of repositories show it. */
function picture({ chart }: Drawing, folder: string): string[] {
	const file = (theme: string) => `${folder}/${chart.name}-${theme}.svg`;
	const alt = escapeMarkdown(chart.title);
	return [
		`<picture>\n  <source media="(prefers-color-scheme: dark)" srcset="${file('dark')}">\n  <img alt="${alt}" src="${file('light')}" width="${chart.width}">\n</picture>`,
		escapeMarkdown(chart.caption),
	];
}

const section = (table: Table): string =>
	table.rows.length === 0
		? ''
		: [`## ${escapeMarkdown(table.title)}`, wrapped(escapeMarkdown(table.note)), tableMarkdown(table)]
				.filter((block) => block !== '')
				.join('\n\n');

export function tableMarkdown({ head, numbersFrom, rows, strong }: Table): string {
	const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
	const shown = rows.map((row, index) =>
		line(row.map((text) => (strong?.has(index) ? `**${escapeMarkdown(text)}**` : escapeMarkdown(text)))),
	);
	const rule = head.map((_, column) => (column >= numbersFrom ? '--:' : '---'));
	return [line(head.map(escapeMarkdown)), `|${rule.join('|')}|`, ...shown].join('\n');
}

/** What would be read as Markdown or HTML, or would end a cell of a table. */
export const escapeMarkdown = (text: string): string =>
	text
		.replaceAll('&', '&amp;')
		.replaceAll('<', '&lt;')
		.replaceAll('>', '&gt;')
		.replaceAll(/[\\`*_[\]|]/g, '\\$&')
		.replaceAll(/\s*\n\s*/g, ' ');

const most = 115;

/** Sentences in lines of at most 115 characters; tables and tags stay as they are. */
function wrapped(block: string): string {
	if (/^[|<#]|\n/.test(block)) return block;
	const quote = block.startsWith('> ') ? '> ' : '';
	const lines = [''];
	for (const word of block.slice(quote.length).split(' ')) {
		const last = lines.at(-1) ?? '';
		if (last !== '' && quote.length + last.length + 1 + word.length > most) lines.push(word);
		else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
	}
	return lines.map((line) => `${quote}${line}`).join('\n');
}
