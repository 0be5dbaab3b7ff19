import { types } from 'node:util';
import { RepriseError } from '../../errors.js';
import { integer, invalid, readOptions, text, withDefault } from '../../options.js';
import type { Verifier } from '../verifier.js';
import { checkInThread } from './support/check-thread.js';

/** What the model is told, and how long a search may take. */
export interface RegexOptions {
	/**
	 * What the model is told where the pattern is not found. Default: that the answer has not the required
	 * form.
	 */
	message?: string;
	/** The milliseconds that a search may take: some patterns take for ever on some texts. Default: 1000. */
	timeoutMs?: number;
}

/**
 * Makes a verifier that passes answers in which a pattern is found. Throws `OPTION_INVALID`; the verifier
 * searches off the JavaScript thread, and rejects with `VERIFIER_FAILED` where that takes too long.
 *
 * @param pattern - The pattern; a string has the flag `u`.
 * @param options - What the model is told, and how long a search may take.
 */
export function regex(pattern: RegExp | string, options?: RegexOptions): Verifier {
	const { message, timeoutMs } = readOptions(
		{
			message: withDefault(text, 'The answer does not have the required form.'),
			timeoutMs: withDefault(integer(1, 3_600_000), 1000),
		},
		options,
		'regex',
	);
	const { source, flags } = toRegExp(pattern);
	const name = `The pattern /${source}/${flags}`;
	return async (answer, context) => {
		const limits = { timeoutMs, signal: context?.signal, name };
		const found = await checkInThread('regex', { source, flags, text: answer }, limits);
		return found ? { outcome: 'pass' } : { outcome: 'fail', message };
	};
}

function toRegExp(pattern: unknown): RegExp {
	if (types.isRegExp(pattern)) return new RegExp(pattern);
	if (typeof pattern !== 'string') throw invalid('a RegExp or a string', 'pattern', pattern);
	try {
		return new RegExp(pattern, 'u');
	} catch (error) {
		throw new RepriseError('OPTION_INVALID', `pattern: ${(error as Error).message}`, { cause: error });
	}
}
