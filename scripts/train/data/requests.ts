import { sentence } from './sentences.js';
import { fill, type Source, type Wordings } from './source.js';

const leads = [
	...[
		'Look at this:',
		'Take this.',
		'I have this:',
		'My draft:',
		'Below is what I wrote.',
		'Read this first.',
	],
	...['We have:', 'Please help me.', 'This needs a change:', 'Input:', 'Original:', 'Hello!', 'Given:'],
];

const before = [
	'Please: ',
	'Now: ',
	'Next: ',
	'One change: ',
	'Edit: ',
	'Task: ',
	'Then: ',
	'Instruction: ',
	'Again: ',
];
const after = [
	' Change nothing else.',
	' Keep the rest.',
	' Write all of it.',
	' Thank you.',
	' Show the result.',
	' Be exact.',
];

/** The wording with a word put in that nobody knows: one that was never met must not lead astray. */
function withUnknownWord(source: Source, wording: string): string {
	const letters = 'abcdefghijklmnopqrstuvwxyz';
	const word = Array.from({ length: source.integer(2, 7) }, () => source.pick([...letters])).join('');
	const words = wording.split(' ');
	// Beside a slot it would seem to be part of what fills it.
	const isSlot = (at: number) => words[at]?.includes('{') ?? false;
	const places = Array.from({ length: words.length }, (_, i) => i + 1).filter(
		(at) => !isSlot(at - 1) && !isSlot(at),
	);
	return places.length === 0 ? wording : words.toSpliced(source.pick(places), 0, word).join(' ');
}

/** An instruction; in training with something said around it now and then, so that new surroundings do not matter. */
export function instruct(
	source: Source,
	wordings: Wordings,
	slots: Readonly<Record<string, string | number>> = {},
): string {
	if (source.split === 'test') return source.say(wordings, slots);
	const wording = source.wording(wordings);
	const instruction = fill(source.chance(0.2) ? withUnknownWord(source, wording) : wording, slots);
	const start = source.chance(0.25) ? source.pick(before) : '';
	return `${start}${instruction}${source.chance(0.2) && slots.s === undefined && instruction.endsWith('.') ? source.pick(after) : ''}`;
}

/** A first request: what it is about, and the instruction. */
export function present(source: Source, frames: Wordings, content: string, instruction: string): string {
	if (source.split === 'test' || source.chance(0.4))
		return fill(source.wording(frames), { content, instruction });
	const lead = source.chance(0.7) ? source.pick(leads) : sentence(source);
	const gap = source.pick(['\n', '\n\n']);
	return source.chance(0.5)
		? `${lead}\n${content}${gap}${instruction}`
		: `${lead}\n${instruction}${gap}${content}`;
}
