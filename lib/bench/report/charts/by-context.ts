import { floor } from '../../arm.js';
import type { BenchResults } from '../../results.js';
import { decodingSpeed, replySpeed, tokensPerPass } from '../../statistics.js';
import { familiesOf } from '../arms.js';
import { type Chart, chartWidth, originOf } from '../chart.js';
import { type Figure, familyLines, ofSamples, toFloor, workloadsOf } from '../lines.js';
import { type PanelsOptions, panelsHeight, panelsOption } from '../panels.js';
import { shortNumber, times } from '../scale.js';

interface Drawn {
	readonly name: string;
	readonly title: string;
	readonly caption: string;
	readonly unit: string;
	readonly figure: Figure;
	readonly show: (value: number) => string;
	readonly reference?: number;
	/** Plain decoding is the reference, so it has no line of its own. */
	readonly withoutFloor?: true;
}

const bestOf =
	'Of a program with several arms each point is the best of them there, chosen after the fact. ' +
	'Bars show the spread of the runs.';

const drawn: readonly Drawn[] = [
	{
		name: 'tokens-per-second',
		title: 'Decoding speed by context length',
		caption: `Tokens a second after the first one. ${bestOf}`,
		unit: 'tokens/s',
		figure: ofSamples(decodingSpeed),
		show: shortNumber,
	},
	{
		name: 'speed-up',
		title: 'Decoding, times plain decoding',
		caption: `Medians of the ratios of runs on the same task; at 1 it is as fast as plain decoding on the same library. ${bestOf}`,
		unit: 'speed-up',
		figure: toFloor(decodingSpeed),
		show: times,
		reference: 1,
		withoutFloor: true,
	},
	{
		name: 'speed-up-whole',
		title: 'Whole replies, times plain decoding',
		caption: `From the request to the last token, the prompt included: medians of the ratios of runs on the same task. ${bestOf}`,
		unit: 'speed-up',
		figure: toFloor(replySpeed),
		show: times,
		reference: 1,
		withoutFloor: true,
	},
	{
		name: 'tokens-per-pass',
		title: 'Tokens per pass',
		caption: `The tokens that each pass of the model gave after the first one; 1 is plain decoding. Programs that do not count their passes are left out. ${bestOf}`,
		unit: 'tokens per pass',
		figure: ofSamples(tokensPerPass),
		show: (value) => value.toFixed(1),
		reference: 1,
		withoutFloor: true,
	},
];

/** Speed and what makes it, by context length, a panel for each workload. */
export function chartsByContext(results: BenchResults): Chart[] {
	return drawn.flatMap(({ name, title, caption, unit, figure, show, reference, withoutFloor }) => {
		const families = familiesOf(results).filter((family) => !(withoutFloor && family.name === floor));
		const panels = workloadsOf(results)
			.map((workload) => ({
				title: workload,
				lines: familyLines(results, workload, figure, { better: 'higher', families }),
			}))
			.filter(({ lines }) => lines.length > 0);
		if (panels.length === 0) return [];
		const options: PanelsOptions = {
			...{ title, unit, panels, show, better: 'higher', origin: originOf(results) },
			...(reference !== undefined && { reference }),
		};
		return [
			{
				...{ name, title, caption, width: chartWidth, height: panelsHeight(options) },
				option: (theme) => panelsOption(options, theme),
			},
		];
	});
}
