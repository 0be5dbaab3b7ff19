import { CopySpec } from './baselines/copyspec.js';
import { NgramMod } from './baselines/ngram-mod.js';
import { NgramSimple } from './baselines/ngram-simple.js';
import { Oracle } from './baselines/oracle.js';
import { PromptLookup } from './baselines/prompt-lookup.js';
import { SuffixDecoding } from './baselines/suffix-decoding.js';
import type { Drafter } from './drafter.js';
import { Reprise } from './reprise.js';

const makers = {
	reprise: () => new Reprise(),
	copyspec: () => new CopySpec(),
	'prompt-lookup': () => new PromptLookup(),
	'ngram-simple': () => new NgramSimple(),
	'ngram-mod': () => new NgramMod(),
	/** Paths, as vLLM and Arctic Inference serve it. */
	'suffix-tree': () => new SuffixDecoding('path'),
	'suffix-tree-branching': () => new SuffixDecoding('tree'),
	oracle: () => new Oracle(),
} satisfies Record<string, () => Drafter>;

export type DrafterName = keyof typeof makers;

export const drafterNames = Object.keys(makers) as DrafterName[];

/** A drafter that knows no conversation yet. */
export function createDrafter(name: DrafterName): Drafter {
	return makers[name]();
}
