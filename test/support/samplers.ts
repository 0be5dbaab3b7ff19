import type { GenerateOptions } from '../../lib/generate-options.js';

/** The sizes of trees at which drafted texts are held against plain ones. */
export const treeSizes = [1, 4, 16, 64];

/** A grammar of programs that declare numbers. */
export const declarations = 'root ::= "```js\\n" line+ "```"\nline ::= "const " [a-z]+ " = " [0-9]+ ";\\n"';

/** Every sampler, and what they can be mixed to. Greedy decoding is the one without options. */
export const samplers: Array<{ name: string; options: GenerateOptions }> = [
	{ name: 'temperature', options: { temperature: 0.8 } },
	{ name: 'top-k', options: { temperature: 1, topK: 20 } },
	{ name: 'top-p', options: { temperature: 1, topP: 0.9 } },
	{ name: 'min-p', options: { temperature: 1.2, minP: 0.05 } },
	{ name: 'all filters', options: { temperature: 0.7, topK: 40, topP: 0.95, minP: 0.02 } },
	{ name: 'top-n-sigma', options: { temperature: 1, topNSigma: 1.5 } },
	{ name: 'typical-p', options: { temperature: 1, typicalP: 0.8 } },
	{ name: 'XTC', options: { temperature: 1, topK: 30, xtcProbability: 0.5, xtcThreshold: 0.05 } },
	{ name: 'mirostat', options: { temperature: 1, mirostat: 2, mirostatTau: 3, mirostatEta: 0.3 } },
	{ name: 'DRY', options: { dryMultiplier: 2, dryAllowedLength: 1 } },
	{ name: 'greedy with penalties', options: { repeatPenalty: 1.2, presencePenalty: 0.5 } },
	{
		name: 'sampling with penalties',
		options: { temperature: 0.8, repeatPenalty: 1.1, frequencyPenalty: 0.2, penaltyWindow: 16 },
	},
];
