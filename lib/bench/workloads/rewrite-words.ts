import type { Workload } from '../task.js';

const words =
	'river stone amber quiet lantern market window seven garden paper copper winter ladder music'.split(' ');

/** Numbers that a seed gives, after Marsaglia's xorshift. */
function* numbers(seed: number): Generator<number, never> {
	let state = seed + 0x9e3779b9;
	for (;;) {
		state ^= state << 13;
		state ^= state >>> 17;
		state ^= state << 5;
		yield state >>> 0;
	}
}

export const rewriteWords: Workload = {
	name: 'rewrite',
	description: 'a text of words, of which one is exchanged',
	async text({ context, seed, countTokens }) {
		const random = numbers(seed);
		const text: string[] = [];
		const messages = () => [
			{
				role: 'user' as const,
				content: `Write this text again, but say "candle" for "lantern":\n${text.join(' ')}`,
			},
		];
		let length = await countTokens(messages());
		while (length < context) {
			for (let i = 0; i < Math.max(1, (context - length) / 3); i++)
				text.push(words[random.next().value % words.length] ?? '');
			length = await countTokens(messages());
		}
		return { messages: messages(), answer: text.join(' ').replaceAll('lantern', 'candle') };
	},
};
