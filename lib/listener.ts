import { messageOf, RepriseError } from './errors.js';

/**
 * A caller's function that the addon calls while it works. Nobody could catch there what it throws, so that
 * stops the work, and is how it ends.
 */
export class Listener<Args extends unknown[]> {
	/** For the addon; null without a function. */
	readonly call: ((...args: Args) => void) | null;
	/** With what it threw as its cause. */
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

	/** What `work` gives, unless the function throws meanwhile. */
	async during<T>(work: () => Promise<T>): Promise<T> {
		const done = await work().catch((error: unknown) => {
			throw this.failure ?? error;
		});
		if (this.failure) throw this.failure;
		return done;
	}
}
