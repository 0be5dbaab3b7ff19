import type { Verifier } from '../lib/correct/index.js';
import { loadModel, type Session } from '../lib/index.js';

/** What every part of the demo works with. */
export interface Stage {
	/** The model's file. */
	path: string;
	/** Runs the program of an answer, and compares what it prints with the known answer. */
	verify: Verifier;
	signal: AbortSignal;
}

/** Works in a session whose model is its own: those of one model hand on to each other what they learn. */
export async function withSession<T>(
	{ path, signal }: Stage,
	work: (session: Session) => Promise<T>,
): Promise<T> {
	await using model = await loadModel(path, { signal });
	// A model this small has too little work in a pass to share it between threads.
	await using session = await model.createSession({ contextLength: 2048, threads: 1 });
	return await work(session);
}
