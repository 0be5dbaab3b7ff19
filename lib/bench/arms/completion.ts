import { printable } from './last-words.js';

/** What is read of an answer of `/completion`. Times are milliseconds. */
export interface Completion {
	readonly content: string;
	/** Empty where the server does not tell them. */
	readonly tokens: readonly number[];
	/** The tokens of the prompt that the server read. */
	readonly promptTokens: number;
	/** The tokens of the answer, as the server counts them. */
	readonly outputTokens: number;
	/** From the first token to the last. */
	readonly decodeMs: number;
	/** null where the server does not count them. */
	readonly drafted: number | null;
	readonly accepted: number | null;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null;

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function expected(what: string, name: string, value: unknown): Error {
	const received = (JSON.stringify(value) ?? 'nothing').slice(0, 100);
	return new Error(`The server answered with ${received} for ${name} in place of ${what}`);
}

function count(values: Record<string, unknown>, name: string): number {
	const value = values[name];
	if (isCount(value)) return value;
	throw expected('a whole number', name, value);
}

const countOrNull = (values: Record<string, unknown>, name: string): number | null =>
	values[name] === undefined ? null : count(values, name);

function parsed(text: string): Record<string, unknown> {
	let answer: unknown;
	try {
		answer = JSON.parse(text);
	} catch {
		throw new Error(`The server's answer is no JSON: ${printable(text.slice(0, 100))}`);
	}
	if (isObject(answer)) return answer;
	throw expected('an object', 'its answer', answer);
}

function tokenIds(value: unknown): readonly number[] {
	if (Array.isArray(value) && value.every(isCount)) return value;
	throw expected('token ids', 'tokens', value);
}

/** Reads an answer of `/tokenize`; throws where it is another one. */
export const readTokens = (text: string): readonly number[] => tokenIds(parsed(text).tokens);

/** Reads an answer of llama-server or of one that answers alike; throws where it is another one. */
export function readCompletion(text: string): Completion {
	const answer = parsed(text);
	const { content, tokens = [], timings, tokens_evaluated: evaluated } = answer;
	if (typeof content !== 'string') throw expected('a text', 'content', content);
	if (!isObject(timings)) throw expected('an object', 'timings', timings);
	const { predicted_ms: decodeMs } = timings;
	if (typeof decodeMs !== 'number' || !(decodeMs >= 0)) throw expected('a time', 'predicted_ms', decodeMs);
	return {
		...{ content, decodeMs, tokens: tokenIds(tokens) },
		promptTokens: evaluated === undefined ? count(timings, 'prompt_n') : count(answer, 'tokens_evaluated'),
		outputTokens: count(timings, 'predicted_n'),
		drafted: countOrNull(timings, 'draft_n'),
		accepted: countOrNull(timings, 'draft_n_accepted'),
	};
}

/** Throws where an answer says what cannot be, of a budget of so many tokens and a request that took `totalMs`. */
export function requirePossible(
	completion: Completion,
	{ tokens, totalMs }: { tokens: number; totalMs: number },
) {
	const { outputTokens, decodeMs, drafted, accepted } = completion;
	if (outputTokens > tokens)
		throw new Error(`The server gave ${outputTokens} tokens of a budget of ${tokens}`);
	// One that ends the turn may be counted and not told.
	const told = completion.tokens.length;
	if (told > 0 && (outputTokens < told || outputTokens > told + 1))
		throw new Error(`The server counted ${outputTokens} tokens and told ${told}`);
	if (decodeMs > totalMs)
		throw new Error(
			`The server says that it decoded for ${decodeMs} ms of a request of ${totalMs.toFixed(1)} ms`,
		);
	if (accepted !== null && (accepted > outputTokens || accepted > (drafted ?? 0)))
		throw new Error(`The server accepted ${accepted} of ${drafted} drafted tokens in ${outputTokens}`);
}
