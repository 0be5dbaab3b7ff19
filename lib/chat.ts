import type { AbortOptions } from './abort.js';
import { imagesByPart, withMarks } from './chat-images.js';
import {
	type ChatMessage,
	messageListCheck,
	splitBegun,
	type UserMessage,
	userContent,
} from './chat-message.js';
import { ChatTemplate } from './chat-template.js';
import { callNative, RepriseError } from './errors.js';
import type { GenerateOptions } from './generate-options.js';
import type { NativeChatContext, NativeReplyFormat } from './native-chat.js';
import {
	boolean,
	type Check,
	checked,
	describe,
	integer,
	invalid,
	object,
	optional,
	optionsOf,
	readOptions,
	text,
	withDefault,
} from './options.js';
import type { PrefillOptions, PrefillResult } from './prefill.js';
import type { Session } from './session.js';
import type { LatePrompt } from './tokens.js';
import type { ChatTools, ToolChoice } from './tools/chat-tool.js';
import { type ReadTool, readTools } from './tools/read-tools.js';
import type { Reply } from './tools/reply.js';
import { type PromptOptions, type ReplyOptions, toolChecks } from './tools/reply-options.js';
import { PartsReader } from './tools/reply-parts.js';
import type { ReplyRequest } from './tools/reply-request.js';
import { ReplyRounds, type Round } from './tools/reply-rounds.js';

/** The chat template, and what it is given. */
export interface TemplateOptions {
	/** A chat template in Jinja. Default: the model's own. */
	template?: string;
	/**
	 * Variables for the template, such as `enable_thinking`. Their values are what JSON can hold. Default:
	 * none.
	 */
	templateVariables?: Readonly<Record<string, unknown>>;
}

/** The template of a conversation, and what it begins with. */
export interface ChatOptions extends TemplateOptions {
	/** A system message that the conversation begins with. Default: none. */
	system?: string;
	/** The messages of the conversation so far. Default: none. */
	messages?: readonly ChatMessage[];
	/**
	 * Whether control tokens that messages write out, such as `<|im_end|>`, are read as these tokens. A message
	 * can then end its turn and begin another. Control tokens of the template are read either way. Default:
	 * false.
	 */
	parseSpecial?: boolean;
}

const deepestVariable = 32;

/** Checks that JSON can hold `value`; a property that is undefined counts as missing. */
function jsonValue(value: unknown, name: string, depth = 0): void {
	if (depth > deepestVariable) throw invalid('values nested less deep', name, value);
	if (value === null || value === undefined || typeof value === 'boolean') return;
	if (typeof value === 'number' && Number.isFinite(value)) return;
	if (typeof value === 'string') {
		text(value, name);
		return;
	}
	if (typeof value !== 'object')
		throw invalid('true, false, a number, a string, an array or an object', name, value);
	for (const [key, inner] of Object.entries(value))
		jsonValue(inner, Array.isArray(value) ? `${name}[${key}]` : `${name}.${key}`, depth + 1);
}

const variables: Check<Record<string, unknown>> = (value, name) => {
	const read = object()(value, name);
	jsonValue(read, name);
	return { ...read };
};

/** For what opens a chat of its own, too. */
export const templateChecks = {
	template: optional(text),
	templateVariables: optional(variables),
} satisfies Record<keyof TemplateOptions, Check<unknown>>;

const chatChecks = optionsOf('chat', {
	...templateChecks,
	system: optional(text),
	messages: optional(messageListCheck),
	parseSpecial: withDefault(boolean, false),
} satisfies Record<keyof ChatOptions, Check<unknown>>);

/**
 * A conversation by a chat template. Replies draft from all of it, and every prompt reuses the cache up to
 * the first token that differs, so editing or retrying a turn computes only what comes after it.
 *
 * Control tokens that a message writes out are text, unless `parseSpecial` asks for them: a user's message
 * can neither end a turn nor begin another.
 */
export class Chat {
	/** The session that the conversation is computed in. */
	readonly session: Session;
	readonly #options: ChatOptions | undefined;
	readonly #template: ChatTemplate;
	readonly #parseSpecial: boolean;
	/** What the cache holds for the conversation. */
	#context: NativeChatContext;
	#messages: readonly ChatMessage[];
	#turn = 0;

	/** Chats come from `session.chat` and `chat.fork`. */
	constructor(session: Session, options?: ChatOptions) {
		const read = readOptions(chatChecks, options, 'chat');
		const { system, template, templateVariables, parseSpecial, messages = [] } = read;
		const { info } = session.model;
		const source = template ?? info.chatTemplate;
		if (!source)
			throw new RepriseError(
				'TEMPLATE_MISSING',
				'The model has no chat template; pass one as the option template, or use session.generate',
			);
		if (template !== undefined && /^\S+\.(jinja2?|j2|txt|json)$/i.test(template))
			throw invalid('the text of a chat template in Jinja, not the path of a file,', 'template', template);
		if (system !== undefined && messages[0]?.role === 'system')
			throw invalid('no system message', 'messages[0] where system is given', messages[0].content);
		this.session = session;
		this.#options = options;
		this.#template = new ChatTemplate(source, {
			...templateVariables,
			bos_token: info.bosText,
			eos_token: info.eosText,
		});
		this.#parseSpecial = parseSpecial;
		this.#context = session.model.chatContext();
		this.#messages = system === undefined ? messages : [{ role: 'system', content: system }, ...messages];
	}

	/** The messages of the conversation. A reply is among them once its generation has ended. */
	get messages(): readonly ChatMessage[] {
		return this.#messages;
	}

	/**
	 * Adds a user's message and generates the reply. An aborted reply resolves and stays in the conversation as
	 * far as it got; a failed one leaves the conversation as it was before.
	 *
	 * Throws `TEXT_INVALID`, `IMAGE_INVALID` and what `session.generate` throws. The generation rejects with
	 * `TEMPLATE_INVALID`, where the template refuses the messages or takes too long, with `IMAGE_INVALID`, where an
	 * image cannot be read, and as one of `session.generate` does.
	 *
	 * @param content - The text of the message, or texts and images in their order.
	 * @param options - How the reply is generated.
	 */
	send<Output = unknown>(content: UserMessage['content'], options?: ReplyOptions<Output>): Reply<Output> {
		return this.#reply([...this.#messages, userMessage(content)], options);
	}

	/**
	 * Replaces a user's message, drops all messages after it, and generates the reply. Throws `OPTION_INVALID`
	 * where there is no such message; else it throws and rejects as `send` does.
	 *
	 * @param index - The place of the message in `messages`.
	 * @param content - Its new text, or its new texts and images.
	 * @param options - How the reply is generated.
	 */
	edit<Output = unknown>(
		index: number,
		content: UserMessage['content'],
		options?: ReplyOptions<Output>,
	): Reply<Output> {
		integer(0, Math.max(0, this.#messages.length - 1))(index, 'index');
		const role = this.#messages[index]?.role ?? 'nothing';
		if (role !== 'user')
			throw new RepriseError(
				'OPTION_INVALID',
				`Expected the index of a user message for index but received ${index}, which is ${describe(role)}`,
			);
		const kept = this.#messages.slice(0, index);
		return this.#reply([...kept, userMessage(content)], options);
	}

	/**
	 * Generates the last reply again. Throws `OPTION_INVALID` where no user has written a message; else it
	 * throws and rejects as `send` does.
	 *
	 * @param options - How the reply is generated.
	 */
	retry<Output = unknown>(options?: ReplyOptions<Output>): Reply<Output> {
		const last = this.#messages.findLastIndex(({ role }) => role === 'user');
		if (last < 0)
			throw new RepriseError('OPTION_INVALID', 'There is no user message to reply to; send one first');
		return this.#reply(this.#messages.slice(0, last + 1), options);
	}

	/**
	 * Replaces the conversation and generates the reply to it. Throws and rejects as `send` does.
	 *
	 * @param messages - The new conversation. Where its last message is the assistant's, the reply begins with
	 * that message and goes on from there; the generation's text is what is new.
	 * @param options - How the reply is generated.
	 */
	reply<Output = unknown>(messages: readonly ChatMessage[], options?: ReplyOptions<Output>): Reply<Output> {
		return this.#reply(messageListCheck(messages, 'messages'), options);
	}

	/**
	 * Computes the prompt of a reply, so that the reply itself starts sooner. Rejects with `TEMPLATE_INVALID`
	 * and as `session.prefill` does: with `ABORTED` where the signal ends it.
	 *
	 * @param messages - The conversation that is to be replied to.
	 * @param options - Progress and abort, and what the reply's prompt depends on.
	 */
	async prefill(
		messages: readonly ChatMessage[],
		options?: PrefillOptions & PromptOptions,
	): Promise<PrefillResult> {
		const { asked, begun } = splitBegun(messageListCheck(messages, 'messages'));
		const { own, tools: given } = splitOptions(options);
		const { toolChoice, parallelToolCalls, reasoning } = given;
		const request = {
			messages: asked,
			begun,
			tools: toolsOf(given),
			toolChoice,
			parallelToolCalls,
			reasoning,
		};
		return this.session.prefill(this.#prompt(request, true), own as PrefillOptions);
	}

	/**
	 * Makes the same conversation in a fork of the session. The caller disposes that session. Rejects as
	 * `session.fork` does.
	 *
	 * @param options - What ends the call.
	 */
	async fork(options?: AbortOptions): Promise<Chat> {
		const fork = new Chat(await this.session.fork(options), this.#options);
		fork.#context = this.#context;
		fork.#messages = this.#messages;
		return fork;
	}

	/** Gives the tokens of a new context, which becomes the chat's when they are there. */
	#prompt(asked: PromptRequest, plainText: boolean): LatePrompt {
		const turn = ++this.#turn;
		let format: NativeReplyFormat | null = null;
		const tokens = async (stop: AbortSignal) => {
			const parseSpecial = this.#parseSpecial;
			const images = await imagesByPart(this.session.model, asked.messages, stop);
			const { messages, marks } = withMarks(asked.messages, images);
			const request = { ...asked, messages, images: marks };
			let context: NativeChatContext;
			if (isPlain(request)) {
				const { begun } = request;
				context = await this.#template.prompt(this.#context, messages, {
					begun,
					parseSpecial,
					images: marks,
				});
				if (!plainText && begun === '' && this.#template.hasParts)
					format = await this.#template.plainFormat(context);
			} else {
				({ context, format } = await this.#template.reply(this.#context, request, parseSpecial));
			}
			// One that was aborted comes too late.
			if (turn === this.#turn) this.#context = context;
			return callNative(() => context.tokens());
		};
		const budget = typeof asked.reasoning === 'object' ? asked.reasoning.budget : null;
		return Object.assign(tokens, { reply: () => (plainText || !format ? null : { format, budget }) });
	}

	#reply<Output>(messages: readonly ChatMessage[], options: ReplyOptions<Output> | undefined): Reply<Output> {
		const { own, tools: given } = splitOptions(options);
		const before = this.#messages;
		const tools = toolsOf(given);
		const plainText = hasFormat(own);
		if (plainText && tools.length > 0)
			throw new RepriseError(
				'OPTION_INVALID',
				"Expected no grammar, json, jsonSchema or schema beside tools; pass toolChoice: 'none', or one of them",
			);
		if (plainText && typeof given.reasoning === 'object' && given.reasoning.budget > 0)
			throw new RepriseError(
				'OPTION_INVALID',
				"Expected no budget for reasoning beside grammar, json, jsonSchema or schema, which the text follows from its first token; pass reasoning: 'auto'",
			);
		const round = (asked: readonly ChatMessage[], begun: string, toolChoice: ToolChoice): Round<Output> => {
			const { parallelToolCalls, reasoning } = given;
			const prompt = this.#prompt(
				{ messages: asked, begun, tools, toolChoice, parallelToolCalls, reasoning },
				plainText,
			);
			const generation = this.session.generate<Output>(prompt, own);
			const format = () => prompt.reply?.()?.format ?? null;
			return { generation, reader: new PartsReader(format, begun, `${own.seed ?? ''}:${asked.length}`) };
		};
		const { asked, begun } = splitBegun(messages);
		const first = round(asked, begun, given.toolChoice);
		this.#messages = messages;
		const reply = new ReplyRounds(first, {
			tools,
			maxToolRounds: given.maxToolRounds,
			signal: own.signal,
			next: (added) => round([...asked, ...added], '', given.toolChoice === 'none' ? 'none' : 'auto'),
			onRound: (added, result) => {
				if (added.at(-1)?.role === 'assistant')
					this.#context = callNative(() => this.#context.afterReply(result.tokens));
				this.#messages = [...asked, ...added];
			},
		});
		reply.result.catch(() => {
			this.#messages = before;
		});
		return reply;
	}
}

type PromptRequest = Omit<ReplyRequest, 'variables' | 'messages'> & {
	readonly messages: readonly ChatMessage[];
};

/** Whether the prompt is made of messages alone. */
function isPlain({ messages, tools, reasoning }: PromptRequest): boolean {
	return (
		tools.length === 0 &&
		reasoning === 'auto' &&
		messages.every(
			(message) =>
				message.role !== 'tool' &&
				(message.role !== 'assistant' || (!message.toolCalls && message.reasoning === undefined)),
		)
	);
}

const userMessage = (content: UserMessage['content']): UserMessage =>
	Object.freeze({ role: 'user', content: userContent(content, 'content') });

/** Whether the caller says what the text is to look like. */
function hasFormat({ grammar, json, jsonSchema, schema }: GenerateOptions): boolean {
	return grammar !== undefined || json === true || jsonSchema !== undefined || schema !== undefined;
}

/** The tools that the model is told of. */
function toolsOf({
	tools: given = {},
	toolChoice,
}: {
	tools: ChatTools | undefined;
	toolChoice: ToolChoice;
}) {
	const tools = toolChoice === 'none' ? [] : readTools(given);
	requireCallable(toolChoice, tools);
	return tools;
}

function requireCallable(choice: ToolChoice, tools: readonly ReadTool[]): void {
	if (choice === 'auto' || choice === 'none') return;
	if (typeof choice === 'object' && !tools.some(({ name }) => name === choice.name))
		throw invalid('the name of one of the tools', 'toolChoice.name', choice.name);
	if (tools.length === 0) throw invalid("tools beside toolChoice: 'required'", 'tools', undefined);
}

/** The options of the generation, and those that it does not know, checked. */
function splitOptions<Output>(options: ReplyOptions<Output> = {}) {
	if ('renderSpecial' in checked(object(), options, 'the options of a reply'))
		throw new RepriseError(
			'OPTION_INVALID',
			'A reply has no option "renderSpecial": its control tokens belong to the template; use session.generate',
		);
	const names = Object.keys(toolChecks);
	const own: Record<string, unknown> = {};
	const given: Record<string, unknown> = {};
	for (const name of Object.keys(options))
		(names.includes(name) ? given : own)[name] = options[name as keyof ReplyOptions<Output>];
	return { own: own as GenerateOptions<Output>, tools: readOptions(toolChecks, given, 'a reply') };
}
