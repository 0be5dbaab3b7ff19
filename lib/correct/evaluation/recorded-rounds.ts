import type { Conversation } from '../../replay/conversations.js';
import { renderConversation, type Vocabulary } from '../../replay/render.js';
import { replay } from '../../replay/replay.js';
import { type CorrectionMeasures, correctionMeasures } from './measures.js';

/** One round of all conversations of a data set and model. */
export interface RecordedRow {
	readonly dataset: string;
	readonly model: string;
	/** From 1 on. */
	readonly round: number;
	readonly conversations: number;
	/** From the last answers that were judged to these; null where these were not. */
	readonly measures: CorrectionMeasures | null;
	/** Tokens that verify passes gave: all of the answers but their first, which comes with the prompt. */
	readonly tokens: number;
	readonly passes: number;
	/** 1 is plain decoding. 0 without a pass. */
	readonly tokensPerPass: number;
	/** Accepted draft tokens by drafted ones, 0 without drafts. */
	readonly acceptedShare: number;
	/** Prompt tokens to compute where the cache of the rounds before is kept. */
	readonly promptTokens: number;
	/** Prompt tokens to compute where each round reads the whole conversation anew. */
	readonly rereadTokens: number;
}

export interface RecordedOptions {
	/** What a draft token adds to a pass, in passes without a draft: drafts are sized by it. */
	readonly passCost: number;
	/** Ends it: it rejects with `ABORTED`. */
	readonly signal?: AbortSignal;
}

/**
 * What recorded corrections cost by round. The recorded answers are taken for the model's choices, as greedy
 * verification by that model would make them; each conversation starts cold.
 */
export async function recordedRounds(
	conversations: readonly Conversation[],
	vocabulary: Vocabulary,
	{ passCost, signal }: RecordedOptions,
): Promise<RecordedRow[]> {
	const rows = await replay(conversations, vocabulary, {
		drafters: ['reprise'],
		passCosts: [passCost],
		warm: false,
		...(signal && { signal }),
	});
	return rows.map(
		({ dataset, model, turn, conversations: count, tokens, passes, drafted, tokensPerPass }) => {
			const group = conversations.filter((one) => one.dataset === dataset && one.model === model);
			return {
				dataset,
				model,
				round: turn,
				conversations: count,
				measures: measuresOf(group, turn - 1),
				tokens,
				passes,
				tokensPerPass,
				// Every pass gives one token besides what it accepts.
				acceptedShare: drafted && (tokens - passes) / drafted,
				...promptsOf(group, turn - 1, vocabulary),
			};
		},
	);
}

function promptsOf(conversations: readonly Conversation[], turn: number, vocabulary: Vocabulary) {
	let [promptTokens, rereadTokens] = [0, 0];
	for (const conversation of conversations) {
		const turns = renderConversation(conversation, vocabulary);
		const prompt = turns[turn]?.prompt.length ?? 0;
		promptTokens += prompt;
		if (turn < turns.length)
			rereadTokens += turns
				.slice(0, turn)
				.reduce((sum, one) => sum + one.prompt.length + one.output.length, prompt);
	}
	return { promptTokens, rereadTokens };
}

function measuresOf(conversations: readonly Conversation[], turn: number): CorrectionMeasures | null {
	const questions = conversations.flatMap(({ correct = [] }) => {
		const after = correct[turn];
		if (typeof after !== 'boolean') return [];
		const before = correct.slice(0, turn).findLast((one) => typeof one === 'boolean') ?? after;
		return [[{ before, after }]];
	});
	return questions.length === 0 ? null : correctionMeasures(questions);
}
