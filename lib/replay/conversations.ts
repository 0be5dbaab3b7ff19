import { createReadStream } from 'node:fs';
import { RepriseError } from '../errors.js';
import { invalid, oneOf, text } from '../options.js';
import { type TemplateName, templateNames } from './render.js';

/** A conversation as it was recorded: what the user said, and what the model answered to it (greedily). */
export interface Conversation {
	readonly dataset: string;
	readonly model: string;
	readonly template: TemplateName;
	/** Empty for none. */
	readonly system: string;
	readonly turns: ReadonlyArray<{ readonly user: string; readonly assistant: string }>;
}

/**
 * Reads recorded conversations, one JSON object a line, as a stream: `dataset`, `model`, `template`, `system`
 * (may be missing) and `turns` of `user` and `assistant`. Other fields are the data set's own.
 *
 * `onRead` is called with the bytes of each part that was read. Throws `OPTION_INVALID` or `TEXT_INVALID` with
 * the file, the line and the field.
 */
export async function* readConversations(
	path: string,
	onRead: (bytes: number) => void = () => {},
): AsyncGenerator<Conversation> {
	let number = 0;
	let found = false;
	for await (const line of readLines(path, onRead)) {
		number++;
		if (line.trim() === '') continue;
		found = true;
		yield parseConversation(line, `${path}, line ${number}`);
	}
	if (!found) throw new RepriseError('OPTION_INVALID', `${path} holds no conversation`);
}

/** One conversation; `place` says in errors where it was found. */
export function parseConversation(line: string, place: string): Conversation {
	try {
		return toConversation(JSON.parse(line));
	} catch (error) {
		if (error instanceof RepriseError) throw new RepriseError(error.code, `${place}: ${error.message}`);
		if (error instanceof SyntaxError)
			throw new RepriseError('OPTION_INVALID', `${place}: Expected a JSON object: ${error.message}`);
		throw error;
	}
}

function toConversation(value: unknown): Conversation {
	const { dataset, model, template, system, turns } = fields(value, 'the line');
	if (!Array.isArray(turns) || turns.length === 0) throw invalid('an array of turns', 'turns', turns);
	return {
		dataset: text(dataset, 'dataset'),
		model: text(model, 'model'),
		template: oneOf(...templateNames)(template, 'template'),
		system: text(system ?? '', 'system'),
		turns: turns.map((turn, index) => {
			const { user, assistant } = fields(turn, `turns[${index}]`);
			return {
				user: text(user, `turns[${index}].user`),
				assistant: text(assistant, `turns[${index}].assistant`),
			};
		}),
	};
}

function fields(value: unknown, name: string): Record<string, unknown> {
	if (typeof value === 'object' && value !== null && !Array.isArray(value))
		return value as Record<string, unknown>;
	throw invalid('an object', name, value);
}

/** Node's own `readline` also breaks lines at U+2028 and U+2029, which JSON allows inside of strings. */
async function* readLines(path: string, onRead: (bytes: number) => void): AsyncGenerator<string> {
	let rest = '';
	for await (const part of decoded(path, onRead)) {
		const lines = (rest + part).split('\n');
		rest = lines.pop() ?? '';
		yield* lines;
	}
	if (rest !== '') yield rest;
}

async function* decoded(path: string, onRead: (bytes: number) => void): AsyncGenerator<string> {
	const decoder = new TextDecoder('utf-8', { fatal: true });
	try {
		for await (const bytes of createReadStream(path) as AsyncIterable<Buffer>) {
			onRead(bytes.length);
			yield decoder.decode(bytes, { stream: true });
		}
		yield decoder.decode();
	} catch (error) {
		throw unreadable(path, error as NodeJS.ErrnoException);
	}
}

function unreadable(path: string, error: NodeJS.ErrnoException): Error {
	switch (error.code) {
		case 'ENOENT':
			return new RepriseError('OPTION_INVALID', `There is no file ${path}`);
		case 'EISDIR':
			return new RepriseError('OPTION_INVALID', `${path} is a directory; pass the JSONL files in it`);
		case 'EACCES':
			return new RepriseError('OPTION_INVALID', `${path} cannot be read: ${error.message}`);
		case 'ERR_ENCODING_INVALID_ENCODED_DATA':
			return new RepriseError('TEXT_INVALID', `Expected UTF-8 text but ${path} holds other bytes`);
		default:
			return error;
	}
}
