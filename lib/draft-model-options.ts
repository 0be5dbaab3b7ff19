import { availableParallelism } from 'node:os';
import { isModelName } from './hub/model-name.js';
import { type Check, diskPath, integer, invalid, object, optional, readOptions } from './options.js';

/** A smaller model that drafts for another one, and how it is loaded. */
export interface DraftModelOptions {
	/**
	 * The GGUF file of the smaller model, or its name, such as `hf:OWNER/REPO:Q8_0`. It must have the vocabulary of
	 * the model that it drafts for, and layers of attention alone (no recurrent states).
	 */
	readonly model: string | URL;
	/**
	 * How many of its layers are put on devices, as `gpuLayers` of `loadModel` says; its context is put there
	 * afterwards. Default: 0 where the `gpuLayers` of the model are 0 or its `devices` are none, else 'auto'.
	 */
	readonly gpuLayers?: number | 'auto';
	/**
	 * How many CPU threads compute it, at most as many as compute the session. Default: as for a session of this
	 * model.
	 */
	readonly threads?: number;
}

/** `gpuLayers` is -1 or more. */
export const layerCount: Check<number | 'auto'> = (value, name) => {
	if (value === 'auto') return value;
	if (typeof value === 'number') return integer(-1, 10_000)(value, name);
	throw invalid("'auto' or an integer of at least -1", name, value);
};

/** The file of a model, or the name of one. */
export const modelFile: Check<string> = (value, name) => (isModelName(value) ? value : diskPath(value, name));

const checks = {
	model: modelFile,
	gpuLayers: optional(layerCount),
	threads: optional(integer(1, availableParallelism())),
} satisfies Record<keyof DraftModelOptions, Check<unknown>>;

/** The options of a draft model, checked. */
export interface ReadDraftModel {
	readonly model: string;
	readonly gpuLayers: number | 'auto' | undefined;
	readonly threads: number | undefined;
}

export const draftModelOptions: Check<ReadDraftModel> = (value, name) =>
	readOptions(checks, object('an object, { model: FILE },')(value, name), name);
