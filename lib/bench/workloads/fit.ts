import type { TaskRequest, TaskText } from '../task.js';

/** A task, or why there is none. */
export type Made = TaskText | { readonly skipped: string };

/** How many parts a task may have. */
export interface Parts {
	/** Default: 0. */
	readonly least?: number;
	readonly most: number;
}

/** A task of so many parts, and the tokens of its prompt. */
export interface Fitted {
	readonly task: TaskText;
	readonly parts: number;
	readonly tokens: number;
}

/**
 * The task with the most parts whose prompt is not longer than what was asked for, or the one with the fewest, where
 * that is too long already. More parts make longer prompts.
 */
export async function mostThatFit(
	{ context, countTokens }: TaskRequest,
	{ least = 0, most }: Parts,
	make: (parts: number) => TaskText,
): Promise<Fitted> {
	const fitted = async (parts: number): Promise<Fitted> => {
		const task = make(parts);
		return { task, parts, tokens: await countTokens(task.messages) };
	};
	let best = await fitted(least);
	let tooMany = best.tokens > context ? best.parts + 1 : most + 1;
	while (tooMany - best.parts > 1) {
		const tried = await fitted(Math.floor((best.parts + tooMany) / 2));
		if (tried.tokens <= context) best = tried;
		else tooMany = tried.parts;
	}
	return best;
}

/** `mostThatFit`, where its prompt is about as long as what was asked for. */
export async function longestThatFits(
	request: TaskRequest,
	parts: Parts,
	make: (parts: number) => TaskText,
): Promise<Made> {
	const { task, tokens } = await mostThatFit(request, parts, make);
	if (tokens > request.context) return { skipped: `the shortest prompt has ${tokens} tokens` };
	if (isNear(tokens, request.context)) return task;
	return { skipped: `the longest prompt that fits has ${tokens} tokens` };
}

/** Whether a prompt is about as long as was asked for. */
export function isNear(tokens: number, context: number): boolean {
	return tokens <= context && tokens >= Math.min(context * 0.75, context - 64);
}
