import { ours } from '../arm.js';
import { loadWarning } from '../machine.js';
import type { BenchResults } from '../results.js';
import { decodingSpeed, medianOf, replySpeed } from '../statistics.js';
import { contextLabel } from './scale.js';
import { peerTitle, type Score, type Standing, scoreOf, standings } from './standing.js';
import type { Table } from './tables.js';

/** What a reader must know before any figure, in sentences. */
export function warningsOf(results: BenchResults): string[] {
	const { machine, threads, choices } = results;
	const load = loadWarning(machine, threads);
	return [
		...(load === null ? [] : [`${load}.`]),
		...(choices === 'recorded'
			? [
					'Answers are recorded: a given answer is taken as what the model chooses. Passes, drafts and sampling are ' +
						'real and timed; the texts say nothing of the model.',
				]
			: []),
	];
}

export const titleOf = ({ model }: BenchResults): string =>
	`Tokens per second by context length: ${model.name}, ${model.quantisation}`;

/** What was measured and where. */
export function factsTable(results: BenchResults): Table {
	const { machine, model, choices, threads, tokens, runs } = results;
	const { load, others } = machine;
	return {
		title: 'Measured',
		note: '',
		head: ['', ''],
		numbersFrom: 2,
		rows: [
			['model', `${model.name} (${model.file}, ${model.architecture})`],
			[
				'size',
				`${(model.parameters / 1e6).toFixed(1)} M parameters, ${(model.bytes / 2 ** 20).toFixed(1)} MiB`,
			],
			['quantisation', model.quantisation],
			[
				'processor',
				`${machine.cpu}, ${machine.processors} of them, ${(machine.memoryBytes / 2 ** 30).toFixed(1)} GiB`,
			],
			['system', `${machine.system}, Node.js ${machine.node}`],
			[
				'load',
				load ? `${load.before.toFixed(2)} before, ${load.after.toFixed(2)} after` : 'the system has none',
			],
			['other programs', typeof others === 'number' ? `${others.toFixed(2)} processors` : 'not known'],
			['threads', String(threads)],
			['choices', choices === 'own' ? "the model's own, greedy" : 'recorded answers'],
			['runs', `${runs} of each arm in each cell, a task of its own each, at most ${tokens} tokens`],
			['when', `${minute(results.began)} to ${minute(results.ended)}`],
			['command', results.command],
		],
	};
}

const minute = (iso: string): string => iso.slice(0, 16).replace('T', ' ');

/** What the figures come to, in sentences that are true of any results. */
export function summaryOf(results: BenchResults): string[] {
	const peer = peerTitle(results) ?? '';
	return [
		...verdicts('In decoding', standings(results, decodingSpeed), { peer, runs: results.runs }),
		...verdicts('In whole replies', standings(results, replySpeed), { peer, runs: results.runs }),
	];
}

function verdicts(
	opening: string,
	all: readonly Standing[],
	{ peer, runs }: { peer: string; runs: number },
): string[] {
	return (
		[
			['plain decoding', all.map((one) => ({ one, ratio: one.toFloor }))],
			[peer, all.map((one) => ({ one, ratio: one.toPeer }))],
		] as const
	).flatMap(([other, places]) => {
		const told = places.flatMap(({ one, ratio }) => (ratio ? [{ one, ratio }] : []));
		if (told.length === 0) return [];
		const sorted = [...told].sort((a, b) => a.ratio.median - b.ratio.median);
		const shown = (place: (typeof told)[number] | undefined) =>
			place
				? `${place.ratio.median.toFixed(2)} (${place.one.workload}, ${contextLabel(place.one.context)})`
				: 'nowhere';
		const typical = medianOf(told.map(({ ratio }) => ratio.median)).toFixed(2);
		const score = runs < enoughToCount ? '' : counted(scoreOf(told.map(({ ratio }) => ratio)));
		return [
			`${opening}, ${ours} beside ${other}: ${score}half of the ratios are above ${typical}; the lowest is ${shown(sorted[0])}, the highest ${shown(sorted.at(-1))}.`,
		];
	});
}

/** The spread of fewer runs says nothing of who is faster. */
const enoughToCount = 3;

const counted = ({ faster, level, slower }: Score): string =>
	`faster in ${faster} of ${faster + level + slower} cells, slower in ${slower}, and in ${level} some runs are faster and some slower; `;

/** How figures came about. */
export const method: readonly string[] = [
	'All arms decode the same tasks in turn, each first as often as the others, greedily, from the same token ids, and ' +
		'with the same threads. Every run has a task of its own and begins with an empty cache.',
	'A figure is the median of the runs. Its spread goes from the lowest to the highest run where there are fewer than ' +
		'seven, else from the lower to the upper quartile. A comparison is the median of the ratios of runs on the same task.',
	'Decoding speed counts the tokens after the first one, which comes with the prompt. A whole reply goes from the ' +
		'request to the last token.',
];
