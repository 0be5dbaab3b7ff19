import type { ChatMessage } from '../lib/index.js';

/** A conversation for the embedded model: what stands at its beginning, and what the user says. */
export interface Scene {
	title: string;
	start: readonly ChatMessage[];
	turns: readonly string[];
	/** What the program of the last reply should print. */
	answer?: number;
}

const question = `Write a JavaScript program that solves the problem and prints the answer.
A shop sells eggs for 6 dollars each and tickets for 11 dollars each. Emma buys 41 eggs and 3 tickets. How many dollars does Emma pay?`;

const mistaken = `\`\`\`js
const eggs = 41;
const tickets = 3;
const price1 = 6;
const price2 = 11;
const cost1 = eggs * price1;
const cost2 = tickets * price2;
const pay = cost1 * cost2;
console.log(pay);
\`\`\``;

export const scenes: readonly Scene[] = [
	{
		title: 'A text is edited',
		start: [],
		turns: [
			'Copy this text:\nMara found a lantern near the harbor. Every Friday Tom brings 24 candles to the library. The carpet costs 58 dollars. Lena keeps the violin in a green basket.',
			'Add this sentence at the end: Rosa found a ticket near the museum.',
			'Write it again in lower case.',
		],
	},
	{
		title: 'A program is edited',
		start: [],
		turns: [
			'```js\nfunction readWindow(lamp) {\n  const hammer = lamp * 45;\n  return hammer;\n}\n```\nChange 45 to 3.',
			'Add this function:\nfunction makeTable(stone) {\n  const bridge = stone - 6;\n  return bridge;\n}',
		],
	},
	{ title: 'A word problem is solved', start: [], turns: [question], answer: 279 },
	{
		title: 'A wrong solution is corrected',
		start: [
			{ role: 'user', content: question },
			{ role: 'assistant', content: mistaken },
		],
		turns: ['The program printed 8118, but that is not the answer. Fix it.'],
		answer: 279,
	},
];
