import { RepriseError } from '../errors.js';
import { CopySpec } from './baselines/copyspec.js';
import { NgramMod } from './baselines/ngram-mod.js';
import { NgramSimple } from './baselines/ngram-simple.js';
import { Oracle } from './baselines/oracle.js';
import { PromptLookup } from './baselines/prompt-lookup.js';
import { SuffixDecoding } from './baselines/suffix-decoding.js';
import type { Drafter } from './drafter.js';
import { type ReplayedDraftModel, Reprise } from './reprise.js';

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

const makersWithDraftModel = {
	'draft-model': (model) => new Reprise(model, 'model'),
	/** Copies where one is likely, or else the draft model's tokens, as llama.cpp mixes them. */
	alternatives: (model) => new Reprise(model, 'alternatives'),
	'one-tree': (model) => new Reprise(model, 'tree'),
} satisfies Record<string, (model: ReplayedDraftModel) => Drafter>;

type CopyingName = keyof typeof makers;
type DraftModelName = keyof typeof makersWithDraftModel;
export type DrafterName = CopyingName | DraftModelName;

/** Those that need no draft model. */
export const copyingNames = Object.keys(makers) as CopyingName[];
export const drafterNames = [...copyingNames, ...Object.keys(makersWithDraftModel)] as DrafterName[];

export const draftModelNames = Object.keys(makersWithDraftModel) as DraftModelName[];

export const needsDraftModel = (name: DrafterName): name is DraftModelName => name in makersWithDraftModel;

/** A drafter that knows no conversation yet. Throws `OPTION_INVALID` where it needs a draft model. */
export function createDrafter(name: DrafterName, draftModel?: ReplayedDraftModel): Drafter {
	if (!needsDraftModel(name)) return makers[name]();
	if (draftModel) return makersWithDraftModel[name](draftModel);
	throw new RepriseError(
		'OPTION_INVALID',
		`The drafter ${name} asks a draft model, and there is none; pass one as --draft-model`,
	);
}
