/** A token that might have come, and how probable the model held it. */
export interface TopLogprob {
	/** The token's id. */
	token: number;
	/** Its text, control tokens written out. Bytes that are no whole character are U+FFFD. */
	text: string;
	/** The natural logarithm of its probability. */
	logprob: number;
}

/** A token of the text, how probable the model held it, and what it held more probable. */
export interface TokenLogprobs extends TopLogprob {
	/** The most probable tokens, the best first. The token itself is among them where it is one of the best. */
	top: TopLogprob[];
}
