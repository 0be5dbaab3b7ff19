import { describe, expect, test } from 'vitest';
import { type RunTasksOptions, runTasks, type TaskRun } from '../../../lib/correct/evaluation/run-tasks.js';
import { agree } from '../../../lib/correct/presets/agree.js';
import { iterativeDeepening } from '../../../lib/correct/presets/iterative-deepening.js';
import { plain } from '../../../lib/correct/presets/plain.js';
import { spontaneous } from '../../../lib/correct/presets/spontaneous.js';
import { threeTurn } from '../../../lib/correct/presets/three-turn.js';
import { verifierGuided } from '../../../lib/correct/presets/verifier-guided.js';
import { type Strategy, strategy } from '../../../lib/correct/strategy.js';
import type { Task } from '../../../lib/correct/verifier.js';
import { endsRight } from '../../support/correction.js';
import { ScriptedSession } from '../../support/scripted.js';

const tasks: Task[] = [
	{ id: 'easy', prompt: 'easy', answer: '4' },
	{ id: 'hard', prompt: 'hard', answer: '4' },
];

/** Right at once where it is easy, at the second try where it is hard. */
const session = () =>
	new ScriptedSession((messages) =>
		String(messages[0]?.content).startsWith('easy') || messages.length > 1 ? 'It is 4' : 'So it is 5',
	);

async function runAll(
	strategy: Strategy,
	options: RunTasksOptions = {},
	at = session(),
	of = tasks,
): Promise<TaskRun[]> {
	const runs: TaskRun[] = [];
	for await (const run of runTasks(at, of, strategy, options)) runs.push(run);
	return runs;
}

const brief = (runs: readonly TaskRun[]) =>
	runs.map(({ task, sample, strategy, allowance, right, solved }) => [
		`${task.id} ${sample} ${strategy} ${allowance}`,
		right?.join() ?? null,
		solved,
	]);

test('says by round which answers were right', async () => {
	expect(brief(await runAll(verifierGuided(), { verifier: endsRight }))).toEqual([
		['easy 0 verifierGuided own', 'true', true],
		['hard 0 verifierGuided own', 'false,true', true],
	]);
});

test('asks the verifier once about each answer, and a grader of its own besides', async () => {
	let asked = 0;
	const counting: typeof endsRight = (...args) => {
		asked++;
		return endsRight(...args);
	};
	await runAll(verifierGuided(), { verifier: counting });
	expect(asked).toBe(3);
	const runs = await runAll(threeTurn(), { grade: counting });
	expect(brief(runs).map(([, right]) => right)).toEqual(['true,true', 'false,true']);
	expect(runs[0]?.result.events.map(({ type }) => type)).not.toContain('verdict');
});

test('without a grader nothing is known to be right', async () => {
	expect(brief(await runAll(plain())).map((row) => row.slice(1))).toEqual([
		[null, null],
		[null, null],
	]);
});

test('answers that cannot be graded are not known to be wrong, and are counted', async () => {
	const [run] = await runAll(plain(), { grade: () => Promise.reject(new Error('broken')) });
	expect(run).toMatchObject({ right: [null], solved: false, faults: ['broken'] });
});

describe('a round whose answer goes on in the next', () => {
	/** What was right by round where the model says one text after another. */
	const outcomes = async (strategy: Strategy, texts: readonly string[]) => {
		let said = 0;
		const session = new ScriptedSession(() => texts[said++] ?? '');
		const options = { grade: endsRight, budget: { rounds: 2 } };
		const [run] = await runAll(strategy, options, session, tasks.slice(0, 1));
		return run?.right;
	};

	test('is not graded where a stretch ended it', async () => {
		const strategy = iterativeDeepening({ stretchTokens: 2 });
		expect(await outcomes(strategy, ['It is perhaps 5', ' So it is 4'])).toEqual(['open', true]);
	});

	test('is graded where the answer ended by itself', async () => {
		const strategy = iterativeDeepening({ stretchTokens: 9 });
		expect(await outcomes(strategy, ['It is 5', ' So it is 4'])).toEqual([false, true]);
	});

	test('is not graded where a bad step ended it, the first one included', async () => {
		const strategy = spontaneous().with({
			verify: (_, { text }) => ({ outcome: text.includes('bad') ? 'fail' : 'pass', message: '' }),
		});
		expect(await outcomes(strategy, ['Good\n', 'bad\n', 'It is 4'])).toEqual(['open', true]);
		expect(await outcomes(strategy, ['bad\n', 'It is 4'])).toEqual(['open', true]);
	});
});

test('runs each task several times, with other seeds', async () => {
	const at = session();
	expect(brief(await runAll(plain(), { samples: 2 }, at)).map(([of]) => of)).toEqual([
		'easy 0 plain own',
		'easy 1 plain own',
		'hard 0 plain own',
		'hard 1 plain own',
	]);
	expect(new Set(at.calls.map(({ options }) => options.seed)).size).toBe(2);
});

test('learns from the tasks before whether another round is worth it', async () => {
	const spoiling = new ScriptedSession((messages) => (messages.length === 1 ? 'It is 4' : 'It is 5'));
	const many = Array.from({ length: 25 }, (_, index) => ({
		id: String(index),
		prompt: 'How many?',
		answer: '4',
	}));
	const twice = strategy('twice', async (run) => {
		const first = await run.attempt();
		return (await run.worthAnother(first)) ? run.revise(first, 'Are you sure?') : first;
	});
	const runs = await runAll(twice, { grade: endsRight }, spoiling, many);
	expect(runs.map(({ result }) => result.stoppedBy)).toEqual([
		...Array.from({ length: 20 }, () => 'done'),
		...Array.from({ length: 5 }, () => 'not-worth-it'),
	]);
});

describe('to compare', () => {
	test('others get the tokens, and the time, that the first took', async () => {
		const at = session();
		const options = { verifier: endsRight, compare: [plain(), agree({ samples: 'budget' })] };
		const runs = await runAll(verifierGuided(), options, at, tasks.slice(1));
		expect(brief(runs).map(([of]) => of)).toEqual([
			'hard 0 verifierGuided own',
			'hard 0 plain tokens',
			'hard 0 plain time',
			'hard 0 agree tokens',
			'hard 0 agree time',
		]);
		const [own, once, , voted] = runs.map(({ result }) => result.cost.tokens);
		expect([own, once]).toEqual([7, 4]);
		// The three tokens left have no room for another answer.
		expect(voted).toBe(4);
	});

	test('time does not cut the only answer short', async () => {
		let said = 0;
		const slower = new ScriptedSession(() => ({ text: 'It is not 5 but 4', msPerToken: 10 * said++ }));
		const runs = await runAll(plain(), { grade: endsRight, compare: [plain()] }, slower, tasks.slice(0, 1));
		expect(runs.map(({ result }) => result.answer)).toEqual(runs.map(() => 'It is not 5 but 4'));
	});
});

describe('agree with as many samples as the budget allows', () => {
	const votes = async (tokens: number) => {
		const [run] = await runAll(
			agree({ samples: 'budget' }),
			{ budget: { tokens } },
			session(),
			tasks.slice(0, 1),
		);
		return run?.result.events.filter(({ type }) => type === 'attempt').length;
	};

	test('has one where there is room for one, and more where there is for more', async () => {
		expect([await votes(3), await votes(5), await votes(6), await votes(12)]).toEqual([1, 1, 2, 4]);
	});

	test('needs a budget', async () => {
		await expect(runAll(agree({ samples: 'budget' }))).rejects.toMatchObject({
			code: 'OPTION_INVALID',
			message: expect.stringContaining('needs a budget'),
		});
	});
});

test('an abort ends it, without the run under way', async () => {
	const abort = new AbortController();
	const onEvent: RunTasksOptions['onEvent'] = (event, { task }) => {
		if (task.id === 'hard' && event.type === 'attempt') abort.abort();
	};
	const runs = await runAll(verifierGuided(), { verifier: endsRight, signal: abort.signal, onEvent });
	expect(brief(runs).map(([of]) => of)).toEqual(['easy 0 verifierGuided own']);
});
