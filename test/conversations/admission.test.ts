import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Admission } from '../../lib/conversations/admission.js';

const full = new Error('full');
const never = new AbortController().signal;

/** Lets what is due happen. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test('there are never more at a time than there may be, and they come in their order', async () => {
	const step = fc.record({
		kind: fc.constantFrom('enter', 'leave', 'give up'),
		weight: fc.integer({ min: 1, max: 3 }),
	});
	await fc.assert(
		fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
			const admission = new Admission(3, { most: 4, refusal: () => full });
			const entered: Array<{ id: number; leave: () => void; weight: number }> = [];
			const waiting: Array<{ id: number; weight: number; gone: AbortController }> = [];
			const running = () => entered.reduce((sum, { weight }) => sum + weight, 0);
			let ids = 0;
			for (const { kind, weight } of steps) {
				if (kind === 'enter') {
					const [id, gone] = [ids++, new AbortController()];
					const mustWait = waiting.length > 0 || running() + weight > 3;
					const isRefused = mustWait && waiting.length >= 4;
					if (mustWait && !isRefused) waiting.push({ id, weight, gone });
					admission.enter(weight, gone.signal).then(
						(leave) => {
							expect(isRefused).toBe(false);
							if (waiting[0]?.id === id) waiting.shift();
							else expect(mustWait).toBe(false);
							entered.push({ id, leave, weight });
						},
						(error) => expect(isRefused ? error : full).toBe(full),
					);
				} else if (kind === 'leave') {
					const first = entered.shift();
					first?.leave();
					first?.leave();
				} else waiting.pop()?.gone.abort();
				await settle();
				expect(admission.running).toBe(running());
				expect(running()).toBeLessThanOrEqual(3);
				expect(admission.waiting).toBe(waiting.length);
				// Whoever waits has no room, or waits behind one that has none.
				if (waiting[0]) expect(running() + waiting[0].weight).toBeGreaterThan(3);
			}
		}),
	);
});

test('who comes with a signal that has fired does not enter', async () => {
	const admission = new Admission(1, { most: 1, refusal: () => full });
	await expect(admission.enter(1, AbortSignal.abort(full))).rejects.toBe(full);
	const leave = await admission.enter(1, never);
	expect(admission.running).toBe(1);
	leave();
});
