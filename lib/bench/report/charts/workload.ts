import type { BenchResults } from '../../results.js';
import { decodingSpeed } from '../../statistics.js';
import { type Chart, chartWidth, fontFamily, heading, originOf } from '../chart.js';
import { armLines, type Line, ofSamples, workloadsOf } from '../lines.js';
import { contextAxis, linesSeries, valueAxis } from '../panels.js';
import { scaleTo, shortNumber } from '../scale.js';

const place = { left: 56, top: 64, width: 330, height: 260 };
const height = 376;

/** All arms of one workload, each with a line of its own. */
export const workloadCharts = (results: BenchResults): Chart[] =>
	workloadsOf(results).flatMap((workload) => {
		const lines = armLines(results, workload, ofSamples(decodingSpeed));
		return lines.length > 0 ? [workloadChart(results, workload, lines)] : [];
	});

function workloadChart(results: BenchResults, workload: string, lines: readonly Line[]): Chart {
	const contexts = [...new Set(lines.flatMap(({ points }) => points.map(({ context }) => context)))].sort(
		(a, b) => a - b,
	);
	const scale = scaleTo(Math.max(...lines.flatMap(({ points }) => points.map(({ high }) => high))));
	const title = `${workload}: decoding speed of all arms`;
	const byEnd = [...lines].sort((a, b) => endOf(b) - endOf(a));
	const shown = new Map(byEnd.map((line) => [line.name, `${line.name}  ${shortNumber(endOf(line))}`]));
	return {
		name: `workload-${fileName(workload)}`,
		title,
		caption:
			'Tokens a second after the first one, by context length. Bars show the spread of the runs. The list has the ' +
			'arms in the order of their last points, with the figures of these.',
		...{ width: chartWidth, height },
		option: (theme) => ({
			backgroundColor: theme.background,
			textStyle: { fontFamily, color: theme.text },
			title: heading(title, originOf(results), theme),
			legend: {
				...{
					data: byEnd.map(({ name }) => name),
					orient: 'vertical',
					left: place.left + place.width + 14,
					top: 58,
				},
				...{ itemWidth: 30, itemHeight: 8, itemGap: 6, selectedMode: false, height: height - 62 },
				formatter: (name: string) => shown.get(name) ?? name,
				textStyle: { color: theme.text, fontSize: 11, fontFamily },
			},
			grid: { ...place, outerBoundsMode: 'none' },
			xAxis: { ...contextAxis(contexts, theme), name: 'context length, tokens' },
			yAxis: valueAxis(scale, theme, 'tokens/s'),
			series: linesSeries(lines, { index: 0, place, scale, contexts, theme }),
		}),
	};
}

const endOf = ({ points }: Line): number => points.at(-1)?.median ?? 0;

/** A name that is safe in every file system. */
const fileName = (workload: string): string => workload.replaceAll(/[^\w-]+/g, '-').slice(0, 60);
