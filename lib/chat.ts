import type { NativeChatContext } from './addon.js';
import { type ChatMessage, splitBegun } from './chat-message.js';
import { ChatTemplate } from './chat-template.js';
import { callNative, RepriseError } from './errors.js';
import type { GenerateOptions } from './generate-options.js';
import type { Generation } from './generation.js';
import {
	boolean,
	type Check,
	describe,
	integer,
	invalid,
	object,
	oneOf,
	optional,
	readOptions,
	text,
	withDefault,
} from './options.js';
import type { PrefillOptions, PrefillResult, Session } from './session.js';
import type { LatePrompt } from './tokens.js';

export interface TemplateOptions {
	/** A Jinja chat template. Default: the model's own. */
	template?: string;
	/** Variables for the template, such as `enable_thinking`: what JSON can say. Default: none. */
	templateVariables?: Readonly<Record<string, unknown>>;
}

export interface ChatOptions extends TemplateOptions {
	/** A system message to begin with. Default: none. */
	system?: string;
	/** The conversation so far. Default: none. */
	messages?: readonly ChatMessage[];
	/**
	 * Read control tokens that messages write out (`<|im_end|>`) as these tokens, with which a message can end its
	 * turn and begin another. Default: false, they are text; those of the template are read either way.
	 */
	parseSpecial?: boolean;
}

/** Options of a reply. Control tokens are the template's business. */
export type ReplyOptions = Omit<GenerateOptions, 'renderSpecial'>;

const message: Check<ChatMessage> = (value, name) => {
	const { role, content } = readOptions(
		{ role: oneOf('system', 'user', 'assistant'), content: text },
		value,
		name,
	);
	return Object.freeze({ role, content });
};

const messageList: Check<ChatMessage[]> = (value, name) => {
	if (!Array.isArray(value)) throw invalid('an array of messages', name, value);
	return value.map((entry, index) => message(entry, `${name}[${index}]`));
};

const deepestVariable = 32;

/** What JSON can say; a property that is undefined is none. */
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

const chatChecks = {
	...templateChecks,
	system: optional(text),
	messages: optional(messageList),
	parseSpecial: withDefault(boolean, false),
} satisfies Record<keyof ChatOptions, Check<unknown>>;

/**
 * A conversation by a chat template. Replies draft from all of it, and every prompt reuses the cache up to the
 * first token that differs, so editing or retrying a turn computes only what comes after it.
 *
 * Control tokens that a message writes out are text, unless `parseSpecial` asks for them: what a user says can
 * neither end a turn nor begin another.
 */
export class Chat {
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

	/** The conversation: a reply is in it once its generation has ended. */
	get messages(): readonly ChatMessage[] {
		return this.#messages;
	}

	/**
	 * Says `content` and generates the reply. An aborted reply stays in the conversation as far as it got; a failed
	 * one leaves the conversation as it was before.
	 *
	 * Throws `TEXT_INVALID` and what `session.generate` throws. The generation rejects with `TEMPLATE_INVALID`, where
	 * the template refuses the messages or takes too long, and as `session.generate` has it.
	 */
	send(content: string, options?: ReplyOptions): Generation {
		return this.#reply([...this.#messages, { role: 'user', content: text(content, 'content') }], options);
	}

	/** Replaces the user message at `index` of `messages`, drops all after it, and generates the reply. */
	edit(index: number, content: string, options?: ReplyOptions): Generation {
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

	/** Generates the last reply again, with other options perhaps. */
	retry(options?: ReplyOptions): Generation {
		const last = this.#messages.findLastIndex(({ role }) => role === 'user');
		if (last < 0)
			throw new RepriseError('OPTION_INVALID', 'There is no user message to reply to; send one first');
		return this.#reply(this.#messages.slice(0, last + 1), options);
	}

	/**
	 * Replaces the conversation by `messages` and generates the reply to them. Where the last message is the
	 * assistant's, it is taken for the beginning of the reply, which goes on from there; the generation's text is
	 * what is new.
	 */
	reply(messages: readonly ChatMessage[], options?: ReplyOptions): Generation {
		return this.#reply(messageList(messages, 'messages'), options);
	}

	/** Computes what a reply to `messages` starts from. Rejects with `TEMPLATE_INVALID` and as `session.prefill` does. */
	async prefill(messages: readonly ChatMessage[], options?: PrefillOptions): Promise<PrefillResult> {
		const { asked, begun } = splitBegun(messageList(messages, 'messages'));
		return this.session.prefill(this.#prompt(asked, begun), options);
	}

	/** The same conversation in a fork of the session, which is the caller's to dispose. */
	async fork(): Promise<Chat> {
		const fork = new Chat(await this.session.fork(), this.#options);
		fork.#context = this.#context;
		fork.#messages = this.#messages;
		return fork;
	}

	/** The tokens of the context, which is the chat's from when they are there. */
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

	#reply(messages: readonly ChatMessage[], options: ReplyOptions | undefined): Generation {
		if (options && 'renderSpecial' in options)
			throw new RepriseError(
				'OPTION_INVALID',
				'A reply has no option "renderSpecial": its control tokens belong to the template; use session.generate',
			);
		const before = this.#messages;
		const { asked, begun } = splitBegun(messages);
		const generation = this.session.generate(this.#prompt(asked, begun), options);
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
		return generation;
	}
}
