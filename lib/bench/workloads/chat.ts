import type { ChatMessage } from '../../chat-message.js';
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
	return {
		name: 'chat',
		description,
		async text(request) {
			const random = choicesOf('chat', request);
			const later = recorded.flatMap((talk) =>
				talk.turns.slice(1).map((_, index) => ({ talk, turn: index + 1 })),
			);
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

function toTask(
	{ system, turns }: RecordedTalk,
	turn: number,
	before: RecordedTalk['turns'],
	rules: readonly string[],
): TaskText {
	const told = system === '' ? rules.join(' ') : system;
	const said = [...before, ...turns.slice(0, turn)].flatMap(({ user, assistant }): ChatMessage[] => [
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
