import { expect, test } from 'vitest';
import { busyWarning, describeMachine, loadWarning } from '../../lib/bench/machine.js';

test('a machine that does nothing else gives no warning, whatever the benchmark’s own threads do', () => {
	expect(busyWarning(0.2)).toBeNull();
	expect(loadWarning({ load: { before: 0.2, after: 2.3 } }, 2)).toBeNull();
});

test('a machine that does other things before, or meanwhile, gives one', () => {
	expect(busyWarning(1.25)).toContain('load 1.25');
	expect(loadWarning({ load: { before: 1.25, after: 2 } }, 2)).toContain('1.25 before');
	expect(loadWarning({ load: { before: 0, after: 2 } }, 1)).toContain('2.00 after');
});

test('of a system that counts no load nothing is said', () => {
	expect(busyWarning(null)).toBeNull();
	expect(loadWarning({ load: null }, 1)).toBeNull();
	expect(describeMachine(null).load).toBeNull();
});
