import { loadModel, type Model, type Session } from '../index.js';
import { type ModelFlags, readText } from './arguments.js';
import { Progress } from './progress.js';

/** Loads a model, with a bar. */
export async function openModel(
	path: string,
	flags: Pick<ModelFlags, 'gpuLayers' | 'memory'>,
	signal: AbortSignal,
): Promise<Model> {
	const progress = new Progress('loading', '%');
	try {
		return await loadModel(path, {
			...(flags.gpuLayers !== undefined && { gpuLayers: flags.gpuLayers }),
			...(flags.memory !== undefined && { memory: flags.memory }),
			onProgress: (fraction) => progress.update(Math.round(fraction * 100), 100),
			signal,
		});
	} finally {
		progress.stop();
	}
}

/** A session of it with the texts of `--reference`. */
export async function openSession(
	model: Model,
	flags: ModelFlags & { reference?: readonly string[] },
): Promise<Session> {
	const { contextLength, threads, reference = [] } = flags;
	const session = await model.createSession({
		...(contextLength !== undefined && { contextLength }),
		...(threads !== undefined && { threads }),
	});
	for (const path of reference) await session.addReference(await readText(path, '--reference'));
	return session;
}
