import type { ChatMessage, Session } from '../../../lib/index.js';
import type { Chat } from '../data/chat.js';

/** A reply that the model should give, and the conversation before it. */
export interface Expected {
	history: ChatMessage[];
	request: string;
	reply: string;
}

export interface Replies {
	count: number;
	/** Share of replies that are exactly right, of 1. */
	exact: number;
	/** Tokens that a verify pass gave on average. */
	tokensPerPass: number;
	/** Tokens a second of decoding. */
	tokensPerSecond: number;
	/** Some of the wrong ones. */
	wrong: Array<{ request: string; wanted: string; said: string }>;
}

const message = ({ role, text }: Chat['turns'][number]): ChatMessage => ({ role, content: text });

/** The replies of a chat that are to be learnt, the first one first. */
export function expectedReplies({ turns }: Chat): Expected[] {
	return turns.flatMap(({ role, learn, text }, i) => {
		const request = turns[i - 1];
		if (role !== 'assistant' || !learn || !request) return [];
		return [{ history: turns.slice(0, i - 1).map(message), request: request.text, reply: text }];
	});
}

/** Lets the model reply, each time from an empty session, and compares. `judge`: default, the very same text. */
export async function measureReplies(
	session: Session,
	expected: readonly Expected[],
	judge = (said: string, wanted: string) => said === wanted,
): Promise<Replies> {
	const wrong: Replies['wrong'] = [];
	let [tokens, passes, ms] = [0, 0, 0];
	for (const { history, request, reply } of expected) {
		await session.rollback(0);
		const { text, metrics } = await session
			.chat({ messages: history })
			.send(request, { temperature: 0, maxTokens: 600 }).result;
		tokens += metrics.passTokens;
		passes += metrics.passes;
		ms += metrics.decodeMs;
		if (!judge(text, reply)) wrong.push({ request, wanted: reply, said: text });
	}
	return {
		count: expected.length,
		exact: 1 - wrong.length / expected.length,
		tokensPerPass: tokens / passes,
		tokensPerSecond: (1000 * tokens) / ms,
		wrong: wrong.slice(0, 20),
	};
}
