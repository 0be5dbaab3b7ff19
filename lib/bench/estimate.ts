import type { Sample } from './results.js';

/** What one arm has shown of its speed. */
interface Seen {
	readonly promptTokens: number;
	readonly firstTokenMs: number;
	readonly msPerToken: number;
}

/** What is still to be measured with one arm. */
export interface Outstanding {
	readonly arm: string;
	/** The length of the prompt, in tokens. */
	readonly context: number;
	readonly runs: number;
}

/**
 * How long the rest of a benchmark takes, by the runs so far: prompts by their length, tokens as they were at the nearest
 * length.
 */
export class Estimate {
	readonly #tokens: number;
	readonly #seen = new Map<string, Seen[]>();

	/** `tokens`: the most of an answer. */
	constructor(tokens: number) {
		this.#tokens = tokens;
	}

	observe(arm: string, { promptTokens, firstTokenMs, totalMs, outputTokens }: Sample): void {
		const decodeMs = Math.max(0, totalMs - firstTokenMs);
		const seen = this.#seen.get(arm) ?? [];
		seen.push({ promptTokens, firstTokenMs, msPerToken: decodeMs / Math.max(1, outputTokens - 1) });
		this.#seen.set(arm, seen);
	}

	/** null where some arm has not run yet. */
	remainingMs(outstanding: readonly Outstanding[]): number | null {
		let ms = 0;
		for (const { arm, context, runs } of outstanding) {
			const nearest = this.#nearest(arm, context);
			if (!nearest) return null;
			const promptMs = (nearest.firstTokenMs * context) / Math.max(1, nearest.promptTokens);
			ms += runs * (promptMs + nearest.msPerToken * this.#tokens);
		}
		return ms;
	}

	/** The latest of those whose prompts are nearest in length. */
	#nearest(arm: string, context: number): Seen | null {
		let best: Seen | null = null;
		const away = ({ promptTokens }: Seen) => Math.abs(promptTokens - context);
		for (const seen of this.#seen.get(arm) ?? []) if (!best || away(seen) <= away(best)) best = seen;
		return best;
	}
}

/** As people say it: `40 seconds`, `12 minutes`, `2.5 hours`. */
export function describeDuration(ms: number): string {
	const seconds = ms / 1000;
	if (seconds < 90) return counted(Math.max(1, Math.round(seconds)), 'second');
	if (seconds < 90 * 60) return counted(Math.round(seconds / 60), 'minute');
	return counted(Math.round(seconds / 360) / 10, 'hour');
}

const counted = (count: number, unit: string) => `${count} ${unit}${count === 1 ? '' : 's'}`;
