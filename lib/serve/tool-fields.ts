import { boolean, type Check, invalid, listOf, object, oneOf, readOptions, text } from '../options.js';
import { jsonSchemaCheck } from '../schema/output-format.js';
import type { ChatTool, ToolChoice } from '../tools/chat-tool.js';
import type { ToolOptions } from '../tools/reply-options.js';
import { field } from './fields.js';

type NamedTool = readonly [name: string, tool: ChatTool];

const tool: Check<NamedTool> = (value, name) => {
	const { function: given } = readOptions({ type: oneOf('function'), function: object() }, value, name);
	const fields = {
		name: text,
		description: field(text),
		parameters: field(jsonSchemaCheck),
		strict: field(boolean),
	};
	const read = readOptions(fields, given, `${name}.function`);
	const { description, parameters } = read;
	return [
		read.name,
		{ ...(description !== undefined && { description }), ...(parameters !== undefined && { parameters }) },
	];
};

const tools: Check<NamedTool[]> = (value, name) => {
	const read = listOf(tool)(value, name);
	const twice = read.find(([one], index) => read.findIndex(([other]) => other === one) < index);
	if (twice) throw invalid('tools of different names', name, twice[0]);
	return read;
};

const choice: Check<ToolChoice> = (value, name) => {
	if (value === 'auto' || value === 'none' || value === 'required') return value;
	if (typeof value !== 'object')
		throw invalid("'auto', 'none', 'required' or { type: 'function', function: { name } }", name, value);
	const read = readOptions({ type: oneOf('function'), function: object() }, value, name);
	return readOptions({ name: text }, read.function, `${name}.function`);
};

/** What a reply may call, and whether it thinks first. Arguments always fit their schema, `strict` or not. */
export const toolFields = {
	parallel_tool_calls: field(boolean),
	reasoning_effort: field(oneOf('none', 'minimal', 'low', 'medium', 'high', 'xhigh')),
	tool_choice: field(choice),
	tools: field(tools),
};

type Given = { [Name in keyof typeof toolFields]: ReturnType<(typeof toolFields)[Name]> };

/** The options of a reply. How hard a model thinks is its own matter; that it does not can be asked for. */
export function toolOptions({
	parallel_tool_calls,
	reasoning_effort,
	tool_choice,
	tools,
}: Given): ToolOptions {
	return {
		...(tools?.length && { tools: Object.fromEntries(tools) }),
		...(tool_choice !== undefined && { toolChoice: tool_choice }),
		...(parallel_tool_calls !== undefined && { parallelToolCalls: parallel_tool_calls }),
		...(reasoning_effort === 'none' && { reasoning: 'off' }),
	};
}
