import { adapterList, type ReadAdapter } from '../adapters.js';
import { type TemplateOptions, templateChecks } from '../chat.js';
import { defaultMaxTokens, type GenerateOptions, mirostat, numberChecks } from '../generate-options.js';
import { endpoint, type LoadModelOptions, loadChecks, type SplitMode } from '../load-options.js';
import { invalid } from '../options.js';
import { type SessionOptions, sessionChecks } from '../session-options.js';
import {
	choiceFlag,
	commaFlag,
	type Flag,
	jsonFlag,
	listFlag,
	numberFlag,
	switchFlag,
	textFlag,
	toNumber,
} from './flag.js';

type Draft = NonNullable<GenerateOptions['draft']>;

const draftFlag: Flag<Draft> = {
	flags: '--draft <mode>',
	description: 'auto, off, or a number of tokens a pass (default: auto)',
	parse: (raw, flag) => {
		if (raw === 'auto' || raw === 'off') return raw;
		const size = toNumber(raw);
		if (typeof size === 'string') throw invalid("'auto', 'off' or a number of tokens", flag, raw);
		return { size: numberChecks.draftSize(size, flag) };
	},
};

const logitBiasFlag: Flag<Record<number, number>> = {
	flags: '--logit-bias <id=x>',
	description: 'add x to the score of the token of this id, -inf to ban it; may be given again',
	parse: (raw, flag, before) => {
		const [, id, bias = ''] = /^(\d+)=(.+)$/.exec(raw) ?? [];
		const value = bias.toLowerCase() === '-inf' ? -Infinity : toNumber(bias);
		if (id === undefined || typeof value === 'string' || value === Infinity)
			throw invalid('ID=NUMBER or ID=-inf', flag, raw);
		return { ...before, [id]: value };
	},
};

/** The options of `generate` that one text, a chat and a correction have in common. */
export const samplingFlags = {
	maxTokens: numberFlag(
		'--max-tokens <n>',
		`most tokens to generate (default: ${defaultMaxTokens})`,
		numberChecks.maxTokens,
	),
	temperature: numberFlag(
		'--temperature <t>',
		'0 always takes the best token, higher is more varied (default: 0)',
		numberChecks.temperature,
	),
	topNSigma: numberFlag(
		'--top-n-sigma <n>',
		'sample among tokens at most n standard deviations below the best',
		numberChecks.topNSigma,
	),
	topK: numberFlag('--top-k <n>', 'sample among the best n tokens only', numberChecks.topK),
	typicalP: numberFlag(
		'--typical-p <p>',
		'sample among the most typical tokens of this probability',
		numberChecks.typicalP,
	),
	topP: numberFlag('--top-p <p>', 'sample among the fewest tokens of this probability', numberChecks.topP),
	minP: numberFlag(
		'--min-p <p>',
		'sample among tokens this times as probable as the best',
		numberChecks.minP,
	),
	xtcProbability: numberFlag(
		'--xtc-probability <p>',
		'how often the best tokens are excluded (XTC)',
		numberChecks.xtcProbability,
	),
	xtcThreshold: numberFlag(
		'--xtc-threshold <p>',
		'what XTC excludes is at least this probable (default: 0.1)',
		numberChecks.xtcThreshold,
	),
	mirostat: {
		flags: '--mirostat <version>',
		description: '2 samples at a steady surprise, in place of all filters; 0 is off (default: 0)',
		parse: (raw, flag) => mirostat(toNumber(raw), flag),
	} satisfies Flag<0 | 2>,
	mirostatTau: numberFlag(
		'--mirostat-tau <bits>',
		'the surprise that Mirostat aims at, in bits a token (default: 5)',
		numberChecks.mirostatTau,
	),
	mirostatEta: numberFlag(
		'--mirostat-eta <rate>',
		'how fast Mirostat follows the text, 0 to 1 (default: 0.1)',
		numberChecks.mirostatEta,
	),
	repeatPenalty: numberFlag(
		'--repeat-penalty <x>',
		'divide the scores of recent tokens by x',
		numberChecks.repeatPenalty,
	),
	frequencyPenalty: numberFlag(
		'--frequency-penalty <x>',
		'take x from the score of a token for every time that it came lately',
		numberChecks.frequencyPenalty,
	),
	presencePenalty: numberFlag(
		'--presence-penalty <x>',
		'take x from the scores of tokens that came lately',
		numberChecks.presencePenalty,
	),
	penaltyWindow: numberFlag(
		'--penalty-window <n>',
		'how many tokens back penalties look (default: 64)',
		numberChecks.penaltyWindow,
	),
	dryMultiplier: numberFlag(
		'--dry-multiplier <x>',
		'lower the scores of tokens that repeat a sequence (DRY) by x, and more the longer it is',
		numberChecks.dryMultiplier,
	),
	dryBase: numberFlag(
		'--dry-base <x>',
		'how fast the penalty of DRY grows with each token (default: 1.75)',
		numberChecks.dryBase,
	),
	dryAllowedLength: numberFlag(
		'--dry-allowed-length <n>',
		'so many tokens may be repeated without a penalty of DRY (default: 2)',
		numberChecks.dryAllowedLength,
	),
	dryPenaltyLastN: numberFlag(
		'--dry-penalty-last-n <n>',
		'how many tokens back DRY looks (default: 64)',
		numberChecks.dryPenaltyLastN,
	),
	drySequenceBreakers: listFlag(
		'--dry-sequence-breakers <text>',
		'DRY counts no repetition across this text (default: a line break, : " and *)',
	),
	logitBias: logitBiasFlag,
	seed: numberFlag('--seed <n>', 'repeat a sampled text (default: random)', numberChecks.seed),
	stop: listFlag('--stop <text>', 'end before this text'),
	grammar: textFlag('--grammar <file>', 'a GBNF grammar the text must follow'),
	jsonSchema: textFlag('--json-schema <file>', 'a JSON Schema the text must fit, as JSON'),
	draft: draftFlag,
} satisfies Partial<Record<keyof GenerateOptions, Flag<unknown>>>;

/**
 * The options of `generate`, but for those that a program alone can give; `json` is `--json-schema` with
 * `{"type":"object"}`. `grammar`, `jsonSchema` and `prediction` are files here.
 */
export const generateFlags = {
	...samplingFlags,
	prediction: textFlag('--prediction <file>', 'what the output will probably be like, to draft from'),
	renderSpecial: switchFlag('--render-special', 'write control tokens such as end-of-turn out in the text'),
} satisfies Record<
	Exclude<keyof GenerateOptions, 'json' | 'logprobs' | 'onPrefill' | 'schema' | 'signal'>,
	Flag<unknown>
>;

/** The options of `createSession`. */
export const sessionFlags = {
	contextLength: numberFlag(
		'--context-length <n>',
		'tokens of context (default: the model’s, at most 4096)',
		sessionChecks.contextLength,
	),
	overflow: choiceFlag(
		'--overflow <way>',
		'what a full context does: error ends the text, shift drops the oldest half (default: error)',
		sessionChecks.overflow,
	),
	threads: numberFlag('--threads <n>', 'CPU threads', sessionChecks.threads),
	flashAttention: choiceFlag(
		'--flash-attention <mode>',
		'auto, on or off (default: auto)',
		sessionChecks.flashAttention,
	),
	deviceLogits: choiceFlag(
		'--device-logits <mode>',
		'leave logits on the device that computes them: auto, on or off (default: auto, on GPUs)',
		sessionChecks.deviceLogits,
	),
	keyType: choiceFlag(
		'--key-type <type>',
		'how keys are stored: f32, f16, q8_0 or q4_0 (default: f16)',
		sessionChecks.keyType,
	),
	valueType: choiceFlag(
		'--value-type <type>',
		'how values are stored, likewise; q8_0 and q4_0 need flash attention (default: f16)',
		sessionChecks.valueType,
	),
	fullSlidingWindow: switchFlag(
		'--no-full-sliding-window',
		'keep only the window of sliding-window layers: less memory, and no draft trees',
	),
	batchSize: numberFlag(
		'--batch-size <n>',
		'most prompt tokens handed over at once (default: 2048)',
		sessionChecks.batchSize,
	),
	microBatchSize: numberFlag(
		'--micro-batch-size <n>',
		'most tokens computed at once (default: 512)',
		sessionChecks.microBatchSize,
	),
	referenceTokens: numberFlag(
		'--reference-tokens <n>',
		'most tokens of all references (default: 1048576)',
		sessionChecks.referenceTokens,
	),
	maxSequences: numberFlag(
		'--max-sequences <n>',
		'most sequences, branches and draft leaves together, 0 for as many as fit (default: 0)',
		sessionChecks.maxSequences,
	),
	matching: choiceFlag(
		'--matching <who>',
		'who searches references and the corpus: index, device, auto for whichever is faster (default: auto)',
		sessionChecks.matching,
	),
} satisfies Record<keyof SessionOptions, Flag<unknown>>;

/** The options of `loadModel` that say which device holds what. */
export const deviceFlags = {
	gpuLayers: {
		flags: '--gpu-layers <n>',
		description:
			'layers to put on devices, the output counted as one; -1 for all, auto for as many as fit (default: auto)',
		parse: (raw, flag) => loadChecks.gpuLayers(toNumber(raw), flag) as number | 'auto',
	} satisfies Flag<number | 'auto'>,
	devices: {
		flags: '--devices <names>',
		description:
			'devices that take layers, with commas between, as reprise info lists them; none for the processor alone (default: workers, then all GPUs)',
		parse: (raw, flag) =>
			loadChecks.devices(raw === 'none' ? [] : raw.split(',').map((name) => name.trim()), flag) as string[],
	} satisfies Flag<string[]>,
	rpc: commaFlag(
		'--rpc <workers>',
		'put layers on workers too, as HOST:PORT with commas between; nothing is encrypted',
		endpoint,
	),
	splitMode: {
		flags: '--split-mode <mode>',
		description: 'how several devices share the model: none, layer, row or tensor (default: layer)',
		parse: (raw, flag) => loadChecks.splitMode(raw, flag) as SplitMode,
	} satisfies Flag<SplitMode>,
	tensorSplit: {
		flags: '--tensor-split <shares>',
		description: 'the share of each device, such as 3,1 (default: by their free memory)',
		parse: (raw, flag) => loadChecks.tensorSplit(raw.split(',').map(toNumber), flag) as number[],
	} satisfies Flag<number[]>,
	cpuMoe: {
		flags: '--cpu-moe [layers]',
		description: 'keep experts with the processor, of all layers or of so many of the first',
		parse: (raw, flag) => loadChecks.cpuMoe(toNumber(raw), flag) as number,
	} satisfies Flag<boolean | number>,
} satisfies Partial<Record<keyof LoadModelOptions, Flag<unknown>>>;

/** The options of `loadModel`, but for those that a program alone can give. */
export const loadFlags = {
	...deviceFlags,
	adapters: {
		flags: '--adapters <file[=scale]>',
		description: 'apply a LoRA adapter, at this scale (default: 1); may be given again',
		parse: (raw, flag, before = []) => {
			const [, path = raw, scale] = /^(.+)=([-+.e\d]+)$/.exec(raw) ?? [];
			const given = scale === undefined ? { path } : { path, scale: toNumber(scale) };
			return [...before, ...adapterList([given], flag)];
		},
	} satisfies Flag<ReadAdapter[]>,
	// `draft` is an option of `generate`, too.
	draftModel: textFlag(
		'--draft-model <gguf>',
		'a smaller model of the same vocabulary, or a draft head, that drafts too: a file or hf:OWNER/REPO',
	),
	mtp: switchFlag('--mtp', "let the layers for multi-token prediction in the model's own file draft too"),
	projector: textFlag(
		'--projector <gguf>',
		'what reads images for the model (mmproj): a file or hf:OWNER/REPO/FILE',
	),
	corpus: textFlag(
		'--corpus <file>',
		'keep the texts of sessions in this file, and draft from those of earlier runs',
	),
	corpusTokens: numberFlag(
		'--corpus-tokens <n>',
		'with --corpus: most tokens that the file keeps (default: 1048576)',
		(value, name) => loadChecks.corpusTokens(value, name) as number,
	),
	mmap: switchFlag('--no-mmap', 'read the model file in place of mapping it into memory'),
	mlock: switchFlag('--mlock', 'keep the weights from being swapped out'),
	checkTensors: switchFlag('--check-tensors', 'check the data of every tensor for invalid values'),
} satisfies Record<
	Exclude<
		keyof LoadModelOptions | 'draftModel' | 'mtp' | 'projector',
		'draft' | 'images' | 'roomFor' | 'vocabOnly' | 'hub' | 'onDownload' | 'onProgress' | 'signal'
	>,
	Flag<unknown>
>;

/** The options of a chat's template; `template` is a file here. */
export const templateFlags = {
	template: textFlag('--template <file>', 'a Jinja chat template (default: the model’s own)'),
	templateVariables: jsonFlag(
		'--template-variables <json>',
		'variables for the template, such as {"enable_thinking":false}',
		(value, flag) => templateChecks.templateVariables(value, flag) as Record<string, unknown>,
	),
} satisfies Record<keyof TemplateOptions, Flag<unknown>>;

export const referenceFlag = {
	reference: listFlag('--reference <file>', 'a text that outputs may repeat'),
};
