import { unlessAborted } from '../abort.js';
import type { ToolCall, ToolMessage } from '../chat-message.js';
import { messageOf } from '../errors.js';
import { describe } from '../options.js';
import { wellFormedText } from '../text.js';
import { misfitsOf } from './misfits.js';
import type { ReadTool } from './read-tools.js';

/** Answers all calls at once. Whatever goes wrong becomes the text of a result, since the model is to know it. */
export function runTools(
	tools: readonly ReadTool[],
	calls: readonly ToolCall[],
	signal: AbortSignal,
): Promise<ToolMessage[]> {
	return Promise.all(
		calls.map(async (call): Promise<ToolMessage> => {
			// A handler need not look at the signal.
			const answered = unlessAborted(answer(tools, call, signal), signal, () => 'the call was aborted');
			const content = await answered.catch((error: unknown) => `Error: ${messageOf(error)}`);
			return { role: 'tool', content: wellFormedText(content), toolCallId: call.id, name: call.name };
		}),
	);
}

async function answer(tools: readonly ReadTool[], call: ToolCall, signal: AbortSignal): Promise<string> {
	const tool = tools.find(({ name }) => name === call.name);
	if (!tool?.handler) throw new Error(`there is no tool ${describe(call.name)}`);
	const result = await tool.handler(await inputOf(tool, call), { id: call.id, signal });
	if (typeof result === 'string') return result;
	return JSON.stringify(result) ?? '';
}

async function inputOf(tool: ReadTool, call: ToolCall): Promise<unknown> {
	let input: unknown;
	try {
		input = JSON.parse(call.arguments === '' ? '{}' : call.arguments);
	} catch (error) {
		throw new Error(`the arguments are no JSON: ${messageOf(error)}`);
	}
	if (!tool.schema) {
		const misfits = misfitsOf(tool, input);
		if (misfits.length > 0) throw new Error(`the arguments are invalid: ${misfits.join('; ')}`);
		return input;
	}
	const result = await tool.schema['~standard'].validate(input);
	if (!result.issues) return result.value;
	const issues = result.issues.map(({ message, path }) => {
		const place = (path ?? []).map((step) => String(typeof step === 'object' ? step.key : step)).join('.');
		return place === '' ? message : `${place}: ${message}`;
	});
	throw new Error(`the arguments are invalid: ${issues.join('; ')}`);
}
