/** A promise and what settles it: `Promise.withResolvers`, which Node.js 20 does not have. */
export function withResolvers<T>() {
	let resolve!: (value: T) => void;
	let reject!: (reason: unknown) => void;
	const promise = new Promise<T>((onValue, onReason) => {
		resolve = onValue;
		reject = onReason;
	});
	return { promise, resolve, reject };
}
