import type { Random } from '../random.js';
import type { TaskText, Workload } from '../task.js';
import { longestThatFits, type Made } from './fit.js';
import { type JsonRecord, type RecordKind, recordKinds } from './json-records.js';
import { choicesOf, inTurn } from './order.js';

/** A JSON file of records is said again with other values and fields. */
export const jsonEdit: Workload = {
	name: 'json-edit',
	description:
		'a JSON file is changed: all of it is said again, with other values and fields in most records',
	async text(request) {
		const random = choicesOf('json-edit', request);
		const [kindInTurn, others] = inTurn(recordKinds, request, random);
		let made: Made = { skipped: 'no file is short enough' };
		for (const kind of [kindInTurn, ...others]) {
			const asked = random.shuffle(kind.edits(random));
			const first = asked.filter(({ everywhere }) => everywhere).slice(0, 1);
			const edits = [...first, ...asked.filter((edit) => !first.includes(edit))].slice(
				0,
				request.context < 256 ? 1 : 3,
			);
			const records = makeRecords(kind, Math.ceil(request.context / 16), random);
			made = await longestThatFits(request, { least: 1, most: records.length }, (parts) =>
				toTask(kind, records.slice(0, parts), edits),
			);
			if (!('skipped' in made)) break;
		}
		return made;
	},
};

type Edits = ReturnType<RecordKind['edits']>;

function toTask(kind: RecordKind, before: readonly JsonRecord[], edits: Edits): TaskText {
	const after = before.map((record) => edits.reduce((changed, { change }) => change(changed), record));
	const ask = edits.map(({ ask }) => `- ${ask}`).join('\n');
	return {
		messages: [
			{
				role: 'user',
				content: `${file(kind, before)}\n\nPlease change this file, \`${kind.file}\`:\n${ask}\nReply with the whole file and nothing else.`,
			},
		],
		answer: file(kind, after),
	};
}

/** Records of a kind; where there are only so many, they begin anywhere among them. */
function makeRecords({ make, most }: RecordKind, count: number, random: Random): JsonRecord[] {
	if (most === undefined) return Array.from({ length: count }, (_, index) => make(random, index));
	const start = random.integer(0, most - 1);
	return Array.from({ length: Math.min(count, most) }, (_, index) => make(random, (start + index) % most));
}

function file({ list }: RecordKind, records: readonly JsonRecord[]): string {
	const content =
		list === null ? Object.fromEntries(records.map(({ key, text }) => [key, text])) : { [list]: records };
	return `\`\`\`json\n${JSON.stringify(content, null, 2)}\n\`\`\``;
}
