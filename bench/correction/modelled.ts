import { withSession } from '../../demo/stage.js';
import {
	type AgreeBy,
	mostAgreed,
	type ReplyEvent,
	runTasks,
	strategy,
	type Task,
} from '../../lib/correct/index.js';
import { diverse } from '../../lib/correct/step-options.js';
import type { Session } from '../../lib/index.js';
import type { Vocabulary } from '../../lib/replay/render.js';
import { answersWithin, answerTurns, runCosts } from './pass-model.js';
import type { ModelledRow } from './results.js';
import { type Contender, contenders, isRight, type Judges, runOptions } from './strategies.js';

/** So many forks have room in the context at a time. */
const atOnce = 8;

/** The first answer, and others as `agree` samples them. */
const manyAnswers = (count: number) =>
	strategy('manyAnswers', async (run) => {
		const first = await run.attempt();
		for (let made = 1; made < count; made += atOnce)
			await run.branches(Math.min(atOnce, count - made), (branch) => branch.attempt(diverse));
		return first;
	});

interface Votes {
	readonly texts: readonly string[];
	/** Whether the answer that most of the first one, two, … agree with is right. */
	readonly right: readonly boolean[];
	/** Whether at least one of the first one, two, … is right. */
	readonly some: readonly boolean[];
}

async function sampleVotes(
	session: Session,
	task: Task,
	index: number,
	count: number,
	judges: Judges,
): Promise<Votes> {
	await session.rollback(0);
	const texts: string[] = [];
	for await (const run of runTasks(
		session,
		[task],
		manyAnswers(count),
		runOptions(index, 'off', false, judges),
	))
		texts.push(...inOrder(run.result.events.filter(isAttempt)).map(({ text }) => text));
	const values = await Promise.all(texts.map(judges.by));
	const rightOf = new Map<string, boolean>();
	for (const text of new Set(texts)) rightOf.set(text, await isRight({ text }, task, judges));
	const right: boolean[] = [];
	for (let most = 1; most <= texts.length; most++) {
		const chosen = await vote(texts.slice(0, most), (text) => values[texts.indexOf(text)] ?? text);
		right.push(rightOf.get(chosen) === true);
	}
	const some = texts.map((_, last) => texts.slice(0, last + 1).some((text) => rightOf.get(text) === true));
	return { texts, right, some };
}

/** Events come as answers end, short ones first; their keys are in the order in which they were asked for. */
const inOrder = (attempts: readonly ReplyEvent[]) =>
	attempts.toSorted((a, b) => a.key.localeCompare(b.key, 'en', { numeric: true }));

const isAttempt = (event: { readonly type: string }): event is ReplyEvent => event.type === 'attempt';

/** What `agree` chooses. */
async function vote(texts: readonly string[], by: AgreeBy): Promise<string> {
	const answers = texts.map((text) => ({ text }) as ReplyEvent);
	const select = mostAgreed(by) as unknown as (
		context: null,
		answers: readonly ReplyEvent[],
	) => Promise<{ chosen: ReplyEvent }>;
	return (await select(null, answers)).chosen.text;
}

interface Tally {
	first: boolean[];
	corrected: boolean[];
	agree: boolean[];
	some: boolean[];
	whole: number;
	firstCost: number;
	answers: number;
	capped: number;
}

/** Where a tally stands: a contender, a cost of rows, with drafts or without. */
interface Lane {
	contender: Contender;
	passCost: number;
	drafts: boolean;
	tally: Tally;
}

/**
 * Lets a vote cost what a correction costs, by what a row adds to a pass: the texts are the model's own, and the passes
 * that they take are those of the drafter, which is asked without the model. Nothing here depends on the clock.
 */
export async function modelledCosts(
	path: string,
	tasks: readonly Task[],
	{ votes: count, passCosts }: { votes: number; passCosts: readonly number[] },
	judges: Judges,
	vocabulary: Vocabulary,
	signal: AbortSignal,
	onDone: () => void,
): Promise<ModelledRow[]> {
	const lanes: Lane[] = contenders.flatMap((contender) =>
		passCosts.flatMap((passCost) =>
			[true, false].map((drafts) => ({ contender, passCost, drafts, tally: emptyTally() })),
		),
	);
	await withSession({ path, verify: judges.verify, signal }, async (session) => {
		for (const [index, task] of tasks.entries()) {
			const { texts, right, some } = await sampleVotes(session, task, index, count, judges);
			const turns = answerTurns(task.prompt, texts, vocabulary);
			for (const contender of contenders) {
				await session.rollback(0);
				signal.throwIfAborted();
				const options = runOptions(index, 'off', contender.verified, judges);
				for await (const run of runTasks(session, [task], contender.strategy, options))
					for (const { passCost, drafts, tally } of lanes.filter((lane) => lane.contender === contender)) {
						const costs = runCosts(run.result.events, vocabulary, passCost, drafts);
						const whole = costs.reduce((sum, cost) => sum + cost, 0);
						const answers = answersWithin(whole, turns, passCost, drafts);
						tally.first.push(run.right?.[0] === true);
						tally.corrected.push(run.solved === true);
						tally.agree.push(right[answers - 1] === true);
						tally.some.push(some[answers - 1] === true);
						tally.whole += whole;
						tally.firstCost += costs[0] ?? 0;
						tally.answers += answers;
						if (answers === turns.length) tally.capped++;
					}
			}
			onDone();
		}
	});
	return lanes.map(({ contender, passCost, drafts, tally }) => ({
		strategy: contender.name,
		verified: contender.verified,
		passCost,
		drafts,
		first: tally.first,
		corrected: tally.corrected,
		agree: tally.agree,
		some: tally.some,
		cost: { whole: tally.whole / tasks.length, first: tally.firstCost / tasks.length },
		answers: tally.answers / tasks.length,
		capped: tally.capped,
	}));
}

const emptyTally = (): Tally => ({
	first: [],
	corrected: [],
	agree: [],
	some: [],
	whole: 0,
	firstCost: 0,
	answers: 0,
	capped: 0,
});
