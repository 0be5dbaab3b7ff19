import { median } from '../../../bench/summary.js';
import { editedCopy, repetitiveTokens } from '../../../bench/token-stream.js';
import { RecordedModel } from '../../../lib/bench/recorded-model.js';
import type { GenerateOptions } from '../../../lib/generate-options.js';
import type { Metrics } from '../../../lib/metrics.js';
import { readConversations } from '../../../lib/replay/conversations.js';
import { renderConversation } from '../../../lib/replay/render.js';
import type { SessionOptions } from '../../../lib/session-options.js';
import { concatTokens } from '../../../lib/tokens.js';
import { Choices } from '../../../test/support/choices.js';

/** The ways to decode an answer, in turn. */
const arms = {
	plain: { draft: 'off', deviceLogits: 'off' },
	'drafts, host logits': { draft: 'auto', deviceLogits: 'off' },
	'drafts, device logits': { draft: 'auto', deviceLogits: 'auto' },
} as const satisfies Record<string, Pick<GenerateOptions, 'draft'> & Pick<SessionOptions, 'deviceLogits'>>;
type Arm = keyof typeof arms;
const armNames = Object.keys(arms) as Arm[];

const samplers: Record<string, GenerateOptions> = {
	greedy: {},
	'temperature 0.8': { temperature: 0.8, seed: 1 },
};

/** Answers decoded in one way. */
export interface Decoding {
	workload: string;
	sampler: string;
	arm: string;
	tokensPerSecond: number;
	tokensPerPass: number;
	/** Time of all passes without drafts by that of these. */
	againstPlain: number;
	/** Milliseconds of a pass that the host takes, between the ends of the model's passes. */
	hostMsPerPass: number;
	/** Bytes of logits that were copied to the host for each row. */
	bytesPerRow: number;
}

interface Answer {
	context: Int32Array;
	answer: Int32Array;
}

const sum = (numbers: number[]): number => numbers.reduce((total, one) => total + one, 0);

function toDecodings(workload: string, sampler: string, taken: Record<Arm, Metrics[]>): Decoding[] {
	const timeOf = (arm: Arm) => sum(taken[arm].map(({ decodeMs }) => decodeMs));
	return armNames.map((arm) => {
		const passes = sum(taken[arm].map((one) => one.passes));
		const tokens = sum(taken[arm].map(({ passTokens }) => passTokens));
		const sizes = taken[arm].flatMap(({ passesByRows }) => passesByRows);
		const inModel = sum(sizes.map(({ passes, meanMs }) => passes * meanMs));
		const rows = sum(sizes.map(({ rows, passes }) => rows * passes));
		return {
			workload,
			sampler,
			arm,
			tokensPerSecond: (1000 * tokens) / timeOf(arm),
			tokensPerPass: tokens / passes,
			againstPlain: timeOf('plain') / timeOf(arm),
			hostMsPerPass: (timeOf(arm) - inModel) / passes,
			bytesPerRow: sum(taken[arm].map(({ logitBytesRead }) => logitBytesRead)) / rows,
		};
	});
}

/** Answers of one turn of recorded conversations, with what stands before each. */
async function recordedAnswers(
	path: string,
	turn: number,
	count: number,
	{ model }: RecordedModel,
): Promise<Answer[]> {
	const answers: Answer[] = [];
	for await (const conversation of readConversations(path)) {
		const turns = renderConversation(conversation, model);
		const { output } = turns[turn - 1] ?? {};
		if (output === undefined || output.length < 2) continue;
		const before = turns
			.slice(0, turn)
			.flatMap((one, i) => (i < turn - 1 ? [one.prompt, one.output] : [one.prompt]));
		answers.push({ context: concatTokens(...before), answer: output });
		if (answers.length === count) break;
	}
	return answers;
}

/** Decodes answers in every way, turn about, and every sampler. */
export class DecodingBench {
	readonly #recorded: RecordedModel;
	readonly #log: (line: string) => void;

	private constructor(recorded: RecordedModel, log: (line: string) => void) {
		this.#recorded = recorded;
		this.#log = log;
	}

	static async load(path: string, log: (line: string) => void): Promise<DecodingBench> {
		return new DecodingBench(await RecordedModel.load(path), log);
	}

	/** Decodes the answers of one turn of a file of conversations. */
	async recorded(path: string, workload: string, turn: number, count: number): Promise<Decoding[]> {
		const answers = await recordedAnswers(path, turn, count, this.#recorded);
		if (answers.length === 0) throw new Error(`${path} has no answers of turn ${turn}`);
		const decodings: Decoding[] = [];
		for (const [sampler, options] of Object.entries(samplers)) {
			const taken = await this.#decode(answers, armNames, (arm) => ({ ...options, draft: arms[arm].draft }));
			decodings.push(...toDecodings(workload, sampler, taken));
			for (const one of decodings.slice(-armNames.length)) this.#log(JSON.stringify(one));
		}
		return decodings;
	}

	/**
	 * Milliseconds of a pass of so many rows with host logits by that with device logits, where each pass has that
	 * size.
	 */
	async fixedRows(rows: number, depth: number, tokens: number): Promise<Record<string, number>> {
		const { vocabularySize } = this.#recorded.model.info;
		const choices = new Choices(rows, 'fixed');
		const context = repetitiveTokens(depth, vocabularySize, rows);
		const answers = Array.from({ length: 3 }, () => ({
			context,
			answer: editedCopy(context, tokens, vocabularySize, choices),
		}));
		const ratios: Record<string, number> = {};
		for (const [sampler, options] of Object.entries(samplers)) {
			const drafted = ['drafts, host logits', 'drafts, device logits'] as const;
			const taken = await this.#decode(answers, drafted, () => ({ ...options, draft: { size: rows - 1 } }));
			const [host = 0, device = 0] = drafted.map((arm) =>
				median(taken[arm].map(({ decodeMs, passes }) => decodeMs / passes)),
			);
			ratios[sampler] = host / device;
			this.#log(
				`${rows} rows at ${depth} tokens, ${sampler}: ${host.toFixed(3)} ms, ${device.toFixed(3)} ms`,
			);
		}
		return ratios;
	}

	async #decode(
		answers: readonly Answer[],
		names: readonly Arm[],
		optionsOf: (arm: Arm) => GenerateOptions,
	): Promise<Record<Arm, Metrics[]>> {
		const contextLength =
			256 + Math.max(...answers.map(({ context, answer }) => context.length + answer.length));
		const taken: Record<Arm, Metrics[]> = {
			plain: [],
			'drafts, host logits': [],
			'drafts, device logits': [],
		};
		// What goes on beside should meet all alike.
		for (const [index, { context, answer }] of answers.entries())
			for (const arm of index % 2 === 0 ? names : names.toReversed()) {
				const { deviceLogits } = arms[arm];
				await using session = await this.#recorded.createSession({ contextLength, deviceLogits });
				taken[arm].push(await session.say(context, answer, optionsOf(arm)));
			}
		return taken;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#recorded[Symbol.asyncDispose]();
	}
}
