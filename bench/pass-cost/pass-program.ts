import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

export const flashAttentions = ['on', 'off', 'auto'] as const;
export type FlashAttention = (typeof flashAttentions)[number];

/** What a pass took: milliseconds on the clock, and of all processors together. */
export interface Times {
	wallMs: number;
	cpuMs: number;
}

export interface OpTimes extends Times {
	/** The operation, with the type of its weights. */
	op: string;
	/** How often a pass computes it. */
	calls: number;
}

/** A running program with a loaded model. It computes when it is asked to, and is idle between. */
export class PassProgram {
	readonly #child: ChildProcessByStdio<Writable, Readable, null>;
	readonly #answers: AsyncIterator<string>;
	readonly #lines: Interface;

	/** `states`: a folder in which the programs of one model keep the caches that they have filled. */
	constructor(
		program: string,
		model: string,
		context: number,
		threads: number,
		flash: FlashAttention,
		states: string,
	) {
		this.#child = spawn(program, [model, String(context), String(threads), flash, states], {
			stdio: ['pipe', 'pipe', 'inherit'],
		});
		// Its end is seen as a missing answer.
		this.#child.stdin.on('error', () => {});
		this.#child.on('error', () => {});
		this.#lines = createInterface({ input: this.#child.stdout });
		this.#answers = this.#lines[Symbol.asyncIterator]();
	}

	/** Fills the cache with `depth` random tokens. */
	async fill(depth: number): Promise<void> {
		await this.#ask(`depth ${depth}`);
	}

	/** A pass of `rows` tokens after the filled cache, with the logits of all. */
	pass(rows: number): Promise<Times> {
		return this.#ask(`pass ${rows}`);
	}

	/** A prompt of `tokens` in an empty cache. */
	prompt(tokens: number): Promise<Times> {
		return this.#ask(`prompt ${tokens}`);
	}

	/** A pass, operation by operation. */
	async ops(rows: number): Promise<OpTimes[]> {
		return (await this.#ask<{ ops: OpTimes[] }>(`ops ${rows}`)).ops;
	}

	async #ask<Answer>(command: string): Promise<Answer> {
		this.#child.stdin.write(`${command}\n`);
		const { value, done } = await this.#answers.next();
		if (done) throw new Error(`reprise-pass-cost ended at "${command}"`);
		return JSON.parse(value) as Answer;
	}

	[Symbol.dispose](): void {
		this.#lines.close();
		this.#child.kill();
	}
}
