// The process of an arm of Reprise. It imports what an app imports, so that its start takes what an app's takes.
import { addon } from '../../addon.js';
import { loadModel, type Metrics, type Model, type Session } from '../../index.js';
import { packageRoot } from '../../package-root.js';
import type { ArmOptions, ArmRun } from '../arm.js';
import { RecordedModel, type RecordedSession } from '../recorded-model.js';
import type { Task } from '../task.js';
import { type ArmProgram, serveArm } from './serve-arm.js';

type Draft = 'auto' | 'off';

interface Decoded {
	readonly metrics: Metrics;
	readonly output: Int32Array;
}

/** A model and its sessions, one after the other, for either kind of choices. */
interface Decoder {
	/** Gives up the session of the run before, and makes another one. */
	renew(): Promise<void>;
	decode(prompt: Int32Array, answer: Int32Array, onFirst: () => void): Promise<Decoded>;
	dispose(): Promise<void>;
}

/** The model's own choices, through the API that apps have. */
class OwnChoices implements Decoder {
	#session: Session | null = null;

	constructor(
		readonly model: Model,
		readonly options: { contextLength: number; threads: number },
		readonly draft: Draft,
		readonly tokens: number,
	) {}

	async renew(): Promise<void> {
		await this.#session?.dispose();
		this.#session = await this.model.createSession(this.options);
	}

	async decode(prompt: Int32Array, _: Int32Array, onFirst: () => void): Promise<Decoded> {
		return this.generate(prompt, this.tokens, onFirst);
	}

	async generate(prompt: Int32Array, maxTokens: number, onFirst: () => void): Promise<Decoded> {
		if (!this.#session) throw new Error('There is no session yet');
		const generation = this.#session.generate(prompt, { maxTokens, draft: this.draft });
		for await (const _ of generation) onFirst();
		const { tokens, metrics } = await generation.result;
		return { metrics, output: tokens };
	}

	async dispose(): Promise<void> {
		await this.#session?.dispose();
		await this.model.dispose();
	}
}

/** The choices of each task's answer. */
class RecordedChoices implements Decoder {
	#session: RecordedSession | null = null;

	constructor(
		readonly model: RecordedModel,
		readonly options: { contextLength: number; threads: number },
		readonly draft: Draft,
	) {}

	async renew(): Promise<void> {
		await this.#session?.[Symbol.asyncDispose]();
		this.#session = await this.model.createSession(this.options);
	}

	async decode(prompt: Int32Array, answer: Int32Array, onFirst: () => void): Promise<Decoded> {
		if (!this.#session) throw new Error('There is no session yet');
		const metrics = await this.#session.say(prompt, answer, { draft: this.draft }, onFirst);
		return { metrics, output: answer };
	}

	async dispose(): Promise<void> {
		await this.#session?.[Symbol.asyncDispose]();
		await this.model[Symbol.asyncDispose]();
	}
}

class RepriseProgram implements ArmProgram<{ draft: Draft }> {
	#decoder: OwnChoices | RecordedChoices | null = null;

	async start(options: Omit<ArmOptions, 'signal'>, { draft }: { draft: Draft }) {
		const { model, threads, contextLength, tokens, choices, firstPrompt } = options;
		const session = { contextLength, threads };
		this.#decoder =
			choices === 'own'
				? new OwnChoices(await loadModel(model), session, draft, tokens)
				: new RecordedChoices(await RecordedModel.load(model), session, draft);
		await this.#decoder.renew();
		await firstToken(this.#decoder, firstPrompt);
		return {
			version: `${packageRoot().version} (llama.cpp ${addon.llamaVersion})`,
			settings: `createSession(${JSON.stringify(session)}), generate({"draft":"${draft}"})`,
			cpuVariant: addon.cpuVariant || null,
		};
	}

	/** A new session, which is no part of a run. */
	async prepare(): Promise<void> {
		await this.#started().renew();
	}

	async run({ prompt, answer }: Task): Promise<ArmRun> {
		const decoder = this.#started();
		let firstTokenMs = 0;
		const began = performance.now();
		const { metrics, output } = await decoder.decode(prompt, answer ?? new Int32Array(), () => {
			firstTokenMs ||= performance.now() - began;
		});
		const totalMs = performance.now() - began;
		return { sample: toSample(metrics, firstTokenMs, totalMs), output };
	}

	async isNearTie(context: Int32Array): Promise<boolean> {
		const decoder = this.#started();
		if (!(decoder instanceof OwnChoices)) throw new Error('The choices are not the model’s');
		await decoder.renew();
		const { metrics } = await decoder.generate(context, 1, () => {});
		return metrics.nearTies > 0;
	}

	async stop(): Promise<void> {
		await this.#decoder?.dispose();
	}

	#started(): OwnChoices | RecordedChoices {
		if (this.#decoder) return this.#decoder;
		throw new Error('The arm has not started');
	}
}

/** Resolves when it is there, whatever token it is. */
async function firstToken(decoder: OwnChoices | RecordedChoices, prompt: Int32Array): Promise<void> {
	if (decoder instanceof OwnChoices) await decoder.generate(prompt, 1, () => {});
	else await decoder.decode(prompt, prompt.slice(-1), () => {});
}

function toSample(metrics: Metrics, firstTokenMs: number, totalMs: number): ArmRun['sample'] {
	return {
		promptTokens: metrics.promptTokens,
		outputTokens: metrics.outputTokens,
		firstTokenMs,
		decodeMs: metrics.totalMs - metrics.timeToFirstTokenMs,
		totalMs,
		passes: metrics.passes,
		drafted: metrics.drafted,
		accepted: metrics.accepted,
		parts: metrics.decodeMsByPart,
		passesByRows: metrics.passesByRows,
	};
}

serveArm(new RepriseProgram());
