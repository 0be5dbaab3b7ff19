import { addon } from '../../lib/addon.js';
import { textOf } from '../../lib/chat-message.js';
import type { CorrectionEvent, ReplyEvent } from '../../lib/correct/index.js';
import type { Conversation } from '../../lib/replay/conversations.js';
import { renderConversation, type Turn, type Vocabulary } from '../../lib/replay/render.js';

/** What a pass of one row costs is 1; each further row adds `a`. */
export type PassCost = number;

export interface TurnCost {
	/** In passes of one row, prompts included. */
	readonly cost: number;
	/** The draft tokens of each pass after the prompt's. */
	readonly drafted: readonly number[];
}

/** A prompt is one pass, which gives the first token of the answer. */
const promptCost = (prompt: Int32Array, a: PassCost) => 1 + a * (prompt.length - 1);

/** What one conversation costs, whose cache is kept from turn to turn. */
export class ConversationCost {
	readonly #a: PassCost;
	readonly #drafter: InstanceType<typeof addon.Drafter> | null;

	constructor(a: PassCost, drafts: boolean) {
		this.#a = a;
		this.#drafter = drafts ? new addon.Drafter() : null;
	}

	/** `prediction`: what the answer is expected to repeat, besides what stands in the conversation. */
	turn({ prompt, output }: Turn, prediction?: Int32Array): TurnCost {
		const drafter = this.#drafter;
		const drafted: number[] = [];
		if (prediction) drafter?.addDocument(prediction, 'prediction');
		drafter?.append(prompt, 'prompt');
		drafter?.append(output.subarray(0, 1), 'output');
		for (let offset = 1; offset < output.length; ) {
			const step = drafter?.step(output, offset, this.#a) ?? { drafted: 0, accepted: 0 };
			drafted.push(step.drafted);
			offset += step.accepted + 1;
		}
		return {
			cost: drafted.reduce((sum, rows) => sum + 1 + this.#a * rows, promptCost(prompt, this.#a)),
			drafted,
		};
	}
}

/**
 * What the replies of a run cost, one by one. A reply whose conversation does not go on from the one before it begins
 * anew behind the question, with the reply before as its prediction.
 */
export function runCosts(
	events: readonly CorrectionEvent[],
	vocabulary: Vocabulary,
	a: PassCost,
	drafts: boolean,
): number[] {
	let conversation = new ConversationCost(a, drafts);
	let before: { length: number; question: Turn; output: Int32Array } | null = null;
	return events.filter(isReply).map((event) => {
		const turns = renderConversation(toConversation(event), vocabulary);
		const last = turns.at(-1) as Turn;
		const goesOn = before === null || turns.length > before.length;
		if (!goesOn) conversation = new ConversationCost(a, drafts);
		const { cost } = conversation.turn(last, goesOn ? undefined : before?.output);
		// The cache has the question already; its last row gives the first token.
		const cached = goesOn ? 0 : promptCost(last.prompt, a) - 1;
		before = { length: turns.length, question: last, output: last.output };
		return cost - cached;
	});
}

const isReply = (event: CorrectionEvent): event is ReplyEvent =>
	event.type === 'attempt' || event.type === 'critique' || event.type === 'revision';

function toConversation({ prompt, text }: Pick<ReplyEvent, 'prompt' | 'text'>): Conversation {
	const contents = [...prompt.map(textOf), text];
	const turns = Array.from({ length: contents.length / 2 }, (_, turn) => ({
		user: contents[2 * turn] ?? '',
		assistant: contents[2 * turn + 1] ?? '',
	}));
	return { dataset: '', model: '', template: 'chatml', system: '', turns };
}

/** So many answers are made in shared passes at a time, as by the strategy `agree`. */
const mostAtOnce = 8;

/**
 * How many of `turns`, which answer one prompt, have room in `budget`; at least one. The first is made by itself, the
 * others in shared passes with drafts or without, whichever is cheaper. An answer counts where all of it has room.
 */
export function answersWithin(budget: number, turns: readonly Turn[], a: PassCost, drafts: boolean): number {
	const [first, ...others] = turns;
	if (!first) return 0;
	let spent = new ConversationCost(a, drafts).turn(first).cost;
	let answers = 1;
	const rowsOf = new Map<Turn, Rows>();
	for (let begin = 0; begin < others.length; begin += mostAtOnce) {
		const group = others.slice(begin, begin + mostAtOnce);
		for (const turn of group) if (!rowsOf.has(turn)) rowsOf.set(turn, passRows(turn, a, drafts));
		const members = group.flatMap((turn) => rowsOf.get(turn) ?? []);
		const costs = members.map((_, index) => sharedCost(members.slice(0, index + 1), a));
		answers += costs.filter((cost) => spent + cost <= budget).length;
		const whole = costs.at(-1) ?? 0;
		if (spent + whole > budget) break;
		spent += whole;
	}
	return answers;
}

interface Rows {
	readonly plain: readonly number[];
	readonly drafted: readonly number[];
}

/** The rows of each pass of one answer; the question is in the cache but for its last token. */
function passRows({ prompt, output }: Turn, a: PassCost, drafts: boolean): Rows {
	const plain = Array<number>(output.length).fill(1);
	if (!drafts) return { plain, drafted: plain };
	const { drafted } = new ConversationCost(a, true).turn({ prompt, output });
	return { plain, drafted: [1, ...drafted.map((rows) => 1 + rows)] };
}

function sharedCost(members: readonly Rows[], a: PassCost): number {
	const cost = (kind: keyof Rows) => {
		const passes = Math.max(...members.map((member) => member[kind].length));
		const rows = members.reduce((sum, member) => sum + member[kind].reduce((all, one) => all + one, 0), 0);
		return passes + a * (rows - passes);
	};
	return Math.min(cost('plain'), cost('drafted'));
}

/** The turns of several answers to one question. */
export function answerTurns(question: string, answers: readonly string[], vocabulary: Vocabulary): Turn[] {
	return answers.map((text) => {
		const conversation = toConversation({ prompt: [{ role: 'user', content: question }], text });
		return renderConversation(conversation, vocabulary)[0] as Turn;
	});
}
