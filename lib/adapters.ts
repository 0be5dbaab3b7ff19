import { RepriseError } from './errors.js';
import { type Check, diskPath, listOf, number, object, readOptions, withDefault } from './options.js';

/** A LoRA adapter: a small file of changes to a model's weights. */
export interface Adapter {
	/** Its GGUF file. */
	readonly path: string | URL;
	/** How strongly it is applied, -100…100; 0 leaves it out. Default: 1. */
	readonly scale?: number;
}

/** An adapter whose options are checked and complete. */
export interface ReadAdapter {
	readonly path: string;
	readonly scale: number;
}

const adapterChecks = {
	path: diskPath,
	scale: withDefault(number(-100, 100), 1),
} satisfies Record<keyof Adapter, Check<unknown>>;

const adapter: Check<ReadAdapter> = (value, name) =>
	readOptions(adapterChecks, object('{ path, scale }')(value, name), name);

/** Takes an array of adapters, each once. */
export const adapterList: Check<ReadAdapter[]> = (value, name) => {
	const list = listOf(adapter)(value, name);
	const paths = list.map(({ path }) => path);
	const twice = paths.find((path, at) => paths.indexOf(path) !== at);
	if (twice === undefined) return list;
	throw new RepriseError(
		'OPTION_INVALID',
		`Expected each adapter once for ${name} but received ${twice} twice`,
	);
};

/** Those of the model's adapters that a session applies, by their place. */
export function appliedAdapters(
	wanted: readonly ReadAdapter[],
	loaded: readonly ReadAdapter[],
): Array<[index: number, scale: number]> {
	return wanted.map(({ path, scale }) => {
		const index = loaded.findIndex((one) => one.path === path);
		if (index >= 0) return [index, scale];
		throw new RepriseError(
			'OPTION_INVALID',
			`Expected adapters that the model was loaded with for adapters but received ${path}; pass it to loadModel, too`,
		);
	});
}
