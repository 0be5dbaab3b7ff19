import { type LoadModelOptions, loadModel, type Model, type Session } from '../index.js';
import { invalid } from '../options.js';
import { type ModelFlags, readText } from './arguments.js';
import { pick } from './flag.js';
import { loadFlags, sessionFlags } from './flags.js';
import { modelPath } from './model-path.js';
import { Progress } from './progress.js';

/** Loads a model, which is downloaded where it has to be, and shows a progress bar meanwhile. */
export async function openModel(given: string, flags: ModelFlags, signal: AbortSignal): Promise<Model> {
	const path = await modelPath(given, signal);
	const progress = new Progress('loading', '%');
	try {
		const { draft, images, ...load } = toLoadOptions(flags);
		return await loadModel(path, {
			...load,
			...(draft && { draft: draft.mtp ? draft : { model: await modelPath(draft.model as string, signal) } }),
			...(images && { images: { projector: await modelPath(images.projector as string, signal) } }),
			onProgress: (fraction) => progress.update(Math.round(fraction * 100), 100),
			signal,
		});
	} finally {
		progress.stop();
	}
}

/** The options of `loadModel`: the session that is made next is what it leaves room for. */
export function toLoadOptions(flags: Partial<ModelFlags>): LoadModelOptions {
	const { draftModel, mtp, projector, ...rest } = pick(loadFlags, flags);
	if (draftModel !== undefined && mtp) throw invalid('no file beside --mtp', '--draft-model', draftModel);
	const load = {
		...rest,
		...(mtp && { draft: { mtp } }),
		...(draftModel !== undefined && { draft: { model: draftModel } }),
		...(projector !== undefined && { images: { projector } }),
	};
	const fits = (load.gpuLayers ?? 'auto') === 'auto' && load.splitMode !== 'tensor';
	return fits ? { ...load, roomFor: pick(sessionFlags, flags) } : load;
}

/** Makes a session of the model and adds the texts of `--reference` to it. */
export async function openSession(model: Model, flags: ModelFlags, signal: AbortSignal): Promise<Session> {
	const session = await model.createSession({ ...pick(sessionFlags, flags), signal });
	for (const path of flags.reference ?? []) await session.addReference(await readText(path, '--reference'));
	return session;
}
