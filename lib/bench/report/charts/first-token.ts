import type { BenchResults } from '../../results.js';
import { type Chart, chartWidth, originOf } from '../chart.js';
import { familyLines, ofSamples, withoutWorkloads } from '../lines.js';
import { type PanelsOptions, panelsHeight, panelsOption } from '../panels.js';
import { shortNumber } from '../scale.js';

/** From so many milliseconds on seconds are easier to read. */
const inSeconds = 2000;

/** The time that the prompt takes, for which no workload differs from another. */
export function firstTokenChart(results: BenchResults): Chart[] {
	const pooled = withoutWorkloads(results);
	const longest = Math.max(
		0,
		...pooled.cells.flatMap(({ samples }) => samples.map(({ firstTokenMs }) => firstTokenMs)),
	);
	const [unit, size] = longest >= inSeconds ? ['seconds', 1000] : ['milliseconds', 1];
	const lines = familyLines(
		pooled,
		'all',
		ofSamples(({ firstTokenMs }) => firstTokenMs / size),
		{ better: 'lower' },
	);
	if (lines.length === 0) return [];
	const title = 'Time to the first token by context length';
	const options: PanelsOptions = {
		...{ title, origin: originOf(results), unit, show: shortNumber, better: 'lower' },
		panels: [{ title: 'all workloads', lines }],
	};
	return [
		{
			...{ name: 'first-token', title, width: chartWidth, height: panelsHeight(options) },
			caption:
				'From the request to the first token, the prompt computed from an empty cache; less is better. Of a program ' +
				'with several arms each point is the best of them there. Bars show the spread of the runs of all workloads.',
			option: (theme) => panelsOption(options, theme),
		},
	];
}
