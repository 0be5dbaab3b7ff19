import { messageOf, RepriseError } from './errors.js';

/**
 * Wraps a function of the caller that the addon calls while it works. Nobody could catch there what the
 * function throws. So an error stops the work, and the work then fails with it.
 */
export class Listener<Args extends unknown[]> {
	/** The function that the addon calls; null where the caller gave none. */
	readonly call: ((...args: Args) => void) | null;
	/** The error by which the work fails, with what the function threw as its cause. */
	failure: RepriseError | null = null;

	constructor(name: string, listen: ((...args: Args) => void) | null | undefined, stop: () => void) {
		const call = (...args: Args): void => {
			if (this.failure) return;
			try {
				listen?.(...args);
			} catch (error) {
				this.failure = new RepriseError('ABORTED', `${name} threw: ${messageOf(error)}`, { cause: error });
				stop();
			}
		};
		this.call = listen ? call : null;
	}

	/** Gives what `work` gives, unless the function throws meanwhile. */
	async during<T>(work: () => Promise<T>): Promise<T> {
		const done = await work().catch((error: unknown) => {
			throw this.failure ?? error;
		});
		if (this.failure) throw this.failure;
		return done;
	}
}
