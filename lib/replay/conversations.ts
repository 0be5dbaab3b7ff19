import { parseJsonLine, readJsonLines } from '../json-lines.js';
import { type Check, invalid, object, oneOf, text } from '../options.js';
import { type TemplateName, templateNames } from './templates.js';

/** A recorded conversation: what the user wrote, and what the model answered to it greedily. */
export interface Conversation {
	readonly dataset: string;
	readonly model: string;
	readonly template: TemplateName;
	/** The system message; empty where there is none. */
	readonly system: string;
	readonly turns: ReadonlyArray<{ readonly user: string; readonly assistant: string }>;
	/** Whether the answer of each turn was right, where that is known; null where a turn gave none to judge. */
	readonly correct?: ReadonlyArray<boolean | null>;
}

/**
 * Reads recorded conversations, one JSON object a line, as a stream: `dataset`, `model`, `template`, `system`
 * (may be missing), `turns` of `user` and `assistant`, and `correct` (may be missing). Other fields are the
 * data set's own.
 *
 * `onRead` is called with the bytes of each part that was read. Throws `OPTION_INVALID` or `TEXT_INVALID`
 * with the file, the line and the field.
 */
export async function* readConversations(
	path: string,
	onRead?: (bytes: number) => void,
): AsyncGenerator<Conversation> {
	yield* readJsonLines(path, { read: toConversation, of: 'conversation', onRead });
}

/** Reads one conversation; `place` says in errors where it was found. */
export function parseConversation(line: string, place: string): Conversation {
	return parseJsonLine(line, place, toConversation);
}

function toConversation(value: unknown): Conversation {
	const { dataset, model, template, system, turns, correct } = object()(value, 'the line');
	if (!Array.isArray(turns) || turns.length === 0) throw invalid('an array of turns', 'turns', turns);
	return {
		dataset: text(dataset, 'dataset'),
		model: text(model, 'model'),
		template: oneOf(...templateNames)(template, 'template'),
		system: text(system ?? '', 'system'),
		...(correct !== undefined && { correct: outcomes(correct, 'correct') }),
		turns: turns.map((turn, index) => {
			const { user, assistant } = object()(turn, `turns[${index}]`);
			return {
				user: text(user, `turns[${index}].user`),
				assistant: text(assistant, `turns[${index}].assistant`),
			};
		}),
	};
}

const outcomes: Check<Array<boolean | null>> = (value, name) => {
	const known = (one: unknown) => typeof one === 'boolean' || one === null;
	if (Array.isArray(value) && value.every(known)) return value;
	throw invalid('an array of true, false and null', name, value);
};
