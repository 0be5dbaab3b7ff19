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

/** A file that drafts for a model, a smaller model or a draft head, and how it is loaded. */
export interface DraftModelOptions {
	/**
	 * The GGUF file of a smaller model, or its name, such as `hf:OWNER/REPO:Q8_0`. It must have the vocabulary of
	 * the model that it drafts for, and layers of attention alone (no recurrent states). Or the file of a
	 * draft head that was trained for this very model (EAGLE-3, DFlash, DSpark): it reads what enters some of the
	 * model's layers.
	 */
	readonly model: string | URL;
	/** With a file, layers of the model's own do not draft. */
	readonly mtp?: false;
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

/** Layers for multi-token prediction (MTP) in the model's own file that draft. They are where the model's layers are. */
export interface MtpOptions {
	/** The first of the `info.mtpLayers` drafts. */
	readonly mtp: true;
	/** No file drafts beside them. */
	readonly model?: undefined;
	/** The model's own `gpuLayers` place them. */
	readonly gpuLayers?: undefined;
	/** How many CPU threads compute it, at most as many as compute the session. Default: as for a session. */
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
} satisfies Record<keyof DraftModelOptions | keyof MtpOptions, Check<unknown>>;

/** The options of what drafts, checked. */
export interface ReadDraftModel {
	/** Undefined where `mtp`. */
	readonly model: string | undefined;
	readonly mtp: boolean;
	readonly gpuLayers: number | 'auto' | undefined;
	readonly threads: number | undefined;
}

export const draftModelOptions: Check<ReadDraftModel> = (value, name) => {
	const given = object('an object, { model: FILE } or { mtp: true },')(value, name);
	const read = readOptions(checks, given, name);
	if (!read.mtp && read.model === undefined)
		throw invalid('a file, or mtp: true,', `${name}.model`, undefined);
	if (read.mtp && read.model !== undefined)
		throw invalid('no model beside mtp: true', `${name}.model`, read.model);
	if (read.mtp && read.gpuLayers !== undefined)
		throw invalid(
			"none beside mtp: true, whose layers are where the model's are,",
			`${name}.gpuLayers`,
			read.gpuLayers,
		);
	return read;
};
