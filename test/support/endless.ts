import type { GenerateOptions } from '../../lib/generate-options.js';
import type { Model } from '../../lib/model.js';
import type { Session } from '../../lib/session.js';

export const copyPrompt =
	'<|im_start|>user\nCopy this text:\nMara found a red box near the market. Tom asked Lena about the coins.<|im_end|>\n<|im_start|>assistant\n';

/** Bans the tokens that end a text. */
export function noEnd(model: Model): Map<number, number> {
	return new Map(model.info.endTokens.map((token) => [token, Number.NEGATIVE_INFINITY]));
}

/** Options under which a generation goes on until it is aborted; its session must shift on overflow. */
export function endless(model: Model): GenerateOptions {
	return { maxTokens: 2 ** 31 - 1, logitBias: noEnd(model) };
}

export function createEndlessSession(model: Model): Promise<Session> {
	return model.createSession({ contextLength: 256, overflow: 'shift', threads: 1 });
}
