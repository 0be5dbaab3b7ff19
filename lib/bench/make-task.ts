import type { ModelFile } from './model-file.js';
import type { Task, Workload } from './task.js';

/** What the tasks of a benchmark have in common. */
export interface TaskOptions {
	readonly choices: 'own' | 'recorded';
	/** The most tokens of an answer. */
	readonly tokens: number;
	/** What a prompt, its answer and the drafts beyond have room in. */
	readonly contextLength: number;
}

/** Room that drafts want beyond an answer, in tokens. */
export const spareContext = 256;

/** The task of a workload, a context length and a seed, or the reason why there is none. */
export async function makeTask(
	workload: Workload,
	{ context, seed }: { context: number; seed: number },
	model: Pick<ModelFile, 'info' | 'prompt' | 'tokens'>,
	{ choices, tokens, contextLength }: TaskOptions,
): Promise<Task | { readonly skipped: string }> {
	const trained = model.info.trainedContextLength;
	if (choices === 'own' && trained > 0 && context + tokens > trained)
		return { skipped: `the model was trained for ${trained} tokens` };
	const text = await workload.text({
		context,
		seed,
		countTokens: async (messages) => (await model.prompt(messages)).length,
	});
	if ('skipped' in text) return text;
	const prompt = await model.prompt(text.messages);
	const answer = choices === 'recorded' ? model.tokens(text.answer).slice(0, tokens) : null;
	if (answer && answer.length < 2) return { skipped: 'the answer has fewer than two tokens' };
	if (prompt.length + tokens + spareContext / 2 > contextLength)
		return { skipped: `the prompt has ${prompt.length} tokens, for which the arms have no room` };
	return { workload: workload.name, context, seed, prompt, answer };
}
