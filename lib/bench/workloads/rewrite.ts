import type { Random } from '../random.js';
import type { TaskRequest, TaskText, Workload } from '../task.js';
import { type Article, articles } from '../texts/articles.js';
import { longestThatFits, type Made } from './fit.js';
import { rename, resolve, revisions } from './marks.js';
import { choicesOf, inTurn } from './order.js';
import { join, joinMarked, passagesOf } from './passages.js';

const requests = [
	'Please revise the following text. Make clumsy passages plain and short, and leave everything else as it is.',
	'Edit this text for style: cut what is wordy, keep the facts, the order and all sentences that are good already.',
	'Here is a draft. Give me the edited version: simpler wording where it is stilted, no other changes.',
];

/** A long text is said once more, with changes of a few words in most sentences. */
export const rewrite: Workload = {
	name: 'rewrite',
	description: 'a text is revised: all of it is said again, with other words in most sentences',
	async text(request) {
		const random = choicesOf('rewrite', request);
		const [inItsTurn, others] = inTurn(articles, request, random);
		let made: Made = { skipped: 'no text is short enough' };
		for (const first of [inItsTurn, ...others]) {
			made = await revise([first, ...others.filter((other) => other !== first)], request, random);
			if (!('skipped' in made)) break;
		}
		return made;
	},
};

/** The texts as far as there is room for them, and the same revised. */
function revise(
	texts: readonly [Article, ...Article[]],
	request: TaskRequest,
	random: Random,
): Promise<Made> {
	// A short text is a few sentences, without their heading.
	const isShort = request.context < 192;
	const passages = texts.flatMap(passagesOf).slice(isShort ? 1 : 0);
	const [{ name }] = texts;
	const names = name && !isShort && random.chance(0.7) ? newNames(name) : [];
	const ask = [
		isShort ? 'Make this text plainer.' : random.pick(requests),
		...names.map(([from, to]) => `Write "${to}" instead of "${from}".`),
		'Reply with the whole text.',
	];
	// Not all that could be changed is, so that texts with many clumsy passages are changed about as often as others.
	const spacing = Array.from({ length: 1000 }, () => random.integer(25, 75));
	return longestThatFits(request, { least: isShort ? 1 : 2, most: passages.length }, (parts): TaskText => {
		const text = passages.slice(0, parts);
		let place = 0;
		const revised = resolve(
			joinMarked(text),
			revisions,
			(since) => since >= (spacing[place++ % spacing.length] as number),
		);
		return {
			messages: [{ role: 'user', content: `${ask.join(' ')}\n\n${join(text)}` }],
			answer: rename(revised, names),
		};
	});
}

/** The words in which two names differ. */
function newNames([from, to]: readonly [string, string]): Array<[string, string]> {
	const words = to.split(' ');
	return from
		.split(' ')
		.map((word, index): [string, string] => [word, words[index] ?? word])
		.filter(([old, other]) => old !== other);
}
