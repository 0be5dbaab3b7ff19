import { addon } from './addon.js';
import { awaitNative } from './errors.js';
import type { NativeDevice } from './native-devices.js';

/** Something that computes: the processor, or what takes layers of a model. */
export interface Device extends Readonly<NativeDevice> {}

/** What the addon was built for, and what of it this machine has. */
export interface Devices {
	/** The backends of llama.cpp in this build, such as `CPU` and `CUDA`, whether they found a device or not. */
	readonly backends: readonly string[];
	/**
	 * The devices that the backends found. All but the processor and accelerators can be named in `devices` of
	 * `loadModel`.
	 */
	readonly devices: readonly Device[];
}

/**
 * Lists the backends of this build and the devices that they find, with their memory as it is now. No model is
 * needed. The first call in a process sets the backends up, which takes CUDA some tenths of a second, off the
 * JavaScript thread. Rejects with `ADDON_MISSING`.
 */
export async function devices(): Promise<Devices> {
	return awaitNative(() => addon.devices());
}
