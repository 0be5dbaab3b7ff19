import type { GenerateOptions } from '../generate-options.js';
import {
	boolean,
	type Check,
	integer,
	invalid,
	optional,
	optionsOf,
	readOptions,
	withDefault,
} from '../options.js';
import { isObject } from '../schema/json-schema.js';
import { type ChatTools, type ToolChoice, toolChoiceCheck, toolsCheck } from './chat-tool.js';

/** Whether the model thinks before it answers, and for how long. */
export type Reasoning =
	| 'auto'
	| 'off'
	| {
			/** The model thinks for this many tokens at most, 0…2³¹-1; then its answer begins. */
			readonly budget: number;
	  };

/** The options of a reply that a generation does not have. */
export interface ToolOptions {
	/**
	 * The tools that the model may call, by their names of 1…64 letters, digits, `_`, `-` and `.`. Calls of tools
	 * with handlers are answered, and the model goes on from the results; a call of a tool without a handler ends
	 * the reply with finish reason 'toolCalls'. Default: none.
	 */
	tools?: ChatTools;
	/**
	 * With 'auto' the model decides whether to call a tool, with 'none' it calls none, with 'required' it calls at
	 * least one, and with `{ name }` that one. After the results of a call the choice is 'auto'. Default: 'auto'.
	 */
	toolChoice?: ToolChoice;
	/** Whether a reply may call several tools at once. Default: true, where the template can. */
	parallelToolCalls?: boolean;
	/**
	 * With 'auto' the model thinks as its template has it, with 'off' not at all, and with `{ budget }` for so many
	 * tokens at most. 'off' rejects with `TEMPLATE_INVALID` where the template cannot. A reply that follows a grammar or a
	 * schema does not think, and takes no budget. Default: 'auto'.
	 */
	reasoning?: Reasoning;
	/** So many times at most handlers are called and the model goes on, 0…1000. Default: 8. */
	maxToolRounds?: number;
}

/** The options of a reply that its prompt depends on. */
export type PromptOptions = Pick<ToolOptions, 'tools' | 'toolChoice' | 'parallelToolCalls' | 'reasoning'>;

/** Those of a reply's options that its prompt depends on. */
export function promptOptions(options: PromptOptions = {}): PromptOptions {
	const { tools, toolChoice, parallelToolCalls, reasoning } = options;
	return {
		...(tools !== undefined && { tools }),
		...(toolChoice !== undefined && { toolChoice }),
		...(parallelToolCalls !== undefined && { parallelToolCalls }),
		...(reasoning !== undefined && { reasoning }),
	};
}

/**
 * How a reply is generated. The template is responsible for control tokens, so there is no `renderSpecial`.
 */
export interface ReplyOptions<Output = unknown>
	extends Omit<GenerateOptions<Output>, 'renderSpecial'>,
		ToolOptions {}

const reasoning: Check<Reasoning> = (value, name) => {
	if (value === 'auto' || value === 'off') return value;
	if (isObject(value)) return readOptions({ budget: integer(0, 2 ** 31 - 1) }, value, name);
	throw invalid("'auto', 'off' or { budget }", name, value);
};

export const toolChecks = optionsOf('a reply', {
	tools: optional(toolsCheck),
	toolChoice: withDefault<ToolChoice>(toolChoiceCheck, 'auto'),
	parallelToolCalls: optional(boolean),
	reasoning: withDefault<Reasoning>(reasoning, 'auto'),
	maxToolRounds: withDefault(integer(0, 1000), 8),
} satisfies Record<keyof ToolOptions, Check<unknown>>);
