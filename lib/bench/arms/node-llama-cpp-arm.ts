// The process of an arm of node-llama-cpp. It is no dependency of this package: it is loaded from a folder.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ArmOptions, ArmRun } from '../arm.js';
import type { Task } from '../task.js';
import { type ArmProgram, serveArm } from './serve-arm.js';

/** What is used of node-llama-cpp. */
interface Library {
	getLlama(options: object): Promise<Llama>;
	readonly InputLookupTokenPredictor: new () => Predictor;
}
interface Llama {
	readonly llamaCppRelease: { readonly release: string };
	loadModel(options: object): Promise<PeerModel>;
}
interface PeerModel {
	isEogToken(token: number): boolean;
	createContext(options: object): Promise<PeerContext>;
}
interface PeerContext {
	/** Its native part, which the library calls internal. */
	readonly _ctx: { readonly sampleToken: SampleToken };
	getSequence(options: object): Sequence;
}
interface Sequence {
	readonly contextTokens: readonly number[];
	/** Since the sequence was made: drafted tokens that became part of the text, and those that were and were not right. */
	readonly tokenPredictions: { readonly used: number; readonly validated: number; readonly refuted: number };
	clearHistory(): Promise<void>;
	evaluate(tokens: number[], options: object): AsyncGenerator<number, void, void>;
}
interface Predictor {
	updateInputTokens(tokens: readonly number[]): void;
}
/** The token of a row of the last batch, and with it what else was asked for. */
type SampleToken = (row: number, ...others: unknown[]) => Promise<number | [number, ...unknown[]]>;

type Settings = { readonly folder: string; readonly lookup: boolean };

/**
 * Tokens that are taken in place of what is sampled. Of a pass the library samples all rows, those behind a wrong draft
 * too, in the order of their positions; which token of the answer a row stands for follows from its place in the pass.
 */
class RecordedChoices {
	#answer: Int32Array = new Int32Array();
	#said: () => number = () => 0;
	/** The tokens that had been said before the present pass, and its rows that have been sampled. */
	#before = -1;
	#rows = 0;

	constructor(native: PeerContext['_ctx']) {
		const sample = native.sampleToken.bind(native);
		const value: SampleToken = async (...args) => this.#replace(await sample(...args));
		// A native method cannot be assigned to.
		Object.defineProperty(native, 'sampleToken', { value });
	}

	/** `said` tells how many tokens of the answer the caller has. */
	begin(answer: Int32Array, said: () => number): void {
		this.#answer = answer;
		this.#said = said;
		this.#before = -1;
	}

	#replace(sampled: Awaited<ReturnType<SampleToken>>): typeof sampled {
		if (this.#said() !== this.#before) {
			this.#before = this.#said();
			this.#rows = 0;
		}
		const token = this.#answer[this.#before + this.#rows++];
		if (token === undefined) return sampled;
		return typeof sampled === 'number' ? token : [token, ...sampled.slice(1)];
	}
}

interface Loaded {
	readonly model: PeerModel;
	readonly sequence: Sequence;
	readonly predictor: Predictor | null;
	readonly recorded: RecordedChoices | null;
	/** The most tokens of an answer. */
	readonly tokens: number;
}

class NodeLlamaCpp implements ArmProgram<Settings> {
	#loaded: Loaded | null = null;

	async start(options: Omit<ArmOptions, 'signal'>, { folder, lookup }: Settings) {
		const entry = createRequire(join(folder, 'package.json')).resolve('node-llama-cpp');
		const library = (await import(pathToFileURL(entry).href)) as Library;
		const { threads } = options;
		const llama = await library.getLlama({
			...{ gpu: false, build: 'never', logLevel: 'error', maxThreads: threads },
		});
		const model = await llama.loadModel({ modelPath: options.model });
		const context = await model.createContext({ contextSize: options.contextLength, threads });
		const predictor = lookup ? new library.InputLookupTokenPredictor() : null;
		const sequence = context.getSequence(predictor ? { tokenPredictor: predictor } : {});
		const recorded = options.choices === 'recorded' ? new RecordedChoices(context._ctx) : null;
		this.#loaded = { model, sequence, predictor, recorded, tokens: options.tokens };
		for await (const _ of sequence.evaluate([...options.firstPrompt], greedy)) break;
		return {
			version: `${versionIn(folder)} (llama.cpp ${llama.llamaCppRelease.release})`,
			settings: `createContext({ contextSize: ${options.contextLength}, threads: ${threads} })${
				lookup ? ', InputLookupTokenPredictor' : ''
			}`,
			cpuVariant: cpuVariant(),
		};
	}

	async run({ prompt, answer }: Task): Promise<ArmRun> {
		if (!this.#loaded) throw new Error('The arm has not started');
		const { model, sequence, predictor, recorded, tokens } = this.#loaded;
		await sequence.clearHistory();
		predictor?.updateInputTokens([...prompt]);
		const output: number[] = [];
		if (answer) recorded?.begin(answer, () => output.length);
		const before = sequence.tokenPredictions;
		const budget = answer?.length ?? tokens;
		const given = [...prompt];
		let firstAt = 0;
		const began = performance.now();
		for await (const token of sequence.evaluate(given, greedy)) {
			if (output.push(token) === 1) firstAt = performance.now();
			if (output.length === budget || (!answer && model.isEogToken(token))) break;
		}
		const endedAt = performance.now();
		const after = sequence.tokenPredictions;
		if (!sequence.contextTokens.slice(0, prompt.length).every((token, i) => token === prompt[i]))
			throw new Error('node-llama-cpp read another prompt than it was given');
		if (answer && !output.every((token, i) => token === answer[i]))
			throw new Error('node-llama-cpp chose other tokens than the recorded ones');
		const accepted = after.used - before.used;
		return {
			output: Int32Array.from(output),
			sample: {
				...{ promptTokens: prompt.length, outputTokens: output.length },
				...{ firstTokenMs: firstAt - began, decodeMs: endedAt - firstAt, totalMs: endedAt - began },
				// The prompt's pass has the first token, and each other pass one more than was accepted in it.
				passes: output.length - 1 - accepted,
				drafted: after.validated - before.validated + (after.refuted - before.refuted),
				...{ accepted, parts: null, passesByRows: null },
			},
		};
	}

	async stop(): Promise<void> {}
}

const greedy = { temperature: 0, yieldEogToken: true };

function versionIn(folder: string): string {
	const manifest = join(folder, 'node_modules', 'node-llama-cpp', 'package.json');
	return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}

/** Which of its libraries for kinds of processors it has loaded; null where the system does not say. */
function cpuVariant(): string | null {
	try {
		return /libggml-cpu-(\w+)\.so/.exec(readFileSync('/proc/self/maps', 'utf8'))?.[1] ?? null;
	} catch {
		return null;
	}
}

serveArm(new NodeLlamaCpp());
