import type { NativeDevice } from './native-devices.js';

export interface NativeWorkerOptions {
	/** `host:port`; port 0 for any that is free. */
	listen: string;
	/** Names of devices; empty for all GPUs, or the processor where there is none. */
	devices: readonly string[];
	/** Threads of the processor, where it is one of the devices. */
	threads: number;
	/** A folder that keeps weights; empty for none. */
	cacheFolder: string;
}

export interface NativeWorkerClient {
	peer: string;
	/** Whether it came, or went. */
	connected: boolean;
	/** What failed, where it went because of that; else empty. */
	fault: string;
}

export interface NativeWorker {
	readonly endpoint: string;
	readonly devices: readonly NativeDevice[];
	/** Resolves after `stop()`. */
	readonly ended: Promise<void>;
	stop(): void;
}
