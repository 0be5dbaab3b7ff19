import { describe, expect, test } from 'vitest';
import { describeMachine, loadWarning } from '../../lib/bench/machine.js';
import { results } from '../support/bench.js';

const { machine } = results();

describe('the warning', () => {
	test('comes where other programs did much while arms decoded, whatever the load says', () => {
		const high = { before: 3, after: 3 };
		expect(loadWarning({ ...machine, others: 0.02, load: high }, 1)).toBeNull();
		expect(loadWarning({ ...machine, others: 0.5 }, 1)).toBe(
			'Other programs were using the machine (0.50 of 2 processors; load 0.10 before, 1.00 after): measure again when it is idle',
		);
	});

	test('comes by the load where nobody knows what they did', () => {
		expect(loadWarning({ ...machine, load: { before: 0.2, after: 2.3 } }, 2)).toBeNull();
		expect(loadWarning({ ...machine, load: { before: 1.25, after: 2 } }, 2)).toContain('1.25 before');
		expect(loadWarning({ ...machine, others: null, load: { before: 0, after: 2 } }, 1)).toContain(
			'2.00 after',
		);
	});

	test('does not come where the system tells neither', () => {
		expect(loadWarning({ ...machine, load: null }, 1)).toBeNull();
	});
});

test('a machine whose system counts no load has none', () => {
	expect(describeMachine(null, null).load).toBeNull();
});
