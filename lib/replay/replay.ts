import { setImmediate } from 'node:timers/promises';
import { RepriseError } from '../errors.js';
import type { Conversation } from './conversations.js';
import type { Drafter } from './drafter.js';
import { createDrafter, type DrafterName } from './drafters.js';
import { type PassCost, relativeCost, relativeTime } from './pass-cost.js';
import { renderConversation, type Turn, type Vocabulary } from './render.js';
import type { ReplayedDraftModel } from './reprise.js';

export interface ReplayOptions {
	readonly drafters: readonly DrafterName[];
	readonly passCosts: readonly PassCost[];
	/** Whether a conversation may draw on those before it; else each starts cold. */
	readonly warm: boolean;
	/** A smaller model that drafts, for the drafters that need one. */
	readonly draftModel?: ReplayedDraftModel;
	/** Ends the replay: it rejects with `ABORTED`. */
	readonly signal?: AbortSignal;
}

/** One turn of all conversations of a data set and model, by one drafter at one pass cost. */
export interface ReplayRow {
	dataset: string;
	model: string;
	/** The turn, from 1 on. */
	turn: number;
	drafter: DrafterName;
	/** What a draft token adds to a pass, in passes without a draft; or the name of a measured staircase. */
	passCost: number | string;
	conversations: number;
	/** The tokens that verify passes gave: all of the outputs but their first, which comes with the prompt. */
	tokens: number;
	/** The number of verify passes. */
	passes: number;
	/** The draft tokens that were put before the model. */
	drafted: number;
	/** How often a draft model was asked. */
	asked: number;
	/** The tokens that a pass gave, on average: plain decoding gives 1. It is 0 where there was no pass. */
	tokensPerPass: number;
	/** The tokens by cost, in passes without a draft; 0 where there was no pass. */
	speedup: number;
	/** The microseconds that drafting took in a pass, on average. */
	draftMicrosPerPass: number;
}

/** A drafter at a pass cost, on its way through the conversations. */
interface Lane {
	readonly name: DrafterName;
	readonly passCost: PassCost;
	drafter: Drafter;
}

interface Tally {
	conversations: number;
	tokens: number;
	passes: number;
	drafted: number;
	asked: number;
	/** The cost up to now, in passes without a draft. */
	cost: number;
	micros: number;
}

interface Group {
	readonly dataset: string;
	readonly model: string;
	/** The rows by turn, then by lane. */
	readonly turns: Tally[][];
}

/**
 * Lets drafters go through recorded conversations, as if the model said what it said then: a draft token is
 * accepted when it is the recorded answer's next, which is what greedy verification by that model would do.
 *
 * Rows come in the order of data sets and models, turns, drafters, pass costs.
 */
export async function replay(
	conversations: AsyncIterable<Conversation> | Iterable<Conversation>,
	vocabulary: Vocabulary,
	{ drafters, passCosts, warm, draftModel, signal }: ReplayOptions,
): Promise<ReplayRow[]> {
	const lanes: Lane[] = drafters.flatMap((name) =>
		passCosts.map((passCost) => ({ name, passCost, drafter: createDrafter(name, draftModel) })),
	);
	const groups = new Map<string, Group>();
	const breather = new Breather(signal);
	for await (const conversation of conversations) {
		breather.check();
		const turns = renderConversation(conversation, vocabulary);
		const { dataset, model } = conversation;
		const key = JSON.stringify([dataset, model]);
		const group = groups.get(key) ?? { dataset, model, turns: [] };
		groups.set(key, group);
		for (const [index, lane] of lanes.entries()) {
			for (const [turn, recorded] of turns.entries()) {
				group.turns[turn] ??= lanes.map(emptyTally);
				await replayTurn(recorded, lane, group.turns[turn][index] as Tally, breather);
			}
			if (warm) lane.drafter.nextConversation(turns);
			else lane.drafter = createDrafter(lane.name, draftModel);
		}
	}
	return [...groups.values()].flatMap((group) => toRows(group, lanes));
}

async function replayTurn(
	{ prompt, output }: Turn,
	{ drafter, passCost }: Lane,
	tally: Tally,
	breather: Breather,
): Promise<void> {
	drafter.append(prompt, 'prompt');
	drafter.append(output.subarray(0, 1), 'output');
	for (let offset = 1; offset < output.length; ) {
		const { drafted, accepted, micros, asked = 0, askingMs = 0 } = drafter.step(output, offset, passCost);
		offset += accepted + 1;
		tally.passes++;
		tally.drafted += drafted;
		tally.asked += asked;
		tally.cost += relativeCost(passCost, drafted) + relativeTime(passCost, askingMs);
		tally.micros += micros;
		if (breather.due) await breather.take();
	}
	tally.conversations++;
	tally.tokens += output.length - 1;
}

const emptyTally = (): Tally => ({
	...{ conversations: 0, tokens: 0, passes: 0, drafted: 0, asked: 0 },
	...{ cost: 0, micros: 0 },
});

function toRows({ dataset, model, turns }: Group, lanes: readonly Lane[]): ReplayRow[] {
	return turns.flatMap((tallies, index) =>
		tallies.map(({ micros, cost, ...sums }, lane) => {
			const { name, passCost } = lanes[lane] as Lane;
			const { tokens, passes } = sums;
			return {
				dataset,
				model,
				turn: index + 1,
				drafter: name,
				passCost: typeof passCost === 'number' ? passCost : passCost.name,
				...sums,
				tokensPerPass: passes && tokens / passes,
				speedup: passes && tokens / cost,
				draftMicrosPerPass: passes && micros / passes,
			};
		}),
	);
}

/** Lets Ctrl-C and the progress bar have their turn between passes. */
class Breather {
	readonly #signal: AbortSignal | undefined;
	#last = performance.now();

	constructor(signal: AbortSignal | undefined) {
		this.#signal = signal;
	}

	get due(): boolean {
		return performance.now() - this.#last > 20;
	}

	/** Rejects with `ABORTED` once the signal has come. */
	async take(): Promise<void> {
		await setImmediate();
		this.check();
		this.#last = performance.now();
	}

	/** Throws `ABORTED` once the signal has come. */
	check(): void {
		if (this.#signal?.aborted) throw new RepriseError('ABORTED', 'The replay was interrupted');
	}
}
