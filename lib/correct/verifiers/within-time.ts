import { createContext, Script } from 'node:vm';
import { RepriseError } from '../../errors.js';

const script = new Script('work()');

/**
 * The result of synchronous work that Node stops after `timeoutMs`, regular expressions included. Throws
 * `VERIFIER_FAILED` then, and else what the work throws.
 */
export function withinTime<T>(work: () => T, timeoutMs: number, name: string): T {
	try {
		return script.runInContext(createContext({ work }), { timeout: timeoutMs }) as T;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
		throw new RepriseError(
			'VERIFIER_FAILED',
			`${name} took more than ${timeoutMs} ms on an answer; simplify it, or raise timeoutMs`,
			{ cause: error },
		);
	}
}
