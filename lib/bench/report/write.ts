import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ownFile } from '../../own-file.js';
import type { BenchResults } from '../results.js';
import type { Chart, Option } from './chart.js';
import { chartsOf } from './charts.js';
import { type Drawing, escapeHtml, htmlReport } from './html.js';
import { markdownReport } from './markdown.js';
import { dark, light, type Theme, themes } from './theme.js';

/** The files of a report. */
export interface WrittenReport {
	/** The page for a browser, and the same for a repository. */
	readonly html: string;
	readonly markdown: string;
	/** Each chart, light and dark. */
	readonly pictures: readonly string[];
}

const picturesFolder = 'charts';

/**
 * Writes `report.html`, `report.md` and the charts as SVG files into a folder, which is made where it is not there.
 *
 * @param results - What was measured.
 * @param folder - Where to write; files of an earlier report are replaced.
 */
export async function writeReport(results: BenchResults, folder: string): Promise<WrittenReport> {
	const drawings = await drawAll(chartsOf(results));
	await mkdir(join(folder, picturesFolder), { recursive: true });
	const written = {
		html: join(folder, 'report.html'),
		markdown: join(folder, 'report.md'),
		pictures: [] as string[],
	};
	await writeFile(written.html, htmlReport(results, drawings));
	await writeFile(written.markdown, markdownReport(results, drawings, picturesFolder));
	for (const { chart, svg } of drawings)
		for (const { name } of themes) {
			const path = join(folder, picturesFolder, `${chart.name}-${name}.svg`);
			await writeFile(path, svg[name]);
			written.pictures.push(path);
		}
	return written;
}

type DrawSvg = (option: Option, size: { width: number; height: number }) => string;

async function drawAll(charts: readonly Chart[]): Promise<Drawing[]> {
	const file = ownFile(['draw-svg.js'], import.meta.url);
	const { drawSvg }: { drawSvg: DrawSvg } = await import(pathToFileURL(file).href);
	const draw = (chart: Chart, theme: Theme) => named(drawSvg(chart.option(theme), chart), chart, theme);
	return charts.map((chart) => ({ chart, svg: { light: draw(chart, light), dark: draw(chart, dark) } }));
}

/**
 * Gives a drawing its name for those who cannot see it, and its parts names of their own: echarts counts them, and two
 * drawings in one page would share theirs. Nothing of it answers to a pointer, so it needs no styles.
 */
function named(svg: string, { name, title }: Chart, theme: Theme): string {
	return svg
		.replace('<svg ', `<svg role="img" aria-label="${escapeHtml(title)}" `)
		.replace(/<style[\s\S]*?<\/style>\s*/, '')
		.replaceAll(/ class="zr\d+-cls-\d+"/g, '')
		.replaceAll(/( id="|url\(#)zr\d+-/g, `$1${name}-${theme.name}-`);
}
