import { join } from 'node:path';
import { RepriseError } from '../../lib/errors.js';
import type { GenerateOptions } from '../../lib/generate-options.js';
import { loadModel, type Model } from '../../lib/model.js';
import type { Session } from '../../lib/session.js';
import type { CacheType, SessionOptions } from '../../lib/session-options.js';
import { Choices } from '../support/choices.js';
import { anyPrompt } from '../support/prompts.js';
import { twoThreads } from '../support/threads.js';
import { serveCases } from './serve-cases.js';

// Arguments: a folder of the child's own, and the models that sessions are made of.
const [folder = '', ...rest] = process.argv.slice(2);
const paths = rest.slice(0, rest.indexOf('--cases'));
const models = new Map<string, Promise<Model>>();

function loaded(path: string): Promise<Model> {
	const model = models.get(path) ?? loadModel(path);
	models.set(path, model);
	return model;
}

const cacheTypes: CacheType[] = ['f16', 'f16', 'f32', 'q8_0', 'q4_0'];
const batchSizes = [1, 2, 3, 7, 8, 9, 10, 11, 16, 33, 64, 512, 65_536];

/** Each option is given in half of the cases. */
function anyOptions(choices: Choices): SessionOptions {
	const all: Required<SessionOptions> = {
		contextLength: choices.of([8, 9, 16, 32, 32, 100, 100, 255, 256, 257, 512, 1024, 20_000]),
		batchSize: choices.of(batchSizes),
		microBatchSize: choices.of(batchSizes),
		// Threads that wait for each other without sleeping take long where others use the processors, too.
		threads: choices.chance(20) ? twoThreads : 1,
		flashAttention: choices.of(['auto', 'on', 'off'] as const),
		deviceLogits: choices.of(['auto', 'on', 'off'] as const),
		keyType: choices.of(cacheTypes),
		valueType: choices.of(cacheTypes),
		fullSlidingWindow: choices.chance(50),
		overflow: choices.of(['error', 'shift'] as const),
		referenceTokens: choices.of([1, 10, 1000]),
		maxSequences: choices.of([0, 1, 2, 3, 5, 8, 64, 255, 256]),
		// Refused on most machines.
		matching: choices.of(['auto', 'auto', 'index', 'device'] as const),
	};
	return Object.fromEntries(Object.entries(all).filter(() => choices.chance(50)));
}

function prompt(choices: Choices): string | number[] {
	switch (choices.below(6)) {
		case 0:
			return '';
		case 1:
			return [choices.below(40)];
		case 2:
			return anyPrompt(choices).repeat(1 + choices.below(5));
		case 3:
			return 'a b '.repeat(choices.below(200));
		default:
			return anyPrompt(choices);
	}
}

function generateOptions(choices: Choices): GenerateOptions {
	const all: GenerateOptions = {
		temperature: choices.of([0.5, 1, 100]),
		topK: choices.of([1, 5, 100_000]),
		topP: choices.of([0.1, 0.9]),
		minP: choices.of([0.05, 1]),
		topNSigma: choices.of([0.1, 2]),
		typicalP: choices.of([0, 0.6]),
		xtcProbability: choices.of([0.3, 1]),
		mirostat: 2,
		dryMultiplier: choices.of([1, 100]),
		dryAllowedLength: choices.of([0, 2]),
		repeatPenalty: choices.of([0.5, 1.3]),
		penaltyWindow: choices.of([1, 64]),
		logitBias: { 5: 3, 6: Number.NEGATIVE_INFINITY },
		stop: choices.of(['e', 'the cat']),
		grammar: choices.of(['root ::= [a-z ]+', 'root ::= "yes" | "no"', 'root ::= ("a" root)?']),
		prediction: anyPrompt(choices),
		renderSpecial: true,
	};
	const given = Object.fromEntries(Object.entries(all).filter(() => choices.chance(20)));
	return {
		...given,
		seed: choices.below(1000),
		maxTokens: 1 + choices.below(choices.chance(10) ? 100 : 12),
		draft: choices.of(['auto', 'off', { size: 1 }, { size: 8 }, { size: 64 }, { size: 256 }] as const),
	};
}

/** What a call came to: `done`, or the error's code, and whether an assertion of llama.cpp failed in it. */
async function outcome(call: () => Promise<unknown>): Promise<string> {
	try {
		await call();
		return 'done';
	} catch (error) {
		if (!(error instanceof RepriseError)) throw error;
		return /GGML_ASSERT|assertion/i.test(error.message) ? `${error.code}(${error.message})` : error.code;
	}
}

/** A session, its forks, and some calls of them one after another or at once. */
async function useSessions(model: Model, choices: Choices): Promise<string> {
	const outcomes: string[] = [];
	const sessions: Session[] = [];
	outcomes.push(await outcome(async () => sessions.push(await model.createSession(anyOptions(choices)))));
	const state = join(folder, `${process.pid}.state`);
	for (let i = 2 + choices.below(5); i > 0 && sessions.length > 0; i--) {
		const session = choices.of(sessions);
		const calls: Array<() => Promise<unknown>> = [
			() => session.generate(prompt(choices), generateOptions(choices)).result,
			() => session.generate(prompt(choices), generateOptions(choices)).result,
			() => session.generate(null, generateOptions(choices)).result,
			() => session.prefill(prompt(choices)),
			() => session.append(prompt(choices)),
			async () => session.rollback(choices.below(1 + (await session.history()).length)),
			async () => sessions.push(await session.fork()),
			() => session.save(state),
			() => session.load(state),
			async () => {
				for (let forks = choices.of([2, 4, 9]); forks > 0; forks--) sessions.push(await session.fork());
			},
			async () => {
				const all = sessions.map((one) => one.generate(null, generateOptions(choices)).result);
				const failed = (await Promise.allSettled(all)).find((one) => one.status === 'rejected');
				if (failed) throw failed.reason;
			},
		];
		outcomes.push(await outcome(choices.of(calls)));
		if (sessions.length > 1 && choices.chance(20))
			await sessions.splice(choices.below(sessions.length), 1)[0]?.dispose();
	}
	for (const session of sessions) await session.dispose();
	const assertion = outcomes.find((one) => one.includes('('));
	if (assertion) return `assertion: ${assertion}`;
	return `${[...new Set(outcomes)].sort().join('+')}: ${outcomes.join(' ')}`;
}

await serveCases(async (seed) => {
	const choices = new Choices(seed, 'sessions');
	const path = paths[seed % paths.length] ?? '';
	let model: Model;
	try {
		model = await loaded(path);
	} catch (error) {
		if (error instanceof RepriseError) return `no model: ${error.code}`;
		throw error;
	}
	return useSessions(model, choices);
});
