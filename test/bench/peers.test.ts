import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Arm, ArmOptions, ArmRun } from '../../lib/bench/arm.js';
import { llamaServerFamily, serverByName } from '../../lib/bench/arms/llama-server.js';
import { nodeLlamaCppFamily } from '../../lib/bench/arms/node-llama-cpp.js';
import { peersFolder } from '../../lib/cli/cache-folder.js';
import { loadModel, type Model } from '../../lib/index.js';
import { ask } from '../support/chatml.js';
import { embeddedModel } from '../support/models.js';

// The real programs, where bench/peers/get.ts has put them.
const peers = resolve(process.env.REPRISE_TEST_PEERS || peersFolder());

const passage =
	'Mara found a lantern near the harbor. Every Friday Tom brings 24 candles to the library. The carpet costs 58 dollars. Lena keeps the violin in a green basket.';

let model: Model;
let prompt: Int32Array;
let answer: Int32Array;

beforeAll(async () => {
	model = await loadModel(embeddedModel);
	prompt = await model.tokenize(ask(`Copy this text: ${passage}`));
	answer = await model.tokenize(`${passage.replace('harbor', 'river').replace('58', '59')} ${passage}`);
});
afterAll(() => model?.dispose());

const options = (choices: ArmOptions['choices']): ArmOptions => ({
	...{ model: embeddedModel, threads: 1, contextLength: 1024, tokens: 32, choices },
	firstPrompt: prompt.slice(0, 8),
	signal: new AbortController().signal,
});

/** What a new process of the arm makes of the prompts, one after the other. */
async function decode(arm: Arm, answers: Array<Int32Array | null>, given = prompt): Promise<ArmRun[]> {
	const running = await arm.start(options(answers[0] ? 'recorded' : 'own'));
	try {
		expect(running.startMs).toBeGreaterThan(0);
		const runs: ArmRun[] = [];
		for (const [seed, answer] of answers.entries()) {
			await running.prepare?.();
			runs.push(await running.run({ workload: 'copy', context: 64, seed, prompt: given, answer }));
		}
		return runs;
	} finally {
		await running.stop();
	}
}

const decodeOne = async (arm: Arm, answer: Int32Array | null, given = prompt) =>
	(await decode(arm, [answer], given))[0] as ArmRun;

/** Drafts in ngram-simple's way: up to `m` tokens from after the latest place of the last `n`, where there are `n`. */
function simulateSimple(n: number, m: number): { drafted: number; accepted: number } {
	const text = [...prompt, answer[0] as number];
	const counts = { drafted: 0, accepted: 0 };
	for (let said = 1; said < answer.length; ) {
		const place = latest(text, n);
		const room = Math.min(m, text.length - 1 - place, answer.length - said - 1);
		const draft = place > n && text.length - 1 - place >= n ? text.slice(place, place + room) : [];
		let accepted = 0;
		while (accepted < draft.length && draft[accepted] === answer[said + accepted]) ++accepted;
		counts.drafted += draft.length;
		counts.accepted += accepted;
		text.push(...answer.slice(said, said + accepted + 1));
		said += accepted + 1;
	}
	return counts;
}

/** Where the latest earlier place of the last `n` tokens ends; 0 where there is none. */
function latest(text: readonly number[], n: number): number {
	const last = text.slice(-n).join();
	for (let end = text.length - 1; end > n; --end) if (text.slice(end - n, end).join() === last) return end;
	return 0;
}

/** What plain decoding in this process says. */
async function decodePlainly(given: Int32Array): Promise<Int32Array> {
	await using session = await model.createSession({ contextLength: 1024, threads: 1 });
	return (await session.generate(given, { maxTokens: 32, draft: 'off' }).result).tokens;
}

const families = [
	{ family: llamaServerFamily, there: existsSync(resolve(peers, 'llama-server')) },
	{ family: nodeLlamaCppFamily, there: existsSync(resolve(peers, 'node_modules', 'node-llama-cpp')) },
];

describe.each(families)('$family.name', ({ family, there }) => {
	const arms = family.arms(peers);

	describe.skipIf(!there).each(arms)('as $name', (arm) => {
		test('says the recorded answers, run by run', async () => {
			expect(arm.refusal(options('recorded'))).toBeNull();
			const answers = [answer, answer.slice(0, 20), answer];
			const runs = await decode(arm, answers);
			for (const [i, { sample, output }] of runs.entries()) {
				expect([...output]).toEqual([...(answers[i] as Int32Array)]);
				expect(sample.promptTokens).toBe(prompt.length);
				expect(sample.outputTokens).toBe(answers[i]?.length);
				const { passes, drafted, accepted } = sample;
				expect((passes ?? 0) + (accepted ?? 0)).toBe(sample.outputTokens - 1);
				expect(accepted).toBeLessThanOrEqual(drafted ?? 0);
				expect(sample.firstTokenMs).toBeGreaterThan(0);
				expect(sample.decodeMs).toBeGreaterThan(0);
				expect(sample.totalMs).toBeCloseTo(sample.firstTokenMs + sample.decodeMs, 3);
			}
		});

		test('drafts and accepts of a recorded answer what it would if the model said it', async () => {
			const own = await decodeOne(arm, null);
			expect(own.output.length).toBeGreaterThan(8);
			const recorded = await decodeOne(arm, own.output);
			const counts = ({ sample: { passes, drafted, accepted } }: ArmRun) => ({ passes, drafted, accepted });
			expect(counts(recorded)).toEqual(counts(own));
		});

		test('gets the prompt token by token, and says what plain decoding says', async () => {
			// A tokenizer would join these letters to fewer tokens.
			const letters = await Promise.all(
				[...'Copy this text: Tom brings 24 candles.'].map((c) => model.tokenize(c)),
			);
			const odd = Int32Array.from([
				...(await model.tokenize(ask('').split('\n')[0] as string)),
				...letters.flatMap((tokens) => [...tokens]),
				...(await model.tokenize('<|im_end|>\n<|im_start|>assistant\n')),
			]);
			const { output } = await decodeOne(arm, null, odd);
			const ending = model.info.endTokens;
			const text = (tokens: Int32Array) => [...tokens].filter((token) => !ending.includes(token));
			expect(text(output)).toEqual(text(await decodePlainly(odd)));
		});
	});

	test('says how to get it where it is not there', () => {
		for (const arm of family.arms(resolve('no-such-folder')))
			expect(() => arm.refusal(options('own'))).toThrow(/bench\/peers\/get\.ts .*no-such-folder/);
	});
});

describe.skipIf(!families[0]?.there)('llama-server', () => {
	test('accepts of a recorded answer what its way of drafting has right', async () => {
		const arm = serverByName('llama-server:ngram-simple@2/4', peers) as Arm;
		const { sample } = await decodeOne(arm, answer);
		const expected = simulateSimple(2, 4);
		expect(expected.accepted).toBeGreaterThan(20);
		expect(expected.accepted).toBeLessThan(expected.drafted);
		expect({ drafted: sample.drafted, accepted: sample.accepted }).toEqual(expected);
	});

	test('drafts each text as if it were the first, where its tables are for one text alone', async () => {
		const arm = serverByName('llama-server:ngram-map-k@2/4', peers) as Arm;
		const other = Int32Array.from([...prompt].reverse());
		const task = { workload: 'copy', context: 64, seed: 0, answer };
		const running = await arm.start(options('recorded'));
		try {
			await running.run({ ...task, prompt: other });
			await running.prepare?.();
			const { sample } = await running.run({ ...task, prompt });
			const { sample: first } = await decodeOne(arm, answer);
			expect(sample.accepted).toBeGreaterThan(20);
			expect([sample.drafted, sample.accepted]).toEqual([first.drafted, first.accepted]);
		} finally {
			await running.stop();
		}
	});

	test('is an arm by its folder and flags, as another server is', async () => {
		const name = `server=${peers} --spec-type ngram-mod --spec-ngram-mod-n-match 2 --spec-ngram-mod-n-min 1`;
		const arm = serverByName(name, peers) as Arm;
		expect(arm.name).toBe(name);
		expect(arm.refusal(options('recorded'))).toBeNull();
		const { sample, output } = await decodeOne(arm, answer);
		expect([...output]).toEqual([...answer]);
		expect(sample.accepted).toBeGreaterThan(20);
	});

	test('reads prompts that are longer than what the model was trained for, where it is told to', async () => {
		const { trainedContextLength, architecture } = model.info;
		const long = new Int32Array(trainedContextLength + 50).fill(prompt[0] as number);
		const given = { ...options('recorded'), contextLength: trainedContextLength + 512 };
		const arm = llamaServerFamily.arms(peers)[0] as Arm;
		const running = await arm.start({ ...given, trainedLengthKey: `${architecture}.context_length` });
		try {
			const task = { workload: 'copy', context: long.length, seed: 0, prompt: long, answer };
			expect((await running.run(task)).sample.promptTokens).toBe(long.length);
		} finally {
			await running.stop();
		}
	});

	test('whose start fails says why', async () => {
		const arm = serverByName(`server=${peers} --no-such-flag`, peers) as Arm;
		await expect(arm.start(options('own'))).rejects.toThrow(/exit code 1.*no-such-flag/s);
	});

	test('ends when the benchmark is aborted', async () => {
		const abort = new AbortController();
		const arm = llamaServerFamily.arms(peers)[0] as Arm;
		const running = await arm.start({ ...options('recorded'), signal: abort.signal });
		const run = running.run({ workload: 'copy', context: 64, seed: 0, prompt, answer });
		abort.abort();
		await expect(run).rejects.toMatchObject({ code: 'ABORTED' });
		await running.stop();
	});
});

test('names that are no server’s are left to others', () => {
	for (const name of ['llama-server:ngram-mod@3/1/16', 'llama-server -fa off', 'llama-server:plain -ub 2048'])
		expect(serverByName(name, peers)?.name).toBe(name);
	for (const name of [
		'reprise',
		'llama-servers',
		'llama-server:plain@1',
		'llama-server:ngram-mod@3',
		'llama-server:ngram-cache@1',
		'llama-server:none@1/2',
		'llama-server:constructor',
		'llama-server:ngram-cache@tuned',
	])
		expect(serverByName(name, peers)).toBeNull();
});
