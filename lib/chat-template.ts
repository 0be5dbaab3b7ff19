import { Template } from '@huggingface/jinja';
import { messageOf, RepriseError } from './errors.js';

export interface ChatMessage {
	readonly role: 'system' | 'user' | 'assistant';
	readonly content: string;
}

/** A chat template as models carry it: Jinja, with the variables that Hugging Face's `apply_chat_template` gives. */
export class ChatTemplate {
	readonly #template: Template;
	readonly #variables: Readonly<Record<string, unknown>>;

	/** `variables` are the template's besides the messages, such as `bos_token`. Throws `TEMPLATE_INVALID`. */
	constructor(source: string, variables: Readonly<Record<string, unknown>>) {
		this.#variables = variables;
		try {
			this.#template = new Template(source);
		} catch (error) {
			throw templateError('cannot be parsed', error);
		}
	}

	/** The text up to where the assistant's reply begins. Throws `TEMPLATE_INVALID` where the template refuses the messages. */
	render(messages: readonly ChatMessage[]): string {
		let rendered: unknown;
		try {
			rendered = this.#template.render({
				...this.#variables,
				messages: messages.map(({ role, content }) => ({ role, content })),
				add_generation_prompt: true,
			});
		} catch (error) {
			throw templateError('cannot be applied to these messages', error);
		}
		if (typeof rendered === 'string' && rendered !== '') return rendered;
		throw new RepriseError('TEMPLATE_INVALID', 'The chat template renders no text; pass another template');
	}
}

function templateError(what: string, cause: unknown): RepriseError {
	const reason = messageOf(cause).split('\n')[0];
	return new RepriseError('TEMPLATE_INVALID', `The chat template ${what}: ${reason}`, { cause });
}
