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
	if (best.tokens > context) return best;
	let tooMany = most + 1;
	// In steps that double, and back in steps that halve: texts far longer than what is asked for are never counted.
	for (let step = 1; tooMany - best.parts > 1; step *= 2) {
		const middle = Math.floor((best.parts + tooMany) / 2);
		const tried = await fitted(tooMany > most ? Math.min(best.parts + step, most) : middle);
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
