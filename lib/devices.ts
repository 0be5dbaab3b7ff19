import { type AbortOptions, abortChecks, awaitAbortable } from './abort.js';
import { addon } from './addon.js';
import { type LoadModelOptions, loadChecks } from './load-options.js';
import type { NativeDevice } from './native-devices.js';
import { type Check, optionsOf, readOptions } from './options.js';

/** Something that computes: the processor, or what takes layers of a model. */
export interface Device extends Readonly<NativeDevice> {}

/** Whose devices are listed. */
export interface DevicesOptions extends AbortOptions {
	/** Workers whose devices are listed too, as `loadModel` takes them. Default: none. */
	rpc?: LoadModelOptions['rpc'];
}

const checks = optionsOf('devices', { rpc: loadChecks.rpc, ...abortChecks } satisfies Record<
	keyof DevicesOptions,
	Check<unknown>
>);

/** What the addon was built for, and what of it this machine and workers have. */
export interface Devices {
	/** The backends of llama.cpp in this build, such as `CPU` and `CUDA`, whether they found a device or not. */
	readonly backends: readonly string[];
	/**
	 * The devices that the backends found, then those of each worker. All but the processor and accelerators can
	 * be named in `devices` of `loadModel`.
	 */
	readonly devices: readonly Device[];
}

/**
 * Lists the backends of this build and the devices that they find, with their memory as it is now. No model is
 * needed. The first call in a process sets the backends up, which takes CUDA some tenths of a second, off the
 * JavaScript thread. A worker is asked over its connection, which ends with the call unless a model has it.
 * Rejects with `OPTION_INVALID`, `WORKER_UNAVAILABLE` or `ADDON_MISSING`, and with `ABORTED` where the signal ends
 * it.
 *
 * @param options - Whose devices are listed, and what ends the call.
 */
export async function devices(options?: DevicesOptions): Promise<Devices> {
	const { rpc = [], signal } = readOptions(checks, options, 'devices');
	return awaitAbortable(() => addon.devices({ rpc }), signal, 'Listing the devices');
}
