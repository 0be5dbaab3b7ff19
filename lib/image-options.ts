import { availableParallelism } from 'node:os';
import { modelFile } from './draft-model-options.js';
import { type Check, integer, invalid, object, optional, readOptions } from './options.js';

/** How a model reads images. */
export interface ImageOptions {
	/**
	 * The GGUF file of the projector, which llama.cpp calls mmproj: the part of a vision model that turns images into
	 * what the model reads. Or its name, such as `hf:OWNER/REPO/mmproj-F16.gguf`.
	 */
	readonly projector: string | URL;
	/**
	 * How many CPU threads encode an image. Default: as many as there are logical CPUs up to four, and half of them
	 * beyond that.
	 */
	readonly threads?: number;
	/** An image has at least so many tokens, 1…65,536, with projectors that take images of any size. Default: the projector's. */
	readonly minTokens?: number;
	/** An image has at most so many tokens, likewise: fewer are faster, more show more. Default: the projector's. */
	readonly maxTokens?: number;
}

const tokens = integer(1, 65_536);

const checks = {
	projector: modelFile,
	threads: optional(integer(1, availableParallelism())),
	minTokens: optional(tokens),
	maxTokens: optional(tokens),
} satisfies Record<keyof ImageOptions, Check<unknown>>;

/** The options of images, checked. */
export interface ReadImageOptions {
	readonly projector: string;
	readonly threads: number | undefined;
	readonly minTokens: number | undefined;
	readonly maxTokens: number | undefined;
}

export const imageOptions: Check<ReadImageOptions> = (value, name) => {
	const read = readOptions(checks, object('an object, { projector: FILE },')(value, name), name);
	if (read.minTokens !== undefined && read.maxTokens !== undefined && read.minTokens > read.maxTokens)
		throw invalid(`at most maxTokens (${read.maxTokens})`, `${name}.minTokens`, read.minTokens);
	return read;
};
