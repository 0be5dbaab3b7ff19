import type { TextMessage } from '../../chat-message.js';
import type { TaskText, Workload } from '../task.js';
import { assistantRules } from '../texts/assistant-rules.js';
import { talks } from '../texts/conversations.js';
import { longestThatFits, mostThatFit } from './fit.js';
import { choicesOf, inTurn } from './order.js';

/** A conversation that was recorded. */
export interface RecordedTalk {
	/** The system message; empty where there is none. */
	readonly system: string;
	readonly turns: ReadonlyArray<{ readonly user: string; readonly assistant: string }>;
}

/** The turns of our own conversations. */
export const chat: Workload = chatOf(
	talks.map(({ turns }) => ({ system: '', turns })),
	'a later turn of an everyday conversation, which may follow earlier ones on other subjects',
);

/** Later turns of recorded conversations, the longer ones after other conversations of the record. */
export function chatOf(recorded: readonly RecordedTalk[], description: string): Workload {
	const later = laterTurns(recorded);
	return {
		name: 'chat',
		description,
		async text(request) {
			const random = choicesOf('chat', request);
			if (later.length === 0) return { skipped: 'no recorded conversation has a second turn' };
			const [first, others] = inTurn(later, request, random);
			for (const { talk, turn } of [first, ...others]) {
				const before = random.shuffle(recorded.filter((one) => one !== talk)).flatMap(({ turns }) => turns);
				const { parts } = await mostThatFit(request, { most: before.length }, (turns) =>
					toTask(talk, turn, before.slice(0, turns), []),
				);
				const told = talk.system === '' ? assistantRules : [];
				const made = await longestThatFits(request, { most: told.length }, (sentences) =>
					toTask(talk, turn, before.slice(0, parts), told.slice(0, sentences)),
				);
				if (!('skipped' in made)) return made;
			}
			return { skipped: 'no recorded conversation has about that length' };
		},
	};
}

interface LaterTurn {
	readonly talk: RecordedTalk;
	readonly turn: number;
}

/**
 * All turns but the first, from those that repeat most of their conversation to those that repeat least. Seeds take
 * turns at even distances, so the tasks of every length are as mixed as the conversations.
 */
function laterTurns(recorded: readonly RecordedTalk[]): LaterTurn[] {
	return recorded
		.flatMap((talk) => talk.turns.slice(1).map((_, index) => ({ talk, turn: index + 1 })))
		.map((later) => ({ later, repeated: repeatedShare(later) }))
		.sort((a, b) => b.repeated - a.repeated)
		.map(({ later }) => later);
}

/** How much of an answer are four words in a row that were said before. */
function repeatedShare({ talk: { turns }, turn }: LaterTurn): number {
	const before = new Set(
		turns.slice(0, turn).flatMap(({ user, assistant }) => fours(`${user} ${assistant}`)),
	);
	const said = fours(turns[turn]?.assistant ?? '');
	return said.filter((four) => before.has(four)).length / Math.max(1, said.length);
}

function fours(text: string): string[] {
	const words = text.split(/\s+/);
	return words.slice(3).map((_, index) => words.slice(index, index + 4).join(' '));
}

function toTask(
	{ system, turns }: RecordedTalk,
	turn: number,
	before: RecordedTalk['turns'],
	rules: readonly string[],
): TaskText {
	const told = system === '' ? rules.join(' ') : system;
	const said = [...before, ...turns.slice(0, turn)].flatMap(({ user, assistant }): TextMessage[] => [
		{ role: 'user', content: user },
		{ role: 'assistant', content: assistant },
	]);
	const { user, assistant } = turns[turn] as RecordedTalk['turns'][number];
	return {
		messages: [
			...(told === '' ? [] : [{ role: 'system' as const, content: told }]),
			...said,
			{ role: 'user', content: user },
		],
		answer: assistant,
	};
}
