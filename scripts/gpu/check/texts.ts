import type { GenerateOptions } from '../../../lib/generate-options.js';
import { loadModel } from '../../../lib/model.js';
import type { Session } from '../../../lib/session.js';
import { concatTokens } from '../../../lib/tokens.js';
import { Choices } from '../../../test/support/choices.js';
import { corrupt } from '../../../test/support/corrupt.js';
import { isFilterTie } from '../../../test/support/filter-tie.js';
import { editPrompt } from '../../../test/support/prompts.js';
import { ForkLog, nearTie, type Run, run } from '../../../test/support/runs.js';

const samplers: Record<string, GenerateOptions> = {
	greedy: {},
	temperature: { temperature: 0.8, seed: 3 },
	'min-p': { temperature: 1.2, minP: 0.05, seed: 5 },
	'top-k': { temperature: 1, topK: 20, seed: 7 },
	'all filters': { temperature: 0.7, topK: 40, topP: 0.95, minP: 0.02, seed: 9 },
	penalties: { repeatPenalty: 1.2, presencePenalty: 0.5 },
};
const contextLength = 1024;
const maxTokens = 48;
/** Trees of a fixed size: what a pass computes must not depend on time. */
const sizes = [3, 16, 31];

/** How many texts were compared, and how they came out. */
export interface TextComparison {
	model: string;
	sampler: string;
	/** Drafted texts with host logits beside the same with device logits. */
	texts: number;
	/** Those whose tokens or margins are not the same, bit for bit. */
	different: number;
	/** Texts with host logits that another model of the same file says otherwise: the device's own doing. */
	unrepeated: number;
	/** Bytes of logits a row of a pass, copied to the host. */
	bytesPerRowOnHost: number;
	bytesPerRowOnDevice: number;
	/** Logits by which the margins of one token differ between plain and drafted passes: the largest. */
	marginsDiffer: number;
	/** Drafted texts that part from the plain one by more than kernels do without drafts. */
	wideForks: string[];
	/** Drafted texts that part from it at a near-tie. */
	nearForks: number;
}

/**
 * What kernels do without any draft: the margins of a plain text's tokens, each the last of a prompt that holds all
 * before it, beside its margin in plain decoding.
 */
export interface KernelNoise {
	tokens: number;
	/** Logits by which they differ: half of them by less, and the largest. */
	median: number;
	largest: number;
}

/**
 * The same model three times: what is drafted follows from what its sessions have said, and each shall have said the
 * same.
 */
interface Sessions {
	host: Session;
	hostAgain: Session;
	device: Session;
}

const isSame = (one: Run, other: Run): boolean =>
	one.tokens.join() === other.tokens.join() && one.margins.join() === other.margins.join();

const rowsOf = ({ metrics }: Run): number =>
	metrics.passesByRows.reduce((sum, { rows, passes }) => sum + rows * passes, 0);

/** The largest difference between margins of one token, up to where the texts part. */
function marginsDiffer(plain: Run, drafted: Run): number {
	let largest = 0;
	for (const [at, margin] of plain.margins.entries()) {
		if (plain.tokens[at] !== drafted.tokens[at]) break;
		const difference = Math.abs(margin - (drafted.margins[at] ?? margin));
		if (Number.isFinite(difference)) largest = Math.max(largest, difference);
	}
	return largest;
}

const promptOf = ({ model }: Session, choices: Choices): Int32Array =>
	model.tokenize(editPrompt(choices), { addSpecial: true, parseSpecial: true });

async function kernelNoise(session: Session, prompts: number): Promise<KernelNoise> {
	const differences: number[] = [];
	for (let i = 0; i < prompts; i++) {
		const prompt = promptOf(session, new Choices(i, 'noise'));
		const plain = await run(session, prompt, { draft: 'off', maxTokens });
		for (const [at, margin] of plain.margins.entries()) {
			await session.rollback(0);
			const whole = concatTokens(prompt, plain.tokens.slice(0, at));
			const [found = 0] = (await run(session, whole, { draft: 'off', maxTokens: 1 })).margins;
			differences.push(Math.abs(margin - found));
		}
	}
	differences.sort((a, b) => a - b);
	return {
		tokens: differences.length,
		median: differences[differences.length >> 1] ?? 0,
		largest: differences.at(-1) ?? 0,
	};
}

async function compare(
	name: string,
	sampler: string,
	{ host, hostAgain, device }: Sessions,
	filtered: Session,
	prompts: number,
	noise: KernelNoise,
): Promise<TextComparison> {
	const { model } = host;
	const options = { ...samplers[sampler], maxTokens };
	// Margins are in units of the temperature.
	const temperature = options.temperature || 1;
	const forks = new ForkLog(Math.max(nearTie, noise.largest / temperature));
	const bytes = { host: 0, device: 0, rows: 0 };
	let [texts, different, unrepeated, largest] = [0, 0, 0, 0];
	/** The same with host and with device logits. */
	const both = async (prompt: Int32Array, options: GenerateOptions): Promise<[host: Run, device: Run]> => {
		const onHost = await run(host, prompt, options);
		const onDevice = await run(device, prompt, options);
		texts++;
		if (!isSame(onHost, onDevice)) different++;
		if (!isSame(onHost, await run(hostAgain, prompt, options))) unrepeated++;
		return [onHost, onDevice];
	};
	for (let i = 0; i < prompts; i++) {
		const choices = new Choices(i, sampler);
		const prompt = promptOf(host, choices);
		const [plain] = await both(prompt, { ...options, draft: 'off' });
		const prediction = corrupt(plain.tokens, 7, model.info.vocabularySize, choices);
		for (const size of sizes) {
			const drafted: GenerateOptions = { ...options, draft: { size }, prediction };
			const [onHost, onDevice] = await both(prompt, drafted);
			largest = Math.max(largest, temperature * marginsDiffer(plain, onDevice));
			await forks.compare(`prompt ${i}, size ${size}`, plain, onDevice, ({ position }) => {
				const context = concatTokens(prompt, plain.tokens.slice(0, position));
				return isFilterTie(filtered, context, onDevice.tokens[position], options);
			});
			bytes.rows += rowsOf(onHost);
			bytes.host += onHost.metrics.logitBytesRead;
			bytes.device += onDevice.metrics.logitBytesRead;
		}
	}
	return {
		model: name,
		sampler,
		texts,
		different,
		unrepeated,
		bytesPerRowOnHost: bytes.host / bytes.rows,
		bytesPerRowOnDevice: bytes.device / bytes.rows,
		marginsDiffer: largest,
		wideForks: forks.wide,
		nearForks: forks.near.length,
	};
}

/** Compares texts with device logits to those with host logits, for every sampler. */
export async function compareTexts(
	name: string,
	path: string,
	prompts: number,
	log: (line: string) => void,
): Promise<{ comparisons: TextComparison[]; noise: KernelNoise }> {
	await using measured = await loadModel(path);
	await using alone = await measured.createSession({ contextLength, deviceLogits: 'off' });
	const noise = await kernelNoise(alone, prompts);
	log(`${name}, noise of kernels: ${JSON.stringify(noise)}`);
	await using onHost = await loadModel(path);
	await using onHostAgain = await loadModel(path);
	await using onDevice = await loadModel(path);
	await using host = await onHost.createSession({ contextLength, deviceLogits: 'off' });
	await using hostAgain = await onHostAgain.createSession({ contextLength, deviceLogits: 'off' });
	await using device = await onDevice.createSession({ contextLength, deviceLogits: 'on' });
	const sessions = { host, hostAgain, device };
	const comparisons: TextComparison[] = [];
	for (const sampler of Object.keys(samplers)) {
		comparisons.push(await compare(name, sampler, sessions, alone, prompts, noise));
		log(`${name}, ${sampler}: ${JSON.stringify(comparisons.at(-1))}`);
	}
	return { comparisons, noise };
}
