import { basename } from 'node:path';
import type { TextMessage } from '../chat-message.js';
import { ChatTemplate } from '../chat-template.js';
import { RepriseError } from '../errors.js';
import { loadModel, type Model, type ModelInfo } from '../index.js';
import type { BenchModel } from './results.js';

/** OpenAI's Chat Markup Language, for models without a template of their own. */
const chatMl =
	"{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}" +
	"{% endfor %}{{ '<|im_start|>assistant\n' }}";

/** The model that is measured, as the benchmark itself needs it: what it is, and its texts as tokens. */
export class ModelFile {
	readonly path: string;
	readonly info: ModelInfo;
	/** Its vocabulary; the weights are the arms'. */
	readonly #vocabulary: Model;
	readonly #template: ChatTemplate;

	private constructor(path: string, info: ModelInfo, vocabulary: Model) {
		this.path = path;
		this.info = info;
		this.#vocabulary = vocabulary;
		this.#template = new ChatTemplate(info.chatTemplate ?? chatMl, {
			bos_token: info.bosText,
			eos_token: info.eosText,
		});
	}

	/** Rejects as `loadModel` does, and with `MODEL_INVALID` where it cannot generate. */
	static async open(path: string, signal: AbortSignal): Promise<ModelFile> {
		const whole = await loadModel(path, { signal });
		const { info } = whole;
		await whole.dispose();
		if (info.generationFault) throw new RepriseError('MODEL_INVALID', info.generationFault);
		return new ModelFile(path, info, await loadModel(path, { vocabOnly: true, signal }));
	}

	get facts(): BenchModel {
		const { info } = this;
		return {
			file: basename(this.path),
			name: info.metadata['general.name'] ?? basename(this.path, '.gguf'),
			architecture: info.architecture,
			parameters: info.parameters,
			// After the architecture and the size, as in `qwen2 0.5B Q4_0`.
			quantisation: info.description.split(' ').slice(2).join(' '),
			bytes: info.sizeBytes,
		};
	}

	/** The tokens up to where the reply begins. Rejects as `ChatTemplate.prompt` does. */
	async prompt(messages: readonly TextMessage[]): Promise<Int32Array> {
		const context = await this.#template.prompt(this.#vocabulary.chatContext(), messages);
		return context.tokens();
	}

	/** The tokens of a text within a message. */
	tokens(text: string): Int32Array {
		return this.#vocabulary.tokenize(text);
	}

	/** What was decoded, control tokens written out. */
	text(tokens: Int32Array): string {
		return this.#vocabulary.detokenize(tokens, { renderSpecial: true });
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#vocabulary.dispose();
	}
}
