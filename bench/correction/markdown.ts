import { loadWarning } from '../../lib/bench/machine.js';
import type { Estimate } from '../../lib/correct/evaluation/measures.js';
import { accuracy, type Difference, difference } from './paired.js';
import type { CorrectionResults, EqualPart, Measured, ModelledPart, RecordedPart } from './results.js';

const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
const share = (estimate: Estimate) =>
	`${percent(estimate.value)} (${(100 * estimate.low).toFixed(0)}…${(100 * estimate.high).toFixed(0)})`;
const signed = (value: number) => `${value < 0 ? '−' : '+'}${Math.abs(100 * value).toFixed(1)}`;
const points = ({ value, low, high, won, lost }: Difference) =>
	`${signed(value)} (${signed(low)}…${signed(high)}); ${won}:${lost}`;
const drafted = (drafts: boolean) => (drafts ? 'yes' : 'no');

function table(head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
	const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
	return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

const how = ({ command, model, tasks }: Measured) =>
	`${tasks} held-out problems, \`${model}\`.\n\n\`\`\`sh\n${command}\n\`\`\``;

function equalTable(part: EqualPart, timed: boolean): string {
	const head = ['strategy', 'drafts', 'first answer', 'corrected', 'plain', 'agree', 'corrected − agree'];
	const costs = timed
		? ['seconds', 'seconds of agree', 'answers of agree']
		: ['tokens', 'tokens/pass', 'answers of agree'];
	const rows = part.rows.map(({ strategy, drafts, first, corrected, plain, agree }) => {
		const of = part.tasks;
		const cost = timed
			? [(corrected.seconds / of).toFixed(3), (agree.seconds / of).toFixed(3)]
			: [(corrected.tokens / of).toFixed(0), (corrected.tokens / corrected.passes).toFixed(2)];
		return [
			strategy,
			drafts,
			share(accuracy(first)),
			share(accuracy(corrected.right)),
			share(accuracy(plain.right)),
			share(accuracy(agree.right)),
			points(difference(corrected.right, agree.right)),
			...cost,
			(agree.answers / of).toFixed(1),
		];
	});
	return table([...head, ...costs], rows);
}

function modelledTable({ rows, votes, tasks }: ModelledPart): string {
	const head = ['strategy', '*a*', 'drafts', 'costs', 'of it the first answer', 'answers of agree'];
	return table(
		[...head, 'corrected', 'agree', 'corrected − agree', 'one of them right'],
		rows.map(({ strategy, passCost, drafts, cost, answers, capped, corrected, agree, some }) => [
			strategy,
			String(passCost),
			drafted(drafts),
			cost.whole.toFixed(1),
			cost.first.toFixed(1),
			`${answers.toFixed(1)}${capped > 0 ? ` (all ${votes} in ${capped} of ${tasks})` : ''}`,
			share(accuracy(corrected)),
			share(accuracy(agree)),
			points(difference(corrected, agree)),
			share(accuracy(some)),
		]),
	);
}

function recordedTable({ rows }: RecordedPart): string {
	return table(
		[
			'*a*',
			'drafts',
			'three rounds cost',
			'of it the first',
			'times the first',
			'answers that could vote',
			'three or more',
		],
		rows.map(({ passCost, drafts, cost, answers, voteOfThree }) => [
			String(passCost),
			drafted(drafts),
			cost.whole.toFixed(1),
			cost.first.toFixed(1),
			(cost.whole / cost.first).toFixed(2),
			`${answers.median} (${answers.low}…${answers.high})`,
			percent(voteOfThree),
		]),
	);
}

/** What is said of a machine that had other things to do, whose seconds say nothing; null else. */
export const busyWarning = ({ machine, threads }: EqualPart): string | null => loadWarning(machine, threads);

/** The tables, under headings of the third level. Times of a busy machine are left out. */
export function correctionMarkdown({ tokens, time, modelled, recorded }: CorrectionResults): string {
	const parts: string[] = [];
	if (tokens) parts.push('### At equal tokens', how(tokens), equalTable(tokens, false));
	if (time && busyWarning(time) === null) {
		const { threads, machine } = time;
		const { cpu, load } = machine;
		const loads = load ? `, load ${load.before.toFixed(2)} before and ${load.after.toFixed(2)} after` : '';
		parts.push(
			'### At equal time',
			`${cpu}, ${threads} thread${loads}; ${how(time)}`,
			equalTable(time, true),
		);
	}
	if (modelled)
		parts.push('### At equal cost, by what a row adds to a pass', how(modelled), modelledTable(modelled));
	if (recorded) {
		const { dataset, model, tasks, command, first, corrected } = recorded;
		const change = `First answers: ${share(accuracy(first))} right; final ones: ${share(accuracy(corrected))}; difference ${points(difference(corrected, first))}.`;
		parts.push(
			'### Recorded corrections of a large model',
			`${tasks} conversations of ${dataset} by ${model}.\n${change}\n\n\`\`\`sh\n${command}\n\`\`\``,
			recordedTable(recorded),
		);
	}
	return `${parts.join('\n\n')}\n`;
}

const begin = '<!-- what bench/correction.ts writes begins here -->';
const end = '<!-- what bench/correction.ts writes ends here -->';

/** Puts the tables between the two marks of a page. Throws where it has none. */
export function putInto(page: string, markdown: string): string {
	const [from, to] = [page.indexOf(begin), page.indexOf(end)];
	if (from < 0 || to < from) throw new Error(`Expected a page with the lines ${begin} and ${end}`);
	return `${page.slice(0, from + begin.length)}\n\n${markdown}\n${page.slice(to)}`;
}
