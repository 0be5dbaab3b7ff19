import { spreadOf } from '../../lib/bench/statistics.js';
import { readConversations } from '../../lib/replay/conversations.js';
import { renderConversation, type Turn, type Vocabulary } from '../../lib/replay/render.js';
import { answersWithin, ConversationCost } from './pass-model.js';
import type { RecordedCost, RecordedPart } from './results.js';

/** So many answers at most are counted to have room. */
const mostAnswers = 257;

type Recorded = Omit<RecordedPart, 'command' | 'began'>;

/**
 * What recorded corrections of a large model cost by what a row adds to a pass, and how many answers as long as the
 * first one could vote for that. What these would have been is not recorded.
 */
export async function recordedCosts(
	path: string,
	passCosts: readonly number[],
	vocabulary: Vocabulary,
): Promise<Recorded> {
	const conversations: Turn[][] = [];
	const names = { dataset: '', model: '' };
	const first: boolean[] = [];
	const corrected: boolean[] = [];
	for await (const conversation of readConversations(path)) {
		const known = (conversation.correct ?? []).filter((one) => one !== null);
		if (known.length < 2) throw new Error(`${path} does not say which answers were right`);
		Object.assign(names, { dataset: conversation.dataset, model: conversation.model });
		conversations.push(renderConversation(conversation, vocabulary));
		first.push(known[0] === true);
		corrected.push(known.at(-1) === true);
	}
	const rows = passCosts.flatMap((passCost) =>
		[true, false].map((drafts) => costsOf(conversations, passCost, drafts)),
	);
	return { ...names, tasks: conversations.length, first, corrected, rows };
}

function costsOf(conversations: readonly Turn[][], passCost: number, drafts: boolean): RecordedCost {
	let [whole, first] = [0, 0];
	const answers = conversations.map((turns) => {
		const conversation = new ConversationCost(passCost, drafts);
		const costs = turns.map((turn) => conversation.turn(turn).cost);
		const sum = costs.reduce((total, cost) => total + cost, 0);
		whole += sum;
		first += costs[0] ?? 0;
		return answersWithin(sum, Array<Turn>(mostAnswers).fill(turns[0] as Turn), passCost, drafts);
	});
	const { low, median, high } = spreadOf(answers);
	const count = conversations.length;
	return {
		passCost,
		drafts,
		cost: { whole: whole / count, first: first / count },
		answers: { low, median, high },
		voteOfThree: answers.filter((one) => one >= 3).length / count,
	};
}
