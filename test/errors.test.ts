import { expect, test } from 'vitest';
import { addon } from '../lib/addon.js';
import { errorCodes } from '../lib/errors.js';

test('every error code of the addon is one that the library knows', () => {
	expect(addon.errorCodes.length).toBeGreaterThan(0);
	expect(new Set(addon.errorCodes).size).toBe(addon.errorCodes.length);
	for (const code of addon.errorCodes) expect(Object.keys(errorCodes)).toContain(code);
});
