import { expect, test } from 'vitest';
import { addon, draftSources } from '../lib/addon.js';

test('the addon and the library have the same draft sources, in the same order', () => {
	expect(addon.draftSources).toEqual(draftSources);
});
