import { loadModel, type Model, type Session } from '../index.js';
import { type ModelFlags, readText } from './arguments.js';
import { pick } from './flag.js';
import { loadFlags, sessionFlags } from './flags.js';
import { Progress } from './progress.js';

/** Loads a model and shows a progress bar meanwhile. */
export async function openModel(path: string, flags: ModelFlags, signal: AbortSignal): Promise<Model> {
	const progress = new Progress('loading', '%');
	try {
		return await loadModel(path, {
			...pick(loadFlags, flags),
			onProgress: (fraction) => progress.update(Math.round(fraction * 100), 100),
			signal,
		});
	} finally {
		progress.stop();
	}
}

/** Makes a session of the model and adds the texts of `--reference` to it. */
export async function openSession(model: Model, flags: ModelFlags): Promise<Session> {
	const session = await model.createSession(pick(sessionFlags, flags));
	for (const path of flags.reference ?? []) await session.addReference(await readText(path, '--reference'));
	return session;
}
