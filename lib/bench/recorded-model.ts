import { addon, type NativeChunk, type NativeModel, type NativeSession } from '../addon.js';
import { awaitNative, callNative, RepriseError } from '../errors.js';
import { type GenerateOptions, readGenerateOptions } from '../generate-options.js';
import { readLoadOptions } from '../load-options.js';
import { type Metrics, toMetrics } from '../metrics.js';
import { Model } from '../model.js';
import { readSessionOptions, type SessionOptions } from '../session-options.js';

/** A model whose choices are given: it computes everything, and says what was recorded. */
export class RecordedModel {
	/** The same model, for its vocabulary and facts. */
	readonly model: Model;
	readonly #native: NativeModel;

	private constructor(native: NativeModel) {
		this.#native = native;
		this.model = new Model(native);
	}

	/** Rejects as `loadModel` of the library does. */
	static async load(path: string): Promise<RecordedModel> {
		const options = readLoadOptions({}).native;
		return new RecordedModel(await awaitNative(() => addon.loadModel(path, options, null).promise));
	}

	async createSession(options: SessionOptions): Promise<RecordedSession> {
		const { native } = readSessionOptions(options, this.model.info);
		const made = await awaitNative(() => this.#native.createSession(native).promise);
		return new RecordedSession(this.model, made);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.model.dispose();
	}
}

export class RecordedSession {
	readonly #model: Model;
	readonly #native: NativeSession;

	constructor(model: Model, native: NativeSession) {
		this.#model = model;
		this.#native = native;
	}

	/** Says `answer` after `context`, whose cached beginning is reused. Rejects where the context has no room for it. */
	async say(
		context: Int32Array,
		answer: Int32Array,
		options: GenerateOptions,
		onChunk: (chunk: NativeChunk) => void = () => {},
	): Promise<Metrics> {
		const { native } = readGenerateOptions({ ...options, maxTokens: answer.length }, this.#model);
		const { metrics, finishReason } = await awaitNative(() =>
			this.#native.generate({ ...native, tokens: context, recorded: answer }, onChunk, null, {
				aborted: false,
			}),
		);
		if (metrics.outputTokens !== answer.length)
			throw new RepriseError(
				'CONTEXT_OVERFLOW',
				`The recorded answer ended after ${metrics.outputTokens} of ${answer.length} tokens (${finishReason})`,
			);
		return toMetrics(metrics);
	}

	/** Milliseconds of a verify pass by its rows at the present length, as the cost model has it. */
	async costTable(): Promise<Array<{ rows: number; ms: number }>> {
		return awaitNative(() => this.#native.costTable());
	}

	async [Symbol.asyncDispose](): Promise<void> {
		callNative(() => this.#native.dispose());
	}
}
