import { type ChatMessage, ChatTemplate } from './chat-template.js';
import { RepriseError } from './errors.js';
import type { GenerateOptions } from './generate-options.js';
import { type Check, describe, integer, invalid, oneOf, optional, readOptions, text } from './options.js';
import type { PrefillOptions, PrefillResult, Session } from './session.js';
import type { Generation } from './stream.js';
import { Transcript } from './transcript.js';

export type { ChatMessage } from './chat-template.js';

export interface TemplateOptions {
	/** A Jinja chat template. Default: the model's own. */
	template?: string;
	/** Variables for the template, such as `enable_thinking`. Default: none. */
	templateVariables?: Readonly<Record<string, unknown>>;
}

export interface ChatOptions extends TemplateOptions {
	/** A system message to begin with. Default: none. */
	system?: string;
	/** The conversation so far. Default: none. */
	messages?: readonly ChatMessage[];
}

/** Options of a reply. Control tokens are the template's business. */
export type ReplyOptions = Omit<GenerateOptions, 'special'>;

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

const variables: Check<Record<string, unknown>> = (value, name) => {
	if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
	throw invalid('an object', name, value);
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
} satisfies Record<keyof ChatOptions, Check<unknown>>;

/**
 * A conversation by a chat template. Replies draft from all of it, and every prompt reuses the cache up to the
 * first token that differs, so editing or retrying a turn computes only what comes after it.
 *
 * A template makes text of the messages, in which control tokens are read wherever they are written out: content
 * that is not to be trusted should not hold them.
 */
export class Chat {
	readonly session: Session;
	readonly #options: ChatOptions | undefined;
	readonly #template: ChatTemplate;
	#transcript: Transcript;
	#messages: readonly ChatMessage[];

	/** Chats come from `session.chat` and `chat.fork`. */
	constructor(session: Session, options?: ChatOptions) {
		const { system, template, templateVariables, messages = [] } = readOptions(chatChecks, options, 'chat');
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
		this.#transcript = new Transcript(session.model);
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
	 * Throws `TEXT_INVALID`, `TEMPLATE_INVALID` and what `session.generate` throws.
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

	/** Computes what a reply to `messages` starts from. Rejects as `session.prefill` does. */
	async prefill(messages: readonly ChatMessage[], options?: PrefillOptions): Promise<PrefillResult> {
		const { prompt } = this.#render(messageList(messages, 'messages'));
		const tokens = this.#transcript.tokenize(prompt);
		const result = await this.session.prefill(tokens, options);
		this.#transcript.replace(prompt, tokens);
		return result;
	}

	/** The same conversation in a fork of the session, which is the caller's to dispose. */
	async fork(): Promise<Chat> {
		const fork = new Chat(await this.session.fork(), this.#options);
		fork.#transcript = this.#transcript.copy();
		fork.#messages = this.#messages;
		return fork;
	}

	/** The context's text; the messages it replies to, and the beginning of the reply. */
	#render(messages: readonly ChatMessage[]): {
		prompt: string;
		asked: readonly ChatMessage[];
		begun: string;
	} {
		const last = messages.at(-1);
		const [asked, begun] =
			last?.role === 'assistant' ? [messages.slice(0, -1), last.content] : [messages, ''];
		return { prompt: this.#template.render(asked) + begun, asked, begun };
	}

	#reply(messages: readonly ChatMessage[], options: ReplyOptions | undefined): Generation {
		if (options && 'special' in options)
			throw new RepriseError(
				'OPTION_INVALID',
				'A reply has no option "special": its control tokens belong to the template; use session.generate',
			);
		const before = this.#messages;
		const { prompt, asked, begun } = this.#render(messages);
		const tokens = this.#transcript.tokenize(prompt);
		const generation = this.session.generate(tokens, options);
		this.#transcript.replace(prompt, tokens);
		this.#messages = messages;
		generation.result.then(
			(result) => {
				this.#transcript.add(result.tokens);
				this.#messages = [...asked, { role: 'assistant', content: begun + result.text }];
			},
			() => {
				this.#messages = before;
			},
		);
		return generation;
	}
}
