import { type Adapter, adapterList, type ReadAdapter } from './adapters.js';
import type { NativeModelOptions } from './addon.js';
import type { DownloadProgress } from './download-model.js';
import {
	type DraftModelOptions,
	draftModelOptions,
	layerCount,
	type MtpOptions,
	type ReadDraftModel,
} from './draft-model-options.js';
import { RepriseError } from './errors.js';
import { type HubOptions, hubOptions } from './hub/hub-options.js';
import { type ImageOptions, imageOptions, type ReadImageOptions } from './image-options.js';
import type { NativeDeviceOptions } from './native-devices.js';
import {
	abortSignal,
	boolean,
	type Check,
	callback,
	diskPath,
	integer,
	invalid,
	number,
	object,
	oneOf,
	optional,
	optionsOf,
	type Read,
	readOptions,
	text,
	withDefault,
} from './options.js';
import { readSessionRoom, type SessionOptions } from './session-options.js';

/** How several devices share a model: each has whole layers, rows of every matrix, or a part of every tensor. */
export type SplitMode = 'none' | 'layer' | 'row' | 'tensor';

/** How a model is loaded. */
export interface LoadModelOptions {
	/**
	 * How many layers are put on the devices, the last ones: their weights, their cache and their computation; -1
	 * stands for all of them. The output counts as a layer after the last, as in llama.cpp, so a model of 24
	 * layers has all of them there from 25 on. 'auto' puts as many there as fit into the free
	 * memory of the devices beside the session that `roomFor` describes, by llama.cpp's own fitting, and leaves
	 * 1 GiB of each free; of a layer with experts it may leave the experts with the processor. Where all layers
	 * fit, that takes the time to read the file's header once more; where they do not, ten times. `info.placement`
	 * says what came of it. Without a device, 'auto', -1 and 0 are the same, and a positive number is refused.
	 * Default: 'auto'.
	 */
	gpuLayers?: number | 'auto';
	/**
	 * The session that `gpuLayers: 'auto'` leaves room for, as `createSession` takes it. One with a longer
	 * context may find no memory for its cache. Default: `{}`, a session with all defaults, whose context has
	 * 4096 tokens at most.
	 */
	roomFor?: SessionOptions;
	/**
	 * The names of the devices that take layers, as `devices({ rpc })` gives them, in the order in which they take
	 * them; 15 at most. An empty list leaves the model to the processor. Default: all devices of the workers, then
	 * all graphics processors of this machine, and where there are none but integrated ones, these.
	 */
	devices?: readonly string[];
	/**
	 * Workers on this or other machines (`reprise worker`), each as `host:port` with a host name or an IPv4
	 * address. Their devices take layers of the model, with their cache: where `devices` names none, before the
	 * graphics processors of this machine. Nothing between them and this process is encrypted, and nobody is
	 * asked for a password: docs/gpu.md. A worker serves one process at a time, by one name of its address. Where
	 * one is lost, the sessions of the model end with `WORKER_UNAVAILABLE`. Default: none.
	 */
	rpc?: readonly string[];
	/**
	 * How several devices share the model: 'layer' gives each whole layers; 'row' gives each a part of the rows
	 * of every matrix, where the backend can do that; 'tensor' gives each a part of every tensor, so that all
	 * compute at once (for some architectures; all layers are put on the devices then); 'none' gives the first
	 * device all. Needs two devices or more, but for 'none'. Default: 'layer'.
	 */
	splitMode?: SplitMode;
	/**
	 * What share of the model each device gets, one number for each, in their order; 3 and 1 are the same as 0.75
	 * and 0.25. With it, `gpuLayers: 'auto'` puts all layers on the devices or is refused. Default: by the free
	 * memory of each.
	 */
	tensorSplit?: readonly number[];
	/**
	 * Whether the experts of a model with experts (MoE) stay with the processor, while all else of its layers is
	 * on the devices: true for all layers, a number for so many of the first. With it, `gpuLayers: 'auto'` puts
	 * all layers on the devices or is refused. Default: false; 'auto' leaves there what does not fit.
	 */
	cpuMoe?: boolean | number;
	/** Whether the file is mapped into memory instead of read. Default: true. */
	mmap?: boolean;
	/** Whether the weights are kept from being swapped out. Default: false. */
	mlock?: boolean;
	/**
	 * Whether the data of every tensor is checked for invalid values, which takes a pass over the file.
	 * Default: false.
	 */
	checkTensors?: boolean;
	/**
	 * Whether the vocabulary alone is loaded: `tokenize` and `detokenize` work then, sessions do not. Default:
	 * false.
	 */
	vocabOnly?: boolean;
	/**
	 * LoRA adapters in GGUF files (llama.cpp's `convert_lora_to_gguf.py` makes them) that sessions apply, each with
	 * its scale unless `createSession` says otherwise. Their products are llama.cpp's own: beside them the last bits
	 * of logits depend on the pass (docs/lossless.md). `embed` and `rank` do without. Default: none.
	 */
	adapters?: readonly Adapter[];
	/**
	 * A smaller model of the same vocabulary that drafts for this one, a draft head (EAGLE-3, DFlash, DSpark), or the layers for
	 * multi-token prediction in the model's own file, beside what is copied: one tree holds both.
	 * Sessions ask it where that pays by the measured costs, and keep what it has computed in a context of its own.
	 * Texts are the same with and without it. `embed` and `rank` do without. Default: none.
	 */
	draft?: DraftModelOptions | MtpOptions;
	/** What the model reads images with; a model that was not trained for them cannot. Default: none. */
	images?: ImageOptions;
	/**
	 * A file that keeps the texts of sessions, so that later ones draft from them (source `corpus` in the
	 * metrics), in this process and in others. A session's text joins the corpus when the session is disposed,
	 * or when a prompt replaces more than half of it. The file is made where there is none; `saveCorpus()` and
	 * `dispose()` write it. Models of one vocabulary can share a file; where two processes write it, the last
	 * one prevails. The texts can be read from the file, so keep it as private as they are; a new file can be
	 * read by its user alone. It is read while the model is loaded, so never change it in place: put another
	 * file at its path. Default: none, no text is kept.
	 */
	corpus?: string | URL;
	/**
	 * How many tokens the corpus keeps; beyond that the oldest are forgotten. A token takes 20 to 60 bytes.
	 * Default: 1,048,576.
	 */
	corpusTokens?: number;
	/** How a model that is named `hf:…` is had from the hub, as `downloadModel` takes it. Default: `{}`. */
	hub?: HubOptions;
	/**
	 * This function is called while a model that is named `hf:…` is downloaded, as that of `downloadModel` is.
	 * Default: none.
	 *
	 * @param progress - How far the download is.
	 */
	onDownload?: (progress: DownloadProgress) => void;
	/**
	 * This function is called while the model is loaded. Where it throws, the loading ends and rejects with
	 * `ABORTED`, with what it threw as the `cause`. Default: none.
	 *
	 * @param fraction - The part of the model that is loaded, 0…1.
	 */
	onProgress?: (fraction: number) => void;
	/** A signal that ends the loading: the promise rejects with `ABORTED`. Default: none. */
	signal?: AbortSignal;
}

const defaultCorpusTokens = 2 ** 20;

/** A worker's address, `host:port`. llama.cpp's RPC knows no IPv6. */
export const endpoint = endpointFrom(1);

/** The same where port 0 stands for any that is free. */
export const listenEndpoint = endpointFrom(0);

function endpointFrom(leastPort: number): Check<string> {
	return (value, name) => {
		const [, host, port] = (typeof value === 'string' && /^([\w.-]+):(\d{1,5})$/.exec(value)) || [];
		if (host !== undefined && Number(port) >= leastPort && Number(port) <= 65_535)
			return `${host}:${Number(port)}`;
		const expected = `HOST:PORT, with a host name or an IPv4 address and a port in ${leastPort}…65535,`;
		throw invalid(expected, name, value);
	};
}

/** llama.cpp's llama_max_devices(). */
const maxDevices = 16;
const expertLayers = integer(0, 10_000);

/** For the command line too. */
export const loadChecks = optionsOf('loadModel', {
	gpuLayers: optional(layerCount),
	roomFor: optional(object('the options of createSession')),
	devices: optional(deviceNames),
	rpc: optional(endpoints),
	splitMode: optional(oneOf<SplitMode>('none', 'layer', 'row', 'tensor')),
	tensorSplit: optional(shares),
	cpuMoe: optional<boolean | number>((value, name) => {
		if (typeof value === 'boolean') return value;
		if (typeof value === 'number') return expertLayers(value, name);
		throw invalid('true, false or a number of layers', name, value);
	}),
	mmap: withDefault(boolean, true),
	mlock: withDefault(boolean, false),
	checkTensors: withDefault(boolean, false),
	vocabOnly: withDefault(boolean, false),
	adapters: withDefault(adapterList, []),
	draft: optional(draftModelOptions),
	images: optional(imageOptions),
	corpus: optional(diskPath),
	corpusTokens: optional(integer(1, 2 ** 29)),
	hub: optional(hubOptions),
	onDownload: optional(callback<(progress: DownloadProgress) => void>()),
	onProgress: optional(callback<(fraction: number) => void>()),
	signal: optional(abortSignal),
} satisfies Record<keyof LoadModelOptions, Check<unknown>>);

/** Options that say where a model with weights goes. */
const placing = ['roomFor', 'devices', 'rpc', 'splitMode', 'tensorSplit', 'cpuMoe'] as const;

function deviceNames(value: unknown, name: string): string[] {
	if (!Array.isArray(value)) throw invalid('an array of names that devices() gives', name, value);
	if (value.length > maxDevices) throw invalid(`at most ${maxDevices} devices`, name, value);
	const names = Array.from(value, (one) => text(one, `a name in ${name}`));
	const twice = names.find((one, at) => names.indexOf(one) !== at);
	if (twice !== undefined) throw invalid('each device once', name, twice);
	return names;
}

function endpoints(value: unknown, name: string): string[] {
	if (!Array.isArray(value)) throw invalid('an array of HOST:PORT', name, value);
	const read = Array.from(value, (one, index) => endpoint(one, `${name}[${index}]`));
	const twice = read.find((one, index) => read.indexOf(one) !== index);
	if (twice !== undefined) throw invalid('each worker once', name, twice);
	return read;
}

function shares(value: unknown, name: string): number[] {
	if (!Array.isArray(value) || value.length === 0)
		throw invalid('an array with a number for each device', name, value);
	if (value.length > maxDevices) throw invalid(`at most ${maxDevices} numbers`, name, value);
	const numbers = Array.from(value, (one) => number(0, 1e9)(one, `a share in ${name}`));
	// The addon takes single precision, in which a small share is none.
	const largest = Math.max(...numbers);
	if (Math.fround(largest) === 0) throw invalid('a share above 0', name, largest);
	return numbers;
}

/** Refuses options that another one leaves without effect. */
function refuseWithoutEffect(read: Read<typeof loadChecks>): void {
	const { vocabOnly, gpuLayers = 'auto' } = read;
	for (const name of placing)
		if (vocabOnly && read[name] !== undefined) throw invalid(`no ${name}`, 'a vocabulary alone', read[name]);
	if (vocabOnly && typeof gpuLayers === 'number' && gpuLayers > 0)
		throw invalid('no gpuLayers', 'a vocabulary alone', gpuLayers);
	if (read.roomFor !== undefined && gpuLayers !== 'auto')
		throw invalid("'auto', which leaves room for a session,", 'gpuLayers with roomFor', gpuLayers);
	if (read.roomFor !== undefined && read.splitMode === 'tensor')
		throw invalid(
			"another one than 'tensor', which puts all layers on the devices,",
			'splitMode with roomFor',
			read.splitMode,
		);
	if (read.rpc !== undefined && read.rpc.length > 0 && read.devices?.length === 0)
		throw new RepriseError(
			'OPTION_INVALID',
			'Expected a device for devices with rpc but received none: leave devices out, or leave rpc out',
		);
	for (const name of ['splitMode', 'tensorSplit'] as const)
		if (gpuLayers === 0 && read[name] !== undefined) throw invalid(`no ${name}`, 'gpuLayers 0', read[name]);
}

function nativeDevices(read: Read<typeof loadChecks>): NativeDeviceOptions {
	const {
		gpuLayers = 'auto',
		devices = null,
		rpc = [],
		splitMode = '',
		tensorSplit = [],
		cpuMoe = false,
	} = read;
	return {
		gpuLayers: gpuLayers === 'auto' ? null : gpuLayers,
		devices,
		rpc,
		splitMode,
		tensorSplit,
		cpuMoe: typeof cpuMoe === 'number' ? cpuMoe : cpuMoe ? -1 : 0,
		roomFor: readSessionRoom(read.roomFor),
	};
}

/** Checks and completes the options; those that the addon takes are `native`. */
export function readLoadOptions(given: unknown): {
	native: NativeModelOptions;
	signal: AbortSignal | undefined;
	onProgress: ((fraction: number) => void) | undefined;
	/** The options of the same names, for the download of a model that is named. */
	download: Pick<LoadModelOptions, 'hub' | 'onDownload' | 'signal'>;
	adapters: readonly ReadAdapter[];
	/** The draft model and the options that it is loaded with. */
	draft: (ReadDraftModel & { readonly native: NativeModelOptions }) | undefined;
	images: ReadImageOptions | undefined;
} {
	const read = readOptions(loadChecks, given, 'loadModel');
	refuseWithoutEffect(read);
	const { signal, onProgress, adapters, corpus, corpusTokens, mmap, mlock, checkTensors, vocabOnly } = read;
	if (corpus !== undefined && vocabOnly) throw invalid('no corpus', 'a vocabulary alone', corpus);
	if (adapters.length > 0 && vocabOnly) throw invalid('no adapters', 'a vocabulary alone', adapters);
	if (read.draft !== undefined && vocabOnly) throw invalid('no draft', 'a vocabulary alone', read.draft);
	if (corpus === undefined && corpusTokens !== undefined)
		throw invalid('a corpus', 'corpusTokens', corpusTokens);
	if (read.images !== undefined && vocabOnly) throw invalid('no images', 'a vocabulary alone', read.images);
	const native = {
		...nativeDevices(read),
		mmap,
		mlock,
		checkTensors,
		vocabOnly,
		adapters: adapters.map(({ path }) => path),
		draftModel: null,
		mtp: read.draft?.mtp ?? false,
		images: null,
		corpus: corpus ?? '',
		corpusTokens: corpusTokens ?? defaultCorpusTokens,
	};
	const { hub, onDownload } = read;
	const download = { hub, onDownload, signal } as Pick<LoadModelOptions, 'hub' | 'onDownload' | 'signal'>;
	const draft = read.draft && { ...read.draft, native: nativeDraft(read, read.draft, native) };
	return { native, signal, onProgress, adapters, download, draft, images: read.images };
}

/** A draft model stays away from devices where its model does, and is loaded as that is. */
function nativeDraft(
	{ gpuLayers, devices }: Read<typeof loadChecks>,
	draft: ReadDraftModel,
	{ mmap, mlock, checkTensors }: NativeModelOptions,
): NativeModelOptions {
	// A worker's device, which is named by its address, computes layers of the model alone.
	const own = devices?.filter((name) => !name.includes(':'));
	const away = gpuLayers === 0 || own?.length === 0;
	const placed = readLoadOptions({ gpuLayers: draft.gpuLayers ?? (away ? 0 : 'auto'), devices: own });
	return { ...placed.native, mmap, mlock, checkTensors };
}
