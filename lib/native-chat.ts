import type { NativeImageMark } from './native-image.js';

/** A parsed chat template: Jinja, as Python's Jinja reads it. */
export interface NativeChatTemplate {
	/** The text up to where the reply begins, rendered off the main thread. Rejects with `TEMPLATE_INVALID`. */
	render(request: NativeChatRequest): Promise<string>;
}
/** Parses a template. Throws `TEMPLATE_INVALID`. The last two are the texts of the BOS and the EOS token. */
export type NativeChatTemplateConstructor = new (
	source: string,
	bos?: string,
	eos?: string,
) => NativeChatTemplate;

/** How a reply is written, and what generating it needs. */
export interface NativeReplyFormat {
	/**
	 * The parts of a reply's text, as JSON: `{content, reasoning, toolCalls: [{id, name, arguments}]}`; off the
	 * main thread. `partial`: more may follow.
	 */
	parse(text: string, partial: boolean): Promise<string>;
}

export interface NativeChatRequest {
	messages: ReadonlyArray<{ readonly role: string; readonly content: string }>;
	/** A JSON object of the template's variables, the messages aside. */
	variables: string;
	/** The beginning of the reply, which follows the template's text. */
	begun: string;
	/** Whether control tokens that messages write out are read as these tokens. */
	parseSpecial: boolean;
	/** The time that `strftime_now` tells, in seconds since 1970; the present where it is not given. */
	now?: number;
	/** The images whose marks the messages have. */
	images: readonly NativeImageMark[];
}

/** A chat's whole context, text and tokens. It never changes: what follows it is another one. */
export interface NativeChatContext {
	tokens(): Int32Array;
	/**
	 * The context of these messages, going on from this one's tokens as far as both texts agree. Off the main
	 * thread; rejects with `TEMPLATE_INVALID` or `TEXT_INVALID`.
	 */
	prompt(template: NativeChatTemplate, request: NativeChatRequest): Promise<NativeChatContext>;
	/**
	 * The same for messages, tools and reasoning, with the format of the reply. `request` is what
	 * lib/tools/reply-request.ts writes as JSON.
	 */
	reply(
		template: NativeChatTemplate,
		request: string,
		parseSpecial: boolean,
		images: readonly NativeImageMark[],
	): Promise<{ context: NativeChatContext; format: NativeReplyFormat }>;
	/** This context with the tokens that the model generated after it. */
	afterReply(tokens: Int32Array): NativeChatContext;
}

/** How a reply is written, and for how many tokens the model may think; null: as long as it likes. */
export interface NativeReply {
	format: NativeReplyFormat;
	budget: number | null;
}
