import type { AbortOptions } from './abort.js';
import type { NativeChatContext } from './addon.js';
import { type ChatMessage, messageListCheck, splitBegun } from './chat-message.js';
import { ChatTemplate } from './chat-template.js';
import { callNative, RepriseError } from './errors.js';
import type { GenerateOptions } from './generate-options.js';
import {
	boolean,
	type Check,
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
import type { Reply } from './tools/reply.js';
import { type ReplyOptions, toolChecks } from './tools/reply-options.js';
import { ReplyRounds } from './tools/reply-rounds.js';

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
	 * Throws `TEXT_INVALID` and what `session.generate` throws. The generation rejects with `TEMPLATE_INVALID`,
	 * where the template refuses the messages or takes too long, and as one of `session.generate` does.
	 *
	 * @param content - The text of the message.
	 * @param options - How the reply is generated.
	 */
	send<Output = unknown>(content: string, options?: ReplyOptions<Output>): Reply<Output> {
		return this.#reply([...this.#messages, { role: 'user', content: text(content, 'content') }], options);
	}

	/**
	 * Replaces a user's message, drops all messages after it, and generates the reply. Throws `OPTION_INVALID`
	 * where there is no such message; else it throws and rejects as `send` does.
	 *
	 * @param index - The place of the message in `messages`.
	 * @param content - Its new text.
	 * @param options - How the reply is generated.
	 */
	edit<Output = unknown>(index: number, content: string, options?: ReplyOptions<Output>): Reply<Output> {
		integer(0, Math.max(0, this.#messages.length - 1))(index, 'index');
		const role = this.#messages[index]?.role ?? 'nothing';
		if (role !== 'user')
			throw new RepriseError(
				'OPTION_INVALID',
				`Expected the index of a user message for index but received ${index}, which is ${describe(role)}`,
			);
		const kept = this.#messages.slice(0, index);
		return this.#reply([...kept, { role: 'user', content: text(content, 'content') }], options);
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
	 * @param options - Progress and abort.
	 */
	async prefill(messages: readonly ChatMessage[], options?: PrefillOptions): Promise<PrefillResult> {
		const { asked, begun } = splitBegun(messageListCheck(messages, 'messages'));
		return this.session.prefill(this.#prompt(asked, begun), options);
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
	#prompt(asked: readonly ChatMessage[], begun: string): LatePrompt {
		const turn = ++this.#turn;
		return async () => {
			const options = { begun, parseSpecial: this.#parseSpecial };
			const context = await this.#template.prompt(this.#context, asked, options);
			// One that was aborted comes too late.
			if (turn === this.#turn) this.#context = context;
			return callNative(() => context.tokens());
		};
	}

	#reply<Output>(messages: readonly ChatMessage[], options: ReplyOptions<Output> | undefined): Reply<Output> {
		if (options && 'renderSpecial' in options)
			throw new RepriseError(
				'OPTION_INVALID',
				'A reply has no option "renderSpecial": its control tokens belong to the template; use session.generate',
			);
		const before = this.#messages;
		const { asked, begun } = splitBegun(messages);
		const { own } = splitOptions(options);
		const generation = this.session.generate<Output>(this.#prompt(asked, begun), own);
		this.#messages = messages;
		generation.result.then(
			(result) => {
				this.#context = callNative(() => this.#context.afterReply(result.tokens));
				this.#messages = [...asked, { role: 'assistant', content: begun + result.text }];
			},
			() => {
				this.#messages = before;
			},
		);
		return new ReplyRounds(generation, begun);
	}
}

/** The options of the generation, and those that it does not know, checked. */
function splitOptions<Output>(options: ReplyOptions<Output> = {}) {
	const names = Object.keys(toolChecks);
	const entries = Object.entries(options);
	const own = Object.fromEntries(
		entries.filter(([name]) => !names.includes(name)),
	) as GenerateOptions<Output>;
	const given = Object.fromEntries(entries.filter(([name]) => names.includes(name)));
	return { own, tools: readOptions(toolChecks, given, 'a reply') };
}
