import { connect, createServer, type Server, type Socket } from 'node:net';

/** Passes on what two peers send, and knows which commands they are. */
export interface WatchedProxy {
	/** Where it listens. */
	readonly endpoint: string;
	close(): void;
}

/** Commands of llama.cpp's RPC protocol that compute a graph: GRAPH_COMPUTE and GRAPH_RECOMPUTE. */
const computing = [10, 16];
/** A command's number in one byte, and how many bytes follow in eight. */
const headerBytes = 9;

/** A proxy of a worker. `onGraph` is called before the worker is told to compute a graph, which waits for its return. */
export async function watchGraphs(endpoint: string, onGraph: () => void): Promise<WatchedProxy> {
	const [host = '', port = ''] = endpoint.split(':');
	const sockets: Socket[] = [];
	const server: Server = createServer((client) => {
		const worker = connect(Number(port), host);
		sockets.push(client, worker);
		for (const socket of [client, worker]) socket.on('error', () => {}).setNoDelay(true);
		worker.on('data', (data) => client.write(data));
		let header = Buffer.alloc(0);
		let following = 0;
		client.on('data', (data) => {
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
			worker.write(data);
		});
		client.on('close', () => worker.destroy());
		worker.on('close', () => client.destroy());
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const close = () => {
		for (const socket of sockets) socket.destroy();
		server.close();
	};
	return { endpoint: `127.0.0.1:${(server.address() as { port: number }).port}`, close };
}
