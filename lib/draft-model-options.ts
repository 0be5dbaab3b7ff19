import { availableParallelism } from 'node:os';
import { isModelName } from './hub/model-name.js';
import {
	boolean,
	type Check,
	diskPath,
	integer,
	invalid,
	object,
	optional,
	readOptions,
	withDefault,
} from './options.js';

/** What drafts for a model: a file of its own, `model`, or layers of the model's file, `mtp`; one of them. */
export interface DraftModelOptions {
	/**
	 * The GGUF file of a smaller model, or its name, such as `hf:OWNER/REPO:Q8_0`. It must have the vocabulary of
	 * the model that it drafts for, and layers of attention alone (no recurrent states). Or that of an EAGLE-3 head,
	 * which was trained for this very model: it reads three of its hidden states.
	 */
	readonly model?: string | URL;
	/**
	 * Whether the layers for multi-token prediction (MTP) draft that the model's own file has: `info.mtpLayers`, of
	 * which the first is used. Default: false.
	 */
	readonly mtp?: boolean;
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
	model: optional(modelFile),
	mtp: withDefault(boolean, false),
	gpuLayers: optional(layerCount),
	threads: optional(integer(1, availableParallelism())),
} satisfies Record<keyof DraftModelOptions, Check<unknown>>;

/** The options of a draft model, checked. */
export interface ReadDraftModel {
	/** Undefined where layers of the model's own file draft. */
	readonly model: string | undefined;
	readonly gpuLayers: number | 'auto' | undefined;
	readonly threads: number | undefined;
}

export const draftModelOptions: Check<ReadDraftModel> = (value, name) => {
	const given = object('an object, { model: FILE } or { mtp: true },')(value, name);
	const { mtp, ...read } = readOptions(checks, given, name);
	if (mtp === (read.model !== undefined)) throw invalid('either a model or mtp: true', name, value);
	if (mtp && read.gpuLayers !== undefined)
		throw invalid("no gpuLayers with mtp, whose layers are where the model's are,", name, value);
	return read;
};
