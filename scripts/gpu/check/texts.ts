import type { GenerateOptions } from '../../../lib/generate-options.js';
import { loadModel, type Model } from '../../../lib/model.js';
import type { Session } from '../../../lib/session.js';
import { Choices } from '../../../test/support/choices.js';
import { corrupt } from '../../../test/support/corrupt.js';
import { editPrompt } from '../../../test/support/prompts.js';
import { ForkLog, type Run, run } from '../../../test/support/runs.js';

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
	/** Bytes of logits a row of a pass, copied to the host. */
	bytesPerRowOnHost: number;
	bytesPerRowOnDevice: number;
	/** Drafted texts that part from the plain one where it was sure: bugs. */
	wideForks: string[];
	/** Drafted texts that part from it at a near-tie. */
	nearForks: number;
}

const isSame = (one: Run, other: Run): boolean =>
	one.tokens.join() === other.tokens.join() && one.margins.join() === other.margins.join();

const rowsOf = ({ metrics }: Run): number =>
	metrics.passesByRows.reduce((sum, { rows, passes }) => sum + rows * passes, 0);

async function compare(
	name: string,
	sampler: string,
	host: Session,
	device: Session,
	prompts: number,
): Promise<TextComparison> {
	const { model } = host;
	const forks = new ForkLog();
	const bytes = { host: 0, device: 0, rows: 0 };
	let texts = 0;
	let different = 0;
	for (let i = 0; i < prompts; i++) {
		const choices = new Choices(i, sampler);
		const prompt = model.tokenize(editPrompt(choices), { addSpecial: true, parseSpecial: true });
		const options = { ...samplers[sampler], maxTokens };
		const plain = await run(host, prompt, { ...options, draft: 'off' });
		const prediction = corrupt(plain.tokens, 7, model.info.vocabularySize, choices);
		for (const size of sizes) {
			const drafted: GenerateOptions = { ...options, draft: { size }, prediction };
			const onHost = await run(host, prompt, drafted);
			const onDevice = await run(device, prompt, drafted);
			texts++;
			if (!isSame(onHost, onDevice)) different++;
			await forks.compare(`prompt ${i}, size ${size}`, plain, onDevice);
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
		bytesPerRowOnHost: bytes.host / bytes.rows,
		bytesPerRowOnDevice: bytes.device / bytes.rows,
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
): Promise<TextComparison[]> {
	await using model: Model = await loadModel(path);
	await using host = await model.createSession({ contextLength, deviceLogits: 'off' });
	await using device = await model.createSession({ contextLength, deviceLogits: 'on' });
	const comparisons: TextComparison[] = [];
	for (const sampler of Object.keys(samplers)) {
		comparisons.push(await compare(name, sampler, host, device, prompts));
		log(`${name}, ${sampler}: ${JSON.stringify(comparisons.at(-1))}`);
	}
	return comparisons;
}
