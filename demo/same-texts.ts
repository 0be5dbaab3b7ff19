import type { TaskRun } from '../lib/correct/index.js';
import type { Reply } from './edits.js';
import type { EveryWay } from './every-way.js';

const textsOf = ({ result }: TaskRun) =>
	result.events.flatMap((event) => ('text' in event ? [event.text] : [])).join('\n');

/** How many conversations, and how many replies, came out the same every way. */
export function countSame(
	runs: Pick<EveryWay<TaskRun[]>, 'auto' | 'off'>,
	replies: Pick<EveryWay<Reply[][]>, 'auto' | 'off'>,
): [same: number, all: number] {
	const texts = (way: keyof typeof runs) => [
		...runs[way].map(textsOf),
		...replies[way].flat().map(({ text }) => text),
	];
	const plain = texts('off');
	const drafted = texts('auto');
	return [drafted.filter((text, index) => text === plain[index]).length, drafted.length];
}
