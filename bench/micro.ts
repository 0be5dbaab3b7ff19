// What surrounds the computation of a pass: trees and batches, sampling, tokenization, and handing chunks over.
// The suffix index and the drafter by the length of the history are in bench/draft.ts.
import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { RecordedModel } from '../lib/bench/recorded-model.js';
import { type GenerateOptions, loadModel } from '../lib/index.js';
import { embeddedModel } from '../test/support/models.js';
import { measureCases } from './cases.js';
import { handingOverCase } from './micro/handing-over.js';
import { decodingCase, type Sums } from './micro/passes.js';
import { tokenizingCases } from './micro/tokenizing.js';
import { addModelOption, load, modelPath, oneOfEach, positive, randomTokens, runCommand } from './support.js';

const parts = ['passes', 'sampling', 'tokens', 'chunks'] as const;

interface Flags {
	model?: string;
	parts: Array<(typeof parts)[number]>;
	threads: number;
	seconds: number;
}

const sizes = [4, 8, 16, 32, 64];
const drafts: Record<string, GenerateOptions> = {
	'no draft': { draft: 'off' },
	...Object.fromEntries(sizes.map((size) => [`${size} drafted`, { draft: { size } }])),
};

const samplers: Record<string, GenerateOptions> = {
	greedy: { temperature: 0 },
	'temperature 0.8': { temperature: 0.8 },
	'top-k 40': { temperature: 0.8, topK: 40 },
	'top-p 0.9': { temperature: 0.8, topP: 0.9 },
	'min-p 0.05': { temperature: 0.8, minP: 0.05 },
	'repeat penalty 1.1': { temperature: 0, repeatPenalty: 1.1 },
	'100 biased tokens': {
		temperature: 0,
		logitBias: new Map(Array.from({ length: 100 }, (_, token) => [token, -1])),
	},
};

const micros = (ms: number, count: number) => ((1000 * ms) / count).toFixed(1);

async function passes(path: string, { threads, seconds }: Flags): Promise<void> {
	await using model = await RecordedModel.load(path);
	const cells = (sums: Sums) => {
		const { passes, passTokens, drafted, drafting, bookkeeping, sampling, compute } = sums;
		return [
			(1 + drafted / passes).toFixed(1),
			(passTokens / passes).toFixed(2),
			...[drafting, bookkeeping, sampling].map((ms) => micros(ms, passes)),
			(compute / passes).toFixed(2),
			`${((100 * (drafting + bookkeeping)) / (drafting + bookkeeping + sampling + compute)).toFixed(2)} %`,
		];
	};
	const made = [];
	for (const [name, options] of Object.entries(drafts))
		made.push(await decodingCase({ name, options, threads }, model, cells));
	const head = ['draft', 'rows', 'tokens', 'tree and learning, µs', 'batch and cache, µs', 'sampling, µs'];
	await measureCases(
		'A pass by the size of its draft',
		[...head, 'compute, ms', 'tree, batch and cache of all'],
		made.map((one) => one.case),
		{ seconds },
	);
	for (const one of made) await one.dispose();
}

async function sampling(path: string, { threads, seconds }: Flags): Promise<void> {
	await using model = await RecordedModel.load(path);
	const cells = ({ passes, sampling, compute }: Sums) => [
		micros(sampling, passes),
		`${((100 * sampling) / compute).toFixed(2)} %`,
	];
	const made = [];
	for (const [name, options] of Object.entries(samplers))
		made.push(await decodingCase({ name, options: { draft: 'off', ...options }, threads }, model, cells));
	await measureCases(
		`Choosing a token of ${model.model.info.vocabularySize}`,
		['options', 'µs a token', 'of the computation'],
		made.map((one) => one.case),
		{ seconds },
	);
	for (const one of made) await one.dispose();
}

async function tokens(path: string, { seconds }: Flags): Promise<void> {
	for (const file of [path, embeddedModel]) {
		await using model = await loadModel(file, { vocabOnly: true });
		await measureCases(
			`Tokenization by ${model.info.description}`,
			['', 'text', 'characters', 'tokens', 'ns a token', 'million characters a second'],
			tokenizingCases(model),
			{ seconds },
		);
	}
}

async function chunks(path: string, { threads, seconds }: Flags): Promise<void> {
	await using model = await loadModel(path);
	await using session = await model.createSession({ contextLength: 1024, threads });
	const prompt = randomTokens(32, model.info.vocabularySize, 1);
	const head = ['model', 'pass, ms', 'JavaScript’s thread, µs a chunk', 'of a pass'];
	await measureCases(
		'Handing a chunk over, one for each token',
		[...head, 'decode thread outside of passes, µs', 'of a pass'],
		[handingOverCase(model.info.description, session, prompt)],
		{ seconds: 4 * seconds },
	);
}

const measures = { passes, sampling, tokens, chunks };

await runCommand(
	addModelOption(new Command('micro'))
		.description('Micro benchmarks of what surrounds the computation of a pass.')
		.option('--parts <name,…>', parts.join(', '), oneOfEach(parts), [...parts])
		.option('--threads <n>', 'CPU threads', positive, availableParallelism())
		.option('--seconds <n>', 'seconds of a case', positive, 1)
		.action(async (flags: Flags) => {
			const path = await modelPath(flags);
			const before = load();
			for (const part of flags.parts) await measures[part](path, flags);
			console.log(`${flags.threads} threads, load ${before.toFixed(1)} to ${load().toFixed(1)}`);
		}),
);
