import type { TokenLogprobs, TopLogprob } from '../logprobs.js';

const bytesOf = (text: string) => [...Buffer.from(text)];

const one = ({ text, logprob }: TopLogprob) => ({ token: text, logprob, bytes: bytesOf(text) });

/** As `/v1/chat/completions` has them. */
export const chatLogprobs = (logprobs: readonly TokenLogprobs[]) => ({
	content: logprobs.map((token) => ({ ...one(token), top_logprobs: token.top.map(one) })),
	refusal: null,
});

/** As `/v1/completions` has them; `offset` is where in the text they begin. */
export function completionLogprobs(logprobs: readonly TokenLogprobs[], offset: number) {
	let at = offset;
	const offsets = logprobs.map(({ text }) => {
		const before = at;
		at += text.length;
		return before;
	});
	return {
		tokens: logprobs.map(({ text }) => text),
		token_logprobs: logprobs.map(({ logprob }) => logprob),
		top_logprobs: logprobs.map(({ top }) =>
			Object.fromEntries(top.map(({ text, logprob }) => [text, logprob])),
		),
		text_offset: offsets,
	};
}
