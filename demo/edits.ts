import type { Metrics } from '../lib/index.js';
import { drafts, type EveryWay, everyWay } from './every-way.js';
import type { Talk } from './held-out.js';
import type { Stage } from './stage.js';

export interface Reply {
	text: string;
	/** Whether it is what was asked for, to the letter. */
	right: boolean;
	metrics: Metrics;
}

/** Lets the model reply to every turn of conversations that have gone right up to there. Replies are by turn. */
export async function editEveryWay(
	stage: Stage,
	talks: readonly Talk[],
	onDone: () => void,
): Promise<EveryWay<Reply[][]>> {
	const { signal } = stage;
	const replies: EveryWay<Reply[][]> = { auto: [], wide: [], off: [] };
	await everyWay(
		stage,
		talks,
		async (talk, session, way) => {
			const chat = session.chat();
			for (const [turn, { history, request, reply }] of talk.entries()) {
				const messages = [...history, { role: 'user' as const, content: request }];
				const { text, metrics } = await chat.reply(messages, { draft: drafts[way], maxTokens: 512, signal })
					.result;
				replies[way][turn] ??= [];
				replies[way][turn].push({ text, right: text === reply, metrics });
			}
		},
		onDone,
	);
	return replies;
}
