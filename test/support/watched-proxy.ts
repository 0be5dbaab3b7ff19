import { proxyOf, type WorkerProxy } from './worker-proxy.js';

/** Commands of llama.cpp's RPC protocol that compute a graph: GRAPH_COMPUTE and GRAPH_RECOMPUTE. */
const computing = [10, 16];
/** A command's number in one byte, and how many bytes follow in eight. */
const headerBytes = 9;

/**
 * A proxy of a worker that knows which commands it passes on. `onGraph` is called before the worker is told to compute a
 * graph, which waits for its return.
 */
export function watchGraphs(endpoint: string, onGraph: () => void): Promise<WorkerProxy> {
	return proxyOf(endpoint, () => {
		let header = Buffer.alloc(0);
		let following = 0;
		const fromClient = (data: Buffer) => {
			for (let at = 0; at < data.length; ) {
				const skipped = Math.min(following, data.length - at);
				following -= skipped;
				at += skipped;
				const part = data.subarray(at, at + headerBytes - header.length);
				header = Buffer.concat([header, part]);
				at += part.length;
				if (header.length < headerBytes) break;
				if (computing.includes(header[0] as number)) onGraph();
				following = Number(header.readBigUInt64LE(1));
				header = Buffer.alloc(0);
			}
			return true;
		};
		return { fromClient, fromWorker: () => true };
	});
}
