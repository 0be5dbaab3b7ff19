import { type ChatMessage, splitBegun } from '../chat-message.js';
import { RepriseError } from '../errors.js';
import { defaultMaxTokens } from '../generate-options.js';
import type { Chunk } from '../generation.js';
import { type Meter, Stopped } from './budget.js';
import type { OpenChat } from './chat-host.js';
import { type Cost, costOf, noCost, sumCosts } from './cost.js';
import type { Reply } from './events.js';
import type { StepOptions } from './step-options.js';
import type { Task } from './verifier.js';

/**
 * A function that is called with every part of a text as it comes.
 *
 * @param chunk - The part of the text.
 * @param step - The step that generates it: its key and its type.
 */
export type OnChunk = (chunk: Chunk, step: { readonly key: string; readonly type: string }) => void;

/** Far above any difference of logits, and small enough for a float to keep four decimals beside it. */
const farAbove = 1000;

interface Surroundings {
	readonly task: Task;
	readonly key: string;
	readonly type: string;
	readonly round: number;
	readonly meter: Meter;
	readonly signal: AbortSignal;
	readonly defaults: StepOptions;
	readonly onChunk: OnChunk | undefined;
	readonly openChat: OpenChat;
}

/** What a step has spent, and what it still generates. */
interface Spending {
	cost: Cost;
	readonly generating: Set<Promise<unknown>>;
}

/**
 * What a step may use. What it generates through this is counted, bounded by the budgets, and ends with the
 * run.
 */
export class StepContext {
	/** The task that is run. */
	readonly task: Task;
	/** The round that the step belongs to, from 1 on. */
	readonly round: number;
	/** Fires when the run has to end. */
	readonly signal: AbortSignal;
	readonly #around: Surroundings;
	readonly #spending: Spending;

	/** Contexts come from a `Run`. */
	constructor(around: Surroundings, spending: Spending = { cost: noCost, generating: new Set() }) {
		this.task = around.task;
		this.round = around.round;
		this.signal = around.signal;
		this.#around = around;
		this.#spending = spending;
	}

	/** What the generations of the step cost so far. */
	get cost(): Cost {
		return this.#spending.cost;
	}

	/**
	 * The context of the same step, which also has to end with another signal.
	 *
	 * @param signal - That signal.
	 */
	until(signal: AbortSignal): StepContext {
		return new StepContext(
			{ ...this.#around, signal: AbortSignal.any([this.signal, signal]) },
			this.#spending,
		);
	}

	/** Resolves when the step generates nothing any more. */
	async idle(): Promise<void> {
		await Promise.allSettled(this.#spending.generating);
	}

	/**
	 * Generates the reply to a conversation. Rejects as `session.generate` does; where the run ends meanwhile,
	 * it rejects with what the strategy has to pass on.
	 *
	 * @param messages - The conversation; a last message of the assistant is the beginning of the reply, and
	 * part of its text.
	 * @param options - How the reply is generated, where it is not as the run's option `generate` says.
	 */
	async reply(messages: readonly ChatMessage[], options: StepOptions = {}): Promise<Reply> {
		const { defaults, key, meter } = this.#around;
		const wanted = { ...defaults, ...options };
		const most = wanted.maxTokens ?? defaultMaxTokens;
		const left = meter.tokensLeft;
		const { text, finishReason, stopString, tokens, model } = await this.#generate(messages, {
			...wanted,
			maxTokens: Math.min(most, left),
			seed: stepSeed(wanted.seed ?? 0, key),
		});
		const { asked: prompt, begun } = splitBegun(messages);
		const cut = finishReason === 'aborted' || (finishReason === 'length' && left <= most);
		// A step that stops at strings of its own goes on after the token that holds them: part of a token would lead the
		// model elsewhere. Elsewhere these strings end the answer, and are none of it.
		const said = options.stop === undefined ? text : model.detokenize([...tokens]);
		const stopped = text + (options.stop === undefined ? '' : stopString);
		const whole = said.startsWith(stopped) && !said.endsWith('\ufffd') ? said : stopped;
		return { prompt, text: begun + whole, finishReason, cut };
	}

	/**
	 * The probability of the first of two replies where one of the two must come. It is exact: the logits of
	 * their first tokens, which must differ, decide. One token is generated. Rejects with `OPTION_INVALID`, and
	 * as `reply` does.
	 *
	 * @param messages - The conversation that is replied to.
	 * @param replies - The two replies.
	 */
	async odds(messages: readonly ChatMessage[], [first, second]: readonly [string, string]): Promise<number> {
		this.#requireGoing();
		const { model } = (await this.#around.openChat(messages, this.#spend)).session;
		const [a, b] = [model.tokenize(first)[0], model.tokenize(second)[0]];
		if (a === undefined || b === undefined || a === b)
			throw new RepriseError(
				'OPTION_INVALID',
				`Expected two replies that begin with different tokens but received ${JSON.stringify([first, second])}`,
			);
		const options: StepOptions = {
			maxTokens: 1,
			temperature: 0,
			logitBias: { [a]: farAbove, [b]: farAbove },
		};
		const { tokens, margin } = await this.#generate(messages, options);
		const probability = 1 / (1 + Math.exp(-margin));
		return tokens[0] === a ? probability : 1 - probability;
	}

	/** Throws `Stopped` where the run has to end before the first token. */
	async #generate(messages: readonly ChatMessage[], options: StepOptions) {
		const { meter, signal, onChunk, key, type } = this.#around;
		this.#requireGoing();
		if (meter.tokensLeft === 0) throw new Stopped('tokens');
		let margin = Number.NaN;
		try {
			const chat = await this.#around.openChat(messages, this.#spend);
			this.#requireGoing();
			const generation = chat.reply(messages, { ...options, signal });
			this.#spending.generating.add(generation.result);
			for await (const chunk of generation) {
				meter.spend(chunk.tokens.length);
				if (Number.isNaN(margin)) margin = chunk.margins[0] ?? Number.NaN;
				onChunk?.(chunk, { key, type });
			}
			const result = await generation.result;
			this.#spend(costOf(result.metrics));
			return { ...result, margin, model: chat.session.model };
		} catch (error) {
			// A prompt that is not computed yet ends in an error, not in a short text.
			this.#requireGoing();
			throw error;
		}
	}

	#spend = (cost: Cost): void => {
		this.#spending.cost = sumCosts([this.#spending.cost, cost]);
	};

	#requireGoing(): void {
		if (this.signal.aborted) throw this.signal.reason;
	}
}

/** Steps of one run draw differently, and the same step of another run draws alike (FNV-1a). */
function stepSeed(seed: number, key: string): number {
	let hash = 0x811c9dc5;
	for (const character of `${seed}:${key}`)
		hash = Math.imul(hash ^ (character.codePointAt(0) as number), 0x01000193);
	return hash >>> 0;
}
