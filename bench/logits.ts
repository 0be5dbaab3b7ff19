// How exact logits are: of our kernels and of llama.cpp's own, against F32 arithmetic on the same weights.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import { loadModel } from '../lib/index.js';
import { type QuantisationName, quantisations } from '../scripts/gguf/quantisation.js';
import { randomModel } from '../test/support/models.js';
import { buildProgram, builds, type Processor, processors } from './pass-cost/programs.js';
import { printTable } from './summary.js';
import { integers, oneOfEach, positive, runCommand } from './support.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const trained = join(root, 'models', 'reprise-2m.gguf');
/** Types that the trained model's rows of 160 weights fill; the others are measured on random weights. */
const narrow: readonly QuantisationName[] = ['f16', 'bf16', 'q4_0', 'q5_0', 'q8_0', 'iq4_nl'];
const wide: readonly QuantisationName[] = ['q3_k', 'q4_k', 'q4_k_m', 'q5_k', 'q6_k', 'iq4_xs'];

interface Flags {
	tokens: number;
	rows: number[];
	types: QuantisationName[];
	cpu: Processor;
	json?: boolean;
}

/** How far logits lie from the reference's. */
interface Distance {
	/** Mean of the differences' absolute values. */
	mean: number;
	largest: number;
	/** Perplexity of the text: e to the mean negative log probability of each token given those before it. */
	perplexity: number;
}

const readFloats = (path: string) => {
	const bytes = readFileSync(path);
	return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
};

function perplexity(logits: Float32Array, tokens: Int32Array): number {
	const width = logits.length / tokens.length;
	let sum = 0;
	for (let row = 0; row + 1 < tokens.length; row++) {
		const scores = logits.subarray(row * width, (row + 1) * width);
		const highest = scores.reduce((most, score) => Math.max(most, score), Number.NEGATIVE_INFINITY);
		const total = scores.reduce((all, score) => all + Math.exp(score - highest), 0);
		sum += highest + Math.log(total) - (scores[tokens[row + 1] as number] as number);
	}
	return Math.exp(sum / (tokens.length - 1));
}

function compare(logits: Float32Array, reference: Float32Array, tokens: Int32Array): Distance {
	let [sum, largest] = [0, 0];
	for (let i = 0; i < reference.length; i++) {
		const difference = Math.abs((logits[i] as number) - (reference[i] as number));
		sum += difference;
		// NaN must not pass as small.
		if (!(difference <= largest)) largest = difference;
	}
	return { mean: sum / reference.length, largest, perplexity: perplexity(logits, tokens) };
}

/** The beginning of the project's own documentation. */
async function realText(modelPath: string, count: number): Promise<Int32Array> {
	const docs = readdirSync(join(root, 'docs')).map((name) => join('docs', name));
	const text = ['README.md', ...docs.sort()].map((name) => readFileSync(join(root, name), 'utf8')).join('\n');
	await using model = await loadModel(modelPath, { vocabOnly: true });
	const tokens = (await model.tokenize(text)).subarray(0, count);
	if (tokens.length < count) throw new RangeError(`the documentation has ${tokens.length} tokens only`);
	return tokens;
}

const known = [...narrow, ...wide];

const command = new Command('logits')
	.description(
		"Errors of logits against F32 arithmetic on the same weights, of our kernels and of llama.cpp's own.",
	)
	.option('--tokens <n>', "tokens of the README's text", positive, 2000)
	.option('--rows <n,…>', 'rows of the passes that compute them', integers(1), [1, 16])
	.option('--types <type,…>', known.join(', '), oneOfEach(known), [...known])
	.addOption(new Option('--cpu <kind>', 'what the code is made for').choices(processors).default('native'))
	.option('--json', 'print JSON')
	.action(async ({ tokens: count, rows, types, cpu, json }: Flags) => {
		const programs = builds.map((kernels) => ({
			kernels,
			path: buildProgram('reprise-logits', kernels, cpu),
		}));
		const upstream = programs.find(({ kernels }) => kernels === 'upstream')?.path ?? '';
		const folder = mkdtempSync(join(tmpdir(), 'reprise-logits-'));
		const file = (name: string) => join(folder, name);
		const run = (program: string, ...args: Array<string | number>) =>
			execFileSync(program, args.map(String), { stdio: ['ignore', 2, 2] });
		const lines: Array<Record<string, unknown> & Distance> = [];
		try {
			for (const type of types) {
				const isTrained = narrow.includes(type);
				const model = isTrained ? file('model.gguf') : await randomModel('tiny-wide', 0, type);
				if (isTrained) run(upstream, 'quantise', trained, quantisations[type].fileType, model);
				run(upstream, 'quantise', model, quantisations.f32.fileType, file('f32.gguf'));

				const tokens = await realText(model, count);
				writeFileSync(file('tokens.txt'), tokens.join(' '));
				run(upstream, 'logits', file('f32.gguf'), file('tokens.txt'), 64, 'f32', file('reference'));
				const reference = readFloats(file('reference'));
				const weights = isTrained ? 'trained' : 'random';
				lines.push({ type, weights, rows: 64, kernels: 'F32', ...compare(reference, reference, tokens) });
				for (const size of rows)
					for (const { kernels, path } of programs) {
						run(path, 'logits', model, file('tokens.txt'), size, 'f16', file('logits'));
						const error = compare(readFloats(file('logits')), reference, tokens);
						lines.push({ type, weights, rows: size, kernels, ...error });
					}
				console.error(`measured: ${type}`);
			}
		} finally {
			rmSync(folder, { recursive: true, force: true });
		}
		if (json) console.log(JSON.stringify(lines, null, '\t'));
		else
			printTable(
				['type', 'weights', 'rows', 'kernels', 'mean error', 'largest', 'perplexity'],
				lines.map(({ type, weights, rows, kernels, mean, largest, perplexity }) => [
					...[type, weights, rows, kernels].map(String),
					...[mean.toExponential(2), largest.toExponential(2), perplexity.toFixed(4)],
				]),
			);
	});

await runCommand(command);
