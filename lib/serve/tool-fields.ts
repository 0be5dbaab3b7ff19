import { boolean, type Check, invalid, listOf, object, oneOf, type Read, text } from '../options.js';
import { jsonSchemaCheck } from '../schema/output-format.js';
import type { ChatTool, ToolChoice } from '../tools/chat-tool.js';
import type { ToolOptions } from '../tools/reply-options.js';
import { field, readFields } from './fields.js';

type NamedTool = readonly [name: string, tool: ChatTool];

const functionFields = {
	name: text,
	description: field(text),
	parameters: field(jsonSchemaCheck),
	strict: field(boolean),
};

function namedTool({ name, description, parameters }: Read<typeof functionFields>): NamedTool {
	return [
		name,
		{ ...(description !== undefined && { description }), ...(parameters !== undefined && { parameters }) },
	];
}

const tool: Check<NamedTool> = (value, name) => {
	const { function: given } = readFields({ type: oneOf('function'), function: object() }, value, name);
	return namedTool(readFields(functionFields, given, `${name}.function`));
};

/** A tool whose fields stand beside its type. */
const flatTool: Check<NamedTool> = (value, name) => {
	oneOf('function')(object()(value, name).type, `${name}.type`);
	return namedTool(readFields({ ...functionFields, type: text }, value, name));
};

function toolsOf(one: Check<NamedTool>): Check<NamedTool[]> {
	return (value, name) => {
		const read = listOf(one)(value, name);
		const twice = read.find(([tool], index) => read.findIndex(([other]) => other === tool) < index);
		if (twice) throw invalid('tools of different names', name, twice[0]);
		return read;
	};
}

/** @param shape - How a request writes the choice of one tool. */
function choiceOf(shape: string, named: Check<{ readonly name: string }>): Check<ToolChoice> {
	return (value, name) => {
		if (value === 'auto' || value === 'none' || value === 'required') return value;
		if (typeof value !== 'object') throw invalid(`'auto', 'none', 'required' or ${shape}`, name, value);
		return named(value, name);
	};
}

const choice = choiceOf("{ type: 'function', function: { name } }", (value, name) => {
	const read = readFields({ type: oneOf('function'), function: object() }, value, name);
	return readFields({ name: text }, read.function, `${name}.function`);
});

const flatChoice = choiceOf("{ type: 'function', name }", (value, name) => ({
	name: readFields({ type: oneOf('function'), name: text }, value, name).name,
}));

/** How hard a model is to think. */
export const reasoningEffort = oneOf('none', 'minimal', 'low', 'medium', 'high', 'xhigh');

/** What a reply may call, and whether it thinks first. Arguments always fit their schema, `strict` or not. */
export const toolFields = {
	parallel_tool_calls: field(boolean),
	reasoning_effort: field(reasoningEffort),
	tool_choice: field(choice),
	tools: field(toolsOf(tool)),
};

/** The same as `/v1/responses` has them: the fields of a function stand beside its type. */
export const flatToolFields = {
	parallel_tool_calls: field(boolean),
	tool_choice: field(flatChoice),
	tools: field(toolsOf(flatTool)),
};

/** The options of a reply. How hard a model thinks is its own matter; that it does not can be asked for. */
export function toolOptions({
	parallel_tool_calls,
	reasoning_effort,
	tool_choice,
	tools,
}: Read<typeof toolFields>): ToolOptions {
	return {
		...(tools?.length && { tools: Object.fromEntries(tools) }),
		...(tool_choice !== undefined && { toolChoice: tool_choice }),
		...(parallel_tool_calls !== undefined && { parallelToolCalls: parallel_tool_calls }),
		...(reasoning_effort === 'none' && { reasoning: 'off' }),
	};
}
