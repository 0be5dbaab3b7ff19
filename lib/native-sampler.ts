// What the addon takes of how tokens are chosen.

export interface NativeSamplerOptions {
	/** 0 is greedy. */
	temperature: number;
	/** 0 is off. */
	topNSigma: number;
	/** 0 is off. */
	topK: number;
	/** 1 is off. */
	typicalP: number;
	/** 1 is off. */
	topP: number;
	/** 0 is off. */
	minP: number;
	/** 0 is off. */
	xtcProbability: number;
	/** Above 0.5 is off. */
	xtcThreshold: number;
	/** 0 is off. */
	mirostat: 0 | 2;
	mirostatTau: number;
	mirostatEta: number;
	/** 1 is off. */
	repeatPenalty: number;
	frequencyPenalty: number;
	presencePenalty: number;
	/** The penalties look back this many tokens. */
	penaltyWindow: number;
	/** 0 is off. */
	dryMultiplier: number;
	dryBase: number;
	dryAllowedLength: number;
	/** DRY looks back this many tokens. */
	dryPenaltyLastN: number;
	drySequenceBreakers: string[];
	logitBias: Array<[token: number, bias: number]>;
	seed: number;
	/** A grammar in GBNF; empty for none. */
	grammar: string;
	grammarRoot: string;
}
