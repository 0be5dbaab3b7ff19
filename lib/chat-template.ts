import { addon, type NativeChatContext, type NativeChatTemplate } from './addon.js';
import type { ChatMessage } from './chat-message.js';
import { awaitNative, callNative } from './errors.js';

/**
 * A chat template as models carry it: Jinja, with what Hugging Face's `apply_chat_template` gives. It is a
 * program: it is applied off the JavaScript thread, and within limits of time and memory.
 */
export class ChatTemplate {
	readonly #native: NativeChatTemplate;
	readonly #variables: string;

	/** `variables` are the template's besides the messages, such as `bos_token`. Throws `TEMPLATE_INVALID`. */
	constructor(source: string, variables: Readonly<Record<string, unknown>>) {
		this.#variables = JSON.stringify(variables);
		this.#native = callNative(() => new addon.ChatTemplate(source));
	}

	/**
	 * The text up to where the assistant's reply begins. `now`: the time it is for the template, in seconds
	 * since 1970; the present by default. Rejects with `TEMPLATE_INVALID` where the template refuses the
	 * messages or takes too long.
	 */
	async render(messages: readonly ChatMessage[], now?: number): Promise<string> {
		const request = { messages, variables: this.#variables, begun: '', parseSpecial: false };
		return awaitNative(() => this.#native.render(now === undefined ? request : { ...request, now }));
	}

	/**
	 * The context of the messages and a reply's beginning, going on from `context`. Without `parseSpecial`
	 * control tokens are text in what the messages say. Rejects as `render` does, and with `TEXT_INVALID`.
	 */
	async prompt(
		context: NativeChatContext,
		messages: readonly ChatMessage[],
		{ begun = '', parseSpecial = false }: { begun?: string; parseSpecial?: boolean } = {},
	): Promise<NativeChatContext> {
		const request = { messages, variables: this.#variables, begun, parseSpecial };
		return awaitNative(() => context.prompt(this.#native, request));
	}
}
