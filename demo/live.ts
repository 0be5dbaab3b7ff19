import { type CorrectionResult, correct, type Task, type Verifier } from '../lib/correct/index.js';
import type { Session } from '../lib/index.js';
import type { Talk } from './held-out.js';
import { page } from './page.js';
import { questions, solving, withVerifier } from './problems.js';
import { type Stage, withSession } from './stage.js';

const shown = 3;

/** Shows what the model does, as it does it. */
export async function showAll(
	stage: Stage,
	problems: readonly Task[],
	talks: readonly Talk[],
): Promise<void> {
	await withSession(stage, async (session) => {
		const { metadata, parameters } = session.model.info;
		page.line(`${metadata['general.name']}, ${(parameters / 1e6).toFixed(1)} million parameters`);
		page.line(page.legend);
		await showProblems(stage, session, problems);
		const [task] = problems.slice(shown);
		if (task) await showReconsidered(stage, session, task);
		if (talks[0]) await showEdit(stage, session, talks[0]);
	});
}

/** Solves a few problems with the verifier's help, one that had to be mended among them if there is one. */
async function showProblems(stage: Stage, session: Session, problems: readonly Task[]): Promise<void> {
	page.title('Word problems, solved with a verifier');
	page.line(
		'The model writes a program, and the verifier runs it. Where it does not print the answer, the model tries',
	);
	page.line('again, seven times at most. It has not seen any of these problems.');
	let isMended = false;
	for (const task of problems.slice(0, shown))
		if (wasMended(await solve(stage, session, task))) isMended = true;
	if (isMended) return;
	for (const task of problems.slice(shown)) {
		if (!wasMended(await solve(stage, session, task, { isQuiet: true }))) continue;
		page.line();
		page.line(`Of the next problems, number ${task.id} is the first with a mistake that gets mended.`);
		await solve(stage, session, task);
		return;
	}
}

const wasMended = ({ round, judgement }: CorrectionResult) => round > 1 && judgement?.outcome === 'pass';

/** What the model and the verifier say is written as they say it, unless `isQuiet`. */
async function solve(
	{ verify, signal }: Stage,
	session: Session,
	task: Task,
	{ isQuiet = false } = {},
): Promise<CorrectionResult> {
	await session.rollback(0);
	if (!isQuiet) page.asked(task.prompt);
	const aloud: Verifier = async (answer, context) => {
		const verdict = await verify(answer, context);
		page.verdict(verdict);
		return verdict;
	};
	const result = await correct(session, task, withVerifier, {
		...solving,
		...(isQuiet
			? { verifier: verify }
			: { verifier: aloud, onChunk: ({ segments }) => page.generated(segments) }),
		signal,
	}).result;
	signal.throwIfAborted();
	return result;
}

/** Answer, re-read, final: the verifier only tells the reader what has become of it. */
async function showReconsidered(stage: Stage, session: Session, task: Task): Promise<void> {
	page.title('A word problem, reconsidered by the model alone');
	const answer = await converse(stage, session, [task.prompt, questions.reread, questions.final]);
	page.verdict(await stage.verify(answer, { task, signal: stage.signal }));
}

async function showEdit(stage: Stage, session: Session, talk: Talk): Promise<void> {
	page.title('A text, edited');
	const requests = talk.map(({ request }) => request);
	await converse(stage, session, requests);
}

/** Returns the last reply. */
async function converse({ signal }: Stage, session: Session, requests: readonly string[]): Promise<string> {
	await session.rollback(0);
	const chat = session.chat();
	for (const request of requests) {
		page.asked(request);
		for await (const { segments } of chat.send(request, { maxTokens: 512, signal })) page.generated(segments);
		signal.throwIfAborted();
	}
	const last = chat.messages.at(-1);
	return last?.role === 'assistant' ? last.content : '';
}
