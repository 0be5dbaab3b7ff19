import type { GenerateOptions, Session } from '../lib/index.js';
import type { Scene } from './scenes.js';

export interface Measured {
	texts: string[];
	tokensPerPass: number;
	tokensPerSecond: number;
}

/** Plays a scene from an empty history, and measures all its replies together. */
async function play(session: Session, scene: Scene, draft: 'auto' | 'off'): Promise<Measured> {
	await session.rollback(0);
	const chat = session.chat({ messages: scene.start });
	const options: GenerateOptions = { draft, maxTokens: 400 };
	const texts: string[] = [];
	let [tokens, passes, ms] = [0, 0, 0];
	for (const turn of scene.turns) {
		const { text, metrics } = await chat.send(turn, options).result;
		texts.push(text);
		tokens += metrics.passTokens;
		passes += metrics.passes;
		ms += metrics.decodeMs;
	}
	return { texts, tokensPerPass: tokens / passes, tokensPerSecond: (1000 * tokens) / ms };
}

/** Medians over `runs` of each way, in turns, so that both meet the same weather. */
export async function compare(
	session: Session,
	scene: Scene,
	runs: number,
): Promise<Record<'off' | 'auto', Measured>> {
	const played: Record<'off' | 'auto', Measured[]> = { off: [], auto: [] };
	for (let run = 0; run < runs; run++)
		for (const draft of ['off', 'auto'] as const) played[draft].push(await play(session, scene, draft));
	return { off: summary(played.off), auto: summary(played.auto) };
}

function summary(runs: readonly Measured[]): Measured {
	return {
		texts: runs[0]?.texts ?? [],
		tokensPerPass: median(runs.map((run) => run.tokensPerPass)),
		tokensPerSecond: median(runs.map((run) => run.tokensPerSecond)),
	};
}

function median(values: readonly number[]): number {
	const sorted = values.toSorted((a, b) => a - b);
	const middle = (sorted.length - 1) / 2;
	return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
}
