import type { GenerateOptions } from '../../lib/generate-options.js';
import type { GenerationResult } from '../../lib/generation.js';
import type { Session } from '../../lib/session.js';
import type { TokenInput } from '../../lib/tokens.js';

/** A finished generation with every token's top-2 margin. */
export interface Run extends GenerationResult {
	margins: Float32Array;
}

export async function run(
	session: Session,
	prompt: TokenInput | null,
	options: GenerateOptions,
): Promise<Run> {
	const generation = session.generate(prompt, options);
	const margins: number[] = [];
	for await (const chunk of generation) margins.push(...chunk.margins);
	return { ...(await generation.result), margins: Float32Array.from(margins) };
}

/** Where two runs part: at the first token that differs, or where one ends before the other. */
export interface Fork {
	/** Tokens said before it. */
	position: number;
	/** The plain run's top-2 margin at that token. */
	margin: number;
}

/**
 * Margins below this (in logits) are near-ties: kernels for other batch shapes round otherwise, and may
 * tip the choice. The random models' logits have a standard deviation of 3, and most margins exceed 0.2.
 */
export const nearTie = 0.1;

export function findFork(plain: Run, other: Run): Fork | undefined {
	const length = Math.max(plain.tokens.length, other.tokens.length);
	for (let position = 0; position < length; position++)
		if (plain.tokens[position] !== other.tokens[position])
			return { position, margin: plain.margins[position] ?? Number.POSITIVE_INFINITY };
	return undefined;
}

/** Forks of many runs, told apart by how they can come about. */
export class ForkLog {
	/** Forks where plain decoding was sure: bugs. */
	readonly wide: string[] = [];
	/** Forks where two tokens, or a token and a filter's limit, were too close to call. */
	readonly near: string[] = [];
	runs = 0;

	/** `limit`: forks at smaller margins are near-ties. */
	constructor(private readonly limit = nearTie) {}

	/** `isFilterTie` is asked about forks at wide margins. */
	async compare(
		label: string,
		plain: Run,
		other: Run,
		isFilterTie: (fork: Fork) => Promise<boolean> = async () => false,
	): Promise<void> {
		this.runs++;
		const fork = findFork(plain, other);
		if (!fork) return;
		const line = `${label}: token ${fork.position}, margin ${fork.margin.toFixed(4)}`;
		if (fork.margin < this.limit) this.near.push(line);
		else if (await isFilterTie(fork)) this.near.push(`${line}, at a filter's limit`);
		else this.wide.push(line);
	}

	/** The near-ties as text for a test's output. */
	report(): string {
		const list = this.near.map((line) => `\n  ${line}`).join('');
		return `${this.runs} runs, ${this.near.length} forks at near-ties${list}`;
	}
}
