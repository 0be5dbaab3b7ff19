import { addon } from './addon.js';
import type { TextMessage } from './chat-message.js';
import { awaitNative, callNative } from './errors.js';
import type { NativeChatContext, NativeChatTemplate, NativeReplyFormat } from './native-chat.js';
import type { NativeImageMark } from './native-image.js';
import { type ReplyRequest, requestJson } from './tools/reply-request.js';

/**
 * A chat template as models carry it: Jinja, with what Hugging Face's `apply_chat_template` gives. It is a
 * program: it is applied off the JavaScript thread, and within limits of time and memory.
 */
export class ChatTemplate {
	readonly #native: NativeChatTemplate;
	readonly #variables: string;
	readonly #given: Readonly<Record<string, unknown>>;
	/** Whether replies may have reasoning, or other parts than content. */
	readonly hasParts: boolean;
	#plainFormat: Promise<NativeReplyFormat | null> | undefined;

	/** `variables` are the template's besides the messages, such as `bos_token`. Throws `TEMPLATE_INVALID`. */
	constructor(source: string, variables: Readonly<Record<string, unknown>>) {
		this.#variables = JSON.stringify(variables);
		this.#given = variables;
		this.hasParts = /think|reason|<\|channel\|>/i.test(source);
		const textOf = (name: string) => (typeof variables[name] === 'string' ? (variables[name] as string) : '');
		this.#native = callNative(() => new addon.ChatTemplate(source, textOf('bos_token'), textOf('eos_token')));
	}

	/**
	 * The text up to where the assistant's reply begins. `now`: the time it is for the template, in seconds
	 * since 1970; the present by default. Rejects with `TEMPLATE_INVALID` where the template refuses the
	 * messages or takes too long.
	 */
	async render(messages: readonly TextMessage[], now?: number): Promise<string> {
		const request = { messages, variables: this.#variables, begun: '', parseSpecial: false, images: [] };
		return awaitNative(() => this.#native.render(now === undefined ? request : { ...request, now }));
	}

	/**
	 * The context of the messages and a reply's beginning, going on from `context`. Without `parseSpecial`
	 * control tokens are text in what the messages say. Rejects as `render` does, and with `TEXT_INVALID`.
	 */
	async prompt(
		context: NativeChatContext,
		messages: readonly TextMessage[],
		{
			begun = '',
			parseSpecial = false,
			images = [],
		}: { begun?: string; parseSpecial?: boolean; images?: readonly NativeImageMark[] } = {},
	): Promise<NativeChatContext> {
		const request = { messages, variables: this.#variables, begun, parseSpecial, images };
		return awaitNative(() => context.prompt(this.#native, request));
	}

	/**
	 * The same for messages with calls and results of tools, for tools and for reasoning, and the format of the
	 * reply. Rejects likewise.
	 */
	async reply(
		context: NativeChatContext,
		request: Omit<ReplyRequest, 'variables'> & { readonly images: readonly NativeImageMark[] },
		parseSpecial: boolean,
	): Promise<{ context: NativeChatContext; format: NativeReplyFormat }> {
		const json = requestJson({ ...request, variables: this.#given });
		return awaitNative(() => context.reply(this.#native, json, parseSpecial, request.images));
	}

	/**
	 * The format of a reply to a prompt without tools, whatever the messages are; null where the template has none
	 * that can be told.
	 */
	plainFormat(context: NativeChatContext): Promise<NativeReplyFormat | null> {
		const request = {
			messages: [{ role: 'user', content: 'Hello' }],
			begun: '',
			tools: [],
			toolChoice: 'none',
			parallelToolCalls: undefined,
			reasoning: 'auto',
			images: [],
		} as const;
		this.#plainFormat ??= this.reply(context, request, false).then(
			({ format }) => format,
			() => null,
		);
		return this.#plainFormat;
	}
}
