import { proxyOf, type WorkerProxy } from './worker-proxy.js';

/** Passes on what two peers send, until it holds everything back for good. */
export interface FrozenProxy extends WorkerProxy {
	/** Resolves when it begins to hold back. */
	readonly frozen: Promise<void>;
}

/** A proxy of a worker that passes on so many bytes of its clients. */
export async function freezeAfter(bytes: number, endpoint: string): Promise<FrozenProxy> {
	let left = bytes;
	let freeze: () => void = () => {};
	const frozen = new Promise<void>((resolve) => {
		freeze = resolve;
	});
	const proxy = await proxyOf(endpoint, () => ({
		fromWorker: () => left > 0,
		fromClient: (data) => {
			const isPassed = left > 0;
			left -= data.length;
			if (left <= 0) freeze();
			return isPassed;
		},
	}));
	return { ...proxy, frozen };
}
