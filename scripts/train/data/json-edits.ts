import { assistant, type Chat, type Turn, user } from './chat.js';
import { instruct, present } from './requests.js';
import { heldOut, heldOutEach, type Source } from './source.js';

const frames = heldOut({
	train: [
		'{content}\n{instruction}',
		'{instruction}\n{content}',
		'This is the data:\n{content}\n{instruction}',
	],
	test: ['Here is the data:\n{content}\n{instruction}', '{instruction}\n\n{content}'],
});

const wordings = heldOutEach({
	set: {
		train: [
			'Set "{key}" to {value}.',
			'Change "{key}" to {value}.',
			'The value of "{key}" should be {value}.',
			'Let "{key}" be {value}.',
			'Give "{key}" the value {value}.',
			'Replace the value of "{key}" with {value}.',
			'"{key}" should be {value}.',
			'Make "{key}" {value}.',
			'Use {value} for "{key}".',
			'Update "{key}": {value}.',
		],
		test: ['Change the value of "{key}" to {value}.', 'Set the value of "{key}" to {value}.'],
	},
	remove: {
		train: [
			'Remove "{key}".',
			'Delete "{key}".',
			'Take out "{key}".',
			'Leave out "{key}".',
			'Drop "{key}".',
			'Erase "{key}".',
			'The key "{key}" has to go.',
			'Write it without "{key}".',
			'Cut "{key}".',
			'Take out the key "{key}".',
		],
		test: ['Delete the key "{key}".', 'Remove the key "{key}".'],
	},
	add: {
		train: [
			'Add "{key}" with the value {value}.',
			'Add the key "{key}" with {value}.',
			'Append "{key}": {value}.',
			'Put "{key}" with the value {value} at the end.',
			'Insert "{key}": {value} at the end.',
			'A new key: "{key}" with the value {value}.',
			'Add "{key}": {value}.',
			'Add "{key}" as the last key with the value {value}.',
			'Let there be "{key}" with the value {value} too.',
		],
		test: ['Append "{key}" with the value {value}.', 'Add "{key}": {value} at the end.'],
	},
	rename: {
		train: [
			'Rename "{key}" to "{name}".',
			'Call "{key}" "{name}" instead.',
			'Change the name "{key}" to "{name}".',
			'Let "{key}" be called "{name}".',
			'The key "{key}" should be named "{name}".',
			'Use "{name}" as the name of "{key}".',
			'Replace the key "{key}" with "{name}".',
			'"{key}" becomes "{name}".',
		],
		test: ['Rename the key "{key}" to "{name}".', 'Give "{key}" the name "{name}".'],
	},
	last: {
		train: [
			'Move "{key}" to the end.',
			'Put "{key}" at the end.',
			'Let "{key}" be the last key.',
			'"{key}" goes to the end.',
			'Shift "{key}" to the end.',
			'The key "{key}" should come last.',
			'Put the key "{key}" last.',
		],
		test: ['Move the key "{key}" to the end.'],
	},
});

/** Keys and their values as JSON text. */
type Entries = ReadonlyArray<readonly [key: string, value: string]>;

function value(source: Source): string {
	return source.pick([
		() => `${source.number()}`,
		() => `${source.number()}`,
		() => JSON.stringify(source.noun()),
		() => JSON.stringify(source.color()),
		() => JSON.stringify(source.name()),
		() => `${source.chance(0.5)}`,
		() => `["${source.noun()}", "${source.noun()}"]`,
	])();
}

const render = (entries: Entries): string =>
	`\`\`\`json\n{\n${entries.map(([key, text]) => `  "${key}": ${text}`).join(',\n')}\n}\n\`\`\``;

interface Edit {
	instruction: string;
	result: Entries;
}

const edits: ReadonlyArray<(entries: Entries, source: Source) => Edit | undefined> = [
	function set(entries, source) {
		const at = source.integer(0, entries.length - 1);
		const key = entries[at]?.[0] ?? '';
		const text = value(source);
		return {
			instruction: instruct(source, wordings.set, { key, value: text }),
			result: entries.with(at, [key, text]),
		};
	},
	function remove(entries, source) {
		if (entries.length < 3) return undefined;
		const [key] = source.pick(entries);
		return {
			instruction: instruct(source, wordings.remove, { key }),
			result: entries.filter(([other]) => other !== key),
		};
	},
	function add(entries, source) {
		const [key = ''] = source.distinct(
			1,
			() => source.identifier(),
			entries.map(([other]) => other),
		);
		const text = value(source);
		return {
			instruction: instruct(source, wordings.add, { key, value: text }),
			result: [...entries, [key, text]],
		};
	},
	function rename(entries, source) {
		const at = source.integer(0, entries.length - 1);
		const [key = '', text = ''] = entries[at] ?? [];
		const [name = ''] = source.distinct(
			1,
			() => source.identifier(),
			entries.map(([other]) => other),
		);
		return {
			instruction: instruct(source, wordings.rename, { key, name }),
			result: entries.with(at, [name, text]),
		};
	},
	function moveLast(entries, source) {
		const at = source.integer(0, entries.length - 2);
		const entry = entries[at];
		if (!entry) return undefined;
		const instruction = instruct(source, wordings.last, { key: entry[0] });
		return { instruction, result: [...entries.toSpliced(at, 1), entry] };
	},
];

/** An object of three to six keys, edited over several turns. */
export function jsonEdits(source: Source): Chat {
	const keys = source.distinct(source.integer(3, 6), () => source.identifier());
	let entries: Entries = keys.map((key) => [key, value(source)]);
	const turns: Turn[] = [];
	const rounds = source.pick([1, 2, 3, 3]);
	while (turns.length < 2 * rounds) {
		const edit = source.pick(edits)(entries, source);
		if (!edit || edit.result.length > 8) continue;
		const { instruction } = edit;
		const json = render(entries);
		turns.push(user(turns.length === 0 ? present(source, frames, json, instruction) : instruction));
		entries = edit.result;
		turns.push(assistant(render(entries)));
	}
	return { task: 'json', turns };
}
