import type { NativeSessionOptions } from './addon.js';

/** Something that computes. */
export interface NativeDevice {
	/**
	 * Such as `CUDA0`; `CPU` is the processor. A worker's device has the worker's address for a name, such as
	 * `10.0.0.2:50052`; where the worker has several, each has its number behind it, from 1: `10.0.0.2:50052#1`.
	 */
	name: string;
	/** The processor's or the card's own name; workers do not tell theirs. */
	description: string;
	/**
	 * The processor (`cpu`), a graphics processor with memory of its own (`gpu`) or with the processor's
	 * (`integrated`), a library that speeds the processor up (`accelerator`), or a device of another machine
	 * (`remote`).
	 */
	type: 'cpu' | 'gpu' | 'integrated' | 'accelerator' | 'remote';
	/** The backend of llama.cpp that uses it, such as `CUDA`. */
	backend: string;
	/** The bytes of its memory; 0 where the backend does not say. */
	totalBytes: number;
	/** The bytes of it that are free. */
	freeBytes: number;
}

/** What of a model, and of its session's context, is on one device. */
export interface DeviceShare {
	/** Its name, as `devices()` gives it; `CPU` is the processor with this machine's memory. */
	readonly device: string;
	/** How many layers are computed there; the output is one, after the last. */
	readonly layers: number;
	/** The bytes of weights. */
	readonly weightBytes: number;
	/** The bytes of the cache; 0 for a model without a session. */
	readonly cacheBytes: number;
	/** The bytes of buffers that a pass computes in; 0 for a model without a session. */
	readonly computeBytes: number;
}

/** Where a model, or a session of it, is. */
export interface Placement {
	/** The processor first, then the devices in the order in which they take layers. */
	readonly devices: readonly DeviceShare[];
	/** The device that computes the logits. */
	readonly logits: string;
	/** Whether devices compute all but the lookup of the tokens' embeddings. */
	readonly whole: boolean;
}

/** Where a session's model and context are, and which parts of a pass are spared or run on a device. */
export interface SessionPlacement extends Placement {
	/** Whether llama.cpp computes its last graph again where a pass has the same shape. */
	readonly graphReuse: boolean;
	/** Whether the best tokens of each row are found where its logits are. */
	readonly deviceLogits: boolean;
	/** Whether CUDA kernels choose tokens, which is known once a pass was computed. */
	readonly cudaKernels: boolean;
	/** Whether references and the corpus are searched on a device. */
	readonly deviceMatching: boolean;
}

/** Which devices hold a model. */
export interface NativeDeviceOptions {
	/** Layers to put on devices; -1 for all, null for as many as fit. */
	gpuLayers: number | null;
	/** Null for those that llama.cpp would take. */
	devices: string[] | null;
	/** Workers, as `host:port`, whose devices the model may use. */
	rpc: readonly string[];
	/** Empty for the default. */
	splitMode: 'none' | 'layer' | 'row' | 'tensor' | '';
	/** Empty for the default. */
	tensorSplit: number[];
	/** The experts of so many first layers stay with the processor; -1 for all. */
	cpuMoe: number;
	/** The session to leave room for; a context length of 0 is a session's default. */
	roomFor: NativeSessionOptions;
}
