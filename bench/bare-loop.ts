// What the engine adds to decoding: against a bare llama_decode loop on the same library, with drafts off,
// and with drafts on for text that holds nothing to copy.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadModel, type Model } from '../lib/model.js';
import { configuration, runQuietly } from '../scripts/build.mjs';
import { median, printTable } from './summary.js';
import { type BenchOptions, circumstances, load, randomTokens, runBench } from './support.js';

const promptLength = 64;

interface Sample {
	/** Milliseconds a token after the first. */
	msPerToken: number;
	tokens: string;
}

interface BareOutput {
	loopMs: number;
	decodeMs: number;
	tokens: number[];
}

/** Builds the program in the addon's build folder, so that both link the same library. */
function buildBareLoop(): string {
	const folder = fileURLToPath(new URL(`../build/${configuration().folder}`, import.meta.url));
	if (!existsSync(join(folder, 'CMakeCache.txt')))
		throw new Error('the addon is not built yet: run npm run build:native');
	const cmake = (...args: string[]) => runQuietly('cmake', args);
	cmake('-DREPRISE_BENCH=ON', folder);
	cmake('--build', folder, '--config', 'Release', '--target', 'reprise-bare-loop');
	const program = [join(folder, 'Release'), folder]
		.map((place) => join(place, `reprise-bare-loop${process.platform === 'win32' ? '.exe' : ''}`))
		.find(existsSync);
	if (!program) throw new Error(`no reprise-bare-loop in ${folder} after building it`);
	return program;
}

async function sampleEngine(
	model: Model,
	prompt: Int32Array,
	options: BenchOptions,
	draft: 'off' | 'auto',
): Promise<Sample> {
	await using session = await model.createSession({
		contextLength: options.context,
		threads: options.threads,
	});
	const { metrics, tokens } = await session.generate(prompt, { maxTokens: options.tokens, draft }).result;
	if (tokens.length < options.tokens)
		throw new Error(`the model ended its text after ${tokens.length} tokens: lower --tokens`);
	return {
		msPerToken: (metrics.totalMs - metrics.timeToFirstTokenMs) / (metrics.outputTokens - 1),
		tokens: tokens.join(),
	};
}

function sampleBare(program: string, modelPath: string, tokenFile: string, options: BenchOptions) {
	const args = [modelPath, tokenFile, options.tokens, options.threads, options.context].map(String);
	const output = JSON.parse(execFileSync(program, args, { encoding: 'utf8' })) as BareOutput;
	const steps = options.tokens - 1;
	return {
		loop: { msPerToken: output.loopMs / steps, tokens: output.tokens.join() },
		decode: { msPerToken: output.decodeMs / steps, tokens: output.tokens.join() },
	};
}

await runBench(
	'bare-loop',
	'Decoding speed against a bare llama_decode loop; runs are interleaved, medians compared.',
	{ tokens: 64, runs: 5, threads: availableParallelism(), context: 2048 },
	async (modelPath, options) => {
		const program = buildBareLoop();
		const work = mkdtempSync(join(tmpdir(), 'reprise-bare-loop-'));
		try {
			await using model = await loadModel(modelPath);
			const prompt = randomTokens(promptLength, model.info.vocabularySize, 1);
			const tokenFile = join(work, 'prompt.txt');
			writeFileSync(tokenFile, prompt.join(' '));

			const before = load();
			const samples: Record<string, Sample[]> = { decode: [], loop: [], off: [], auto: [] };
			for (let i = 0; i < options.runs; i++) {
				const bare = sampleBare(program, modelPath, tokenFile, options);
				samples.decode?.push(bare.decode);
				samples.loop?.push(bare.loop);
				samples.off?.push(await sampleEngine(model, prompt, options, 'off'));
				samples.auto?.push(await sampleEngine(model, prompt, options, 'auto'));
			}

			const labels: Record<string, string> = {
				decode: 'llama_decode alone',
				loop: 'bare loop (with its argmax)',
				off: 'drafts off',
				auto: 'drafts on, nothing to copy',
			};
			const loopMs = median((samples.loop ?? []).map(({ msPerToken }) => msPerToken));
			const rows = Object.entries(samples).map(([kind, taken]) => {
				const ms = median(taken.map(({ msPerToken }) => msPerToken));
				return [labels[kind] ?? kind, ms.toFixed(3), (1000 / ms).toFixed(1), (loopMs / ms).toFixed(3)];
			});
			const { threads, runs } = options;
			const how = circumstances({ threads, runs, clock: 'wall', load: [before, load()] });
			console.log(`${[basename(modelPath), ...how].join(', ')}\n`);
			printTable(['', 'ms a token', 'tokens/s', 'of the bare loop'], rows);
			const texts = new Set(Object.values(samples).flatMap((taken) => taken.map(({ tokens }) => tokens)));
			if (runs < 3) console.log('Medians of fewer than 3 runs say little: pass --runs 3 or more.');
			console.log(texts.size === 1 ? 'All runs said the same tokens.' : `The runs said ${texts.size} texts.`);
		} finally {
			rmSync(work, { recursive: true, force: true });
		}
	},
);
