import type { TaskText, Workload } from '../task.js';
import { type Article, articles } from '../texts/articles.js';
import { longestThatFits } from './fit.js';
import { choicesOf, inTurn } from './order.js';
import { join, type Passage, passagesOf } from './passages.js';

/** Questions about texts, answered in new words with passages of the texts between them. */
export const quote: Workload = {
	name: 'quote',
	description: 'questions about texts are answered in new words, with quoted passages between them',
	async text(request) {
		const random = choicesOf('quote', request);
		const [first, others] = inTurn(articles, request, random);
		const place = random.integer(0, 100) / 100;
		for (
			let questions = request.context >= 4096 ? 3 : request.context >= 1024 ? 2 : 1;
			questions > 0;
			questions--
		) {
			const asked = [first, ...others.slice(0, questions - 1)];
			const rest = others.slice(questions - 1).flatMap(passagesOf);
			const whole = await longestThatFits(request, { most: rest.length }, (parts) => {
				const before = wholeParagraphs(rest, Math.floor(parts * place));
				return toTask(
					[...rest.slice(0, before), ...asked.flatMap(passagesOf), ...rest.slice(before, parts)],
					asked,
				);
			});
			if (!('skipped' in whole)) return whole;
		}
		return excerpt(request, first);
	},
};

/** A question about the sentences that its answer quotes, and as many others of the article as there is room for. */
async function excerpt(
	request: Parameters<Workload['text']>[0],
	article: Article,
): ReturnType<Workload['text']> {
	const passages = passagesOf(article);
	for (let quotes = quotesOf(article.answer).length; quotes > 0; quotes--) {
		const answer = upToQuote(article.answer, quotes);
		const needed = passages.map(
			(passage, index) => index === 0 || quotesOf(answer).some((text) => isIn(text, passage)),
		);
		const spare = needed.filter((isNeeded) => !isNeeded).length;
		const made = await longestThatFits(request, { most: spare }, (parts) => {
			let left = parts;
			const kept = passages.filter((_, index) => needed[index] || left-- > 0);
			return toTask(kept, [{ ...article, answer }]);
		});
		if (!('skipped' in made) || quotes === 1) return made;
	}
	return { skipped: 'nothing is quoted' };
}

function toTask(passages: readonly Passage[], asked: readonly Article[]): TaskText {
	const questions = asked.map(({ title, question }) =>
		asked.length > 1 ? `On "${title}": ${question}` : question,
	);
	return {
		messages: [
			{
				role: 'user',
				content: `${join(passages)}\n\n---\n\n${questions.join('\n')}\nQuote the passages that matter word for word.`,
			},
		],
		answer: asked
			.map(({ title, answer }) => (asked.length > 1 ? `**${title}.** ${answer}` : answer))
			.join('\n\n'),
	};
}

/** The passages before the paragraph in which the one at `index` is. */
function wholeParagraphs(passages: readonly Passage[], index: number): number {
	let start = index;
	while (start > 0 && start < passages.length && !passages[start]?.text.startsWith('# ')) start--;
	return start;
}

/** What stands between quotation marks. */
function quotesOf(answer: string): string[] {
	return answer
		.split('"')
		.filter((_, index) => index % 2 === 1)
		.map((text) => text.replace(/[.,]$/, ''));
}

/** The answer to the end of the sentence with the quotation of that number, from 1 on. */
function upToQuote(answer: string, quotes: number): string {
	let end = -1;
	for (let mark = 0; mark < 2 * quotes; mark++) end = answer.indexOf('"', end + 1);
	if (/[.!?]/.test(answer[end - 1] ?? '')) return answer.slice(0, end + 1);
	const stop = answer.slice(end).search(/[.!?](?=\s|$)/);
	return stop < 0 ? answer : answer.slice(0, end + stop + 1);
}

/** Whether a quotation has words of the passage; it may go from one sentence to the next. */
function isIn(quotation: string, passage: Passage): boolean {
	const sentence = join([passage]).toLowerCase();
	return quotation
		.toLowerCase()
		.split(/(?<=[.!?]) /)
		.some((part) => part !== '' && sentence.includes(part));
}
