import { describe, expect, test } from 'vitest';
import { whenUnchanged } from '../../lib/correct/stopping.js';
import { answer } from '../support/correction.js';

const after = (...texts: string[]) => ({
	answers: texts.map((text, index) => answer(index + 1, text)),
	judgement: undefined,
});

describe('unchanged', () => {
	test('stops when an answer is the one before it', () => {
		expect(whenUnchanged(after('5', '4'))).toBeNull();
		expect(whenUnchanged(after('5', '4', ' 4\n'))).toBe('unchanged');
		expect(whenUnchanged(after('4', '5', '4'))).toBeNull();
	});

	test('goes on after the first answer', () => {
		expect(whenUnchanged(after('5'))).toBeNull();
	});
});
