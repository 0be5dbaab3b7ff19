import { type DraftSource, draftSources } from '../../lib/addon.js';

/** No token of any source, as metrics count them. */
export const noneBySource = Object.fromEntries(draftSources.map((source) => [source, 0])) as Record<
	DraftSource,
	number
>;
