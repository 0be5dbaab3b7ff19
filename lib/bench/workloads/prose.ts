import type { TaskText, Workload } from '../task.js';
import { articles } from '../texts/articles.js';
import { essays } from '../texts/essays.js';
import { longestThatFits } from './fit.js';
import { choicesOf, placeOf } from './order.js';
import { join, passagesOf } from './passages.js';

/** A new text after others that have nothing to do with it. */
export const prose: Workload = {
	name: 'prose',
	description: 'a new text on another subject is written: there is nothing to copy',
	text(request) {
		const random = choicesOf('prose', request);
		const place = placeOf(request, essays.length);
		const asked = [0, essays.length / 2].map((offset) => essays[(place + offset) % essays.length] as Essay);
		const passages = random.shuffle(articles).flatMap(passagesOf);
		const [one, other] = asked.map(({ ask }) => ask);
		return longestThatFits(request, { most: passages.length }, (parts): TaskText => {
			const examples = join(passages.slice(0, parts));
			const before =
				examples === ''
					? ''
					: `These texts are from our magazine, so that you know its tone.\n\n${examples}\n\n`;
			return {
				messages: [
					{
						role: 'user',
						content: `${before}Write ${one}. Then write ${other}. Take subjects of your own, about 150 words each.`,
					},
				],
				answer: asked.map(({ text }) => text).join('\n\n'),
			};
		});
	},
};

type Essay = (typeof essays)[number];
