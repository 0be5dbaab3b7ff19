import type { TextMessage } from '../../chat-message.js';
import type { TaskRequest, TaskText, Workload } from '../task.js';
import { type Article, articles } from '../texts/articles.js';
import { assistantRules } from '../texts/assistant-rules.js';
import { problems } from '../texts/problems.js';
import { type SourceFile, sources } from '../texts/sources.js';
import { fenced, withOtherFiles } from './code-edit.js';
import { longestThatFits, type Made } from './fit.js';
import { changes, mistakes, resolve, revisions } from './marks.js';
import { choicesOf, inTurn } from './order.js';
import { join, passagesOf } from './passages.js';

/** The last of three turns: a first answer, what is wrong with it, the corrected answer. */
export const correct: Workload = {
	name: 'correct',
	description:
		'the third of three turns: a first answer with mistakes was checked, and is said again without them',
	async text(request) {
		const kinds = request.seed % 2 === 0 ? [program, account, problem] : [account, program, problem];
		let made: Made = { skipped: 'no task is short enough' };
		for (const kind of kinds) {
			made = await kind(request);
			if (!('skipped' in made)) break;
		}
		return made;
	},
};

/** A program that was written for a purpose. */
function program(request: TaskRequest): Promise<Made> {
	const random = choicesOf('correct a program', request);
	const [file, others] = inTurn(sources.filter(hasMistakes), request, random);
	const rest = sources.filter((one) => one !== file && !others.includes(one as Mistaken));
	const said = random.pick([
		'Here is the final version:',
		'This is the corrected file:',
		'With these mistakes mended:',
	]);
	const plain = resolve(file.text.trim(), changes, 'first');
	const answer = (takes: 'first' | 'second') =>
		fenced({ language: file.language }, resolve(plain, mistakes, takes));
	return withOtherFiles(request, random.shuffle([...others, ...rest]), random, (context) =>
		threeTurns(
			{
				ask: `${context.replace('And this is the one to change:\n\n', '')}Write \`${file.path}\`: ${file.purpose}.`,
				first: answer('first'),
				check: 'Read your code again and look for mistakes that lead to wrong results.',
				review: file.review,
				last: 'Then give me the final version of the whole file.',
			},
			`${said}\n\n${answer('second')}`,
		),
	);
}

/** A short account of one of several texts. */
function account(request: TaskRequest): Promise<Made> {
	const random = choicesOf('correct an account', request);
	const [article, others] = inTurn(articles.filter(hasAccount), request, random);
	const rest = articles.filter((one) => one !== article && !others.includes(one as Accounted));
	const fill = random.shuffle([...others, ...rest]).flatMap(passagesOf);
	return longestThatFits(request, { most: fill.length }, (parts) =>
		threeTurns(
			{
				ask: `${join([...passagesOf(article), ...fill.slice(0, parts)])}\n\n---\n\nSum up "${article.title}" in about 120 words.`,
				first: resolve(article.account, revisions, 'first'),
				check: 'Compare your summary with the text. What is wrong?',
				review: article.review,
				last: 'Write the corrected summary.',
			},
			resolve(article.account, revisions, 'second'),
		),
	);
}

/** A word problem, where there is little room. */
async function problem(request: TaskRequest): Promise<Made> {
	const [first, others] = inTurn(problems, request, choicesOf('correct a solution', request));
	let made: Made = { skipped: 'no problem is short enough' };
	for (const { question, solution, review } of [first, ...others]) {
		const { messages, answer } = threeTurns(
			{
				ask: question,
				first: resolve(solution, revisions, 'first'),
				check: 'Check your solution step by step.',
				review,
				last: 'So what is the right solution?',
			},
			resolve(solution, revisions, 'second'),
		);
		made = await longestThatFits(request, { most: assistantRules.length }, (sentences): TaskText => {
			const told = assistantRules.slice(0, sentences).join(' ');
			return { messages: told === '' ? messages : [{ role: 'system', content: told }, ...messages], answer };
		});
		if (!('skipped' in made)) break;
	}
	return made;
}

interface Turns {
	readonly ask: string;
	readonly first: string;
	readonly check: string;
	readonly review: string;
	readonly last: string;
}

function threeTurns({ ask, first, check, review, last }: Turns, answer: string): TaskText {
	const said = [ask, first, check, review, last];
	const messages = said.map(
		(content, index): TextMessage => ({ role: index % 2 === 0 ? 'user' : 'assistant', content }),
	);
	return { messages, answer };
}

type Mistaken = SourceFile & Required<Pick<SourceFile, 'purpose' | 'review'>>;
type Accounted = Article & Required<Pick<Article, 'account' | 'review'>>;

const hasMistakes = (file: SourceFile): file is Mistaken => file.review !== undefined;
const hasAccount = (article: Article): article is Accounted => article.account !== undefined;
