import { withSession } from '../../demo/stage.js';
import { spentBy } from '../../lib/correct/evaluation/run-tasks.js';
import type { RunTasksOptions } from '../../lib/correct/index.js';
import {
	type Allowance,
	agree,
	plain,
	runTasks,
	type Strategy,
	type Task,
	type TaskRun,
} from '../../lib/correct/index.js';
import type { Session } from '../../lib/index.js';
import type { EqualRow, Side } from './results.js';
import { type Contender, contenders, type Judges, runOptions } from './strategies.js';

export type Equal = Exclude<Allowance, 'own'>;
const drafts = ['auto', 'off'] as const;
type Drafts = (typeof drafts)[number];

interface Entry {
	contender: Contender;
	drafts: Drafts;
	runs: Record<'corrected' | 'plain' | 'agree', TaskRun[]>;
}

/**
 * What `reprise correct --compare plain,agree` does, with drafts and without. The two take turns on every task, and who
 * is first changes from task to task, so that all meet the same machine.
 */
export async function equalBudgets(
	path: string,
	tasks: readonly Task[],
	equal: Equal,
	judges: Judges,
	signal: AbortSignal,
	onDone: () => void,
): Promise<EqualRow[]> {
	const stage = { path, verify: judges.verify, signal };
	const entries: Entry[] = contenders.flatMap((contender) =>
		drafts.map((one) => ({ contender, drafts: one, runs: { corrected: [], plain: [], agree: [] } })),
	);
	await withSession(stage, (auto) =>
		withSession(stage, async (off) => {
			const sessions = { auto, off };
			for (const [index, task] of tasks.entries())
				for (const entry of index % 2 === 0 ? entries : entries.toReversed()) {
					await compare(sessions[entry.drafts], task, index, equal, entry, judges, signal);
					onDone();
				}
		}),
	);
	return entries.map(({ contender: { name, verified }, drafts, runs }) => ({
		strategy: name,
		verified,
		drafts,
		first: runs.corrected.map(({ right }) => right?.[0] === true),
		corrected: toSide(runs.corrected),
		plain: toSide(runs.plain),
		agree: toSide(runs.agree),
	}));
}

async function compare(
	session: Session,
	task: Task,
	index: number,
	equal: Equal,
	{ contender, drafts, runs }: Entry,
	judges: Judges,
	signal: AbortSignal,
): Promise<void> {
	const run = async (strategy: Strategy, options: RunTasksOptions): Promise<TaskRun> => {
		await session.rollback(0);
		signal.throwIfAborted();
		for await (const one of runTasks(session, [task], strategy, { ...options, signal })) return one;
		throw signal.reason;
	};
	const own = await run(contender.strategy, runOptions(index, drafts, contender.verified, judges));
	runs.corrected.push(own);
	const others = runOptions(index, drafts, false, judges);
	const budget = { ...others.budget, ...spentBy(own.result)[equal] };
	runs.plain.push(await run(plain(), { ...others, budget }));
	runs.agree.push(await run(agree({ samples: 'budget', by: judges.by }), { ...others, budget }));
}

function toSide(runs: readonly TaskRun[]): Side {
	const sum = (figure: (run: TaskRun) => number) => runs.reduce((total, run) => total + figure(run), 0);
	return {
		right: runs.map(({ solved }) => solved === true),
		answers: sum(
			({ result }) => result.events.filter(({ type }) => type === 'attempt' || type === 'revision').length,
		),
		tokens: sum(({ result }) => result.cost.tokens),
		passes: sum(({ result }) => result.cost.passes),
		seconds: sum(({ result }) => result.totalMs) / 1000,
	};
}
